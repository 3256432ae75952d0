"""What the hosts are before a job and after it, seen past the network and outside of the time."""

from concurrent.futures import ThreadPoolExecutor

from labbench.host import Host
from labbench.lent import keep_clock, program, python_library
from labbench.service import NAME, UNIT

from .workplace import TARGET, Workplace

# Hosts looked at at once: they share this machine's processors.
AT_ONCE = 4


def lend(hosts: list[Host]) -> None:
    """Gives the hosts what Ansible and rsync need there, and has their clocks kept."""
    archives = [python_library(), program("/usr/bin/rsync")]
    for host in hosts:
        keep_clock(host)
        for archive in archives:
            host.unpack(archive)


def _everywhere(workplace: Workplace, script: str) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda host: host.shell(script), workplace.hosts.targets))


def put_back(workplace: Workplace) -> None:
    """Makes the hosts what they were: no service, no unit, no files."""
    _everywhere(
        workplace,
        f"systemctl disable -q --now {UNIT} 2>/dev/null || :; "
        f"rm -rf /opt/fleet/{NAME} {TARGET} /etc/systemd/system/{UNIT} /home/pi/.ansible; "
        "systemctl daemon-reload; systemctl reset-failed; sync -f /opt")


def check(workplace: Workplace) -> None:
    """Fails where the service does not run, or does not have what is in the folder.

    It must have been started after its configuration came: an old process has an old one.
    """
    config, size = workplace.state_to_reach()
    _everywhere(
        workplace,
        f"systemctl is-active -q {UNIT} || {{ echo not active >&2; exit 1; }}; "
        f"systemctl is-enabled -q {UNIT} || {{ echo not enabled >&2; exit 1; }}; "
        f"cd $(systemctl show -P WorkingDirectory {UNIT}); "
        f"test $(stat -L -c %s payload) = {size} || {{ echo another payload >&2; exit 1; }}; "
        "if [ -e config/config ]; then file=config/config; else file=config; fi; "
        f"test $(cat $file) = {config} || {{ echo another configuration >&2; exit 1; }}; "
        f"start=$(systemctl show --timestamp=us+utc -P ExecMainStartTimestamp {UNIT}); "
        'test -n "$start"; '
        'test -z "$(find $file -newerct "$start")" || { echo not restarted >&2; exit 1; }')
