"""The operator's folder with a service for each of many test hosts, and the jobs to be measured."""

import os
import shlex
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from .host import Host

SCRIPTS = Path(__file__).resolve().parents[3] / "Sources/RemoteOps/Scripts"
DEPLOY_LIMIT = 300.0

# The service sleeps: a fleet that is as it should be, so that there is nothing to tell of it.
SERVICE_SCRIPT = """\
#!/bin/sh
exec sleep infinity
"""

# How every inventory begins; `defaults` may go on.
HEAD = """\
version: 1
fleet: bench
known_hosts: {known_hosts}
defaults:
  identity: {identity}
"""

HOST = """\
  {name}:
    address: {address}
    user: pi
    arch: amd64
"""

SERVICE = """\
  s-{name}:
    host: {name}
    artifact: artifact
    executable: service
    user: pi
    health:
      - steady: 0s
"""


@dataclass(frozen=True)
class Job:
    """One thing to be measured: a command for /bin/sh and its name in the table."""

    name: str
    command: str


class Fleet(ABC):
    """Makes the folder and deploys the services; the jobs run in the folder."""

    # What the inventory says under `defaults` beside the identity.
    defaults = ""

    def __init__(self, folder: Path, hosts: list[Host], fleetctl: Path, parallel: int) -> None:
        self.folder = folder
        self.hosts = hosts
        self.fleetctl = shlex.quote(str(fleetctl))
        self.parallel = parallel
        # What fleetctl keeps of its work does not belong into the operator's own history.
        self.environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"))
        for name in ("Units", "artifact", "answers"):
            (folder / name).mkdir(parents=True)
        script = folder / "artifact/service"
        script.write_text(SERVICE_SCRIPT, encoding="ascii")
        script.chmod(0o755)
        (folder / "fleet.yaml").write_text(self._inventory(), encoding="utf-8")
        (folder / "hosts").write_text(
            "".join(f"{host.name}\n" for host in hosts), encoding="ascii")

    def _inventory(self) -> str:
        one = self.hosts[0]
        head = HEAD.format(known_hosts=one.known_hosts, identity=one.identity) + self.defaults
        hosts = "".join(
            HOST.format(name=host.name, address=host.address()) for host in self.hosts)
        services = "".join(SERVICE.format(name=host.name) for host in self.hosts)
        return f"{head}hosts:\n{hosts}services:\n{services}"

    def deploy(self) -> None:
        """Brings every service to its host."""
        subprocess.run(
            f"{self.fleetctl} deploy --inventory fleet.yaml --yes --quiet", shell=True, check=True,
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, timeout=DEPLOY_LIMIT)

    @abstractmethod
    def jobs(self) -> list[Job]:
        """Everything that is measured, in the order of the table."""

    @abstractmethod
    def check(self) -> None:
        """Fails where an answer of the last round is not whole."""

    def of_fleetctl(self, verb: str) -> Job:
        """A verb of fleetctl that asks all hosts; anything that it finds fails the benchmark."""
        return Job(
            f"fleetctl {verb}",
            f"{self.fleetctl} {verb} --inventory fleet.yaml --parallel {self.parallel} -o json"
            " >answers/fleetctl.json")

    def by_hand(self, script: str, words: str) -> Job:
        """One of fleetctl's scripts by ssh, with words in which `$1` is the host's name."""
        path = shlex.quote(str(SCRIPTS / script))
        return Job(
            "ssh sh -s", self._everywhere(f'"sudo -n sh -s -- {words}" <{path} >"answers/$1"'))

    def of_true(self) -> Job:
        """The least that anybody could ask."""
        return Job("ssh true", self._everywhere("true </dev/null"))

    def _everywhere(self, rest: str) -> str:
        """One ssh a host, as many at once as fleetctl has."""
        command = shlex.join(self.hosts[0].ssh[:-1]) + ' "$1" ' + rest
        return f"xargs -P {self.parallel} -I@ sh -c {shlex.quote(command)} sh @ <hosts"

    def lines_by_hand(self, host: Host) -> list[bytes]:
        """The lines that a host answered by hand."""
        return (self.folder / "answers" / host.name).read_bytes().splitlines()
