"""fleetctl under valgrind's callgrind, which counts instructions: the same in every run, nearly."""

import subprocess
from pathlib import Path

# callgrind runs fifty times slower.
LIMIT_SECONDS = 300.0
WRAPPER = """\
#!/bin/sh
exec valgrind -q --tool=callgrind --demangle=no --callgrind-out-file={folder}/callgrind.%p \\
    {program} "$@"
"""


def wrapped(folder: Path, fleetctl: Path) -> Path:
    """A program that runs fleetctl under callgrind. Its debugging symbols are more than valgrind
    can read, so that they are left out."""
    program = folder / "fleetctl"
    subprocess.run(["strip", "-g", "-o", program, fleetctl], check=True)
    wrapper = folder / "traced"
    wrapper.write_text(WRAPPER.format(folder=folder, program=program), encoding="utf-8")
    wrapper.chmod(0o755)
    return wrapper
