"""Runs on disk: one folder a run, every file of it whole at any moment.

| file | what |
|---|---|
| `run.json` | `RunRecord`: what was asked, by whom |
| `state.json` | `RunState`: what the run is doing, and the process that does it |
| `events.jsonl` | the events of `sslrec.runs.events`, one JSON object a line, only ever appended to |
| `checkpoint.npz` | all weights, the optimizer, the policy: from here the run goes on |
| `snapshots/step-<n>/` | artefacts of a moment |
| `manifest.json` and its files | the finished model, as `sslrec.artifacts.load_folder` wants it |
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from sslrec.config import settings
from sslrec.data import corpora
from sslrec.errors import RunError, SslrecError
from sslrec.runs.events import Event, Message, RunConfig, Status

ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")


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

    def by(self, pid: int) -> RunState:
        """The same in the hands of process `pid`."""
        return replace(self, pid=pid, born=_born(pid))

    @property
    def process_lives(self) -> bool:
        """Whether the process that wrote this is still there."""
        return self.pid > 0 and _born(self.pid) > 0 and abs(_born(self.pid) - self.born) < 1.0


def _born(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return 0.0


def write_atomically(path: Path, text: str) -> None:
    """Replace a text file so that a reader sees the old or the new one, whole, whatever happens in between."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class RunFolder:
    """One run's files.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def events_path(self) -> Path:
        """The events, one JSON object a line."""
        return self.path / "events.jsonl"

    @property
    def checkpoint_path(self) -> Path:
        """The last checkpoint; there is none before the first."""
        return self.path / "checkpoint.npz"

    def create(self, record: RunRecord, state: RunState) -> None:
        """Make the folder and its first files; files of an older run in there go, its artefact stays."""
        self.path.mkdir(parents=True, exist_ok=True)
        for old in (self.events_path, self.checkpoint_path):
            old.unlink(missing_ok=True)
        shutil.rmtree(self.path / "snapshots", ignore_errors=True)
        self.write_state(state)
        self.write_record(record)

    def tidy(self) -> None:
        """Remove what a process that was ended while it made an artefact has left unfinished."""
        for kind in (".snapshot-*", ".artifact-*"):
            for path in self.path.glob(kind):
                shutil.rmtree(path, ignore_errors=True)

    def write_record(self, record: RunRecord) -> None:
        """Write `run.json`."""
        fields = {**asdict(record), "config": record.config.to_json()}
        write_atomically(self.path / "run.json", json.dumps(fields, indent=2, ensure_ascii=False) + "\n")

    def record(self) -> RunRecord:
        """Read `run.json`.

        Raises:
            RunError: it is not there, or is none.
        """
        try:
            fields = json.loads((self.path / "run.json").read_text("utf-8"))
            return RunRecord(**{**fields, "config": RunConfig.from_json(fields["config"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RunError("run_folder", folder=str(self.path)) from error

    def write_state(self, state: RunState) -> None:
        """Write `state.json` with the present time."""
        fields = asdict(replace(state, updated=time.time()))
        write_atomically(self.path / "state.json", json.dumps(fields, ensure_ascii=False) + "\n")

    def state(self) -> RunState:
        """Read `state.json`, as it is; see `recovered_state`.

        Raises:
            RunError: it is not there, or is none.
        """
        try:
            fields = json.loads((self.path / "state.json").read_text("utf-8"))
            message = fields["message"] and Message(**fields["message"])
            return RunState(**{**fields, "status": Status(fields["status"]), "message": message})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RunError("run_folder", folder=str(self.path)) from error

    def recovered_state(self) -> RunState:
        """The state, where a run whose process is dead has been marked interrupted."""
        state = self.state()
        if not state.status.alive or state.process_lives:
            return state
        state = self.state()  # the process may have ended between its last words and the look at it
        if not state.status.alive:
            return state
        ended = replace(
            state, status=Status.INTERRUPTED, message=Message("run_interrupted", {"step": state.step}), pid=0
        )
        with contextlib.suppress(OSError):  # it has ended, whether or not the disk has room for that
            self.write_state(ended)
        return ended

    def read_events(self, offset: int = 0, limit: int = 4_000_000) -> tuple[list[Event], int]:
        """Read the events from a byte offset on.

        Args:
            offset: 0, or what an earlier call returned.
            limit: bytes to read at most.

        Returns:
            The events of whole lines, and the offset behind them.
        """
        try:
            with self.events_path.open("rb") as stream:
                stream.seek(offset)
                block = stream.read(limit)
        except FileNotFoundError:
            return [], offset
        whole = block[: block.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines() if line.strip()], offset + len(whole)


def valid_id(run_id: str) -> bool:
    """Whether a text, perhaps from an address, has the form of a run's id."""
    return bool(ID.fullmatch(run_id))


class RunStore:
    """All runs under a home folder.

    Args:
        home: holds `runs/`; by default `SSLREC_HOME`.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.root = (home or settings().home_dir) / "runs"

    def folder(self, run_id: str) -> RunFolder:
        """The folder of a run.

        Raises:
            RunError: there is no such run.
        """
        if not valid_id(run_id) or not (self.root / run_id / "run.json").is_file():
            raise RunError("run_missing", run=run_id)
        return RunFolder(self.root / run_id)

    def create(self, record: RunRecord, state: RunState) -> RunFolder:
        """Make the folder of a new run."""
        folder = RunFolder(self.root / record.id)
        folder.create(record, state)
        return folder

    def runs(self) -> Iterator[tuple[RunRecord, RunFolder]]:
        """Every run with a readable record, newest first."""
        found = []
        for path in self.root.glob("*/run.json"):
            with contextlib.suppress(SslrecError):  # another version may know other tasks and policies
                found.append((RunFolder(path.parent).record(), RunFolder(path.parent)))
        yield from sorted(found, key=lambda pair: pair[0].created, reverse=True)

    def recovered(self, spared: Collection[str] = ()) -> Iterator[tuple[RunRecord, RunFolder, RunState]]:
        """Every readable run but those of some ids, with its `recovered_state`, newest first."""
        for record, folder in self.runs():
            if record.id in spared:
                continue
            try:
                state = folder.recovered_state()
            except RunError:
                continue
            yield record, folder, state

    def texts(self) -> set[str]:
        """The numbers of the texts of somebody's own that runs learn from."""
        return {str(record.config.options["text"]) for record, _ in self.runs() if "text" in record.config.options}

    def prune(self, limit: int, spared: Collection[str] = (), room: int = 0) -> list[str]:
        """Remove runs that have ended, the oldest first, until there is room, and visitors' texts that have no run.

        Args:
            limit: how many runs there may be.
            spared: ids that are not removed.
            room: for how many more there shall be room.

        Returns:
            The ids that were removed.

        Raises:
            RunError: more than `limit` runs have not ended.
        """
        others = list(self.recovered(spared))
        excess = max(0, len(spared) + len(others) + room - limit)
        ended = [(r, f, s) for r, f, s in others if not s.status.alive]
        # Finished or not: most that are not were left by a visitor who closed the page.
        ended.sort(key=lambda found: found[0].created)
        if len(ended) < excess:
            raise RunError("run_full", limit=limit)
        for _, folder, _ in ended[:excess]:
            shutil.rmtree(folder.path, ignore_errors=True)
        corpora.remove_unnamed(self.root.parent, self.texts())
        return [record.id for record, _, _ in ended[:excess]]
