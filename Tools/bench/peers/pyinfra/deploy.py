"""The artifact, its configuration, its unit; restarted where one of them differs; seen to run.

Facts are asked while the operations are prepared, as pyinfra's documentation has it; what is
decided by them is not asked again (`_if`). The bench runs it with --no-wait: hosts do not wait for
one another between operations.
"""

from pyinfra import host
from pyinfra.operations import files, server, systemd

BENCH = host.data.bench_folder
TARGET = "/opt/bench"

program = files.put(
    name="the artifact's program", src=f"{BENCH}/artifact/service", dest=f"{TARGET}/service",
    mode="755", _sudo=True)
payload = files.put(
    name="the artifact's payload", src=f"{BENCH}/artifact/payload", dest=f"{TARGET}/payload",
    _sudo=True)
config = files.put(
    name="the configuration", src=f"{BENCH}/config", dest=f"{TARGET}/config", _sudo=True)
unit = files.put(
    name="the unit", src=f"{BENCH}/bench.service", dest="/etc/systemd/system/bench.service",
    _sudo=True)
systemd.daemon_reload(name="read the unit", _sudo=True, _if=unit.did_change)
systemd.service(name="enable it", service="bench", running=None, enabled=True, _sudo=True)
systemd.service(
    name="restart it", service="bench", restarted=True, _sudo=True,
    _if=lambda: any(each.did_change() for each in (program, payload, config, unit)))
server.shell(name="it is active", commands=["systemctl is-active --quiet bench"])
