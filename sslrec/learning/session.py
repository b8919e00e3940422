"""One run from its folder to its end: built or resumed, trained, told what to do, measured, exported."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from sslrec import artifacts
from sslrec.errors import SslrecError
from sslrec.learning.checkpoint import CheckpointError, capture, is_sound, restore
from sslrec.learning.divergence import DivergenceError
from sslrec.learning.loop import Training
from sslrec.learning.manifests import make_manifest
from sslrec.learning.recipes import Prepared
from sslrec.learning.snapshots import take_snapshot
from sslrec.runs.events import DIVERGED, Command, Event, Message, Status
from sslrec.runs.recorder import Recorder, is_disk_full
from sslrec.runs.store import RunFolder, RunState

CHECKPOINT_SECONDS = 5.0
"""Between checkpoints within an epoch; longer where writing one takes long."""
EPOCH_SECONDS = 1.0
"""Between checkpoints at ends of epochs."""
CHECKPOINT_SHARE = 0.05
"""The part of the time that writing checkpoints may take, beside the training."""
LONGEST_SECONDS = 30.0
"""Between checkpoints, however slow the disk is."""
PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "scikit-learn", "ai-edge-litert")


class RunSession:
    """Trains the run in a folder, a turn at a time; everything it says goes into the folder.

    Whatever goes wrong in a turn ends the run as failed and is told in its state; nothing is raised.

    Args:
        folder: holds `run.json` and `state.json`, and a checkpoint where the run goes on.
        on_event: called with every event after it was written, from the writer's thread.
    """

    def __init__(self, folder: RunFolder, on_event: Callable[[Event], None] | None = None) -> None:
        self.folder = folder
        self.record = folder.record()
        self.recorder = Recorder(folder, folder.state(), on_event)
        self.training: Training | None = None
        self._prepared: Prepared | None = None
        self._saved_at = 0.0
        self._saved_step = -1
        self._early: list[tuple[str, dict[str, Any]]] = []
        self._before = self.recorder.state.seconds
        self._began = time.monotonic()

    @property
    def state(self) -> RunState:
        """What the run is doing, whether or not it could be written."""
        return self.recorder.state

    @property
    def status(self) -> Status:
        """The same in a word."""
        return self.state.status

    @property
    def trained(self) -> bool:
        """Whether every step was made and only measuring and exporting is left."""
        return self.training is not None and self.training.done

    def prepare(self) -> None:
        """Build the task, go on from the checkpoint if there is one."""
        with _Guarded(self):
            self.folder.tidy()
            self._prepared = Prepared(self.record.config)
            recipe = self._prepared.recipe
            training = Training(recipe.task, recipe.schedule, self.record.config.seed, recipe.show)
            resumed = self.folder.checkpoint_path.is_file()
            if resumed:
                self._restore(training, self._prepared.origin)
            # Only now: an interruption saves this training, and half restored it would overwrite its checkpoint.
            self.training = training
            self._set(Status.RUNNING)
            schedule = recipe.schedule
            started = {"task": self.record.config.task, "data": self.record.config.data, "policy": schedule.policy}
            self.recorder.event(
                {
                    "event": "resumed" if resumed else "started",
                    "step": training.step,
                    **started,
                    "learning_rate": schedule.learning_rate,
                    "epochs": schedule.epochs,
                    "batch_size": schedule.batch_size,
                    "seed": self.record.config.seed,
                    "of": training.total,
                    "per_epoch": training.per_epoch,
                    "examples": recipe.task.size,
                }
            )
            if not resumed:
                self._save()
                for event in training.exhibit():
                    self.recorder.event(event)
        early, self._early = self._early, []
        for name, params in early if self.training is not None else ():
            self.command(name, **params)

    def _restore(self, training: Training, origin: dict[str, Any]) -> None:
        try:
            with np.load(self.folder.checkpoint_path, allow_pickle=False) as arrays:
                restore(training, arrays, origin)
        except Exception as error:
            code = error.code if isinstance(error, CheckpointError) else "run_damaged"
            raise SslrecError(code, folder=self.folder.path.name) from error
        self._saved_step = training.step

    def turn(self, seconds: float = 0.0) -> None:
        """Make at least one step, and more until `seconds` have passed; saves where it is time to.

        Args:
            seconds: how long the turn takes; 0 is one step.
        """
        training, limit = self._training, time.monotonic() + seconds
        with _Guarded(self):
            while not training.done:
                for event in training.advance():
                    if event["event"] == "step":
                        event["seconds"] = round(self._seconds, 3)
                    self.recorder.event(event)
                self._save_if_due(at_epoch=training.step % training.per_epoch == 0)
                if time.monotonic() >= limit:
                    break

    def command(self, name: str, **params: Any) -> None:
        """Do what is asked between two steps; what does not fit the run's state has no effect."""
        if self.training is None and name not in (Command.STOP, Command.INTERRUPT):
            self._early.append((name, params))
            return
        with _Guarded(self):
            if name == Command.PAUSE and self.status is Status.RUNNING:
                self._save()
                self._set(Status.PAUSED)
            elif name == Command.RESUME and self.status is Status.PAUSED:
                self._set(Status.RUNNING)
            elif name in (Command.STOP, Command.INTERRUPT) and self.status.alive:
                self._stop(Status.STOPPED if name == Command.STOP else Status.INTERRUPTED, params.get("code"))
            elif name == Command.SET_RATE and self.status in (Status.RUNNING, Status.PAUSED):
                for event in self._training.set_rate(float(params["rate"])):
                    self.recorder.event(event)
                self._saved_step = -1  # the checkpoint of this step holds the old rate
            elif name == Command.SNAPSHOT and self.status in (Status.RUNNING, Status.PAUSED):
                self._snapshot()

    def finish(self) -> None:
        """Measure and export the trained model."""
        with _Guarded(self):
            training, prepared = self._training, self._prepared
            assert prepared is not None
            self._save()
            self._set(Status.FINISHING)
            self.recorder.event({"event": "finishing", "step": training.step})
            with tempfile.TemporaryDirectory(dir=self.folder.path, prefix=".artifact-") as scratch:
                made = Path(scratch)
                with training.evaluation():
                    metrics = prepared.finish(made, self.recorder.event)
                artifacts.save(made, self._manifest(metrics))
                try:
                    if self.record.publish:
                        artifacts.publish(made, Path(self.record.publish))
                finally:  # the run has its model whatever becomes of the copy
                    artifacts.install(made, self.folder.path)
            self._set(Status.FINISHED, metrics=metrics)
            self.recorder.event(
                {"event": "finished", "out": self.record.publish or str(self.folder.path), "metrics": metrics}
            )

    def close(self) -> None:
        """Write what is left to write: of a run that was stopped or diverged, its weights, once its end is told.

        The checkpoint of a run that is finished on disk goes.
        """
        if self._leaves_weights and self.recorder.settle():
            self._leave_weights()
            self.recorder.close()
            return
        self.recorder.close()
        error = self.recorder.error
        if error is None and self.status is Status.FINISHED:
            self.folder.checkpoint_path.unlink(missing_ok=True)
        elif error is not None and self.status is not Status.FAILED:
            self.recorder.state = replace(self.state, status=Status.FAILED, message=self._reason(error))
            with contextlib.suppress(OSError):  # where not even this fits, whoever waits for this process is told by it
                self.folder.write_state(self.state)

    def fail(self, error: BaseException) -> None:
        """End the run as failed, for the reason that an error gives; the last checkpoint stays."""
        self._set(Status.FAILED, self._reason(error))

    def _reason(self, error: BaseException) -> Message:
        if isinstance(error, DivergenceError | SslrecError):
            return Message(error.code, dict(error.params))
        if is_disk_full(error):
            return Message("run_disk_full", {"step": 0 if self.training is None else self.training.step})
        reason = f"{type(error).__name__}: {error}"[:300]
        return Message("run_crashed", {"reason": reason, "step": self.recorder.checkpoint_step})

    @property
    def _training(self) -> Training:
        assert self.training is not None, "prepare() comes first"
        return self.training

    def _set(self, status: Status, message: Message | None = None, **fields: Any) -> None:
        training = self.training
        if training is not None:
            fields |= {"step": training.step, "total": training.total}
        self.recorder.set_state(status, message, seconds=round(self._seconds, 2), **fields)

    @property
    def _seconds(self) -> float:
        """For how long processes have worked on the run."""
        return self._before + time.monotonic() - self._began

    def _stop(self, status: Status, code: str | None) -> None:
        if self.training is not None:
            self._save()
        step = self.recorder.checkpoint_step if self.training is None else self.training.step
        message = Message(code or "run_interrupted", {"step": step}) if status is Status.INTERRUPTED else None
        self._set(status, message)

    def _save_if_due(self, at_epoch: bool) -> None:
        waited = time.monotonic() - self._saved_at
        slow = min(self.recorder.checkpoint_seconds / CHECKPOINT_SHARE, LONGEST_SECONDS)
        wanted = max(EPOCH_SECONDS if at_epoch else CHECKPOINT_SECONDS, slow)
        if waited >= wanted and not self.recorder.busy:
            self._save()

    def _save(self) -> None:
        """Record a checkpoint, if the weights are worth keeping and not kept yet."""
        training, prepared = self._training, self._prepared
        assert prepared is not None
        if training.step == self._saved_step or not training.guard.calm:
            return
        arrays = capture(training, prepared.origin)
        if is_sound(arrays):
            self.recorder.checkpoint(training.step, arrays)
            self._saved_at, self._saved_step = time.monotonic(), training.step

    def _snapshot(self) -> None:
        prepared = self._prepared
        assert prepared is not None
        self.recorder.event(take_snapshot(self.folder.path, self._training, prepared.recipe, self._manifest))

    def _leave_weights(self) -> None:
        """Put the last good weights of a run that was stopped or diverged into files, as a snapshot does.

        The run has ended, and said so, whatever becomes of that.
        """
        prepared, training = self._prepared, self._training
        assert prepared is not None
        try:
            if self.folder.state().pid != self.state.pid:
                return  # it goes on in another process already, as one that was stopped alone in a race may
            if self._saved_step != training.step:
                self._restore(training, prepared.origin)
            if training.step:
                self._snapshot()
        except Exception as error:
            logging.getLogger(__name__).warning("the last good weights could not be exported: %s", error)

    @property
    def _leaves_weights(self) -> bool:
        code = self.state.message.code if self.state.message else ""
        ended = self.status is Status.STOPPED or (self.status is Status.FAILED and code in DIVERGED)
        return ended and self.training is not None

    def _manifest(self, metrics: dict[str, Any]) -> artifacts.Manifest:
        assert self._prepared is not None
        return make_manifest(self.record, self._prepared, self._training, metrics, versions())


class _Guarded:
    """Within, an error ends the run as failed."""

    def __init__(self, session: RunSession) -> None:
        self._session = session

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        self._session.fail(error)
        return True


def versions() -> dict[str, str]:
    """Versions of the packages that a trained model depends on."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
