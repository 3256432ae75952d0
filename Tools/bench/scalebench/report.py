"""From samples to Markdown."""

import os
import platform
from collections.abc import Callable
from statistics import median

from .rounds import Cell
from .watch import Sample

Results = dict[Cell, dict[str, list[Sample]]]

LIMIT_JOB = "handshakes"
# Most that the cost of a host may be at the most hosts, beside the cost at the fewest.
SLOPE_AIM = 1.2
# Resident memory, MiB, by the number of hosts up to which it may be that.
MEMORY_AIMS = {30: 30, 1000: 150}


def as_markdown(alive: Results, dead: Results, rounds: int) -> str:
    """The table of all jobs, how their cost grows, the dead, and the aims."""
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, n = {rounds};"
        " medians.",
    ]
    if alive:
        lines += [
            "", "| RTT | At once | Hosts | Job | Time | … a host | ÷ handshakes | Client CPU a host"
            " | Server CPU a host | Memory | Descriptors | Threads | Sent a host | Received a host |",
            "|---:|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for cell in sorted(alive, key=lambda cell: (cell.round_trip_ms, cell.parallel, cell.hosts)):
            lines += [_row(cell, name, taken, alive[cell]) for name, taken in alive[cell].items()]
        lines += _growth(alive) + _memory(alive)
    if dead:
        lines += _dead(dead)
    return "\n".join(lines)


def _of(samples: list[Sample], value: Callable[[Sample], float]) -> float:
    return median(value(one) for one in samples)


def _row(cell: Cell, name: str, taken: list[Sample], beside: dict[str, list[Sample]]) -> str:
    seconds = _of(taken, lambda one: one.seconds)
    ratio = "–"
    if name != LIMIT_JOB and LIMIT_JOB in beside:
        ratio = f"{seconds / _of(beside[LIMIT_JOB], lambda one: one.seconds):.2f}"
    own = "– | – | –"
    if "xargs" not in name:
        own = (
            f"{_of(taken, lambda one: one.memory_kib) / 1024:.0f} MiB"
            f" | {_of(taken, lambda one: one.descriptors):.0f}"
            f" | {_of(taken, lambda one: one.threads):.0f}")
    return (
        f"| {cell.round_trip_ms:g} ms | {cell.parallel} | {cell.hosts} | {name} | {seconds:.2f} s"
        f" | {seconds / cell.hosts * 1000:.1f} ms | {ratio}"
        f" | {_of(taken, lambda one: one.cpu_seconds) / cell.hosts * 1000:.1f} ms"
        f" | {_of(taken, lambda one: one.server_cpu_seconds) / cell.hosts * 1000:.1f} ms | {own}"
        f" | {_of(taken, lambda one: one.bytes_sent) / cell.hosts:.0f} B"
        f" | {_of(taken, lambda one: one.bytes_received) / cell.hosts:.0f} B |")


def _growth(alive: Results) -> list[str]:
    """The cost of a host at the most hosts, divided by that at the fewest."""
    fewest, most = min(cell.hosts for cell in alive), max(cell.hosts for cell in alive)
    if fewest == most:
        return []
    lines = [
        "", f"| Cost of a host, {most} hosts ÷ {fewest} hosts | RTT | At once | Time | Client CPU"
        " | To reach |", "|---|---:|---:|---:|---:|---|"]
    for cell, jobs in alive.items():
        if cell.hosts != most:
            continue
        few = alive[Cell(cell.round_trip_ms, fewest, cell.parallel)]
        for name, many in jobs.items():
            time = _of(many, lambda one: one.seconds / one.hosts) / _of(
                few[name], lambda one: one.seconds / one.hosts)
            cpu = _of(many, lambda one: one.cpu_seconds / one.hosts) / _of(
                few[name], lambda one: one.cpu_seconds / one.hosts)
            lines.append(
                f"| {name} | {cell.round_trip_ms:g} ms | {cell.parallel} | {time:.2f} | {cpu:.2f}"
                f" | {_aim(name, time, SLOPE_AIM)} |")
    return lines


def _memory(alive: Results) -> list[str]:
    lines = ["", "| Memory, the most of all | Hosts | Measured | To reach |", "|---|---:|---:|---|"]
    for limit, aim in MEMORY_AIMS.items():
        within = [cell for cell in alive if cell.hosts <= limit]
        if not within:
            continue
        hosts = max(cell.hosts for cell in within)
        names = {name for cell in within for name in alive[cell] if name.startswith("fleetctl")}
        for name in sorted(names):
            most = max(
                _of(alive[cell][name], lambda one: one.memory_kib) / 1024
                for cell in within if cell.hosts == hosts)
            lines.append(f"| {name} | {hosts} | {most:.0f} MiB | {_aim(name, most, aim, ' MiB')} |")
    return lines


def _aim(name: str, value: float, aim: float, unit: str = "") -> str:
    if not name.startswith("fleetctl"):
        return "–"
    return f"≤ {aim:g}{unit}: {'reached' if value <= aim else 'missed'}"


def _dead(dead: Results) -> list[str]:
    lines = [
        "", "| Hosts, 5 % dead | At once | --timeout | Time | Waits alone, at least | Memory"
        " | Descriptors | Threads |", "|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for cell, jobs in dead.items():
        for taken in jobs.values():
            # Two of the three kinds of dead hosts hold their place until the time is over.
            timeout = cell.timeout or 0
            waiting = max(1.0, cell.hosts / 20 * 2 / 3 / cell.parallel) * timeout
            lines.append(
                f"| {cell.hosts} | {cell.parallel} | {cell.timeout} s"
                f" | {_of(taken, lambda one: one.seconds):.1f} s | {waiting:.1f} s"
                f" | {_of(taken, lambda one: one.memory_kib) / 1024:.0f} MiB"
                f" | {_of(taken, lambda one: one.descriptors):.0f}"
                f" | {_of(taken, lambda one: one.threads):.0f} |")
    return lines
