"""The service that the benchmarks of deploys bring to a host, and where it lies by hand."""

NAME = "bench"
UNIT = f"{NAME}.service"

# `@command@` is what fleetctl puts the release's program in for.
UNIT_SOURCE = f"""\
[Unit]
Description={NAME}

[Service]
Type=exec
ExecStart=@command@
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""

# The service sleeps: its own start must not be what is measured.
SCRIPT = """\
#!/bin/sh
exec sleep infinity
"""


def unit_by_hand(folder: str) -> str:
    """The same unit with the program in a folder where no fleetctl has put it."""
    text = UNIT_SOURCE.replace("@command@", f"{folder}/service")
    return text.replace("[Install]", f"WorkingDirectory={folder}\n\n[Install]")
