"""The jobs that audit many hosts."""

from labbench.fleet import Fleet, Job


class AuditFleet(Fleet):
    """`fleetctl audit` beside its script by hand."""

    def jobs(self) -> list[Job]:
        """Everything that is measured, in the order of the table."""
        return [
            self.of_fleetctl("audit"),
            self.by_hand("audit.sh", "/opt/fleet/s-$1/current/service"),
            self.of_true(),
        ]

    def check(self) -> None:
        """Fails where an answer of the work by hand is not whole."""
        for host in self.hosts:
            lines = self.lines_by_hand(host)
            first = lines[0].split(b" ")
            if first[:1] != [b"fleet-audit"] or lines[-1] != first[2] + b" end":
                raise RuntimeError(f"the answer of {host.name} is not whole")
