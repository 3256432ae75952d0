"""The test host that is measured, and the wire to it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND_LIMIT = 60.0


@dataclass(frozen=True)
class Host:
    """A host of the running lab, with the interface that leads to it."""

    name: str
    interface: str
    lab: Path
    run_folder: Path

    @classmethod
    def of_lab(cls, name: str, interface: str) -> "Host":
        """The host of the lab that the environment names."""
        return cls(
            name, interface, Path(os.environ["FLEET_LAB_SCRIPT"]), Path(os.environ["FLEET_LAB"]))

    @property
    def identity(self) -> Path:
        """The key that the host's user accepts."""
        return self.run_folder / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host's keys."""
        return self.run_folder / "known_hosts"

    @property
    def ssh(self) -> list[str]:
        """The ssh client without a terminal, its own settings otherwise at their best.

        No compression by ssh: tar's stream is compressed already, a second pass only costs time.
        """
        return ["ssh", "-F", str(self.run_folder / "ssh_config"), "-T", "-o", "Compression=no",
                "-o", "BatchMode=yes", self.name]

    def address(self) -> str:
        """The host's first address."""
        legs = (self.run_folder / "hosts" / self.name / "legs").read_text(encoding="utf-8")
        return legs.splitlines()[0].split()[-1]

    def shell(self, script: str) -> str:
        """Runs a script as root inside the host, past the network; what it printed."""
        done = subprocess.run(
            [str(self.lab), "sh", self.name, "sh", "-ec", script], check=True, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_LIMIT)
        return done.stdout

    def unpack(self, archive: bytes) -> None:
        """Unpacks a tar archive inside the host, its paths from the root."""
        subprocess.run(
            [str(self.lab), "sh", self.name, "tar", "-xP"], check=True, input=archive,
            capture_output=True, timeout=COMMAND_LIMIT)

    def processes_made(self) -> int:
        """The number of the process that the host made last: it counts all of them."""
        return int(self.shell("cat /proc/loadavg").split()[-1])

    @contextmanager
    def wire(self, round_trip_ms: float) -> Iterator[None]:
        """A wire with this delay, while the block runs; none at 0."""
        if round_trip_ms == 0:
            yield
            return
        command = [str(self.lab), "wire", self.name, self.interface, f"{round_trip_ms:g}"]
        with relayed(command, f"the wire to {self.name}"):
            yield


@contextmanager
def relayed(command: list[str], what: str) -> Iterator[None]:
    """A relay of Tests/Lab/wire.py while the block runs: it says `ready` once frames flow."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as relay:
        try:
            if relay.stdout is None or relay.stdout.readline().strip() != "ready":
                raise RuntimeError(f"{what} did not come up")
            yield
        finally:
            relay.terminate()
            relay.wait(COMMAND_LIMIT)


def bytes_moved() -> tuple[int, int]:
    """Bytes received and sent by this network namespace's interfaces so far, without loopback."""
    received = sent = 0
    for line in Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:]:
        name, _, counters = line.partition(":")
        if name.strip() == "lo":
            continue
        fields = counters.split()
        received += int(fields[0])
        sent += int(fields[8])
    return received, sent
