"""A way to do the jobs."""

from abc import ABC, abstractmethod
from enum import StrEnum
from pathlib import Path

from .workplace import Workplace

SETUPS = Path(__file__).resolve().parents[1] / "peers"


class Job(StrEnum):
    """What is measured, in the order in which a peer does it."""

    COLD = "cold"
    NO_OP = "no-op"
    CONFIG = "config"
    FACTS = "facts"
    EXEC = "exec"


class Peer(ABC):
    """A tool with its setup; its commands run in the workplace's folder."""

    name: str
    jobs = tuple(Job)

    def __init__(self, workplace: Workplace) -> None:
        self.workplace = workplace
        self.prepare()

    def prepare(self) -> None:  # noqa: B027 (not every tool has one)
        """Writes the list of hosts in the tool's own form."""

    @abstractmethod
    def words(self, job: Job) -> list[str]:
        """The command and its arguments."""

    def environment(self) -> dict[str, str]:
        """What the command finds in its environment."""
        return self.workplace.environment

    def check_facts(self, printed: str) -> None:
        """Fails where a host's facts are missing; an answer is a file a host that ends in `end`."""
        del printed
        for host in self.workplace.hosts.targets:
            path = self.workplace.folder / "answers" / host.name
            if not path.exists() or not path.read_text(encoding="utf-8").endswith("\nend\n"):
                raise RuntimeError(f"{self.name} has no whole answer of {host.name}")
