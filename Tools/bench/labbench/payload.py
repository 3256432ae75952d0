"""The 8 MiB that travel: bytes that compress like a program, and bytes that do not compress."""

import random
from collections.abc import Callable
from pathlib import Path

SIZE = 8 << 20
PROGRAMS = Path("/usr/bin")
ELF_MAGIC = b"\x7fELF"
SEED = 1


def program() -> bytes:
    """This machine's own programs, one after another by name."""
    content = bytearray()
    for path in sorted(PROGRAMS.iterdir()):
        if not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(len(ELF_MAGIC)) != ELF_MAGIC:
                continue
            file.seek(0)
            content += file.read(SIZE - len(content))
        if len(content) == SIZE:
            return bytes(content)
    raise ValueError(f"{PROGRAMS} holds less than {SIZE >> 20} MiB of programs")


def noise() -> bytes:
    """Bytes that no compressor makes smaller; the same in every run."""
    return random.Random(SEED).randbytes(SIZE)


# The first is the headline: what is deployed are programs.
KINDS: dict[str, Callable[[], bytes]] = {"program": program, "random": noise}
