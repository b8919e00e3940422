import asyncio
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from sslrec.ui.sockets import send_at_once

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is not told its sockets there")


def delays(listening: socket.socket) -> bool:
    """Whether a connection to a server may hold packets back."""
    with socket.create_connection(listening.getsockname()), listening.accept()[0] as connection:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0


@pytest.fixture
def listening():
    """A server's socket, bound as Streamlit binds it."""
    with socket.socket(socket.AF_INET) as found:
        found.bind(("127.0.0.1", 0))
        found.listen()
        yield found


def test_connections_to_a_server_send_at_once(listening: socket.socket):
    assert delays(listening)
    send_at_once()
    assert not delays(listening)
    assert listening.fileno() >= 0


def test_the_app_sends_at_once_when_it_starts(listening: socket.socket, monkeypatch: pytest.MonkeyPatch):
    import app

    monkeypatch.setattr(app, "warm_up", lambda: None)

    async def start() -> None:
        async with app.lifespan(app.app):
            assert not delays(listening)

    # In a thread of its own: the browser tests of this process leave a running loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(start())).result()
