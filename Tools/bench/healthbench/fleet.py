"""The jobs that ask many hosts how they are."""

import json
import shlex

from labbench.fleet import Fleet, Job
from labbench.lent import LENIENT, keep_clock, python_library

ANSIBLE = "ansible -m setup"
INVENTORY = """\
[all:vars]
ansible_user=pi
ansible_python_interpreter=/usr/bin/python3
ansible_ssh_private_key_file={identity}
ansible_ssh_common_args=-o UserKnownHostsFile={known_hosts} -o StrictHostKeyChecking=yes -o BatchMode=yes
[all]
{hosts}
"""


class HealthFleet(Fleet):
    """`fleetctl health` beside Ansible's gathering of facts, and beside its own script by hand."""

    defaults = LENIENT

    def prepare(self) -> None:
        """Deploys, says that something keeps the hosts' clocks, and has Ansible know them."""
        self.deploy()
        library = python_library()
        for host in self.hosts:
            keep_clock(host)
            host.unpack(library)
        one = self.hosts[0]
        (self.folder / "hosts.ini").write_text(
            INVENTORY.format(
                identity=one.identity, known_hosts=one.known_hosts,
                hosts="\n".join(f"{host.name} ansible_host={host.address()}" for host in self.hosts)),
            encoding="utf-8")

    def jobs(self) -> list[Job]:
        """Everything that is measured, in the order of the table."""
        return [
            self.of_fleetctl("health"),
            Job(ANSIBLE, self._ansible()),
            self.by_hand("readings.sh", "service=s-$1:s-$1.service:-"),
            self.of_true(),
        ]

    def _ansible(self) -> str:
        """Pipelined; its connections are shared within a run, and none is left for the next."""
        settings = [
            "ANSIBLE_PIPELINING=1",
            "ANSIBLE_SSH_ARGS='-C -o ControlMaster=auto -o ControlPersist=5'",
            'ANSIBLE_SSH_CONTROL_PATH_DIR=$(mktemp -d "$PWD/answers/cp.XXXXXX")',
            f"ANSIBLE_HOME={shlex.quote(str(self.folder))}/ansible",
        ]
        return (
            f"env {' '.join(settings)} ansible all -i hosts.ini -m setup --become"
            f" --forks {self.parallel} >answers/ansible || {{ head -c 2000 answers/ansible >&2; exit 1; }}")

    def check(self) -> None:
        """Fails where an answer is not whole, or fleetctl found what is not there."""
        answer = json.loads((self.folder / "answers/fleetctl.json").read_bytes())
        well = [one["host"] for one in answer["hosts"] if one["level"] == "ok"]
        if sorted(well) != sorted(host.name for host in self.hosts):
            raise RuntimeError("fleetctl does not find all hosts well")
        told = (self.folder / "answers/ansible").read_text(encoding="utf-8")
        for host in self.hosts:
            if f"{host.name} | SUCCESS" not in told:
                raise RuntimeError(f"Ansible was not told the facts of {host.name}")
            lines = self.lines_by_hand(host)
            if lines[0] != b"fleet-readings\t1" or lines[-1] != b"end":
                raise RuntimeError(f"the answer of {host.name} is not whole")
