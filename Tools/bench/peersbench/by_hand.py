"""By hand: ssh for each host, so many at once by xargs; and the least that a connection costs."""

import shlex

from labbench.handshakes import built_handshakes

from .peer import SETUPS, Job, Peer


class ByHand(Peer):
    """A script of Tools/bench/peers/by-hand, or one ssh, for each host."""

    scripts: dict[Job, str]

    def words(self, job: Job) -> list[str]:
        folder = SETUPS / "by-hand"
        if job is Job.FACTS:
            facts = shlex.quote(str(folder / "facts.sh"))
            each = ["sh", "-c", f'ssh -F ssh_config "$0" sudo -n sh -s <{facts} >"answers/$0"', "@"]
        elif job is Job.EXEC:
            each = ["ssh", "-F", "ssh_config", "@", "true"]
        else:
            name, *rest = self.scripts[job].split()
            each = [str(folder / name), "@", *rest]
        return ["xargs", "-P", str(self.workplace.parallel), "-I@", "-a", "hosts", *each]


class Tar(ByHand):
    """One tar stream into one ssh; it compares nothing, so a no-op is a deploy."""

    name = "ssh + tar"
    scripts = {
        Job.COLD: "tar-deploy", Job.NO_OP: "tar-deploy", Job.CONFIG: "tar-config",
    }


class Rsync(ByHand):
    """rsync, then ssh; whatever needs no file is ssh's and measured there."""

    name = "rsync + ssh"
    jobs = (Job.COLD, Job.NO_OP, Job.CONFIG)
    deploy = "rsync-deploy artifact/service artifact/payload config bench.service"
    scripts = {Job.COLD: deploy, Job.NO_OP: deploy, Job.CONFIG: "rsync-deploy config"}


class Handshakes(Peer):
    """The machine's own limit: connections of bare libssh that run `true`."""

    name = "bare libssh"
    jobs = (Job.EXEC,)

    def prepare(self) -> None:
        built_handshakes(self.workplace.folder)
        self.workplace.write("addresses", "".join(
            f"{host.address()}\n" for host in self.workplace.hosts.targets))

    def words(self, job: Job) -> list[str]:
        command = shlex.join([
            "./handshakes", str(self.workplace.parallel), str(self.workplace.identity),
            str(self.workplace.known_hosts), "pi"])
        return ["sh", "-c", f"exec {command} <addresses"]
