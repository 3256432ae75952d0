"""The operator's folder: an inventory, a unit, the artifact, and the jobs to be measured."""

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labbench.fleet import HEAD
from labbench.host import Host
from labbench.service import NAME as SERVICE
from labbench.service import SCRIPT, UNIT, UNIT_SOURCE, unit_by_hand

BY_HAND = "/opt/by-hand"

INVENTORY = HEAD + """\
hosts:
  {host}:
    address: {address}
    user: pi
    arch: amd64
services:
  {service}:
    host: {host}
    artifact: artifact
    executable: service
    health:
      - steady: 0s
"""


@dataclass(frozen=True)
class Job:
    """One thing to be measured: a command for /bin/sh and its name in the tables."""

    name: str
    command: str
    is_cold: bool


class Workplace:
    """Makes the folder; the jobs run in it."""

    def __init__(
        self, folder: Path, payload: Callable[[], bytes], host: Host, fleetctl: Path
    ) -> None:
        self.folder = folder
        self.host = host
        self.fleetctl = fleetctl
        # What fleetctl keeps of its deploys does not belong into the operator's own history.
        self.environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"))
        (folder / "Units").mkdir(parents=True)
        (folder / "by-hand").mkdir()
        (folder / "artifact").mkdir()
        (folder / "artifact/payload").write_bytes(payload())
        script = folder / "artifact/service"
        script.write_text(SCRIPT, encoding="ascii")
        script.chmod(0o755)
        (folder / "Units" / UNIT).write_text(UNIT_SOURCE, encoding="ascii")
        (folder / "fleet.yaml").write_text(
            INVENTORY.format(
                known_hosts=host.known_hosts, identity=host.identity, host=host.name,
                address=host.address(), service=SERVICE),
            encoding="utf-8")
        (folder / "by-hand" / UNIT).write_text(
            unit_by_hand(f"{BY_HAND}/artifact"), encoding="ascii")

    def jobs(self) -> list[Job]:
        """Everything that is measured, in the order of the tables."""
        deploy = f"{shlex.quote(str(self.fleetctl))} deploy --inventory fleet.yaml --yes --quiet"
        return [
            Job("ssh true", shlex.join([*self.host.ssh, "true"]), is_cold=False),
            Job("fleetctl no-op", deploy, is_cold=False),
            Job("ssh + tar", self._by_hand("gzip"), is_cold=True),
            Job("ssh + tar (gzip -1)", self._by_hand("gzip -1"), is_cold=True),
            Job("ssh + tar (plain)", self._by_hand(None), is_cold=True),
            Job("fleetctl cold", deploy, is_cold=True),
        ]

    def _by_hand(self, compressor: str | None) -> str:
        """One tar stream into one ssh: unpack, install the unit, start it, look whether it runs."""
        unpack = "tar xzf -" if compressor else "tar xf -"
        there = (
            f"set -e; mkdir -p {BY_HAND}; cd {BY_HAND}; {unpack}; "
            f"install -m 644 by-hand/{UNIT} /etc/systemd/system/{UNIT}; systemctl daemon-reload; "
            f"systemctl enable -q {SERVICE}; systemctl restart {SERVICE}; "
            f"systemctl is-active -q {SERVICE}")
        remote = shlex.join([*self.host.ssh, f"sudo -n sh -c {shlex.quote(there)}"])
        pack = f"tar -cf - -I {shlex.quote(compressor)}" if compressor else "tar -cf -"
        return f"{pack} --owner=0 --group=0 artifact by-hand/{UNIT} | {remote}"

    def put_back(self) -> None:
        """Makes the host what it was: no service, no unit, no files."""
        self.host.shell(
            f"systemctl disable -q --now {UNIT} 2>/dev/null || :; "
            f"rm -rf /opt/fleet/{SERVICE} {BY_HAND} /etc/systemd/system/{UNIT}; "
            f"systemctl daemon-reload; systemctl reset-failed; sync -f /opt")

    def check(self) -> None:
        """Fails where the service does not run or its payload is not what was sent."""
        size = (self.folder / "artifact/payload").stat().st_size
        self.host.shell(
            f"systemctl is-active -q {UNIT} && systemctl is-enabled -q {UNIT} && "
            f"test $(stat -c %s $(systemctl show -P WorkingDirectory {UNIT})/payload) = {size}")
