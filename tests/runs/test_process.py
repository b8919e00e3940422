"""How a worker is started."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sslrec.runs import process

VENV, BASE = r"C:\studio\.venv\Scripts\python.exe", r"C:\Python312\python.exe"
Started = tuple[list[str], dict[str, str]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], Started]:
    """Start a worker on such a machine; returns the command and its environment."""
    seen: list[Started] = []

    def popen(command: list[str], env: dict[str, str], **_: Any) -> SimpleNamespace:
        seen.append((command, env))
        return SimpleNamespace(pid=1)

    def started(platform: str, executable: str, base: str) -> Started:
        found = SimpleNamespace(platform=platform, executable=executable, _base_executable=base)
        monkeypatch.setattr(process, "sys", found)
        monkeypatch.setattr(process.subprocess, "Popen", popen)
        process.WorkerProcess([tmp_path])
        return seen[-1]

    monkeypatch.delenv("__PYVENV_LAUNCHER__", raising=False)
    return started


def test_in_a_virtual_environment_of_windows_the_worker_is_no_launchers_child(start, tmp_path: Path):
    command, environment = start("win32", VENV, BASE)
    assert command == [BASE, "-m", process.MODULE, str(tmp_path)]
    assert environment["__PYVENV_LAUNCHER__"] == VENV  # with the packages of the virtual environment
    assert environment["PYTHONPATH"].startswith(str(process.ROOT))


@pytest.mark.parametrize(
    ("platform", "executable", "base"),
    [("win32", BASE, BASE), ("linux", "/a/.venv/bin/python", "/usr/bin/python3"), ("darwin", "/a/python", "/b/python")],
)
def test_elsewhere_it_is_the_interpreter_that_runs(start, platform: str, executable: str, base: str):
    command, environment = start(platform, executable, base)
    assert command[0] == executable
    assert "__PYVENV_LAUNCHER__" not in environment
