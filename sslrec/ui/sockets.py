"""The server's sockets."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

import psutil


def send_at_once() -> None:
    """Let what this process's servers write leave at once.

    Streamlit binds its socket without naming the protocol, and asyncio then leaves Nagle's algorithm on: the second
    small packet of an answer waits until the first is acknowledged, which systems put off for 40 ms. Connections
    inherit the option from the socket that listens. Where a system does not tell its sockets, nothing changes.
    """
    with suppress(psutil.Error, OSError):
        for found in psutil.Process().net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.fd >= 0:
                with socket.socket(fileno=os.dup(found.fd)) as listening:
                    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
