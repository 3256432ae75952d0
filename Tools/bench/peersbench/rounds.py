"""Each peer does its jobs once a round, in an order of peers that turns by one each round."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from labbench.measured import Sample, measured

from .peer import Job, Peer
from .state import check, put_back
from .workplace import Workplace

JOB_LIMIT_SECONDS = 1200.0
DEPLOYS = (Job.COLD, Job.NO_OP, Job.CONFIG)

# The samples of each peer and job.
Taken = dict[str, dict[Job, list[Sample]]]


@dataclass
class Cell:
    """What was measured with some hosts at one round-trip time."""

    hosts: int
    label: str
    round_trip_ms: float
    taken: Taken = field(default_factory=dict)


class Rounds:
    """Runs the jobs of some peers in one workplace."""

    def __init__(self, workplace: Workplace, peers: list[Peer], jobs: list[Job]) -> None:
        self.workplace = workplace
        self.peers = peers
        self.jobs = jobs

    def warm_up(self) -> None:
        """A round that is thrown away."""
        self._round(0)

    def run(self, cell: Cell, count: int, after_each: Callable[[float], None]) -> None:
        """`count` rounds; hands over how many seconds each took."""
        for number in range(count):
            begin = time.monotonic()
            for peer, samples in self._round(number).items():
                of_peer = cell.taken.setdefault(peer, {})
                for job, sample in samples.items():
                    of_peer.setdefault(job, []).append(sample)
            after_each(time.monotonic() - begin)

    def _round(self, number: int) -> dict[str, dict[Job, Sample]]:
        turn = number % len(self.peers)
        return {
            peer.name: self._jobs_of(peer) for peer in self.peers[turn:] + self.peers[:turn]}

    def _jobs_of(self, peer: Peer) -> dict[Job, Sample]:
        """A peer's jobs build on its own cold deploy, which is made though nobody wants its time."""
        samples = {}
        for job in peer.jobs:
            needed = job is Job.COLD and peer.jobs != (Job.EXEC,) and self.jobs != [Job.EXEC]
            if job in self.jobs or needed:
                sample = self._measured(peer, job)
                if job in self.jobs:
                    samples[job] = sample
        return samples

    def _measured(self, peer: Peer, job: Job) -> Sample:
        if job is Job.COLD:
            put_back(self.workplace)
        if job is Job.CONFIG:
            self.workplace.change_config()
        self.workplace.clear_answers()
        sample = measured(
            f"{peer.name} {job}", peer.words(job), self.workplace.folder, peer.environment(),
            JOB_LIMIT_SECONDS)
        print(f"    {peer.name} {job}: {sample.seconds:.2f} s", file=sys.stderr, flush=True)
        if job in DEPLOYS:
            check(self.workplace)
        if job is Job.FACTS:
            peer.check_facts((self.workplace.folder / "output").read_text(encoding="utf-8"))
        return sample
