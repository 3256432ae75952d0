"""Runs every job once a round, so that what else the machine does meets all of them alike."""

import sys

from .fleet import Fleet, Job
from .host import Host
from .measured import Sample, measured

JOB_LIMIT = 300.0
# How sshd logs a command, a shell or a subsystem (LogLevel VERBOSE).
SESSION_LINE = "^Starting session: "
SSHD_DROP_IN = "/etc/ssh/sshd_config.d/00-bench.conf"


def samples(fleet: Fleet, count: int) -> dict[str, list[Sample]]:
    """One round to warm up, then `count` measured ones; the order turns by one with each round."""
    jobs = fleet.jobs()
    taken: dict[str, list[Sample]] = {job.name: [] for job in jobs}
    for number in range(count + 1):
        turn = number % len(jobs)
        for job in jobs[turn:] + jobs[:turn]:
            sample = _measured(fleet, job)
            if number > 0:
                taken[job.name].append(sample)
        fleet.check()
        print(f"  round {number} of {count}", file=sys.stderr, flush=True)
    return taken


def sessions(fleet: Fleet) -> dict[str, list[int]]:
    """How many commands the server of each host was asked for by each job, by its own log.

    A round of its own: the log costs the server time.
    """
    for host in fleet.hosts:
        host.shell(f"echo 'LogLevel VERBOSE' >{SSHD_DROP_IN}; systemctl reload ssh")
    counted = {}
    for job in fleet.jobs():
        before = [_sessions_of(host) for host in fleet.hosts]
        _measured(fleet, job)
        after = [_sessions_of(host) for host in fleet.hosts]
        counted[job.name] = [now - then for now, then in zip(after, before, strict=True)]
    for host in fleet.hosts:
        host.shell(f"rm {SSHD_DROP_IN}; systemctl reload ssh")
    return counted


def _sessions_of(host: Host) -> int:
    return int(host.shell(
        "journalctl --sync; journalctl --no-pager -o cat -t sshd"
        f" | grep -c '{SESSION_LINE}' || :"))


def _measured(fleet: Fleet, job: Job) -> Sample:
    return measured(
        job.name, ["sh", "-c", job.command], fleet.folder, fleet.environment, JOB_LIMIT)
