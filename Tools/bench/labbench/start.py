"""Builds fleetctl and starts a benchmark again beside test hosts of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def built_fleetctl() -> Path:
    """fleetctl in release mode, built where it is stale."""
    shown = subprocess.run(
        [str(ROOT / "Tools/release")], check=True, stdout=subprocess.PIPE, text=True)
    return Path(shown.stdout.strip())


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
