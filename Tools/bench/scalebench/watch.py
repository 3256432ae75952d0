"""Runs a program and looks at it from outside while it runs."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from labbench.host import bytes_moved

from .ground import Ground

# From look to look. The kernel itself remembers the peak of the memory.
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Sample:
    """One run of a job over so many hosts."""

    hosts: int
    seconds: float
    # Of the program and all its children, user and system.
    cpu_seconds: float
    # Of the far side, which shares the processors.
    server_cpu_seconds: float
    # Of the program itself, without children: the most that was seen.
    memory_kib: int
    descriptors: int
    threads: int
    bytes_sent: int
    bytes_received: int
    status: int


class _Peak:
    """The most that was seen of a process."""

    def __init__(self, process: int) -> None:
        self.folder = Path(f"/proc/{process}")
        self.memory_kib = self.descriptors = self.threads = 0

    def look(self) -> None:
        try:
            descriptors = len(os.listdir(self.folder / "fd"))
            status = (self.folder / "status").read_text(encoding="ascii", errors="replace")
        except OSError:
            # It has just ended; wait4 tells.
            return
        fields = dict(line.partition(":")[::2] for line in status.splitlines())
        self.descriptors = max(self.descriptors, descriptors)
        self.threads = max(self.threads, int(fields["Threads"]))
        # A process that has ended and was not waited for has no memory any more.
        self.memory_kib = max(self.memory_kib, int(fields.get("VmHWM", "0 kB").split()[0]))


def watched(
    command: list[str], hosts: int, ground: Ground, folder: Path, limit: float,
    stdin: Path | None = None,
) -> Sample:
    """Runs it in `folder` to its end; what it says is in the files `out` and `err` there."""
    received, sent = bytes_moved()
    server = ground.cpu_seconds()
    environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"))
    start = time.perf_counter()
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err, \
            (stdin or Path(os.devnull)).open("rb") as lines, subprocess.Popen(
                command, cwd=folder, env=environment, stdin=lines, stdout=out, stderr=err) as process:
        status, seconds, usage, peak = _wait(process, start, limit)
    received_now, sent_now = bytes_moved()
    return Sample(
        hosts, seconds, usage.ru_utime + usage.ru_stime, ground.cpu_seconds() - server,
        peak.memory_kib, peak.descriptors, peak.threads, sent_now - sent, received_now - received,
        status)


def _wait(
    process: subprocess.Popen, start: float, limit: float,
) -> tuple[int, float, "os.struct_rusage", _Peak]:
    """Looks until it ends: its exit status, how long it took, what it used and its peak."""
    peak, has_ended = _Peak(process.pid), threading.Event()

    def look() -> None:
        # Not waited for yet: the number is still this process's own.
        while not has_ended.wait(PAUSE_SECONDS):
            peak.look()
            if time.perf_counter() - start > limit:
                process.kill()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.perf_counter() - start
    except BaseException:
        process.kill()
        raise
    finally:
        has_ended.set()
        watcher.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, seconds, usage, peak
