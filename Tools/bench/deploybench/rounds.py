"""Runs every job once a round, so that what else the machine does meets all of them alike."""

import sys
from dataclasses import asdict, dataclass, field

from labbench.host import Host
from labbench.measured import Sample as Client
from labbench.measured import measured

from .workplace import Job, Workplace

JOB_LIMIT = 120.0


@dataclass(frozen=True)
class Sample(Client):
    """One run of a job, on both sides."""

    # Processes made on the host meanwhile, its sshd's and systemd's with them.
    host_processes: int


@dataclass
class Result:
    """The samples of one payload at one round-trip time."""

    payload: str
    round_trip_ms: float
    samples: dict[str, list[Sample]] = field(default_factory=dict)


class Rounds:
    """Runs a workplace's jobs in turn."""

    def __init__(self, workplace: Workplace, host: Host) -> None:
        self.workplace = workplace
        self.host = host
        # What asking for the number of processes itself makes.
        first = host.processes_made()
        self.cost_of_asking = host.processes_made() - first

    def run(self, count: int, payload: str, round_trip_ms: float) -> Result:
        """One round to warm up, then `count` measured ones."""
        jobs = self.workplace.jobs()
        result = Result(payload, round_trip_ms, {job.name: [] for job in jobs})
        for number in range(count + 1):
            for job, sample in self._round(jobs, number):
                if number > 0:
                    result.samples[job.name].append(sample)
            print(f"  round {number} of {count}", file=sys.stderr, flush=True)
        return result

    def _round(self, jobs: list[Job], number: int) -> list[tuple[Job, Sample]]:
        """Each cold job on a host put back; the order is turned by one with each round."""
        cold = [job for job in jobs if job.is_cold]
        cold = cold[number % len(cold):] + cold[:number % len(cold)]
        warm = [job for job in jobs if not job.is_cold]
        samples = []
        for job in cold:
            self.workplace.put_back()
            samples.append((job, self._measure(job)))
            self.workplace.check()
            if job.name == "fleetctl cold":
                samples += [(other, self._measure(other)) for other in warm]
        return samples

    def _measure(self, job: Job) -> Sample:
        processes = self.host.processes_made()
        # pipefail: a tar that fails must not look like a success.
        client = measured(
            job.name, ["bash", "-c", f"set -o pipefail; {job.command}"], self.workplace.folder,
            self.workplace.environment, JOB_LIMIT)
        made = self.host.processes_made() - processes - self.cost_of_asking
        return Sample(**asdict(client), host_processes=made)
