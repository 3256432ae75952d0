"""A monitor under measurement, read from /proc, with the line that it reads."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .plant import REQUESTS_A_POLL, PlantSim, end

WAIT = 0.02


class Measured:
    """A monitor that runs beside its own plant-sim; its words go to a file of its folder."""

    def __init__(self, name: str, command: list[str], plant: PlantSim, folder: Path) -> None:
        self.name = name
        self.plant = plant
        self.log = folder / "log"
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)

    def __enter__(self) -> "Measured":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGCONT)
        end(self.process)

    def _proc(self, file: str) -> str:
        return Path(f"/proc/{self.process.pid}/{file}").read_text(encoding="ascii")

    def resident_kib(self) -> int:
        """Rss, exact; the one of `status` may lag behind."""
        return self._rollup("Rss")

    def own_kib(self) -> int:
        """What of it nobody else has: without the libraries that other processes share."""
        return self._rollup("Private_Dirty") + self._rollup("Private_Clean")

    def _rollup(self, key: str) -> int:
        match = re.search(rf"^{key}:\s+(\d+) kB", self._proc("smaps_rollup"), re.MULTILINE)
        if match is None:
            raise RuntimeError(f"the kernel says no {key} of {self.name}")
        return int(match.group(1))

    def processor_seconds(self) -> float:
        """User and system time of all threads, in the scheduler's nanoseconds.

        `stat` counts clock ticks, of which a poll takes none.
        """
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    def polls(self) -> float:
        """Rounds so far, by the requests that the inverter has seen."""
        return self.plant.requests() / REQUESTS_A_POLL

    def wait_for(self, polls: float, limit_seconds: float) -> None:
        """Until it has done so many in all."""
        deadline = time.monotonic() + limit_seconds
        while self.polls() < polls:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} has ended: {self.process.returncode}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: {self.polls():.0f} of {polls:.0f} polls")
            time.sleep(WAIT)

    def rows(self) -> list[dict[str, str]]:
        """What its CSV files say."""
        rows = []
        for file in sorted(self.log.glob("data_*.csv")):
            lines = file.read_text(encoding="ascii").splitlines()
            names = lines[0].split(",")
            rows += [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
        return rows

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stopped while the block runs, so that the other one has the machine."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)
