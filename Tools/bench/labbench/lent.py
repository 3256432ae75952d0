"""What the test hosts are lent, so that each tool finds there what it needs."""

import re
import subprocess

from .host import Host

NOT_NEEDED = ["__pycache__", "test", "ensurepip", "idlelib", "lib2to3", "config-*", "tkinter"]

# The test hosts share one machine's load, memory and heat, and have no supply of their own to
# judge. What those say is not what is measured, so that none of it may be a finding.
LENIENT = """\
  health:
    load: {warning: 90000, critical: 99999}
    memory_used: {warning: 99, critical: 100}
    answer_time: {warning: 60, critical: 90}
    temperature: {warning: 150, critical: 160}
    disk_used: {warning: 99, critical: 100}
"""


def keep_clock(host: Host) -> None:
    """Says that something keeps the host's clock."""
    host.shell("mkdir -p /run/systemd/timesync; : >/run/systemd/timesync/synchronized")


def python_library() -> bytes:
    """Python's own modules as a tar archive: Ansible needs more of them than the test hosts have.

    They run the same Debian as this machine; another version of Python fails the benchmark.
    """
    folder = subprocess.run(
        ["/usr/bin/python3", "-c", "import os; print(os.path.dirname(os.__file__))"], check=True,
        stdout=subprocess.PIPE, text=True).stdout.strip()
    return _packed([*[f"--exclude={name}" for name in NOT_NEEDED], folder])


def program(path: str) -> bytes:
    """A program of this machine and the libraries that it names, as a tar archive."""
    said = subprocess.run(["ldd", path], check=True, stdout=subprocess.PIPE, text=True).stdout
    libraries = re.findall(r"=> (/\S+)", said)
    # Links followed: the library's name leads to a file whose name tells the version.
    return _packed(["--dereference", path, *libraries])


def _packed(words: list[str]) -> bytes:
    packed = subprocess.run(["tar", "-cP", *words], check=True, stdout=subprocess.PIPE)
    return packed.stdout
