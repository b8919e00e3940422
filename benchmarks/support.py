"""What benchmarks and browser tests share: a server, a browser; and the benchmarks' table and place for figures."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
APPS = Path(__file__).resolve().parent / "apps"
"""Small Streamlit apps to compare with."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Switches that keep Chromium from asking for hardware or the network."""


class Cells:
    """Finished cells in a JSON file.

    Args:
        path: read if it is there; written anew after every cell.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}

    def get(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The cell of that name, made if it is not there."""
        if key not in self.found:
            self.put(key, make())
        return self.found[key]

    def put(self, key: str, cell: dict[str, Any]) -> None:
        """Keep a cell under a name."""
        self.found[key] = cell
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        beside.write_text(json.dumps(self.found, indent=1), "utf-8")
        beside.replace(self.path)


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(script: Path) -> Iterator[tuple[str, int]]:
    """Run a Streamlit script in a process of its own until the block ends.

    Args:
        script: what `streamlit run` gets; the settings in `.streamlit/` hold for every script.

    Yields:
        The address and the process id. The server may not answer yet: see `wait_until_healthy`.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()


def wait_until_healthy(address: str, seconds: float = 60) -> None:
    """Return as soon as the server at `address` answers its health check.

    Raises:
        TimeoutError: it did not within `seconds`.
    """
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            if httpx.get(f"{address}/_stcore/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.01)
    raise TimeoutError(f"no server at {address} after {seconds:.0f} s")


def chromium_path() -> str | None:
    """The installed Chromium's path, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a headless Chromium until the block ends; exits with a message where none is installed."""
    executable = chromium_path()
    if executable is None:
        sys.exit("There is no Chromium here; install it with the system's package manager.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=QUIET)
        try:
            yield running
        finally:
            running.close()


def report(name: str, columns: Sequence[str], rows: Sequence[Sequence[str]], figures: dict[str, Any]) -> None:
    """Print a table and write the figures to `assets/results/<name>.json`.

    Args:
        name: the benchmark's name.
        columns: headings of the table.
        rows: cells as they shall be printed.
        figures: what is kept, with the target beside each figure that has one.
    """
    table = Table(*columns, title=name)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    machine = {
        "cores": os.cpu_count(),
        "platform": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "streamlit": version("streamlit"),
    }
    path = ROOT / "assets" / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"benchmark": name, "figures": figures, "machine": machine}, indent=2) + "\n", "utf-8")
    print(f"written to {path.relative_to(ROOT)}")


def against(figure: float, target: float) -> str:
    """A word for the table: whether a figure keeps within its target."""
    return "kept" if figure <= target else "missed"
