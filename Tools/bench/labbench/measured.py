"""One run of a command, and what it took."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .host import bytes_moved

# Of what a command that failed printed.
SHOWN_CHARACTERS = 4000


@dataclass(frozen=True)
class Sample:
    """One run of a job."""

    seconds: float
    # Of the client's processes together, user and system.
    client_cpu_seconds: float
    # The largest of the client's processes.
    client_memory_kib: int
    bytes_sent: int
    bytes_received: int


def measured(
    name: str, words: list[str], folder: Path, environment: dict[str, str], limit_seconds: float,
) -> Sample:
    """Runs a command in a folder; one that fails ends the benchmark.

    What it printed is in the folder's files `output` and `errors`, until the next one.

    time(1) says what it used. Our own memory would hide a small program's: the kernel counts what
    a process was before it became another program.
    """
    said = folder / "time"
    received, sent = bytes_moved()
    start = time.perf_counter()
    with (folder / "output").open("wb") as output, (folder / "errors").open("wb") as errors:
        status = _waited(
            subprocess.Popen(  # pylint: disable=consider-using-with (it is waited for)
                ["time", "-f", "%U %S %M", "-o", str(said), *words], cwd=folder, env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True),
            limit_seconds)
    seconds = time.perf_counter() - start
    if status != 0:
        raise RuntimeError(
            f"'{name}' ended with status {status}: {' '.join(words)}\n"
            + _end_of(folder / "output") + _end_of(folder / "errors"))
    user, system, memory = said.read_text(encoding="ascii").split()
    received_now, sent_now = bytes_moved()
    return Sample(
        seconds, float(user) + float(system), int(memory), sent_now - sent,
        received_now - received)


def _waited(process: subprocess.Popen[bytes], limit_seconds: float) -> int:
    """The status of a process, the moment it ends: a wait with a limit of its own would look only
    every 50 ms. Whoever is late, or interrupted, ends with all that it started."""
    def end() -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    guard = threading.Timer(limit_seconds, end)
    guard.start()
    try:
        return process.wait()
    except BaseException:
        end()
        raise
    finally:
        guard.cancel()


def _end_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-SHOWN_CHARACTERS:]
