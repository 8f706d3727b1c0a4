"""Asks for pages over kept-alive connections and notes how long each took, at a few dozen microseconds a request.

A closed loop: every connection asks again as soon as it has its answer. All connections live in one thread, so that
the client takes as little as possible of the machine that it measures.
"""

import os
import re
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# What the proxy in front of a real site adds.
HEADERS = (
    "Host: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.7\r\nUser-Agent: bench\r\n"
    "Accept: text/html\r\nAccept-Language: fr\r\n\r\n"
)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
TIMEOUT = 60


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{HEADERS}".encode()


@dataclass
class Block:
    """What a while of asking gave: seconds of each answer, how long it took together, what was not a 200."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    errors: dict[int, int] = field(default_factory=dict)
    bytes: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0


class Connection:
    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]
        self._buffer = bytearray(1 << 18)

    def send(self, data: bytes):
        self._wanted = None
        self._got = 0
        self._head = b""
        self.socket.sendall(data)

    def receive(self) -> bool:
        """Take what is there; whether the answer is complete."""
        count = self.socket.recv_into(self._buffer)
        if not count:
            raise ConnectionError("the server closed the connection")
        self._got += count
        if self._wanted is None:
            self._head += self._buffer[:count]
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.status = int(self._head[9:12])
            self.bytes = int(_LENGTH.search(self._head, 0, end + 2)[1])
            self._wanted = end + 4 + self.bytes
        return self._got >= self._wanted

    def ask(self, path: str) -> int:
        """One request, waited for; the status."""
        self.send(request(path))
        while not self.receive():
            pass
        return self.status

    def close(self):
        self.socket.close()


def run(connections: list[Connection], requests: Iterator[bytes], seconds: float) -> Block:
    block = Block()
    clock = time.perf_counter
    poll = select.poll()
    sent = {}
    by_number = {connection.socket.fileno(): connection for connection in connections}
    began = clock()
    end = began + seconds
    for number, connection in by_number.items():
        poll.register(number, select.POLLIN)
        connection.send(next(requests))
        sent[number] = clock()
    open_ = len(by_number)
    while open_:
        ready = poll.poll(TIMEOUT * 1000)
        if not ready:
            raise TimeoutError(f"no answer within {TIMEOUT} s")
        for number, _ in ready:
            connection = by_number[number]
            if not connection.receive():
                continue
            now = clock()
            block.latencies.append(now - sent[number])
            block.bytes.append(connection.bytes)
            if connection.status != 200:
                block.errors[connection.status] = block.errors.get(connection.status, 0) + 1
            if now < end:
                connection.send(next(requests))
                sent[number] = now
            else:
                poll.unregister(number)
                open_ -= 1
    block.seconds = clock() - began
    return block


def connect(port: int, count: int, workers: list[int], path: str) -> list[Connection]:
    """`count` connections, the same number to each worker.

    Which worker takes a connection is a race that a kept-alive connection then sticks to: left to itself, one block
    would be measured on two workers and the next on one. Linux tells who holds a socket.
    """
    share = -(-count // max(len(workers), 1))
    held = dict.fromkeys(workers, 0)
    kept = []
    for attempt in range(60 * count):
        connection = Connection(port)
        connection.ask(path)
        worker = _holder(port, connection.port, workers) if attempt < 50 * count else None
        if worker is not None and held[worker] >= share:
            connection.close()
            continue
        if worker is not None:
            held[worker] += 1
        kept.append(connection)
        if len(kept) == count:
            break
    return kept


def _holder(server_port: int, client_port: int, workers: list[int]) -> int | None:
    """The process among `workers` that holds the server's end; None where the system does not tell."""
    ends = (f"0100007F:{server_port:04X}", f"0100007F:{client_port:04X}")
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        columns = (line.split() for line in lines)
        inode = next((parts[9] for parts in columns if tuple(parts[1:3]) == ends), None)
        for worker in workers if inode else ():
            folder = f"/proc/{worker}/fd"
            for name in os.listdir(folder):
                try:
                    if os.readlink(f"{folder}/{name}") == f"socket:[{inode}]":
                        return worker
                except OSError:
                    continue
    except OSError:
        pass
    return None
