"""The operator's folder that all peers work from: what is deployed, and the list of hosts."""

import os
import random
from dataclasses import dataclass
from pathlib import Path

from labbench.host import Host
from labbench.payload import SIZE, program
from labbench.service import SCRIPT, UNIT, unit_by_hand

TARGET = "/opt/bench"
CONFIG_SIZE = 1024

SSH_HOST = """\
Host {name}
  HostName {address}
  User pi
"""

# For every peer that reads OpenSSH's configuration. No compression by default: what is sent is
# compressed already where it is worth it.
SSH_ALL = """\
Host *
  IdentityFile {identity}
  IdentitiesOnly yes
  UserKnownHostsFile {known_hosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  Compression no
  RequestTTY no
"""


@dataclass(frozen=True)
class Hosts:
    """The hosts that are worked on, and the one that is jumped through to them, if any."""

    targets: list[Host]
    jump: Host | None

    @property
    def label(self) -> str:
        """How the tables call them."""
        count = len(self.targets)
        plural = "host" if count == 1 else "hosts"
        return f"{count} {plural}{' behind a jump host' if self.jump else ''}"


class Workplace:
    """Makes the folder; the peers' commands run in it."""

    def __init__(self, folder: Path, hosts: Hosts, parallel: int) -> None:
        self.folder = folder
        self.hosts = hosts
        self.parallel = parallel
        self.environment = dict(
            os.environ, BENCH_FOLDER=str(folder), BENCH_KNOWN_HOSTS=str(self.known_hosts),
            XDG_STATE_HOME=str(folder / "state"))
        for name in ("artifact", "answers"):
            (folder / name).mkdir(parents=True)
        (folder / "artifact/payload").write_bytes(program())
        script = folder / "artifact/service"
        script.write_text(SCRIPT, encoding="ascii")
        script.chmod(0o755)
        self.write(UNIT, unit_by_hand(TARGET))
        self.write("hosts", "".join(f"{host.name}\n" for host in hosts.targets))
        self.write("ssh_config", self._ssh_config())
        self.change_config()

    @property
    def identity(self) -> Path:
        """The key that all hosts accept."""
        return self.hosts.targets[0].identity

    @property
    def known_hosts(self) -> Path:
        """The keys of all hosts."""
        return self.hosts.targets[0].known_hosts

    def _ssh_config(self) -> str:
        text = ""
        for host in self.hosts.targets:
            text += SSH_HOST.format(name=host.name, address=host.address())
            if self.hosts.jump:
                text += f"  ProxyJump {self.hosts.jump.name}\n"
        if self.hosts.jump:
            text += SSH_HOST.format(
                name=self.hosts.jump.name, address=self.hosts.jump.address())
        return text + SSH_ALL.format(identity=self.identity, known_hosts=self.known_hosts)

    def write(self, name: str, text: str) -> None:
        """A file of the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change_config(self) -> None:
        """A new configuration of the service: 1 KiB that no other round had."""
        self.write("config", random.randbytes(CONFIG_SIZE // 2).hex())

    def clear_answers(self) -> None:
        """What an earlier job answered must not pass for what the next one does."""
        for path in (self.folder / "answers").iterdir():
            path.unlink()

    def state_to_reach(self) -> tuple[str, int]:
        """The configuration and the size of the payload that a deploy must have brought."""
        return (self.folder / "config").read_text(encoding="ascii"), SIZE
