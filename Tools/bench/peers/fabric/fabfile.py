"""The jobs by Fabric: one connection a host, so many at once as the bench says.

Fabric's own ThreadingGroup begins all hosts at once; a pool keeps to the number that all tools are
given. A deploy is one archive, made once, and one command, as Fabric's documentation shows it
(`put` and then `run`). It asks by SHA-256 first whether anything differs. What a command reads is
part of the command: Fabric passes standard input on at a hundred characters a second.
"""

import hashlib
import io
import os
import shlex
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fabric import Config, Connection, task
from paramiko import RejectPolicy

BENCH = Path(os.environ["BENCH_FOLDER"])
FACTS = Path(__file__).resolve().parent.parent / "by-hand/facts.sh"
FILES = {
    "/opt/bench/service": BENCH / "artifact/service",
    "/opt/bench/payload": BENCH / "artifact/payload",
    "/opt/bench/config": BENCH / "config",
    "/etc/systemd/system/bench.service": BENCH / "bench.service",
}
CHECK = "systemctl is-active --quiet bench"


def _everywhere(parallel: str, work: Callable[[Connection], None]) -> None:
    config = Config(runtime_ssh_path=str(BENCH / "ssh_config"))

    def one(name: str) -> None:
        with Connection(name, config=config) as connection:
            for each in (connection, connection.gateway):
                if isinstance(each, Connection):
                    # Fabric takes any key unless it is told otherwise; the others do not.
                    each.client.load_host_keys(os.environ["BENCH_KNOWN_HOSTS"])
                    each.client.set_missing_host_key_policy(RejectPolicy())
            work(connection)

    names = (BENCH / "hosts").read_text(encoding="ascii").split()
    with ThreadPoolExecutor(int(parallel)) as pool:
        list(pool.map(one, names))


def _archive() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz", compresslevel=1) as archive:
        for target, source in FILES.items():
            archive.add(source, target)
    return content.getvalue()


@task
def deploy(_, parallel):
    """The artifact, its configuration and its unit, where one of them differs."""
    packed = _archive()
    sums = "".join(
        f"{hashlib.sha256(source.read_bytes()).hexdigest()}  {target}\n"
        for target, source in FILES.items())

    def one(connection: Connection) -> None:
        same = connection.run(
            f"printf %s {shlex.quote(sums)} | sha256sum --check --status && {CHECK}", hide=True,
            warn=True)
        if same.ok:
            return
        connection.put(io.BytesIO(packed), "/tmp/bench.tgz")
        connection.run(
            "sudo -n sh -ec 'tar -xzf /tmp/bench.tgz -C / --no-same-owner; rm /tmp/bench.tgz;"
            " systemctl daemon-reload; systemctl enable --quiet bench; systemctl restart bench;"
            f" {CHECK}'", hide=True)

    _everywhere(parallel, one)


@task
def config(_, parallel):
    """Only what a changed configuration needs."""
    def one(connection: Connection) -> None:
        connection.put(str(BENCH / "config"), "/tmp/bench.config")
        connection.run(
            "sudo -n sh -ec 'mv /tmp/bench.config /opt/bench/config; systemctl restart bench;"
            f" {CHECK}'", hide=True)

    _everywhere(parallel, one)


@task
def facts(_, parallel):
    """What the script by hand prints, into a file a host."""
    script = shlex.quote(FACTS.read_text(encoding="ascii"))

    def one(connection: Connection) -> None:
        said = connection.run(f"sudo -n sh -c {script}", hide=True)
        (BENCH / "answers" / connection.original_host).write_text(said.stdout, encoding="utf-8")

    _everywhere(parallel, one)


@task
def execute(_, parallel):
    """Run true."""
    _everywhere(parallel, lambda connection: connection.run("true", hide=True))
