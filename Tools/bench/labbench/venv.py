"""A Python with the packages of a rival, made once and kept in the cache."""

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path


def python_with(label: str, packages: list[str]) -> Path:
    """The interpreter of an environment of its own; the packages are pinned (`NAME==VERSION`)."""
    cache = Path(os.environ.get("FLEET_CACHE", Path.home() / ".cache/fleetctl"))
    version = hashlib.sha256("\n".join(packages).encode()).hexdigest()[:12]
    folder = cache / "bench" / f"{label}-python-{platform.python_version()}-{version}"
    python = folder / "bin/python"
    stamp = folder / "complete"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
        stamp.touch()
    return python
