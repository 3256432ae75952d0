"""The rounds: every job once in each, so that what else the machine does meets all of them alike."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from .fleet import Fleet, Job, fleetctl_job
from .ground import Ground
from .watch import Sample, watched

# Seconds that a job may take for each host, and at the least.
HOST_LIMIT = 2.0
LEAST_LIMIT = 120.0


@dataclass(frozen=True)
class Cell:
    """What was measured together."""

    round_trip_ms: float
    hosts: int
    parallel: int
    # Where some hosts are dead: the limit for a connection.
    timeout: int | None = None

    def __str__(self) -> str:
        dead = "" if self.timeout is None else f", dead ones given up after {self.timeout} s"
        return f"{self.round_trip_ms:g} ms, {self.hosts} hosts, {self.parallel} at once{dead}"


def samples(
    ground: Ground, fleet: Fleet, jobs: list[Job], count: int, cell: Cell,
) -> dict[str, list[Sample]]:
    """So many rounds; the order turns by one with each."""
    taken: dict[str, list[Sample]] = {job.name: [] for job in jobs}
    for number in range(count):
        turn = number % len(jobs)
        for job in jobs[turn:] + jobs[:turn]:
            taken[job.name].append(measured(ground, fleet, job))
        print(f"  {cell}: round {number + 1} of {count}", file=sys.stderr, flush=True)
    return taken


def measured(ground: Ground, fleet: Fleet, job: Job) -> Sample:
    """One run; a job that did not do its work ends the benchmark."""
    limit = max(LEAST_LIMIT, HOST_LIMIT * len(fleet.hosts))
    sample = watched(job.command, len(fleet.hosts), ground, fleet.folder, limit, job.stdin)
    if sample.status not in job.statuses:
        said = (fleet.folder / "err").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(
            f"'{job.name}' of {len(fleet.hosts)} hosts ended with {sample.status}: {said[-2000:]}")
    if "json" in job.command:
        _check_answers(fleet, job.name)
    return sample


def _check_answers(fleet: Fleet, name: str) -> None:
    """Each live host has its answer, and each dead one has its error in it and a line of its own."""
    answer = json.loads((fleet.folder / "out").read_bytes())
    rows = answer["hosts"] if isinstance(answer, dict) else answer
    by_name = {row["host"]: row for row in rows}
    lines = (fleet.folder / "err").read_text(encoding="utf-8").splitlines()
    for host in fleet.hosts:
        row = by_name[host.name]
        if (row.get("error") is None) != (host.kind == "live"):
            raise RuntimeError(f"{name}: {host.name} is {host.kind}, and the answer is {row}")
        if host.kind != "live" and sum(host.name in line for line in lines) != 1:
            raise RuntimeError(f"{name}: {host.name} is {host.kind} and has not one line of its own")


def dead_job(fleetctl: Path, parallel: int, timeout: int) -> Job:
    """`true` everywhere, where some do not answer."""
    return fleetctl_job(
        "host exec", fleetctl, parallel, ["--timeout", f"{timeout}", "--", "true"], (3,))
