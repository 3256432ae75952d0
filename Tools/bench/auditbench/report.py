"""From samples to Markdown."""

import os
import platform
from statistics import median

from labbench.figures import quartiles, ratio

from .rounds import Sample

COMPARISONS = [("fleetctl audit", "ssh sh -s"), ("fleetctl audit", "ssh true")]


def as_markdown(
    taken: dict[str, list[Sample]], counted: dict[str, list[int]], hosts: int, parallel: int
) -> str:
    """Each job by itself, then the ratios."""
    rounds = len(next(iter(taken.values())))
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, {hosts} hosts, {parallel} at once,"
        f" n = {rounds}; medians (quartiles).",
        "",
        "| Job | Time | Client CPU | Largest process | Sent | Received | Commands a host |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [_job_row(name, samples, counted[name]) for name, samples in taken.items()]
    lines += ["", "| Ratio | Time | Client CPU |", "|---|---:|---:|"]
    for ours, peer in COMPARISONS:
        time = _ratio([s.seconds for s in taken[ours]], [s.seconds for s in taken[peer]])
        processor = _ratio(
            [s.client_cpu_seconds for s in taken[ours]],
            [s.client_cpu_seconds for s in taken[peer]])
        lines.append(f"| {ours} ÷ {peer} | {time} | {processor} |")
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


def _ratio(ours: list[float], theirs: list[float]) -> str:
    lower, middle, upper = ratio(ours, theirs)
    return f"{middle:.2f} ({lower:.2f}–{upper:.2f})"
