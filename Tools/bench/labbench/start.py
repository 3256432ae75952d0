"""Builds fleetctl and starts a benchmark again beside test hosts of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def built_fleetctl() -> Path:
    """fleetctl in release mode, built where it is stale."""
    command = ["swift", "build", "-c", "release", "--product", "fleetctl"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    shown = subprocess.run(
        [*command, "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Path(shown.stdout.strip()) / "fleetctl"


def enter_lab(program: Path, fleetctl: Path, extra_hosts: int = 0) -> None:
    """Starts a program again beside a lab of its own; returns only where it is in one already."""
    if "FLEET_LAB" in os.environ:
        return
    with_lab = str(ROOT / "Tests/Lab/with-lab")
    os.environ.setdefault("LAB_TAG", "bench")
    os.execv(
        with_lab,
        [with_lab, str(extra_hosts), "--", sys.executable, str(program), *sys.argv[1:],
         "--fleetctl", str(fleetctl)])
