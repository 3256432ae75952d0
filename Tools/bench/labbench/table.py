"""From samples to Markdown."""

import os
import platform
from collections.abc import Callable
from statistics import median

from .figures import quartiles, ratio
from .measured import Sample

# What is compared, in the order of the columns.
COMPARED: list[Callable[[Sample], float]] = [
    lambda sample: sample.seconds, lambda sample: sample.client_cpu_seconds,
    lambda sample: sample.client_memory_kib, lambda sample: sample.bytes_sent,
    lambda sample: sample.bytes_received,
]


def as_markdown(
    taken: dict[str, list[Sample]], counted: dict[str, list[int]], hosts: int, parallel: int,
    comparisons: list[tuple[str, str]],
) -> str:
    """Each job by itself, then the ratios of those that are compared."""
    rounds = len(next(iter(taken.values())))
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, {hosts} hosts, {parallel} at once,"
        f" n = {rounds}; medians (quartiles).",
        "",
        "| Job | Time | Client CPU | Largest process | Sent | Received | Commands a host |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [_job_row(name, samples, counted[name]) for name, samples in taken.items()]
    lines += [
        "", "| Ratio | Time | Client CPU | Largest process | Sent | Received |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for ours, peer in comparisons:
        ratios = [_ratio(taken[ours], taken[peer], value) for value in COMPARED]
        lines.append(f"| {ours} ÷ {peer} | {' | '.join(ratios)} |")
    return "\n".join(lines)


def _job_row(name: str, samples: list[Sample], counted: list[int]) -> str:
    lower, middle, upper = quartiles([sample.seconds for sample in samples])
    fewest, most = min(counted), max(counted)
    commands = f"{most}" if fewest == most else f"{fewest}–{most}"
    return (
        f"| {name} | {middle:.2f} s ({lower:.2f}–{upper:.2f})"
        f" | {median(s.client_cpu_seconds for s in samples):.2f} s"
        f" | {median(s.client_memory_kib for s in samples) / 1024:.0f} MiB"
        f" | {median(s.bytes_sent for s in samples) / 1024:.0f} KiB"
        f" | {median(s.bytes_received for s in samples) / 1024:.0f} KiB | {commands} |")


def _ratio(ours: list[Sample], theirs: list[Sample], value: Callable[[Sample], float]) -> str:
    lower, middle, upper = ratio([value(one) for one in ours], [value(one) for one in theirs])
    return f"{middle:.2f} ({lower:.2f}–{upper:.2f})"
