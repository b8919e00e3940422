"""The server's sockets."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress


def send_at_once() -> None:
    """Let what this process's servers write leave at once.

    Streamlit binds its socket without naming the protocol, and asyncio then leaves Nagle's algorithm on: the second
    small packet of an answer waits until the first is acknowledged, which systems put off for 40 ms. Connections
    inherit the option from the socket that listens. Where a system does not list a process's files, nothing changes.
    """
    with suppress(OSError):
        for name in os.listdir("/dev/fd"):  # noqa: PTH208 -- names alone; asking each for its path costs a call
            with suppress(OSError, ValueError):
                _send_at_once(int(name))


def _send_at_once(file: int) -> None:
    if not stat.S_ISSOCK(os.fstat(file).st_mode):
        return
    with socket.socket(fileno=os.dup(file)) as found:
        by_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
        if by_tcp and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
