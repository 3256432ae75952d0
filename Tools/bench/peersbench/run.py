"""All sizes and round trips of one run, and the peers that take part."""

import argparse
from functools import partial
from pathlib import Path

from labbench.host import Host
from labbench.venv import python_with

from .by_hand import Handshakes, Rsync, Tar
from .fleetctl import Fleetctl
from .options import BEHIND_A_JUMP_HOST, round_trips
from .peer import SETUPS, Peer
from .progress import Progress
from .python_tools import Ansible, Fabric, Mitogen, Pyinfra
from .rounds import Cell, Rounds
from .state import lend
from .workplace import Hosts, Workplace


def python_of_peers() -> Path:
    """The interpreter beside which the peers in Python are installed; made before the lab is
    entered, from where no package can be had."""
    packages = (SETUPS / "requirements.txt").read_text(encoding="ascii").split()
    return python_with("peers", packages)


def cells_of(wanted: argparse.Namespace, folder: Path, program: Path) -> list[Cell]:
    """Measures everything that is wanted, size by size."""
    lab_hosts = [Host.of_lab(f"x{number + 1}", "eth0") for number in range(max(wanted.hosts))]
    lend(lab_hosts)
    # Every peer's frames pass the workstation's own cable: one wire is enough for all hosts.
    workstation = Host.of_lab("ws", "eth0")
    sizes = [
        hosts for hosts in wanted.hosts for _ in round_trips(wanted, hosts)
        for _ in range(wanted.rounds)]
    progress = Progress(sizes, wanted.parallel)
    cells = []
    for size in wanted.hosts:
        jump = Host.of_lab("pi", "eth0") if size == BEHIND_A_JUMP_HOST else None
        hosts = Hosts(lab_hosts[:size], jump)
        workplace = Workplace(folder / f"{size}", hosts, wanted.parallel)
        rounds = Rounds(workplace, peers_of(wanted, workplace, program), wanted.jobs)
        rounds.warm_up()
        for trip in round_trips(wanted, size):
            cell = Cell(size, hosts.label, trip)
            cells.append(cell)
            with workstation.wire(trip):
                rounds.run(cell, wanted.rounds, partial(progress.ended, cell.label))
    return cells


def peers_of(wanted: argparse.Namespace, workplace: Workplace, program: Path) -> list[Peer]:
    """The peers that are wanted and can do it, in the order in which they were named."""
    python = python_of_peers()
    made: dict[str, Peer] = {
        kind.name: kind(workplace, python) for kind in (Ansible, Mitogen, Pyinfra, Fabric)}
    made[Tar.name], made[Rsync.name] = Tar(workplace), Rsync(workplace)
    made[Fleetctl.name] = Fleetctl(workplace, program)
    # libssh by itself knows no jump host.
    if not workplace.hosts.jump:
        made[Handshakes.name] = Handshakes(workplace)
    return [made[name] for name in wanted.peers if name in made]
