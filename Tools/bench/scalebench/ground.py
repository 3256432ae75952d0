"""Two network namespaces and a cable: the operator's side is this process, the far side has sshd."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labbench.host import relayed

LAB = Path(__file__).resolve().parents[3] / "Tests/Lab"
# RFC 5737; the cable's ends.
OPERATOR = "192.0.2.1"
FAR_SIDE = "192.0.2.2"
# RFC 2544: everything in the first half answers, from the second nothing ever does.
EVERYWHERE = "198.18.0.0/15"
ANSWERING = "198.18.0.0/16"
SILENT = "198.19.0.0/16"
START_LIMIT = 30.0
STOP_LIMIT = 10.0
INSIDE = "FLEET_SCALE_BENCH_INSIDE"


def enter(program: Path, fleetctl: Path) -> None:
    """Starts a program again in a network of its own; returns only where it is in one already."""
    if INSIDE in os.environ:
        return
    os.environ[INSIDE] = "1"
    os.execvp(
        "unshare",
        ["unshare", "--net", sys.executable, str(program), *sys.argv[1:], "--fleetctl",
         str(fleetctl)])


class Ground:
    """The far side, while the block runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("layer", "root"):
            (folder / name).mkdir()
        for name in ("host_key", "identity"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", folder / name],
                check=True)
        public = (folder / "identity.pub").read_text(encoding="ascii")
        (folder / "authorized_keys").write_text(public, encoding="ascii")

    @contextmanager
    def up(self) -> Iterator["Ground"]:
        """Everything that answers; gone after the block, also where this process is killed.

        Ctrl-C is for this process alone, which ends the others.
        """
        subprocess.run([LAB / "lab", "prepare"], check=True, stdout=sys.stderr)
        base = subprocess.run(
            [LAB / "lab", "base", "systemd"], check=True, stdout=subprocess.PIPE, text=True).stdout
        with (self.folder / "far-side.log").open("wb") as log, subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork",
             "--kill-child", Path(__file__).with_name("far-side"), base.strip(), self.folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            start_new_session=True,
        ) as self.process:
            try:
                self._connect()
                yield self
            finally:
                self.process.kill()
                self.process.wait(STOP_LIMIT)

    def _connect(self) -> None:
        if self.process.stdout is None or self.process.stdin is None:
            raise RuntimeError("the far side has no pipes")
        if self.process.stdout.readline() != "begun\n":
            raise RuntimeError(f"the far side did not begin: {self._log()}")
        _ip("link set lo up")
        _ip(f"link add far0 type veth peer name port netns {self.process.pid}")
        _ip(f"addr add {OPERATOR}/24 dev far0")
        _ip("link set far0 up")
        _ip(f"route add {EVERYWHERE} via {FAR_SIDE}")
        for line in (
            "link set lo up", "link add br0 type bridge", "link set port master br0",
            "link set port up", f"addr add {FAR_SIDE}/24 dev br0", "link set br0 up",
            f"route add local {ANSWERING} dev lo", f"route add blackhole {SILENT}",
        ):
            self._there("ip", *line.split())
        # A relayed frame must be whole: no checksum or segmentation left to hardware.
        subprocess.run(
            ["ethtool", "-K", "far0", "tx", "off", "tso", "off", "gso", "off", "gro", "off"],
            check=True, capture_output=True)
        self.process.stdin.write("go\n")
        self.process.stdin.close()
        self._wait_for_banner()

    def _wait_for_banner(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                with socket.create_connection((FAR_SIDE, 22), 1) as connection:
                    if connection.recv(4) == b"SSH-":
                        return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the far side's sshd does not answer: {self._log()}")
            time.sleep(0.02)

    def _log(self) -> str:
        return (self.folder / "far-side.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def _there(self, *words: str) -> None:
        subprocess.run(
            ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", *words], check=True)

    @contextmanager
    def delay(self, round_trip_ms: float) -> Iterator[None]:
        """Every frame takes this long there and back, while the block runs; none at 0."""
        if round_trip_ms == 0:
            yield
            return
        command = [
            "setpriv", "--pdeathsig", "TERM", "nsenter", f"--net=/proc/{self.process.pid}/ns/net",
            "/usr/bin/python3", str(LAB / "wire.py"), "--port", "port", "--bridge", "br0",
            "--round-trip-ms", f"{round_trip_ms:g}"]
        with relayed(command, "the delay"):
            yield

    def cpu_seconds(self) -> float:
        """Processor time of the far side's sshd and of every session that has ended."""
        unshare = self.process.pid
        first = Path(f"/proc/{unshare}/task/{unshare}/children").read_text(encoding="ascii").split()
        fields = Path(f"/proc/{first[0]}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _ip(line: str) -> None:
    subprocess.run(["ip", *line.split()], check=True)
