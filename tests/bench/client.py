"""An HTTP client that measures latencies over keep-alive connections, with an overhead of tens of microseconds.

A closed loop: every connection sends its next request as soon as it has received the response. All connections are in
one thread, so that the client uses as little processor time as possible.
"""

import os
import re
import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# With the headers that the proxy in front of a production site adds.
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
    """The requests of one interval: seconds of each and of all, and the count of responses by status other than 200."""

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
        self._expected = None
        self._received = 0
        self._head = b""
        self.socket.sendall(data)

    def receive(self) -> bool:
        """Read the bytes that have arrived; return whether the response is complete."""
        count = self.socket.recv_into(self._buffer)
        if not count:
            raise ConnectionError("the server closed the connection")
        self._received += count
        if self._expected is None:
            self._head += self._buffer[:count]
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.status = int(self._head[9:12])
            self.bytes = int(_LENGTH.search(self._head, 0, end + 2)[1])
            self._expected = end + 4 + self.bytes
        return self._received >= self._expected

    def get(self, path: str) -> int:
        """Send one request, wait for its response and return the status."""
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
    sent_at = {}
    by_descriptor = {connection.socket.fileno(): connection for connection in connections}
    start = clock()
    end = start + seconds
    for descriptor, connection in by_descriptor.items():
        poll.register(descriptor, select.POLLIN)
        connection.send(next(requests))
        sent_at[descriptor] = clock()
    open_count = len(by_descriptor)
    while open_count:
        ready = poll.poll(TIMEOUT * 1000)
        if not ready:
            raise TimeoutError(f"no response within {TIMEOUT} s")
        for descriptor, _ in ready:
            connection = by_descriptor[descriptor]
            if not connection.receive():
                continue
            now = clock()
            block.latencies.append(now - sent_at[descriptor])
            block.bytes.append(connection.bytes)
            if connection.status != 200:
                block.errors[connection.status] = block.errors.get(connection.status, 0) + 1
            if now < end:
                connection.send(next(requests))
                sent_at[descriptor] = now
            else:
                poll.unregister(descriptor)
                open_count -= 1
    block.seconds = clock() - start
    return block


def connect(port: int, count: int, workers: list[int], path: str) -> list[Connection]:
    """Open `count` connections, the same number to each worker.

    Which worker accepts a connection is a race, and a keep-alive connection stays with its worker: otherwise one block
    would be measured on two workers and the next on one. On Linux, /proc shows the process of each socket.
    """
    share = -(-count // max(len(workers), 1))
    accepted = dict.fromkeys(workers, 0)
    opened = []
    for attempt in range(60 * count):
        connection = Connection(port)
        connection.get(path)
        worker = _find_worker(port, connection.port, workers) if attempt < 50 * count else None
        if worker is not None and accepted[worker] >= share:
            connection.close()
            continue
        if worker is not None:
            accepted[worker] += 1
        opened.append(connection)
        if len(opened) == count:
            break
    return opened


def _find_worker(server_port: int, client_port: int, workers: list[int]) -> int | None:
    """Return the process among `workers` that holds the server end of a connection, or None if it is unknown."""
    ends = (f"0100007F:{server_port:04X}", f"0100007F:{client_port:04X}")
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        columns = (line.split() for line in lines)
        inode = next((column[9] for column in columns if tuple(column[1:3]) == ends), None)
        for worker in workers if inode else ():
            directory = f"/proc/{worker}/fd"
            for name in os.listdir(directory):
                try:
                    if os.readlink(f"{directory}/{name}") == f"socket:[{inode}]":
                        return worker
                except OSError:
                    continue
    except OSError:
        pass
    return None
