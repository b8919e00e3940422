"""A worker process as the app holds it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sslrec.config import ROOT
from sslrec.runs.events import Message

MODULE = "sslrec.learning.worker"
DISK_FULL = 28
"""The exit code of a worker that could not even write down that the disk was full; `ENOSPC` has this number."""
LOG = ".worker.log"
"""What the worker printed, in the folder of its first run: the last line says why it died."""


def interpreter() -> tuple[str, dict[str, str]]:
    """What to start so that the process which is started is the one that works, and what it needs in its environment.

    In a virtual environment of Windows `sys.executable` is a launcher: it starts the real interpreter as its child, and
    its own process id is nobody's who trains. So the real one is started, and told whose packages it takes, as
    `multiprocessing` does (bpo-35797).
    """
    base = getattr(sys, "_base_executable", sys.executable)  # private, and not in every interpreter
    if sys.platform != "win32" or os.path.normcase(base) == os.path.normcase(sys.executable):
        return sys.executable, {}
    return base, {"__PYVENV_LAUNCHER__": sys.executable}


class WorkerProcess:
    """Starts `python -m sslrec.learning.worker` for some run folders and talks to it.

    Args:
        folders: the runs that it trains.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        python, variables = interpreter()
        self._log = folders[0] / LOG
        self._lock = threading.Lock()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-m", MODULE, *map(str, folders)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **variables, "PYTHONPATH": path},
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def send(self, **command: Any) -> None:
        """Send a command; one that comes too late is lost, as its run has ended."""
        stdin = self._process.stdin
        assert stdin is not None
        with self._lock, contextlib.suppress(OSError, ValueError):
            stdin.write(json.dumps(command).encode() + b"\n")
            stdin.flush()

    def hang_up(self) -> None:
        """Close the channel: runs that are not to be kept running save and end."""
        stdin = self._process.stdin
        assert stdin is not None
        with self._lock, contextlib.suppress(OSError):
            stdin.close()

    def let_go(self) -> None:
        """Leave the process to itself: it outlives this one."""
        self._process.returncode = 0  # or Python would complain that nobody has waited for it

    def kill(self) -> None:
        """End the process at once; the runs' last checkpoints stay."""
        self._process.kill()
        self._process.wait()
        self.hang_up()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; returns whether it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self, step: int) -> Message:
        """Why it ended, at step `step` of a run: the signal, a full disk, its last printed line, or the exit code."""
        code = self._process.poll()
        if code is not None and code < 0:
            return Message("run_killed", {"signal": -code, "step": step})
        if code == DISK_FULL:
            return Message("run_disk_full", {"step": step})
        with contextlib.suppress(OSError):
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
            if lines:
                return Message("run_crashed", {"reason": lines[-1][:300], "step": step})
        return Message("run_exited", {"number": code, "step": step})
