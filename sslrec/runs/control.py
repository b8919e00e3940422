"""The app's hold on its trainings: a queue, a few worker processes, and a view of every run."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from sslrec.config import settings
from sslrec.errors import RunError, SslrecError
from sslrec.runs.events import Command, Message, RunConfig, Status, require_rate
from sslrec.runs.queue import Job, WorkQueue
from sslrec.runs.store import RunRecord, RunState, RunStore
from sslrec.runs.view import Digest, RunView, summarise

RACERS = 4
"""Runs of a race at most."""
DIGESTS = 32
"""Runs whose events are kept in memory."""


@dataclass(frozen=True)
class RunSummary:
    """A line in a list of runs; the fields are those of `RunView`."""

    id: str
    config: RunConfig
    name: str
    owner: str
    created: float
    race: str
    status: Status
    place: int | None
    message: Message | None
    step: int
    total: int
    seconds: float
    metrics: dict[str, Any] | None


class Controller:
    """Starts, watches and ends trainings; one for each app process, used by all its threads.

    Args:
        home: holds `runs/`; by default `SSLREC_HOME`.
        max_workers: processes at once; by default `SSLREC_MAX_WORKERS`.
        max_runs: runs kept on disk; by default `SSLREC_MAX_RUNS`.
        owner_seconds: how long an owner counts as present after `touch`; by default `SSLREC_OWNER_SECONDS`.
    """

    def __init__(
        self,
        home: Path | None = None,
        max_workers: int | None = None,
        max_runs: int | None = None,
        owner_seconds: float | None = None,
    ) -> None:
        self.store = RunStore(home)
        self._max_runs = max_runs or settings().max_runs
        self._queue = WorkQueue(
            self.store, max_workers or settings().max_workers, owner_seconds or settings().owner_seconds
        )
        self._lock = self._queue.lock
        self._digests: OrderedDict[str, tuple[Digest, threading.Lock]] = OrderedDict()

    # What visitors ask for.

    def start(self, config: RunConfig, owner: str, keep_running: bool = False) -> str:
        """Put a run in the queue; it starts as soon as a worker is free.

        Args:
            config: what to train.
            owner: who asks, such as a session's id; kept alive with `touch`.
            keep_running: go on when the owner or the app is gone.

        Returns:
            The run's id.

        Raises:
            DataError: the data set is not on this machine.
            RunError: no more runs can be kept, or nothing can be written.
        """
        return self._enqueue([config], owner, keep_running, "")[0]

    def start_race(self, configs: Sequence[RunConfig], owner: str, keep_running: bool = False) -> tuple[str, ...]:
        """Train several configurations side by side, from the same weights in the same order of examples.

        One process trains them in turns of a few steps (see `sslrec.learning.worker`), so that they can be
        watched together on two cores.

        Args:
            configs: 2 to `RACERS` of the same task, data, seed, batch size, epochs and options.
            owner: who asks.
            keep_running: go on when the owner or the app is gone.

        Returns:
            The runs' ids, in the order of the configurations.

        Raises:
            RunError: the number is wrong, or they could not be compared, or nothing can be written; none of them
                starts then.
        """
        alike = {(c.task, c.data, c.seed, c.batch_size, c.epochs, str(sorted(c.options.items()))) for c in configs}
        if not 2 <= len(configs) <= RACERS or len(alike) != 1:
            raise RunError("run_race", count=len(configs), limit=RACERS)
        return self._enqueue(configs, owner, keep_running, f"race-{time.time_ns():x}")

    def resume(self, run_ids: str | Sequence[str], owner: str, keep_running: bool | None = None) -> None:
        """Let runs that were stopped, were interrupted or failed go on from their last checkpoints.

        Args:
            run_ids: one, or several of a race, which then share one process again and take turns.
            owner: who asks.
            keep_running: go on when the owner or the app is gone; None for as each was told before.

        Raises:
            RunError: there is no such run, or it has not ended or is finished, or nothing can be written; none of
                them goes on then.
        """
        ids = (run_ids,) if isinstance(run_ids, str) else tuple(run_ids)
        with self._lock, contextlib.ExitStack() as locks:
            for run_id in sorted(set(ids)):  # in one order for everybody, or two would wait for each other
                locks.enter_context(self.store.folder(run_id).locked())
            ended = [(self.store.folder(run_id), self._state(run_id)) for run_id in ids]
            for run_id, (_, state) in zip(ids, ended, strict=True):
                if not state.status.resumable or self._queue.is_ending(run_id):
                    raise RunError("run_busy", run=run_id, status=str(state.status), command="resume")
            keeps = [folder.record().keep_running if keep_running is None else keep_running for folder, _ in ended]
            try:
                with self._writing():
                    for run_id, (folder, state), keep in zip(ids, ended, keeps, strict=True):
                        self._queue.release(run_id)
                        folder.write_record(replace(folder.record(), owner=owner, keep_running=keep))
                        folder.write_state(replace(state, status=Status.QUEUED, message=None).by(os.getpid()))
            except SslrecError:  # those that wait already would do so for ever
                for run_id, (_, state) in zip(ids, ended, strict=True):
                    self._queue.mark(run_id, state.status, state.message)
                raise
            self._queue.add(Job(ids, owner, any(keeps)))

    def command(self, run_id: str, name: str, **params: Any) -> None:
        """Tell a running training what to do; it does so between two steps.

        Args:
            run_id: the run.
            name: `pause`, `resume` (after a pause), `stop`, `snapshot`, or `set_rate` with `rate`.
            params: of the command.

        Raises:
            RunError: there is no such run, or it has ended, or another process holds it.
            PolicyError: `rate` is no positive number.
        """
        if name == Command.SET_RATE:
            require_rate(params.get("rate"))
        with self._lock:
            job, state = self._queue.job_of(run_id), self._state(run_id)
            if job is None or not state.status.alive:
                self._command_elsewhere(run_id, name, state)
            elif name in (Command.STOP, Command.INTERRUPT):
                self._queue.end(job, run_id, Status.STOPPED if name == Command.STOP else Status.INTERRUPTED, None)
            elif job.worker is None:
                raise RunError("run_busy", run=run_id, status=str(state.status), command=name)
            else:
                job.worker.send(run=run_id, command=str(name), **params)

    def keep(self, run_id: str, keep_running: bool) -> None:
        """Say whether a run goes on when its owner or the app is gone.

        Raises:
            RunError: there is no such run, or nothing can be written.
        """
        with self._lock, _told_of(run_id):
            folder = self.store.folder(run_id)
            with self._writing():
                folder.write_record(replace(folder.record(), keep_running=keep_running))
            job = self._queue.job_of(run_id)
            if job is not None:
                job.keep_running = keep_running
                if job.worker is not None:
                    job.worker.send(run=run_id, command=str(Command.KEEP), value=keep_running)

    def touch(self, owner: str) -> None:
        """Say that an owner is still there."""
        self._queue.touch(owner)

    # What visitors see.

    def view(self, run_id: str) -> RunView:
        """Look at a run, whoever trains or trained it.

        Raises:
            RunError: there is no such run.
        """
        folder = self.store.folder(run_id)
        with self._lock:
            place, held = self._queue.place(run_id), self._queue.job_of(run_id) is not None
            digest, lock = self._digests.setdefault(run_id, (Digest(folder), threading.Lock()))
            self._digests.move_to_end(run_id)
            while len(self._digests) > DIGESTS:
                self._digests.popitem(last=False)
        with lock, _told_of(run_id):
            return summarise(folder, self._state(run_id), digest, place, held)

    def compare(self, run_ids: Sequence[str]) -> tuple[RunView, ...]:
        """Look at several runs."""
        return tuple(self.view(run_id) for run_id in run_ids)

    def runs(self) -> tuple[RunSummary, ...]:
        """List the readable runs, newest first."""
        found = []
        for record, _ in self.store.runs():
            try:
                state = self._state(record.id)
            except RunError:  # damaged, or just removed
                continue
            found.append(
                RunSummary(
                    id=record.id,
                    config=record.config,
                    name=record.name,
                    owner=record.owner,
                    created=record.created,
                    race=record.race,
                    status=state.status,
                    place=self._queue.place(record.id),
                    message=state.message,
                    step=state.step,
                    total=state.total,
                    seconds=state.seconds,
                    metrics=state.metrics,
                )
            )
        return tuple(found)

    def close(self) -> None:
        """Let every worker save and end, as when the app is gone; queued runs count as interrupted."""
        self._queue.close()

    # How it works.

    def _enqueue(self, configs: Sequence[RunConfig], owner: str, keep: bool, race: str) -> tuple[str, ...]:
        for config in configs:
            config.require_data()
        with self._lock:
            self.store.prune(self._max_runs, self._queue.ids, room=len(configs))
            records = [RunRecord.new(config, owner=owner, keep_running=keep, race=race) for config in configs]
            ids = tuple(record.id for record in records)
            try:
                with self._writing():
                    for record in records:
                        self.store.create(record, RunState().by(os.getpid()))
            except RunError:  # none of them has begun, and what was written would wait for ever
                for run_id in ids:
                    shutil.rmtree(self.store.root / run_id, ignore_errors=True)
                raise
            self._queue.add(Job(ids, owner, keep))
        return ids

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Within, an error of the disk becomes one that a visitor can be told."""
        try:
            yield
        except OSError as error:
            raise RunError("run_unwritten", folder=str(self.store.root)) from error

    def _state(self, run_id: str) -> RunState:
        """What a run is doing; the queue looks after its own, of all others a dead process is noticed here."""
        folder = self.store.folder(run_id)
        held = self._queue.job_of(run_id) is not None
        with _told_of(run_id):
            state = folder.state() if held else folder.recovered_state()
        seen_as = self._queue.seen_as(run_id)
        if seen_as is None or (held and not state.status.alive):
            return state
        return replace(state, status=seen_as[0], message=seen_as[1], pid=0)

    def _command_elsewhere(self, run_id: str, name: str, state: RunState) -> None:
        """A run that no worker of this process trains can only be ended, and only where some process trains it."""
        # Until its worker has begun, a run names the app that holds it, which is not to be ended.
        waits = state.status in (Status.QUEUED, Status.STARTING) or state.pid == os.getpid()
        if waits or not state.status.alive or name not in (Command.STOP, Command.INTERRUPT):
            raise RunError("run_busy", run=run_id, status=str(state.status), command=name)
        if state.process_lives:
            psutil.Process(state.pid).terminate()


@contextlib.contextmanager
def _told_of(run_id: str) -> Iterator[None]:
    """Within, a folder that cannot be read is told by its run's id: where it lies is nothing for a visitor."""
    try:
        yield
    except RunError as error:
        if error.code != "run_folder":
            raise
        raise RunError("run_unreadable", run=run_id) from error


@cache
def shared() -> Controller:
    """The controller of this process, made at the first call and closed at its end."""
    controller = Controller()
    atexit.register(controller.close)
    return controller
