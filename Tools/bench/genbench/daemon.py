"""A server under measurement: started, asked, read from /proc, ended by its id."""

import re
import selectors
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 10
ANSWER_SECONDS = 10


@dataclass
class Load:
    """What a run of requests took."""

    requests: int
    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Daemon:
    """A process that listens on the loopback and says so on its first lines."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.port = self._port()

    def __enter__(self) -> "Daemon":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=START_SECONDS)

    def _port(self) -> int:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            line = self.process.stdout.readline()
            if match := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
                return int(match.group(1))
            if not line:
                break
        raise RuntimeError(f"{self.name} does not listen")

    def _proc(self, file: str) -> str:
        return Path(f"/proc/{self.process.pid}/{file}").read_text(encoding="ascii")

    def resident_kib(self) -> int:
        """VmRSS."""
        return int(re.search(r"VmRSS:\s+(\d+)", self._proc("status")).group(1))

    def wake_ups(self) -> int:
        """Voluntary context switches of all threads: each wait that ended."""
        total = 0
        for status in Path(f"/proc/{self.process.pid}/task").glob("*/status"):
            text = status.read_text(encoding="ascii")
            total += int(re.search(r"voluntary_ctxt_switches:\s+(\d+)", text).group(1))
        return total

    def connect(self) -> socket.socket:
        """A client that has read the greeting."""
        client = socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer(client, b"\n")
        return client

    @staticmethod
    def _answer(client: socket.socket, end: bytes) -> bytes:
        answer = b""
        while not answer.endswith(end):
            part = client.recv(65536)
            if not part:
                raise RuntimeError("the server hung up")
            answer += part
        return answer

    def ask(self, requests: int, clients: int, command: bytes, end: bytes) -> Load:
        """So many requests over so many connections, each asking again once it is answered."""
        selector = selectors.EpollSelector()
        sockets = [self.connect() for _ in range(clients)]
        asked_at: dict[socket.socket, float] = {}
        buffers = {client: b"" for client in sockets}
        latencies: list[float] = []
        sent = 0
        begin = time.perf_counter()
        for client in sockets:
            selector.register(client, selectors.EVENT_READ)
            asked_at[client] = time.perf_counter()
            client.sendall(command)
            sent += 1
        while len(latencies) < sent:
            ready = selector.select(ANSWER_SECONDS)
            if not ready:
                raise RuntimeError(f"{self.name} does not answer")
            for key, _ in ready:
                client = key.fileobj
                buffers[client] += client.recv(65536)
                if not buffers[client].endswith(end):
                    continue
                buffers[client] = b""
                latencies.append(time.perf_counter() - asked_at[client])
                if sent < requests:
                    asked_at[client] = time.perf_counter()
                    client.sendall(command)
                    sent += 1
        seconds = time.perf_counter() - begin
        for client in sockets:
            client.close()
        selector.close()
        return Load(len(latencies), seconds, latencies)
