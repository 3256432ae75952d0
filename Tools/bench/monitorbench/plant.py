"""The inverter that both monitors read: a plant-sim for each, of one kind."""

import subprocess
from pathlib import Path

END_SECONDS = 10
# Blocks 0-39, 81-119, 170 and 60-63: four requests a round.
REQUESTS_A_POLL = 4
# Ten minutes of the plant in a second: sun, load and counters move from poll to poll at 0.05 s as
# they do at 30 s. The battery is large, so that no generator has to start meanwhile.
PLANT = ["--soc", "60", "--capacity", "100000", "--time", "08:00", "--speed", "600"]


def end(process: subprocess.Popen) -> None:
    """Ends a process by its id, and waits for it."""
    process.terminate()
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class PlantSim:
    """A running plant-sim; `line` is the serial line of its inverter."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.line = folder / "ttyInverter"
        self.process = subprocess.Popen(
            [str(program), "--line", str(self.line), *PLANT], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        if not self._answer().startswith("ready "):
            raise RuntimeError("plant-sim did not start")

    def __enter__(self) -> "PlantSim":
        return self

    def __exit__(self, *_: object) -> None:
        end(self.process)

    def _answer(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("plant-sim has ended")
        return line

    def status(self) -> dict[str, str]:
        """What it is doing, by the keys of its `status`."""
        self.process.stdin.write("status\n")
        self.process.stdin.flush()
        return dict(pair.split("=", 1) for pair in self._answer().split())

    def requests(self) -> int:
        """Requests that were answered so far."""
        status = self.status()
        return int(status["requests"]) - int(status["refused"]) - int(status["lost"])
