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
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from sslrec.artifacts import plain
from sslrec.config import settings
from sslrec.data import corpora
from sslrec.errors import RunError, SslrecError
from sslrec.runs.events import Event, Message, Status
from sslrec.runs.record import RunRecord, RunState

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading a file that is none of ours may end in."""

READ_SECONDS, READ_PAUSE = 1.0, 0.02
"""How long a file is tried to be replaced while a reader has it open, which Windows does not allow, and how often."""


def write_atomically(path: Path, text: str) -> None:
    """Replace a text file so that a reader sees the old or the new one, whole, whatever happens in between."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        _replace(Path(temporary), path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _replace(new: Path, path: Path) -> None:
    limit = time.monotonic() + READ_SECONDS
    while True:
        try:
            new.replace(path)
            return
        except PermissionError:
            if time.monotonic() >= limit:
                raise
            time.sleep(READ_PAUSE)


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that is there; of a folder itself Windows knows none."""
    if sys.platform == "win32":
        place = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
        take = partial(msvcrt.locking, place, msvcrt.LK_LOCK, 1)
    else:
        place = os.open(folder, os.O_RDONLY)
        take = partial(fcntl.flock, place, fcntl.LOCK_EX)
    try:
        take()
        yield
    finally:
        os.close(place)  # the lock goes with it


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

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Within, no other process is: to look whether a run is free and to take it is then one.

        A process that dies within leaves no lock. On a disk that knows no locks there is none.
        """
        with contextlib.ExitStack() as held:
            with contextlib.suppress(OSError):
                held.enter_context(_lock(self.path))
            yield

    def claim(self) -> None:
        """Take a new run, or one that goes on, into the hands of this process.

        Raises:
            RunError: another process has it, or it is finished.
        """
        with self.locked():
            state = self.recovered_state()
            if not state.status.resumable and not (state.status.alive and state.pid == os.getpid()):
                raise RunError("run_busy", run=self.record().id, status=str(state.status), command="resume")
            self.write_state(replace(state, status=Status.STARTING, message=None).by(os.getpid()))

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
            return RunRecord.from_json(json.loads((self.path / "run.json").read_text("utf-8")))
        except UNREADABLE as error:
            raise RunError("run_folder", folder=str(self.path)) from error

    def write_state(self, state: RunState) -> None:
        """Write `state.json` with the present time."""
        fields = plain(asdict(replace(state, updated=time.time())))
        write_atomically(self.path / "state.json", json.dumps(fields, ensure_ascii=False) + "\n")

    def state(self) -> RunState:
        """Read `state.json`, as it is; see `recovered_state`.

        Raises:
            RunError: it is not there, or is none.
        """
        try:
            return RunState.from_json(json.loads((self.path / "state.json").read_text("utf-8")))
        except UNREADABLE as error:
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
            The events of whole lines, and the offset behind them. What a crash of the machine left in between is
            passed over.
        """
        try:
            with self.events_path.open("rb") as stream:
                stream.seek(offset)
                block = stream.read(limit)
        except FileNotFoundError:
            return [], offset
        whole = block[: block.rfind(b"\n") + 1]
        if not whole and len(block) == limit:
            whole = block  # no event is that long
        return [event for line in whole.splitlines() if (event := _event(line))], offset + len(whole)


def _event(line: bytes) -> Event | None:
    """The event of a line; None where it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


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
        yield from self._recovered(self.runs(), spared)

    def _recovered(
        self, found: Iterable[tuple[RunRecord, RunFolder]], spared: Collection[str]
    ) -> Iterator[tuple[RunRecord, RunFolder, RunState]]:
        for record, folder in found:
            if record.id in spared:
                continue
            try:
                state = folder.recovered_state()
            except RunError:
                continue
            yield record, folder, state

    def texts(self) -> set[str]:
        """The numbers of the texts of somebody's own that runs learn from."""
        return _texts(record for record, _ in self.runs())

    def prune(self, limit: int, spared: Collection[str] = (), room: int = 0) -> list[str]:
        """Remove runs that have ended, the oldest first, until there is room, and visitors' texts that have no run.

        Args:
            limit: how many runs there may be.
            spared: ids that are not removed.
            room: for how many more there shall be room.

        Returns:
            The ids that were removed.

        Raises:
            RunError: so many runs have not ended, or are to come at once, that there is no room.
        """
        found = list(self.runs())
        others = list(self._recovered(found, spared))
        excess = max(0, len(spared) + len(others) + room - limit)
        ended = [(r, f, s) for r, f, s in others if not s.status.alive]
        # Finished or not: most that are not were left by a visitor who closed the page.
        ended.sort(key=lambda one: one[0].created)
        if len(ended) < excess:
            if room > limit:
                raise RunError("run_room", count=room, limit=limit)
            alive = len(spared) + len(others) - len(ended)
            raise RunError("run_full", limit=limit, alive=alive, count=room)
        removed = [record.id for record, _, _ in ended[:excess]]
        for _, folder, _ in ended[:excess]:
            shutil.rmtree(folder.path, ignore_errors=True)
        corpora.remove_unnamed(self.root.parent, _texts(record for record, folder in found if folder.path.is_dir()))
        return removed


def _texts(records: Iterable[RunRecord]) -> set[str]:
    return {str(record.config.options["text"]) for record in records if "text" in record.config.options}
