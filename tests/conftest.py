"""What all tests stand on: no network, and settings that a test may change."""

from __future__ import annotations

import ipaddress
import socket
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from sslrec import artifacts
from sslrec.config import settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with tests that may take long begin first, then those with the most tests: no process idles at the end."""
    sizes = Counter(item.path for item in items)
    slow = {item.path for item in items if (marker := item.get_closest_marker("timeout")) and marker.args[0] > 300}
    items.sort(key=lambda item: (item.path not in slow, -sizes[item.path]))


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[str, int] | str) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(str(address[0])):
            raise AssertionError(f"a test wants to connect to {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="module")
def settings_of_this_module() -> Iterator[None]:
    """No test file finds the settings that another one made."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def set_variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set `SSLREC_*` variables for one test, by their names without the prefix."""

    def set_them(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"SSLREC_{name}", str(value))
        settings.cache_clear()

    settings.cache_clear()
    yield set_them
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(scope="session")
def shipped_models() -> None:
    """Skip where one of the repository's models is not here."""
    missing = [name for name, (state, _) in artifacts.states().items() if state != "ok"]
    if missing:
        pytest.skip(f"models that are not here: {', '.join(missing)}")
