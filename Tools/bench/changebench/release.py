"""A large release of many files, of which a small one changes; by fleetctl and by rsync."""

import hashlib
import os
import random
import shlex
from pathlib import Path

from deploybench.workplace import INVENTORY
from labbench.host import Host
from labbench.measured import Sample, measured
from labbench.service import NAME, SCRIPT, UNIT, UNIT_SOURCE

CHANGED = "settings"
CHANGED_BYTES = 1024
BY_HAND = "/opt/by-hand"
JOB_LIMIT = 300.0
OURS, RSYNC = "fleetctl deploy", "rsync -az"


class Release:
    """The operator's folder, with an artifact that no compressor makes smaller."""

    def __init__(self, folder: Path, host: Host, fleetctl: Path, files: int, size: int) -> None:
        self.folder = folder
        self.host = host
        self.environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"))
        self.chance = random.Random(files)
        (folder / "Units").mkdir()
        (folder / "Units" / UNIT).write_text(UNIT_SOURCE, encoding="ascii")
        self.artifact = folder / "artifact"
        (self.artifact / "data").mkdir(parents=True)
        for number in range(files):
            (self.artifact / f"data/{number:05}").write_bytes(self.chance.randbytes(size // files))
        (self.artifact / "service").write_text(SCRIPT, encoding="ascii")
        (self.artifact / "service").chmod(0o755)
        (folder / "fleet.yaml").write_text(
            INVENTORY.format(
                known_hosts=host.known_hosts, identity=host.identity, host=host.name,
                address=host.address(), service=NAME),
            encoding="utf-8")
        ssh = shlex.join(host.ssh[:-1])
        self.jobs = {
            OURS: [str(fleetctl), "deploy", "--inventory", "fleet.yaml", "--yes", "--quiet"],
            RSYNC: ["rsync", "-az", "--rsync-path=sudo -n rsync", "-e", ssh, "artifact/",
                    f"{host.name}:{BY_HAND}/"],
        }
        self.places = {OURS: f"/opt/fleet/{NAME}/current", RSYNC: BY_HAND}

    def change(self) -> None:
        """The small file says something else, as long as before."""
        (self.artifact / CHANGED).write_bytes(self.chance.randbytes(CHANGED_BYTES))

    def send(self, job: str) -> Sample:
        """Runs one job, and sees that the host has what changed."""
        sample = measured(job, self.jobs[job], self.folder, self.environment, JOB_LIMIT)
        wanted = hashlib.sha256((self.artifact / CHANGED).read_bytes()).hexdigest()
        there = self.host.shell(f"sha256sum {self.places[job]}/{CHANGED}").split()[0]
        if there != wanted:
            raise RuntimeError(f"'{job}' left another {CHANGED} on the host")
        return sample
