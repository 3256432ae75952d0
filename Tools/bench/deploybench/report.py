"""From samples to tables and JSON."""

import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import asdict

import labbench.figures
from labbench.figures import quartiles

from .rounds import Result, Sample

# What is compared with what, and the ratio to reach where there is one.
COMPARISONS = [
    ("fleetctl no-op", "ssh true", 1.4),
    ("fleetctl cold", "ssh + tar", 1.2),
    ("fleetctl cold", "ssh + tar (gzip -1)", None),
    ("fleetctl cold", "ssh + tar (plain)", None),
]


def median(samples: list[Sample], value: Callable[[Sample], float]) -> float:
    """The median of one of the samples' values."""
    return statistics.median(value(sample) for sample in samples)


def as_markdown(results: list[Result]) -> str:
    """Two tables: each job by itself, and the ratios."""
    rounds = max(len(samples) for result in results for samples in result.samples.values())
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, n = {rounds}; medians (quartiles).",
        "",
        "| Payload | RTT | Job | Time | Client CPU | Client memory | Sent | Host processes |",
        "|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    for result in results:
        lines += [_job_row(result, name, samples) for name, samples in result.samples.items()]
    lines += [
        "",
        "| Payload | RTT | Ratio | Median | To reach |",
        "|---|---:|---|---:|---:|",
    ]
    for result in results:
        lines += [_ratio_row(result, *comparison) for comparison in COMPARISONS]
    return "\n".join(lines)


def _job_row(result: Result, name: str, samples: list[Sample]) -> str:
    lower, middle, upper = quartiles([sample.seconds * 1000 for sample in samples])
    processor = median(samples, lambda sample: sample.client_cpu_seconds * 1000)
    memory = median(samples, lambda sample: sample.client_memory_kib / 1024)
    sent = median(samples, lambda sample: sample.bytes_sent / 1024)
    processes = median(samples, lambda sample: sample.host_processes)
    return (
        f"| {result.payload} | {result.round_trip_ms:g} ms | {name} "
        f"| {middle:.0f} ms ({lower:.0f}–{upper:.0f}) | {processor:.0f} ms | {memory:.0f} MiB "
        f"| {sent:.0f} KiB | {processes:.0f} |")


def ratio(result: Result, ours: str, peer: str) -> tuple[float, float, float]:
    """The quotient of the medians, with the quartiles of the quotients round by round."""
    return labbench.figures.ratio(
        [sample.seconds for sample in result.samples[ours]],
        [sample.seconds for sample in result.samples[peer]])


def _ratio_row(result: Result, ours: str, peer: str, limit: float | None) -> str:
    lower, middle, upper = ratio(result, ours, peer)
    goal = f"≤ {limit:g}: {'reached' if middle <= limit else 'missed'}" if limit else "–"
    return (
        f"| {result.payload} | {result.round_trip_ms:g} ms | {ours} ÷ {peer} "
        f"| {middle:.2f} ({lower:.2f}–{upper:.2f}) | {goal} |")


def as_json(results: list[Result]) -> dict[str, object]:
    """Everything: each sample, and the ratios."""
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "results": [asdict(result) for result in results],
        "ratios": [
            {
                "payload": result.payload, "round_trip_ms": result.round_trip_ms, "ours": ours,
                "peer": peer, "to_reach": limit,
                **dict(zip(("lower", "median", "upper"), ratio(result, ours, peer), strict=True)),
            }
            for result in results
            for ours, peer, limit in COMPARISONS
        ],
    }
