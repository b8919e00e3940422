"""The queue of trainings and the worker processes that work it off."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sslrec.errors import RunError
from sslrec.runs.events import Command, Message, Status
from sslrec.runs.process import WorkerProcess
from sslrec.runs.store import RunState, RunStore

TICK_SECONDS = 0.2
"""Between looks at the workers, the queue and the owners."""
STOP_SECONDS = 0.6
"""How long a worker has to stop by itself; then its run is shown as stopped."""
SAVE_SECONDS = 10.0
"""How long it may then still take for its last step, and to save; then its process is ended, and the last checkpoint
counts."""
PAUSE_SECONDS = 120.0
"""How long a paused run may keep its worker while others wait for one."""
LEAVE_SECONDS = 3.0
"""How long a worker has to save and end when its owner has left."""
EXPORT_SECONDS = 180.0
"""How long a worker whose runs have ended may go on putting their weights into files."""


@dataclass
class Job:
    """Runs that share one process, waiting or at work.

    Attributes:
        ids: the runs.
        owner: who started them.
        keep_running: whether they go on when the owner or the app is gone.
        worker: the process; None while they wait.
        ends: by run until when it has to end by itself, and as what it counts then.
        export_ends: until when the worker may go on once all of them have ended, or cannot be read; 0 before.
    """

    ids: tuple[str, ...]
    owner: str
    keep_running: bool
    worker: WorkerProcess | None = None
    ends: dict[str, tuple[float, Status, Message | None]] = field(default_factory=dict)
    export_ends: float = 0.0


class WorkQueue:
    """Jobs in the order in which they came, the first few at work; its thread looks after them.

    Every method may be called from any thread.

    Args:
        store: the runs on disk.
        max_workers: processes at once.
        owner_seconds: how long an owner counts as present after `touch`.
    """

    def __init__(self, store: RunStore, max_workers: int, owner_seconds: float) -> None:
        self.store = store
        self.lock = threading.RLock()
        self._max_workers = max_workers
        self._owner_seconds = owner_seconds
        self._jobs: list[Job] = []
        self._seen: dict[str, float] = {}
        self._unwritten: dict[str, tuple[Status, Message | None]] = {}
        self._closing = threading.Event()
        self._monitor = threading.Thread(target=self._watch, name="run-queue", daemon=True)
        self._monitor.start()

    @property
    def ids(self) -> list[str]:
        """The runs that wait or are at work."""
        with self.lock:
            return [run_id for job in self._jobs for run_id in job.ids]

    def touch(self, owner: str) -> None:
        """Say that an owner is still there."""
        with self.lock:
            self._seen[owner] = time.monotonic()

    def add(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        with self.lock:
            self._seen[job.owner] = time.monotonic()
            for run_id in job.ids:
                self._unwritten.pop(run_id, None)
            self._jobs.append(job)
            self._start_waiting()

    def job_of(self, run_id: str) -> Job | None:
        """The job of a run that waits or is at work."""
        with self.lock:
            return next((job for job in self._jobs if run_id in job.ids), None)

    def place(self, run_id: str) -> int | None:
        """Place of a waiting run, 1 is next."""
        with self.lock:
            waiting = [job for job in self._jobs if job.worker is None]
            return next((place for place, job in enumerate(waiting, 1) if run_id in job.ids), None)

    def seen_as(self, run_id: str) -> tuple[Status, Message | None] | None:
        """What counts instead of the state on disk: an end that is certain but not written yet."""
        with self.lock:
            job = self.job_of(run_id)
            if job is not None and run_id in job.ends and time.monotonic() >= job.ends[run_id][0]:
                return job.ends[run_id][1:]
            return self._unwritten.get(run_id)

    def end(
        self, job: Job, run_id: str, status: Status, message: Message | None, seconds: float = STOP_SECONDS
    ) -> None:
        """Make a run end as `status`: by itself if it can, else after `seconds`."""
        with self.lock:
            self._end(job, run_id, status, message, seconds)

    def _end(self, job: Job, run_id: str, status: Status, message: Message | None, seconds: float) -> None:
        if job.worker is None:
            self.mark(run_id, status, message)
            job.ids = tuple(other for other in job.ids if other != run_id)
            if not job.ids:
                self._jobs.remove(job)
        elif run_id not in job.ends:
            command = Command.STOP if status is Status.STOPPED else Command.INTERRUPT
            code = message and message.code
            job.worker.send(run=run_id, command=str(command), **({"code": code} if code else {}))
            job.ends[run_id] = (time.monotonic() + seconds, status, message)

    def mark(self, run_id: str, status: Status, message: Message | None) -> None:
        """Write the end of a run that no process writes any more; what has no room on the disk is kept in mind."""
        with self.lock:
            try:
                folder = self.store.folder(run_id)
                folder.write_state(replace(folder.state(), status=status, message=message, pid=0))
            except (OSError, RunError):
                self._unwritten[run_id] = (status, message)

    def release(self, run_id: str) -> None:
        """Forget a run that has ended on disk, though its process may not be gone yet."""
        with self.lock:
            job = self.job_of(run_id)
            if job is None:
                return
            job.ids = tuple(other for other in job.ids if other != run_id)
            if all(self.seen_as(other) or not self._state(other).status.alive for other in job.ids):
                self._jobs.remove(job)
                if job.worker is not None:
                    job.worker.kill()  # it has said its last word and is only leaving, or putting weights into files
                for other in job.ids:  # what they were seen as is what they are, now that nobody can write it
                    if self._state(other).status.alive:
                        self.mark(other, *job.ends[other][1:])

    def is_ending(self, run_id: str) -> bool:
        """Whether a run that is seen as ended is in its last step yet, in a process that trains others."""
        with self.lock:
            job = self.job_of(run_id)
            if job is None or job.worker is None or not self._works_on(job, run_id):
                return False
            return any(self._works_on(job, other) and not self.seen_as(other) for other in job.ids if other != run_id)

    def close(self) -> None:
        """Let every worker save and end, as when the app is gone; waiting runs count as interrupted."""
        self._closing.set()
        self._monitor.join()
        with self.lock:
            for job in self._jobs:
                if job.worker is None:
                    for run_id in job.ids:
                        self.mark(run_id, Status.INTERRUPTED, self._interrupted(run_id))
                else:
                    job.worker.hang_up()
            for job in self._jobs:
                if job.worker is not None and job.keep_running:
                    job.worker.let_go()
                elif job.worker is not None and not job.worker.wait(LEAVE_SECONDS):
                    job.worker.kill()
            self._jobs.clear()

    def _interrupted(self, run_id: str) -> Message:
        return Message("run_interrupted", {"step": self._state(run_id).step})

    def _state(self, run_id: str) -> RunState:
        """The state on disk; a folder that is gone or damaged counts as a run that has ended."""
        try:
            return self.store.folder(run_id).state()
        except RunError:
            return RunState(Status.FAILED)

    def _is_readable(self, run_id: str) -> bool:
        try:
            self.store.folder(run_id).state()
        except RunError:
            return False
        return True

    def _watch(self) -> None:
        while not self._closing.wait(TICK_SECONDS):
            try:
                with self.lock:
                    self._release_owners()
                    for job in [job for job in self._jobs if job.worker is not None]:
                        self._look_after(job)
                    self._start_waiting()
            except Exception:  # a folder that somebody damages must not end the watch over the others
                logging.getLogger(__name__).exception("the queue of trainings")

    def _release_owners(self) -> None:
        now = time.monotonic()
        gone = {owner for owner, seen in self._seen.items() if now - seen > self._owner_seconds}
        for job in [job for job in self._jobs if job.owner in gone and not job.keep_running]:
            for run_id in job.ids:
                state = self._state(run_id)
                if state.status.alive:
                    left = Message("run_left", {"step": state.step})
                    self._end(job, run_id, Status.INTERRUPTED, left, LEAVE_SECONDS)
        busy = {job.owner for job in self._jobs}
        self._seen = {owner: seen for owner, seen in self._seen.items() if owner in busy or owner not in gone}

    def _look_after(self, job: Job) -> None:
        """Bring a worker to its end where it is due, and write down what it could not."""
        assert job.worker is not None
        self._release_paused(job)
        alive = [run_id for run_id in job.ids if self._works_on(job, run_id)]
        overdue = [run_id for run_id in alive if run_id in job.ends and time.monotonic() >= self._limit(job, run_id)]
        # The other runs of a race are not ended with it: it is shown as ended, and does so after its step.
        if alive and len(overdue) == len(alive) and not job.worker.ended:
            job.worker.kill()
        if alive:
            job.export_ends = 0.0
        else:
            lost = not any(self._is_readable(run_id) for run_id in job.ids)
            if lost:  # nobody can follow it or tell it anything: it holds the place of those who wait
                job.worker.hang_up()
            seconds = LEAVE_SECONDS if lost else EXPORT_SECONDS
            job.export_ends = job.export_ends or time.monotonic() + seconds
            if time.monotonic() >= job.export_ends and not job.worker.ended:
                job.worker.kill()
        if not job.worker.ended:
            return
        for run_id in alive:
            state = self._state(run_id)
            if state.status.alive:
                words = job.worker.last_words(state.step)
                crashed = Status.FAILED if words.code == "run_disk_full" else Status.INTERRUPTED
                _, status, message = job.ends.get(run_id, (0.0, crashed, words))
                self.mark(run_id, status, message)
        job.worker.hang_up()
        self._jobs.remove(job)
        for run_id in job.ids:
            with suppress(RunError):
                folder = self.store.folder(run_id)
                if not folder.state().status.alive:  # or another process has it, and may be making a file
                    folder.tidy()

    def _works_on(self, job: Job, run_id: str) -> bool:
        """Whether a run is alive in a job's hands: one that ended may go on in a process of the command line's."""
        state = self._state(run_id)
        mine = {0, os.getpid(), job.worker.pid if job.worker else 0}
        return state.status.alive and state.pid in mine

    def _limit(self, job: Job, run_id: str) -> float:
        """Until when a run that is to end may keep its worker."""
        limit, status, _ = job.ends[run_id]
        saves = status is Status.STOPPED and self._state(run_id).status in (Status.RUNNING, Status.PAUSED)
        return limit + (SAVE_SECONDS if saves else 0.0)

    def _release_paused(self, job: Job) -> None:
        """A worker that does nothing is given to those who wait."""
        states = {run_id: self._state(run_id) for run_id in job.ids}
        alive = {run_id: state for run_id, state in states.items() if state.status.alive}
        waiting = any(other.worker is None for other in self._jobs)
        paused = all(state.status is Status.PAUSED for state in alive.values())
        if waiting and paused and all(time.time() - state.updated > PAUSE_SECONDS for state in alive.values()):
            for run_id, state in alive.items():
                self._end(job, run_id, Status.INTERRUPTED, Message("run_paused", {"step": state.step}), LEAVE_SECONDS)

    def _start_waiting(self) -> None:
        while True:
            waiting = next((job for job in self._jobs if job.worker is None), None)
            busy = sum(job.worker is not None for job in self._jobs)
            if waiting is None or busy >= self._max_workers or busy + self._left_workers() >= self._max_workers:
                return
            try:
                folders = [self.store.folder(run_id) for run_id in waiting.ids]
                for folder in folders:
                    folder.write_state(replace(folder.state(), status=Status.STARTING).by(os.getpid()))
                waiting.worker = WorkerProcess([folder.path for folder in folders])
            except (OSError, RunError) as error:
                self._jobs.remove(waiting)
                crashed = Message("run_crashed", {"reason": str(error), "step": 0})
                message = Message(error.code, error.params) if isinstance(error, RunError) else crashed
                for run_id in waiting.ids:
                    self.mark(run_id, Status.FAILED, message)

    def _left_workers(self) -> int:
        """Processes that train for an app that is gone, as their runs were to be kept running."""
        others = [state for record, _, state in self.store.recovered(self.ids) if record.owner]
        return len({state.pid for state in others if state.status.alive and state.status is not Status.QUEUED})
