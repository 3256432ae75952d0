"""The command line of the benchmarks that ask many hosts."""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .fleet import Fleet
from .host import Host
from .rounds import samples, sessions
from .start import built_fleetctl, enter_lab
from .table import as_markdown

FEWEST_ROUNDS = 3


def measure(
    description: str, kind: type[Fleet], prepare: Callable[[Fleet], None],
    comparisons: list[tuple[str, str]],
) -> None:
    """Builds, boots test hosts, prepares them, measures the fleet's jobs, prints."""
    wanted = _options(description)
    fleetctl = wanted.fleetctl.resolve() if wanted.fleetctl else built_fleetctl()
    enter_lab(Path(sys.argv[0]).resolve(), fleetctl, wanted.hosts)
    hosts = [Host.of_lab(f"x{number + 1}", "eth0") for number in range(wanted.hosts)]
    with tempfile.TemporaryDirectory(prefix="fleet-bench-") as folder:
        fleet = kind(Path(folder) / "fleet", hosts, fleetctl, wanted.parallel)
        prepare(fleet)
        counted = sessions(fleet)
        taken = samples(fleet, wanted.rounds)
    print(as_markdown(taken, counted, wanted.hosts, wanted.parallel, comparisons))
    if wanted.json:
        everything = {
            "sessions": counted,
            "samples": {name: [asdict(one) for one in of] for name, of in taken.items()},
        }
        wanted.json.write_text(json.dumps(everything, indent=2) + "\n", encoding="utf-8")


def run(main: Callable[[], None]) -> None:
    """Ends quietly and tidily on a signal, and says of a command that failed what it said."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}\n{error.stderr or ''}".rstrip())
    except RuntimeError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")


def _options(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--hosts", type=int, default=30, help="number of hosts (default 30)")
    add_common_options(parser, rounds=5)
    parser.add_argument("--parallel", type=int, default=10, help="hosts at once (default 10)")
    return parsed_options(parser)


def _end(number: int, _: FrameType | None) -> NoReturn:
    # Ctrl-C reaches us, and the lab too, which then ends us by SIGTERM: tidying up goes on.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def add_common_options(parser: argparse.ArgumentParser, rounds: int) -> None:
    """What every benchmark of fleetctl can be told; so many rounds by default."""
    parser.add_argument(
        "--rounds", type=int, default=rounds,
        help=f"measured rounds (default {rounds}, at least {FEWEST_ROUNDS})")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write every sample there as well")
    parser.add_argument(
        "--fleetctl", type=Path, metavar="FILE", help="measure this program; nothing is built")


def parsed_options(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options of the command line, with rounds enough."""
    parsed = parser.parse_args()
    if parsed.rounds < FEWEST_ROUNDS:
        parser.error(
            f"--rounds must be at least {FEWEST_ROUNDS}: a median of fewer says nothing")
    return parsed
