"""The machine's own limit: bare libssh handshakes with `true`, by a program of its own."""

import subprocess
from pathlib import Path


def built_handshakes(folder: Path) -> Path:
    """Compiles handshakes.c into the folder; its head says how the program is called."""
    program = folder / "handshakes"
    source = Path(__file__).with_name("handshakes.c")
    subprocess.run(
        ["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program,
         source, "-lssh"], check=True)
    return program
