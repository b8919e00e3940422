"""What a run's folder says of it: what was asked, what it is doing, and which process does that."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from sslrec.runs.events import Message, RunConfig, Status

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Where Linux says which of its starts this is."""
SAME_SECONDS = 2.0
"""Two moments at which a process was started are one, less than this apart: a clock may tell whole seconds alone."""
MOST = 1e12
"""No time in seconds is as large; a calendar has no day for larger ones."""


@dataclass(frozen=True)
class RunRecord:
    """What was asked.

    Attributes:
        id: the run's name; its folder has the same where it lies under `SSLREC_HOME`.
        config: what to train and how.
        name: what the finished model is called.
        command: the command that trains it again, for the manifest.
        owner: who started it in the app; empty for the command line.
        keep_running: goes on when its owner or the app is gone.
        created: seconds since 1970.
        race: what the runs of one race have in common; empty for a single run.
        publish: folder that gets a copy of the finished model; empty for none.
    """

    id: str
    config: RunConfig
    name: str
    command: str
    owner: str = ""
    keep_running: bool = False
    created: float = 0.0
    race: str = ""
    publish: str = ""

    @classmethod
    def new(cls, config: RunConfig, **given: Any) -> RunRecord:
        """A record with a new id, the configuration's name and command, and the present time."""
        ident = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        return cls(
            **{"id": ident, "name": config.name, "command": config.command, "created": time.time(), **given},
            config=config,
        )

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> RunRecord:
        """Read the fields of `run.json`.

        Raises:
            TypeError: they are not those of a record, or KeyError, or AttributeError.
            SslrecError: the configuration is none that this version knows.
        """
        kinds = {
            **dict.fromkeys(("id", "name", "command", "owner", "race", "publish"), str),
            "keep_running": bool,
            "created": float,
        }
        _require_kinds(fields, kinds)
        return cls(**{**fields, "config": RunConfig.from_json(fields["config"])})


@dataclass(frozen=True)
class RunState:
    """What a run is doing.

    Attributes:
        status: see `Status`.
        message: why, where there is something to say.
        step: steps made when this was written.
        total: steps of the whole run; 0 while unknown.
        pid: the process that trains or waits.
        born: when that process was started, in seconds since 1970: process ids are used again.
        seconds: for how long processes had worked on it then, pauses included.
        updated: when this was written, in seconds since 1970.
        metrics: what was measured at the end.
        boot: which start of the machine the process belongs to; empty where the system does not say.
        since_boot: when it was started, in seconds since that start; None where that was not written.
    """

    status: Status = Status.QUEUED
    message: Message | None = None
    step: int = 0
    total: int = 0
    pid: int = 0
    born: float = 0.0
    seconds: float = 0.0
    updated: float = 0.0
    metrics: dict[str, Any] | None = None
    boot: str = ""
    since_boot: float | None = None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> RunState:
        """Read the fields of `state.json`.

        Raises:
            TypeError: they are not those of a state, or KeyError, AttributeError, or ValueError.
        """
        figures = dict.fromkeys(("born", "seconds", "updated"), float)
        _require_kinds(fields, {**dict.fromkeys(("step", "total", "pid"), int), **figures})
        for name, kind in (("message", dict), ("metrics", dict), ("since_boot", float)):
            if fields.get(name) is not None:
                _require_kinds(fields, {name: kind})
        message = fields["message"] and Message(**fields["message"])
        return cls(**{**fields, "status": Status(fields["status"]), "message": message})

    def by(self, pid: int) -> RunState:
        """The same in the hands of process `pid`."""
        born, since_boot = _started(pid) or (0.0, None)
        return replace(self, pid=pid, born=born, boot=boot_id(), since_boot=since_boot)

    @property
    def process_lives(self) -> bool:
        """Whether the process that wrote this is still there.

        What the system calls the moment of a start moves with its clock, on Linux for every process that runs. The
        seconds since the machine was started do not; they are those of another process after the next start, which
        the id of the start tells where there is one.
        """
        found = _started(self.pid) if self.pid > 0 else None
        if found is None or (self.boot and self.boot != boot_id()):
            return False
        born, since_boot = found
        same = self.since_boot is not None and abs(since_boot - self.since_boot) < SAME_SECONDS
        return same or abs(born - self.born) < SAME_SECONDS


def _require_kinds(fields: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Make sure that those of some fields that are there are of their kinds; a whole number is a figure, too.

    Raises:
        TypeError: one is not.
    """
    for name, kind in kinds.items():
        value = fields.get(name, kind())
        sound = type(value) is kind or (kind is float and type(value) is int)
        if not sound or (kind is float and not -MOST < value < MOST):
            raise TypeError(f"{name} is {value!r}")


@cache
def boot_id() -> str:
    """Which start of the machine this is; empty where the system does not say."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _started(pid: int) -> tuple[float, float] | None:
    """When a process was started, in seconds since 1970 and since the machine was; None where there is none."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        born = process.create_time()
        return born, born - psutil.boot_time()
    except (psutil.Error, OSError):
        return None
