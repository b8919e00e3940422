"""What `python -m sslrec train` does, in the process that types it: a run in a folder, a battery, a range test."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import keras

from sslrec import artifacts
from sslrec.data import digits
from sslrec.learning.divergence import DivergenceError
from sslrec.learning.loop import Event, Training
from sslrec.learning.optim.range_test import RangeTest, range_test
from sslrec.learning.recipes import Prepared, classifiers
from sslrec.learning.session import RunSession, versions
from sslrec.runs.events import Command, RunConfig, Status
from sslrec.runs.store import RunFolder, RunState

BATTERIES: dict[str, Callable[..., dict[str, Any]]] = {"classifiers": classifiers.run}
"""What trains many models for one artefact: `(data, folder, seed, on_event, **options)` to metrics."""
BUILT_ON: dict[str, Callable[[digits.DigitData], dict[str, str]]] = {"classifiers": classifiers.built_on}
"""What a battery starts from: the artefacts' digests by name."""
AFTERWARDS: dict[str, Callable[..., None]] = {"classifiers": classifiers.forget}
"""What a battery does once its artefact is in place: `(data, seed, **options)`."""


class _Interruption:
    """Turns Ctrl-C and a plain kill into an orderly end: after the step that is running, else at once."""

    def __init__(self) -> None:
        self.wanted = False
        self.between_steps = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True
        if not self.between_steps:
            raise KeyboardInterrupt

    @contextmanager
    def installed(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def train_run(path: Path, on_event: Callable[[Event], None] = lambda event: None) -> RunState:
    """Train the run in a folder to its end, or until this process is interrupted.

    Args:
        path: holds `run.json` and `state.json`, and a checkpoint where the run goes on.
        on_event: called with every event, from a thread.

    Returns:
        The state that the run ended in: finished, failed or interrupted; also where the disk had no room for it.
    """
    folder, interruption = RunFolder(path), _Interruption()
    folder.write_state(replace(folder.state(), status=Status.STARTING, message=None).by(os.getpid()))
    session = RunSession(folder, on_event)
    with interruption.installed():
        try:
            session.prepare()
            while session.status is Status.RUNNING and not interruption.wanted:
                if session.trained:
                    session.finish()
                else:
                    interruption.between_steps = True
                    session.turn()
                    interruption.between_steps = False
        except KeyboardInterrupt:
            interruption.wanted = True
        interruption.between_steps = True
        if interruption.wanted:
            session.command(Command.INTERRUPT)
        session.close()
    state = folder.state()
    return session.state if state.status.alive else state


def find_rate(config: RunConfig, steps: int, on_event: Callable[[Event], None] = lambda event: None) -> RangeTest:
    """The learning-rate range test of a task; the trained weights are thrown away.

    Args:
        config: what to train; its rate and policy play no part.
        steps: how many rates, from 1e-6 to 1.
        on_event: called after every step.
    """
    recipe = Prepared(config).recipe
    schedule = replace(recipe.schedule, policy="constant", options={}, average=0.0, epochs=10**6, validate_every=10**6)
    training = Training(recipe.task, schedule, config.seed)

    def step(rate: float) -> float:
        training.set_rate(rate)
        try:
            event = training.advance()[0]
        except DivergenceError:
            return float("nan")
        on_event(artifacts.plain({**event, "of": steps}))
        return event["loss"]

    return range_test(step, steps=steps)


def train_battery(
    task: str,
    *,
    data: str,
    out: Path,
    command: str,
    seed: int = 0,
    options: dict[str, Any] | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
) -> artifacts.Manifest:
    """Train many models and leave them as one artefact in `out`.

    The files are made in a folder beside `out` and moved there at the end, so an interrupted battery leaves
    an older artefact as it was.

    Args:
        task: a key of `BATTERIES`.
        data: a data set's name.
        out: the artefact's folder; its name becomes the artefact's. An artefact that is there is replaced.
        command: what the user typed, for the manifest.
        seed: decides weights, order and augmentation.
        options: keyword arguments of the battery, such as `{"epochs": 3}`.
        on_event: called with the loop's events, and at last with `{"event": "finished", "metrics"}`.

    Returns:
        The manifest that was written.

    Raises:
        DataError: the data set is unknown or missing.
        ArtifactError: the battery builds on an artefact that is missing or damaged, or `out` holds other files.
    """
    options = dict(options or {})

    def tell(event: Event) -> None:
        on_event(artifacts.plain(event))

    artifacts.require_replaceable(out)
    loaded = digits.load(data)
    keras.utils.set_random_seed(seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        folder = Path(scratch) / out.name
        folder.mkdir()
        origins = BUILT_ON[task](loaded) if task in BUILT_ON else {}
        metrics = BATTERIES[task](loaded, folder, seed, tell, **options)
        manifest = artifacts.Manifest(
            name=out.name,
            task=task,
            data=loaded.name,
            data_sha256=loaded.sha256,
            command=command,
            seed=seed,
            versions=versions(),
            metrics=metrics,
            config=options,
            built_on=origins,
        )
        saved = artifacts.save(folder, manifest)
        _put_in_place(folder, out, Path(scratch) / "older")
    if task in AFTERWARDS:
        AFTERWARDS[task](loaded, seed, **options)
    tell({"event": "finished", "out": str(out), "metrics": metrics})
    return saved.manifest


def _put_in_place(made: Path, out: Path, older: Path) -> None:
    """Move a folder to where another one may lie, which is moved aside; interrupted, that one lies there again."""
    try:
        if out.exists():
            out.replace(older)
        made.replace(out)
    except BaseException:
        if older.exists() and not out.exists():
            older.replace(out)
        raise
