"""What a watcher sees of a run: its events, read as they come, brought down to what fits a screen."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sslrec.runs.events import Event, Exhibit, Message, RunConfig, Status
from sslrec.runs.store import RunFolder, RunState

POINTS = 1_000
"""A curve has this many points at least once it is long, and at most twice as many."""
EXHIBITS = 24
"""Pictures of earlier moments that are kept at most."""
PACE_STEPS = 400
"""The last steps whose pace says how long the rest will take."""
CHANGES = 200
"""Changes of the learning rate that are kept at most: the last ones."""
WORKING = (Status.STARTING, Status.RUNNING, Status.PAUSED, Status.FINISHING)
COLUMNS = ("loss", "learning_rate", "gradient_norm", "examples_per_second")


@dataclass(frozen=True)
class Curves:
    """What was measured at every step, thinned out evenly; arrays of one length, `(n,)`.

    Attributes:
        steps: int64, ascending, from 1.
        loss: float64, of the batch.
        learning_rate: float64.
        gradient_norm: float64, Euclidean norm over all weights before the update.
        examples_per_second: float64, smoothed.
    """

    steps: np.ndarray
    loss: np.ndarray
    learning_rate: np.ndarray
    gradient_norm: np.ndarray
    examples_per_second: np.ndarray


@dataclass(frozen=True)
class EpochPoint:
    """The end of an epoch.

    Attributes:
        step: steps made.
        epoch: epochs made, from 1.
        loss: mean training loss of the epoch.
        validation_loss: on the validation part; None where it was not measured.
        figures: everything else that was measured, by name.
    """

    step: int
    epoch: int
    loss: float
    validation_loss: float | None
    figures: dict[str, float]


@dataclass(frozen=True)
class RateChange:
    """A learning rate that was changed outside its schedule.

    Attributes:
        step: steps made before the change counts.
        before: the rate until then.
        after: the rate from then on.
        reason: a code such as `hand` or `plateau`.
        params: figures that belong to the reason.
    """

    step: int
    before: float
    after: float
    reason: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """The weights of a moment as an artefact.

    Attributes:
        step: steps made.
        folder: holds the artefact.
        metrics: measured on the validation part.
    """

    step: int
    folder: Path
    metrics: dict[str, float]


@dataclass(frozen=True)
class RunView:
    """A run at one moment.

    Attributes:
        id: the run's id.
        config: what was asked.
        name: what the model is called.
        owner: who started it; empty for the command line.
        keep_running: whether it goes on when its owner leaves.
        created: seconds since 1970.
        race: what the runs of one race have in common; empty for a single run.
        status: what it is doing.
        place: place in the queue, 1 is next; None where it does not wait.
        message: why it ended or waits, where there is something to say.
        started: the schedule as resolved (`learning_rate epochs batch_size of per_epoch examples`), empty before.
        step: steps made.
        total: steps of the whole run, 0 while unknown.
        epoch: the running epoch, from 1; 0 before the first step.
        seconds: for how long processes have worked on it, pauses included.
        seconds_left: estimate for the steps that are left, from how the last ones came: with the turns of the other
            runs of a race, validation and saving; None where there is none.
        curves: step by step.
        epochs: ends of epochs.
        changes: of the learning rate, outside its schedule.
        exhibit: the latest pictures; None before the first.
        exhibits: pictures of all moments, thinned out, oldest first; the last is `exhibit`.
        snapshots: weights of moments, oldest first.
        metrics: what was measured at the end; None before.
        artifact: folder of the finished model; None before.
        folder: the run's folder.
        held: whether it waits here or a process of this app has it, which takes commands, or puts weights into files.
    """

    id: str
    config: RunConfig
    name: str
    owner: str
    keep_running: bool
    created: float
    race: str
    status: Status
    place: int | None
    message: Message | None
    started: dict[str, Any]
    step: int
    total: int
    epoch: int
    seconds: float
    seconds_left: float | None
    curves: Curves
    epochs: tuple[EpochPoint, ...]
    changes: tuple[RateChange, ...]
    exhibit: Exhibit | None
    exhibits: tuple[Exhibit, ...]
    snapshots: tuple[Snapshot, ...]
    metrics: dict[str, Any] | None
    artifact: Path | None
    folder: Path
    held: bool = False


@dataclass
class Digest:
    """The events of one run so far, in bounded memory.

    Attributes:
        folder: the run's folder.
        offset: bytes of the events that were read.
    """

    folder: RunFolder
    offset: int = 0
    started: dict[str, Any] = field(default_factory=dict)
    latest: Event | None = None
    epochs: list[EpochPoint] = field(default_factory=list)
    changes: list[RateChange] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    _stride: int = 1
    _clock: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=PACE_STEPS))
    _points: list[tuple[float, ...]] = field(default_factory=list)

    def update(self) -> None:
        """Read what has been written since the last time."""
        while True:
            before = self.offset
            events, self.offset = self.folder.read_events(before)
            if self.offset == before:
                return
            for event in events:
                self._take(event)

    def _take(self, event: Event) -> None:
        kind = event["event"]
        if kind == "step":
            self.latest = event
            self._clock.append((event["step"], event.get("seconds", 0.0)))
            if event["step"] == 1 or event["step"] % self._stride == 0:
                self._points.append(_point(event))
                self._thin_points()
        elif kind == "epoch":
            self.epochs.append(_epoch_point(event))
        elif kind == "learning_rate":
            change = RateChange(**{key: value for key, value in event.items() if key != "event"})
            self.changes = [*self.changes[-CHANGES + 1 :], change]
        elif kind == "exhibit":
            self._take_exhibit(Exhibit.from_json(event))
        elif kind == "snapshot":
            place = self.folder.path / event["folder"]
            self.snapshots = [s for s in self.snapshots if s.step != event["step"]]
            self.snapshots.append(Snapshot(event["step"], place, event["metrics"]))
        elif kind == "status":
            self._clock.clear()  # a pause is no pace
        elif kind in ("started", "resumed"):
            self.started = {key: value for key, value in event.items() if key not in ("event", "step")}
            self._forget_after(event["step"])

    def _forget_after(self, step: int) -> None:
        """The training goes on from `step`: what was seen of later ones is void."""
        self._clock.clear()
        self._points = [point for point in self._points if point[0] <= step]
        if self.latest is not None and self.latest["step"] > step:
            self.latest = None
        self.epochs = [found for found in self.epochs if found.step <= step]
        self.changes = [found for found in self.changes if found.step <= step]
        self.exhibits = [found for found in self.exhibits if found.step <= step]

    def seconds_of(self, steps: int) -> float | None:
        """How long so many more steps take, by the clock; None while too few were made to tell."""
        if len(self._clock) < 3:
            return None
        # The first step, for which TensorFlow builds its graph, is no measure of the others.
        (first, began), (last, ended) = self._clock[1], self._clock[-1]
        return steps * (ended - began) / (last - first) if ended > began else None

    def _thin_points(self) -> None:
        if len(self._points) > 2 * POINTS:
            self._stride *= 2
            self._points = [p for p in self._points if p[0] == 1 or p[0] % self._stride == 0]

    def _take_exhibit(self, found: Exhibit) -> None:
        if self.exhibits and self.exhibits[-1].inputs == found.inputs:
            found = Exhibit(found.step, found.epoch, found.kind, self.exhibits[-1].inputs, found.outputs)
        if self.exhibits and self.exhibits[-1].step == found.step:
            self.exhibits.pop()
        self.exhibits.append(found)
        if len(self.exhibits) > EXHIBITS:
            self.exhibits = [*self.exhibits[:-1:2], self.exhibits[-1]]

    def curves(self) -> Curves:
        """The curves as arrays; the latest step is always the last point."""
        points = self._points
        if self.latest is not None and (not points or points[-1][0] < self.latest["step"]):
            points = [*points, _point(self.latest)]
        columns = np.array(points, np.float64).reshape(-1, 1 + len(COLUMNS)).T
        return Curves(columns[0].astype(np.int64), *columns[1:])


def _point(event: Event) -> tuple[float, ...]:
    return (event["step"], *(event[name] for name in COLUMNS))


def _epoch_point(event: Event) -> EpochPoint:
    known = {"event", "step", "epoch", "loss", "seconds", "validation_loss"}
    figures = {key: value for key, value in event.items() if key not in known}
    return EpochPoint(event["step"], event["epoch"], event["loss"], event.get("validation_loss"), figures)


def summarise(
    folder: RunFolder,
    state: RunState,
    digest: Digest,
    place: int | None = None,
    held: bool = False,
) -> RunView:
    """Put a view together from what lies in the run's folder.

    Args:
        folder: the run's folder.
        state: what the run is doing.
        digest: its events; they are brought up to date here.
        place: place in the queue.
        held: see `RunView`.
    """
    record = folder.record()
    digest.update()
    status, curves, latest = state.status, digest.curves(), digest.latest
    step = max(state.step, latest["step"]) if latest else state.step
    total = latest["of"] if latest else state.total or digest.started.get("of", 0)
    left = digest.seconds_of(total - step) if status is Status.RUNNING else None
    finished = status is Status.FINISHED
    return RunView(
        id=record.id,
        config=record.config,
        name=record.name,
        owner=record.owner,
        keep_running=record.keep_running,
        created=record.created,
        race=record.race,
        status=status,
        place=place,
        message=state.message,
        started=dict(digest.started),
        step=step,
        total=total,
        epoch=latest["epoch"] if latest else 0,
        seconds=state.seconds + (time.time() - state.updated if status in WORKING else 0.0),
        seconds_left=left,
        curves=curves,
        epochs=tuple(digest.epochs),
        changes=tuple(digest.changes),
        exhibit=digest.exhibits[-1] if digest.exhibits else None,
        exhibits=tuple(digest.exhibits),
        snapshots=tuple(found for found in digest.snapshots if found.folder.is_dir()),
        metrics=state.metrics if finished else None,
        artifact=folder.path if finished else None,
        folder=folder.path,
        held=held,
    )
