"""Only what a changed configuration needs."""

from pyinfra import host
from pyinfra.operations import files, server, systemd

config = files.put(
    name="the configuration", src=f"{host.data.bench_folder}/config", dest="/opt/bench/config",
    _sudo=True)
systemd.service(
    name="restart it", service="bench", restarted=True, _sudo=True, _if=config.did_change)
server.shell(name="it is active", commands=["systemctl is-active --quiet bench"])
