"""The command line of peers-bench."""

import argparse

from labbench.command import add_common_options, parsed_options

from .peer import Job

PEERS = [
    "fleetctl", "ssh + tar", "rsync + ssh", "fabric", "pyinfra", "mitogen", "ansible",
    "bare libssh",
]
# Two hosts are reached through a jump host; all others directly.
BEHIND_A_JUMP_HOST = 2
HOSTS_LIMIT = 100
# More than these are measured at one round-trip time, unless others are named.
FEW_HOSTS = 10


def options(description: str) -> argparse.Namespace:
    """What is wanted."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--peers", nargs="+", choices=PEERS, default=PEERS, metavar="PEER",
        help=f"whom to measure (default all: {', '.join(PEERS)})")
    parser.add_argument(
        "--jobs", nargs="+", type=Job, choices=list(Job), default=list(Job), metavar="JOB",
        help=f"what to measure (default all: {', '.join(Job)})")
    parser.add_argument(
        "--hosts", type=int, nargs="+", default=[1, 2, 10, 30], metavar="N",
        help="numbers of hosts (default 1 2 10 30); 2 are behind a jump host")
    parser.add_argument(
        "--round-trip", type=float, nargs="+", metavar="MS",
        help="round-trip times in milliseconds (default 0 20 50; 20 alone for more than 10 hosts)")
    parser.add_argument("--parallel", type=int, default=10, help="hosts at once (default 10)")
    add_common_options(parser, rounds=3)
    parsed = parsed_options(parser)
    if min(parsed.hosts) < 1 or max(parsed.hosts) > HOSTS_LIMIT:
        parser.error(f"--hosts must be 1 to {HOSTS_LIMIT}")
    return parsed


def round_trips(wanted: argparse.Namespace, hosts: int) -> list[float]:
    """The round-trip times at which so many hosts are measured."""
    if wanted.round_trip is not None:
        return wanted.round_trip
    return [20.0] if hosts > FEW_HOSTS else [0.0, 20.0, 50.0]
