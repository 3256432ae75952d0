"""fleetctl, with an inventory as a person would write it."""

import json
from pathlib import Path

from labbench.fleet import HEAD
from labbench.lent import LENIENT
from labbench.service import NAME, UNIT, UNIT_SOURCE

from .peer import Job, Peer
from .workplace import Workplace

INVENTORY = HEAD + """\
  user: pi
  arch: amd64
{lenient}hosts:
{hosts}services:
  {service}:
    host: [{names}]
    artifact: ../artifact
    executable: service
    config:
      - source: ../config
    user: pi
    health:
      - steady: 0s
"""

TAG = "worked-on"


class Fleetctl(Peer):
    """The rival of all others; its configuration is part of a release."""

    name = "fleetctl"

    def __init__(self, workplace: Workplace, program: Path) -> None:
        self.program = program
        super().__init__(workplace)

    def prepare(self) -> None:
        hosts = self.workplace.hosts
        lines = ""
        for host in hosts.targets:
            lines += f"  {host.name}:\n    address: {host.address()}\n    tags: [{TAG}]\n"
            if hosts.jump:
                lines += f"    via: {hosts.jump.name}\n"
        if hosts.jump:
            lines += f"  {hosts.jump.name}:\n    address: {hosts.jump.address()}\n"
        self.workplace.write("fleetctl/fleet.yaml", INVENTORY.format(
            known_hosts=self.workplace.known_hosts, identity=self.workplace.identity,
            lenient=LENIENT, hosts=lines, service=NAME,
            names=", ".join(host.name for host in hosts.targets)))
        self.workplace.write(f"fleetctl/Units/{UNIT}", UNIT_SOURCE)

    def words(self, job: Job) -> list[str]:
        verbs = {
            Job.FACTS: ["health", "-o", "json"],
            Job.EXEC: ["host", "exec"],
        }
        return [
            str(self.program), *verbs.get(job, ["deploy", "--yes", "--quiet"]),
            "--inventory", "fleetctl/fleet.yaml", "--tag", TAG,
            "--parallel", str(self.workplace.parallel),
            *(["--", "true"] if job is Job.EXEC else [])]

    def check_facts(self, printed: str) -> None:
        answer = json.loads(printed)
        well = [one["host"] for one in answer["hosts"] if one["level"] == "ok"]
        if sorted(well) != sorted(host.name for host in self.workplace.hosts.targets):
            raise RuntimeError(f"fleetctl does not find all hosts well: {printed[:2000]}")
