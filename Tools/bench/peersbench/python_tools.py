"""The tools in Python, each with the setup that lies in Tools/bench/peers."""

import json
import tempfile
from abc import ABC
from pathlib import Path

from .peer import SETUPS, Job, Peer
from .workplace import Workplace

INVENTORY_OF_ANSIBLE = """\
[all:vars]
ansible_user=pi
ansible_ssh_common_args=-F {folder}/ssh_config
[all]
{hosts}
"""

INVENTORY_OF_PYINFRA = """\
bench = ({hosts}, {data})
"""


class PythonTool(Peer, ABC):
    """A tool of the environment with Tools/bench/peers/requirements.txt."""

    def __init__(self, workplace: Workplace, python: Path) -> None:
        self.binaries = python.parent
        super().__init__(workplace)

    def _names(self) -> list[str]:
        return [host.name for host in self.workplace.hosts.targets]


class Ansible(PythonTool):
    """ansible-playbook of ansible-core."""

    name = "ansible"
    playbooks = {
        Job.COLD: "deploy.yml", Job.NO_OP: "deploy.yml", Job.CONFIG: "config.yml",
        Job.FACTS: "facts.yml", Job.EXEC: "exec.yml",
    }

    def prepare(self) -> None:
        self.workplace.write("hosts.ini", INVENTORY_OF_ANSIBLE.format(
            folder=self.workplace.folder, hosts="\n".join(self._names())))

    def words(self, job: Job) -> list[str]:
        return [
            str(self.binaries / "ansible-playbook"), "-i", "hosts.ini",
            "--forks", str(self.workplace.parallel),
            str(SETUPS / "ansible" / self.playbooks[job])]

    def environment(self) -> dict[str, str]:
        folder = self.workplace.folder
        # A folder of its own for each run's connections: no run finds those of the last. Names are
        # short: the path of a socket has 107 bytes.
        control = tempfile.mkdtemp(dir=folder)
        return dict(
            super().environment(), ANSIBLE_CONFIG=str(SETUPS / self.name / "ansible.cfg"),
            ANSIBLE_HOME=str(folder / "ansible"), ANSIBLE_SSH_CONTROL_PATH_DIR=control,
            ANSIBLE_SSH_CONTROL_PATH="%(directory)s/%%h")

    def check_facts(self, printed: str) -> None:
        for name in self._names():
            if f"answer {name} kernel=" not in printed:
                raise RuntimeError(f"{self.name} was not told the facts of {name}:\n{printed}")


class Mitogen(Ansible):
    """The same playbooks by Mitogen for Ansible."""

    name = "mitogen"

    def environment(self) -> dict[str, str]:
        plugins = next(self.binaries.parent.glob(
            "lib/python*/site-packages/ansible_mitogen/plugins/strategy"))
        return dict(super().environment(), ANSIBLE_STRATEGY_PLUGINS=str(plugins))


class Pyinfra(PythonTool):
    """pyinfra; its facts are asked by its own verb."""

    name = "pyinfra"
    facts = [
        "server.KernelVersion", "server.LoadAverage", "server.Uptime", "server.Mounts",
        "server.Ports", "hardware.Memory", "hardware.BlockDevices", "systemd.SystemdStatus",
    ]

    def prepare(self) -> None:
        data = {
            "bench_folder": str(self.workplace.folder),
            "ssh_config_file": str(self.workplace.folder / "ssh_config"),
            "ssh_known_hosts_file": str(self.workplace.known_hosts),
            "ssh_strict_host_key_checking": "yes",
            "ssh_key": str(self.workplace.identity),
            "ssh_allow_agent": False,
            "ssh_look_for_keys": False,
        }
        self.workplace.write(
            "inventory.py", INVENTORY_OF_PYINFRA.format(hosts=self._names(), data=data))

    def words(self, job: Job) -> list[str]:
        work = {
            Job.CONFIG: [str(SETUPS / "pyinfra/config.py")],
            Job.FACTS: ["--sudo", "fact", *self.facts],
            Job.EXEC: ["exec", "--", "true"],
        }
        # Options precede; `exec` and `fact` take what follows them.
        options = ["--yes", "--no-wait", "--parallel", str(self.workplace.parallel)]
        if job is Job.FACTS:
            options.append("--json")
        return [
            str(self.binaries / "pyinfra"), *options, "inventory.py",
            *work.get(job, [str(SETUPS / "pyinfra/deploy.py")])]

    def check_facts(self, printed: str) -> None:
        told = json.loads(printed)
        names = set(self._names())
        if len(told) != len(self.facts) or any(set(of) != names for of in told.values()):
            raise RuntimeError(f"pyinfra was not told all facts:\n{printed[:4000]}")


class Fabric(PythonTool):
    """Fabric."""

    name = "fabric"
    tasks = {
        Job.COLD: "deploy", Job.NO_OP: "deploy", Job.CONFIG: "config", Job.FACTS: "facts",
        Job.EXEC: "execute",
    }

    def words(self, job: Job) -> list[str]:
        return [
            str(self.binaries / "fab"), "--search-root", str(SETUPS / "fabric"),
            self.tasks[job], "--parallel", str(self.workplace.parallel)]
