"""The one writer of a run's files: a thread that takes events and checkpoints in order and puts them on disk."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np

from sslrec.artifacts import plain
from sslrec.runs.events import METRICS, Event, Message, Status
from sslrec.runs.mailbox import Mailbox
from sslrec.runs.store import RunFolder, RunState

CAPACITY = 4096
"""Step events that may wait for the disk; older ones are dropped."""


@dataclass(frozen=True)
class _Checkpoint:
    step: int
    arrays: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class _State:
    state: RunState


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that there is no space left, on the disk or in the quota."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def save_checkpoint(folder: RunFolder, arrays: Mapping[str, np.ndarray]) -> None:
    """Replace the checkpoint: whole before it has its name, on the disk before the old one is gone."""
    temporary = folder.path / ".checkpoint.npz.tmp"
    try:
        with temporary.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(folder.checkpoint_path)
    except BaseException:
        temporary.unlink(missing_ok=True)  # what filled the disk must not keep the news of it out
        raise


def open_events(folder: RunFolder) -> BinaryIO:
    """Open the events for appending, without the torn line that a killed process may have left."""
    path = folder.events_path
    path.touch()
    if path.is_file():
        with path.open("rb+") as stream:
            size = stream.seek(0, os.SEEK_END)
            start = max(0, size - 1_000_000)
            stream.seek(start)
            tail = stream.read()
            stream.truncate(start + tail.rfind(b"\n") + 1)
    return path.open("ab")


class Recorder:
    """Writes what a training says, in order, from a thread of its own.

    Args:
        folder: the run's folder.
        state: the state to go on from.
        on_event: called with every event after it was written, from the writer's thread; no more once that has failed.
    """

    def __init__(self, folder: RunFolder, state: RunState, on_event: Callable[[Event], None] | None = None) -> None:
        self.folder = folder
        self.state = state
        self._written, self._written_at = state, time.monotonic()
        self.error: BaseException | None = None
        self.checkpoint_seconds = 0.0
        self.checkpoint_step = state.step
        self._on_event = on_event
        self._mailbox: Mailbox[Event | _Checkpoint | _State | threading.Event] = Mailbox(CAPACITY)
        self._pending = threading.Event()
        self._events = open_events(folder)
        self._thread = threading.Thread(target=self._write_all, name="run-recorder", daemon=True)
        self._thread.start()

    def event(self, event: Event) -> None:
        """Record an event.

        Raises:
            OSError: an earlier one could not be written.
        """
        self._raise()
        self._mailbox.put(event, metric=event["event"] in METRICS)

    def set_state(self, status: Status, message: Message | None = None, **fields: Any) -> None:
        """Record a new state, in the state file and as an event."""
        self.state = replace(self.state, status=status, message=message, **fields)
        shown = None if message is None else {"code": message.code, "params": message.params}
        self._mailbox.put({"event": "status", "step": self.state.step, "status": str(status), "message": shown})
        self._mailbox.put(_State(self.state))

    @property
    def busy(self) -> bool:
        """Whether a checkpoint still waits for the disk."""
        return self._pending.is_set()

    def checkpoint(self, step: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Record a checkpoint; everything said before is on disk before it is."""
        self._raise()
        self._pending.set()
        self._mailbox.put(_Checkpoint(step, arrays))

    def settle(self) -> bool:
        """Wait until everything said so far is written; returns whether it could be."""
        reached = threading.Event()
        self._mailbox.put(reached)
        reached.wait()
        return self.error is None

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._mailbox.close()
        self._thread.join()
        try:
            self._events.close()
        except OSError as error:  # what could not be flushed
            self.error = self.error or error

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error

    def _write_all(self) -> None:
        while batch := self._mailbox.take():
            for item in batch:
                try:
                    if self.error is None:
                        self._write(item)
                    elif isinstance(item, _State):
                        self.folder.write_state(item.state)  # the last words matter even where nothing else fits
                except Exception as error:
                    self.error = self.error or error
                finally:
                    if isinstance(item, _Checkpoint):
                        self._pending.clear()
                    elif isinstance(item, threading.Event):
                        item.set()
            try:
                self._events.flush()
            except OSError as error:
                self.error = self.error or error

    def _write(self, item: Event | _Checkpoint | _State | threading.Event) -> None:
        if isinstance(item, threading.Event):
            self._events.flush()
        elif isinstance(item, _State):
            self._events.flush()
            self.folder.write_state(item.state)
            self._written, self._written_at = item.state, time.monotonic()
        elif isinstance(item, _Checkpoint):
            began = time.monotonic()
            self._events.flush()
            os.fsync(self._events.fileno())
            save_checkpoint(self.folder, item.arrays)
            self.checkpoint_seconds = time.monotonic() - began
            self.checkpoint_step = item.step
            passed = time.monotonic() - self._written_at
            self.folder.write_state(
                replace(self._written, step=item.step, seconds=round(self._written.seconds + passed, 2))
            )
            self._append({"event": "checkpoint", "step": item.step})
        else:
            self._append(item)

    def _append(self, event: Event) -> None:
        event = plain(event)
        self._events.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        if self._on_event is not None:
            try:
                self._on_event(event)
            except Exception:
                self._on_event = None  # whoever listened is gone, as behind a closed pipe; that is no end of a training
