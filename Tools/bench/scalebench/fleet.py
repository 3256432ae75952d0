"""The operator's folder for so many hosts, some of which may be dead, and the jobs on them."""

from dataclasses import dataclass
from pathlib import Path

from healthbench.fleet import LENIENT

from .ground import Ground

HOSTS_A_NETWORK = 250
# One in so many is dead, where some are to be.
DEAD_EVERY = 20
DEAD = {"refused": 2, "silent": 22, "mute": 24}

HEAD = """\
version: 1
fleet: scale
known_hosts: known_hosts
defaults:
  identity: ../identity
  user: bench
  arch: amd64
  sudo: none
"""


@dataclass(frozen=True)
class Target:
    """A host of the inventory."""

    name: str
    address: str
    port: int
    # "live", or a key of DEAD.
    kind: str


@dataclass(frozen=True)
class Job:
    """Something to be measured, its name in the table, and the statuses with which it may end."""

    name: str
    command: list[str]
    stdin: Path | None = None
    statuses: tuple[int, ...] = (0,)


def targets(count: int, has_dead: bool) -> list[Target]:
    """So many hosts; the dead ones are spread evenly and are of each kind in turn."""
    made = []
    for number in range(count):
        kind = "live"
        if has_dead and number % DEAD_EVERY == DEAD_EVERY // 2:
            kind = list(DEAD)[number // DEAD_EVERY % len(DEAD)]
        network = 19 if kind == "silent" else 18
        address = f"198.{network}.{number // HOSTS_A_NETWORK}.{number % HOSTS_A_NETWORK + 1}"
        made.append(Target(f"h{number:05}", address, DEAD.get(kind, 22), kind))
    return made


class Fleet:
    """The folder; every job runs in it."""

    def __init__(self, ground: Ground, hosts: list[Target], folder: Path) -> None:
        self.hosts = hosts
        self.folder = folder
        folder.mkdir()
        key = " ".join((ground.folder / "host_key.pub").read_text(encoding="ascii").split()[:2])
        self._write("known_hosts", [f"{_label(host)} {key}" for host in hosts])
        self._write("addresses", [f"{host.address} {host.port}" for host in hosts])
        self._write("only-addresses", [host.address for host in hosts])
        lines = [
            f"  {host.name}: {{address: {host.address}, port: {host.port}}}" for host in hosts]
        inventory = f"{HEAD}{LENIENT}hosts:\n" + "\n".join(lines) + "\nservices: {}\n"
        (folder / "fleet.yaml").write_text(inventory, encoding="ascii")

    def _write(self, name: str, lines: list[str]) -> None:
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="ascii")

    def jobs(self, fleetctl: Path, handshakes: Path, parallel: int) -> list[Job]:
        """Everything that is measured where all hosts live, in the order of the table."""
        ssh = [
            "ssh", "-F", "/dev/null", "-n", "-T", "-i", "../identity", "-o", "IdentitiesOnly=yes",
            "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=known_hosts",
            "-o", "GlobalKnownHostsFile=/dev/null", "bench@{}", "true"]
        return [
            Job("handshakes", [
                str(handshakes), f"{parallel}", "../identity", "known_hosts", "bench"],
                self.folder / "addresses"),
            fleetctl_job("host ping", fleetctl, parallel),
            fleetctl_job("host exec", fleetctl, parallel, ["--", "true"]),
            # Some of the hosts' readings may be found worth a word; what counts is that all answer.
            fleetctl_job("health", fleetctl, parallel, statuses=(0, 5)),
            Job("ssh by xargs", ["xargs", f"-P{parallel}", "-I{}", *ssh],
                self.folder / "only-addresses"),
        ]


def fleetctl_job(
    verb: str, fleetctl: Path, parallel: int, rest: list[str] | None = None,
    statuses: tuple[int, ...] = (0,),
) -> Job:
    """A verb of fleetctl that asks every host of the folder's inventory."""
    command = [
        str(fleetctl), *verb.split(), "--inventory", "fleet.yaml", "--parallel", f"{parallel}",
        "-o", "json", *(rest or [])]
    return Job(f"fleetctl {verb}", command, statuses=statuses)


def _label(host: Target) -> str:
    return host.address if host.port == 22 else f"[{host.address}]:{host.port}"
