"""The rival: a Python 3 server that answers PING and STATUS, a thread a client.

It is what a careful person writes in an afternoon with the standard library: socketserver, one
thread a connection, no engine behind it. It answers the same bytes as gen-server.
"""

import shutil
import socketserver
import sys
import threading


def status() -> bytes:
    """The nine lines, with the same facts read anew each time."""
    with open("/proc/uptime", encoding="ascii") as file:
        seconds = int(float(file.read().split()[0]))
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = {line.split()[0]: int(line.split()[1]) for line in file}
    used = 100 - 100 * memory["MemAvailable:"] // memory["MemTotal:"]
    disk = shutil.disk_usage("/")
    return (
        "INPUTS: IN1=0 IN2=0 IN3=0 IN4=0 raw=0\nRELAYS: OFF (0x00)\nRUNNING: NO\n"
        f"START_IN_PROGRESS: NO\nI2C: SIMULATED\nTHREADS: {threading.active_count() - 1}\n"
        f"UPTIME: {seconds // 3600}h{seconds % 3600 // 60}m\nMEMORY: {used}%\n"
        f"DISK: {disk.free / 2**30:.1f}G free ({100 * disk.used // disk.total}% used)\nEND\n"
    ).encode()


class Handler(socketserver.StreamRequestHandler):
    """One client."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.wfile.write(b"GENNY SERVER READY\n")
        for line in self.rfile:
            command = line.strip().upper()
            if command == b"PING":
                self.wfile.write(b"PONG\n")
            elif command == b"STATUS":
                self.wfile.write(status())
            elif command == b"QUIT":
                self.wfile.write(b"BYE\n")
                return


class Server(socketserver.ThreadingTCPServer):
    """Threads end with the process."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        print(f"listens on 127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
