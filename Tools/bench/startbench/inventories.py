"""Inventories of one large fleet, as fleetctl and Ansible read them."""

from pathlib import Path

HOSTS_A_NETWORK = 250
HOSTS_A_SITE = 20

HEAD = """\
version: 1
fleet: large
defaults:
  user: pi
  arch: arm64
"""

HOST = """\
  {name}:
    address: {address}
    tags: [site-{site}]
"""

# A board with a generator, as this fleet has: what controls it, what watches it, what bridges.
SERVICES = """\
  gen-server-{name}:
    host: {name}
    product: gen-server
    args: [--port, 9999, --bus, /dev/i2c-0]
    ports: [9999]
    gate: generator-idle
  monitor-{name}:
    host: {name}
    product: pigenny-monitor
    user: pi
    health: [{{steady: 5s}}]
"""


# The same everywhere, so that it is written once.
SHARED = """\
  bridge:
    host: [{names}]
    artifact: bridge
    executable: bridge.py
    user: pi
    ports: [6053]
"""


def addresses(count: int) -> dict[str, str]:
    """So many hosts and where they are (RFC 2544); nobody is asked there."""
    return {
        f"board-{number:04}": f"198.18.{number // HOSTS_A_NETWORK}.{number % HOSTS_A_NETWORK + 1}"
        for number in range(count)}


def write_for_fleetctl(path: Path, count: int) -> None:
    """Hosts with a tag and three services each."""
    (path.parent / "bridge").mkdir()
    (path.parent / "bridge/bridge.py").write_text("", encoding="ascii")
    hosts = addresses(count)
    lines = [
        HOST.format(name=name, address=address, site=number // HOSTS_A_SITE)
        for number, (name, address) in enumerate(hosts.items())]
    services = [SERVICES.format(name=name) for name in hosts]
    services.append(SHARED.format(names=", ".join(hosts)))
    path.write_text(
        f"{HEAD}hosts:\n{''.join(lines)}services:\n{''.join(services)}", encoding="ascii")


def write_for_ansible(path: Path, count: int) -> None:
    """The same hosts in Ansible's INI format, with a group for each site."""
    hosts = addresses(count)
    names = list(hosts)
    lines = [f"{name} ansible_host={address}" for name, address in hosts.items()]
    for first in range(0, count, HOSTS_A_SITE):
        lines += [f"[site_{first // HOSTS_A_SITE}]", *names[first:first + HOSTS_A_SITE]]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
