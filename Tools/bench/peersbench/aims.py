"""What fleetctl is to reach beside the others, as far as this benchmark measures it."""

from dataclasses import dataclass
from statistics import median

from .peer import Job
from .rounds import Cell

OURS = "fleetctl"


@dataclass(frozen=True)
class Goal:
    """fleetctl's time divided by a peer's is to be at most this."""

    ours: Job
    peer: str
    theirs: Job
    at_most: float
    hosts: int

    def text(self) -> str:
        """The goal in words."""
        if self.at_most < 1:
            return f"{self.ours}: {1 / self.at_most:g} times faster than {self.peer}"
        return f"{self.ours} ≤ {self.at_most:g} × {self.peer} ({self.theirs})"


GOALS = [
    Goal(Job.COLD, "ssh + tar", Job.COLD, 1.2, 1),
    Goal(Job.COLD, "pyinfra", Job.COLD, 1 / 5, 1),
    Goal(Job.COLD, "ansible", Job.COLD, 1 / 10, 1),
    Goal(Job.COLD, "rsync + ssh", Job.COLD, 1, 1),
    Goal(Job.NO_OP, "ssh + tar", Job.EXEC, 1.4, 1),
    *[Goal(job, peer, job, at_most, 30)
      for job in (Job.FACTS, Job.NO_OP)
      for peer, at_most in (("pyinfra", 1 / 10), ("ansible", 1 / 20))],
    *[Goal(job, "bare libssh", Job.EXEC, 1.5, 30) for job in (Job.NO_OP, Job.FACTS, Job.EXEC)],
]
# The round trip that the goals of one host are for.
ROUND_TRIP_MS = 20.0


@dataclass(frozen=True)
class Aim:
    """A goal, and what was measured."""

    goal: str
    where: str
    measured: float
    reached: bool

    def row(self) -> str:
        """The row of the table; the quotient of the medians, turned round where it is below 1."""
        figure = f"{self.measured:.2f} ×" if self.measured >= 1 else f"1/{1 / self.measured:.1f}"
        return f"| {self.goal} | {self.where} | {figure} | {'reached' if self.reached else 'missed'} |"


def aims_of(cells: list[Cell]) -> list[Aim]:
    """Each goal in each cell that has what it compares."""
    aims = []
    for cell in cells:
        for goal in GOALS:
            ours = cell.taken.get(OURS, {}).get(goal.ours)
            theirs = cell.taken.get(goal.peer, {}).get(goal.theirs)
            wanted = cell.hosts == goal.hosts and (
                goal.hosts > 1 or cell.round_trip_ms == ROUND_TRIP_MS)
            if ours and theirs and wanted:
                quotient = median(s.seconds for s in ours) / median(s.seconds for s in theirs)
                aims.append(Aim(
                    goal.text(), f"{cell.label}, {cell.round_trip_ms:g} ms", quotient,
                    quotient <= goal.at_most))
    return aims
