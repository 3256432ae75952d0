"""From samples to Markdown and JSON."""

import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from statistics import median

from labbench.figures import quartiles, ratio
from labbench.measured import Sample

from .aims import OURS, Aim
from .peer import Job
from .rounds import Cell

# What stands in a field of a table.
Text = Callable[[Job, list[Sample]], str]


def as_markdown(cells: list[Cell], aims: list[Aim], parallel: int) -> str:
    """For each cell times, ratios and resources; then the aims."""
    rounds = len(next(iter(next(iter(cells[0].taken.values())).values())))
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, at most {parallel} hosts at once,"
        f" n = {rounds}; medians (quartiles)."]
    for cell in cells:
        lines += ["", f"### {cell.label}, {cell.round_trip_ms:g} ms", ""]
        lines += _table(cell, "Seconds", _seconds)
        if OURS in cell.taken:
            lines += ["", *_table(cell, "Times as long as fleetctl", _ratio_in(cell), (OURS,))]
        lines += ["", *_table(cell, "Client CPU s, largest process MiB, sent KiB", _resources)]
    lines += ["", "| Aim | Where | Measured | |", "|---|---|---:|---|"]
    lines += [aim.row() for aim in aims]
    return "\n".join(lines)


def as_json(cells: list[Cell], aims: list[Aim]) -> dict[str, object]:
    """Everything: each sample, and the aims."""
    return {
        "cores": os.cpu_count(), "machine": platform.machine(),
        "cells": [asdict(cell) for cell in cells], "aims": [asdict(aim) for aim in aims],
    }


def _table(cell: Cell, title: str, text: Text, without: tuple[str, ...] = ()) -> list[str]:
    jobs = [job for job in Job if any(job in of for of in cell.taken.values())]
    lines = [f"| {title} | {' | '.join(jobs)} |", f"|---|{'---:|' * len(jobs)}"]
    for peer, of in cell.taken.items():
        if peer not in without:
            fields = [text(job, of[job]) if job in of else "–" for job in jobs]
            lines.append(f"| {peer} | {' | '.join(fields)} |")
    return lines


def _seconds(_: Job, samples: list[Sample]) -> str:
    lower, middle, upper = quartiles([sample.seconds for sample in samples])
    return f"{middle:.2f} ({lower:.2f}–{upper:.2f})"


def _ratio_in(cell: Cell) -> Text:
    def text(job: Job, samples: list[Sample]) -> str:
        ours = cell.taken[OURS].get(job)
        if ours is None:
            return "–"
        lower, middle, upper = ratio(
            [sample.seconds for sample in samples], [sample.seconds for sample in ours])
        return f"{middle:.2f} ({lower:.2f}–{upper:.2f})"
    return text


def _resources(_: Job, samples: list[Sample]) -> str:
    return (
        f"{median(one.client_cpu_seconds for one in samples):.2f},"
        f" {median(one.client_memory_kib for one in samples) / 1024:.0f},"
        f" {median(one.bytes_sent for one in samples) / 1024:.0f}")
