#!/usr/bin/env python3
"""A slow wire: delay, jitter and loss on one port of a bridge, for kernels without netem.

Runs inside the bridge's network namespace. Takes the veth PORT off the BRIDGE, puts a tap device in
its place and relays the frames between the two, each when its time has come. Prints "ready" once
frames flow; ends with SIGTERM or SIGINT, and then the port is in the bridge again.
"""

import argparse
import fcntl
import heapq
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from enum import IntEnum

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
ETH_P_ALL = 0x0003
INTERFACE_NAME_LIMIT = 15
FRAME_LIMIT = 65535
# Frames on the way at most; more are dropped, as a full queue of a router would.
QUEUE_LIMIT = 20000


class Direction(IntEnum):
    """Where a frame goes."""

    TO_BRIDGE = 0
    TO_HOST = 1


@dataclass(order=True)
class Frame:
    """A frame on the way; ordered by the time at which it arrives, then by its number."""

    due: float
    number: int
    direction: Direction = field(compare=False)
    content: bytes = field(compare=False)


class Line:
    """Decides when a frame arrives, if it does: one-way delays in seconds, loss as a fraction."""

    def __init__(self, delay: float, jitter: float, loss: float) -> None:
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.frames: list[Frame] = []
        self.count = 0
        self.latest = {direction: 0.0 for direction in Direction}

    def put(self, direction: Direction, content: bytes, now: float) -> None:
        """Takes a frame in; jitter never makes it overtake the one before."""
        if random.random() < self.loss or len(self.frames) >= QUEUE_LIMIT:
            return
        due = now + self.delay + random.uniform(-self.jitter, self.jitter)
        due = max(due, self.latest[direction])
        self.latest[direction] = due
        self.count += 1
        heapq.heappush(self.frames, Frame(due, self.count, direction, content))

    def wait(self, now: float) -> float | None:
        """Seconds until the next frame arrives; None where nothing is on the way."""
        return max(0.0, self.frames[0].due - now) if self.frames else None

    def take(self, now: float) -> Frame | None:
        """The next frame that has arrived."""
        if self.frames and self.frames[0].due <= now:
            return heapq.heappop(self.frames)
        return None


def ip(*words: str) -> None:
    """Runs ip(8); an error ends the program."""
    subprocess.run(["ip", *words], check=True)


def open_tap(name: str) -> int:
    """A new tap device; it lives as long as the descriptor."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI)
    fcntl.ioctl(descriptor, TUNSETIFF, request)
    return descriptor


def open_port(port: str) -> socket.socket:
    """All frames that the host sends into the port."""
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.bind((port, ETH_P_ALL))
    packets.setblocking(False)
    return packets


def relay(line: Line, packets: socket.socket, tap: int) -> None:
    """Moves frames for ever."""
    while True:
        readable, _, _ = select.select([packets, tap], [], [], line.wait(time.monotonic()))
        if packets in readable:
            content, address = packets.recvfrom(FRAME_LIMIT)
            if address[2] != socket.PACKET_OUTGOING:
                line.put(Direction.TO_BRIDGE, content, time.monotonic())
        if tap in readable:
            line.put(Direction.TO_HOST, os.read(tap, FRAME_LIMIT), time.monotonic())
        while (frame := line.take(time.monotonic())) is not None:
            deliver(frame, packets, tap)


def deliver(frame: Frame, packets: socket.socket, tap: int) -> None:
    """Hands a frame over; one that cannot be taken (link down, buffer full) is lost."""
    try:
        if frame.direction is Direction.TO_BRIDGE:
            os.write(tap, frame.content)
        else:
            packets.send(frame.content)
    except OSError:
        pass


def stop(*_: object) -> None:
    """Leaves the relay, through its clean-up."""
    sys.exit(0)


def main() -> None:
    """Puts the wire in, relays, and takes it out."""
    parser = argparse.ArgumentParser(description="delay, jitter and loss on a port of a bridge")
    parser.add_argument("--port", required=True)
    parser.add_argument("--bridge", required=True)
    parser.add_argument("--round-trip-ms", type=float, required=True)
    parser.add_argument("--jitter-ms", type=float, default=0.0)
    parser.add_argument("--loss", type=float, default=0.0)
    options = parser.parse_args()
    if options.round_trip_ms < 0 or options.jitter_ms < 0 or not 0 <= options.loss <= 1:
        parser.error("times must not be negative, loss is between 0 and 1")
    one_way = options.round_trip_ms / 1000 / 2
    line = Line(one_way, options.jitter_ms / 1000, options.loss)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    tap_name = ("w" + options.port)[:INTERFACE_NAME_LIMIT]
    tap = open_tap(tap_name)
    try:
        ip("link", "set", options.port, "nomaster", "promisc", "on")
        ip("link", "set", tap_name, "master", options.bridge, "up")
        packets = open_port(options.port)
        print("ready", flush=True)
        relay(line, packets, tap)
    finally:
        ip("link", "set", options.port, "promisc", "off", "master", options.bridge)


if __name__ == "__main__":
    main()
