"""Controllers with workers that only count."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sslrec.runs import process
from sslrec.runs.control import Controller
from sslrec.runs.events import RunConfig, Status
from sslrec.runs.view import RunView

CONFIG = RunConfig("autoencoder", "digits", epochs=1)
PATIENCE = 60.0
"""Seconds that a busy machine may take for what is done at once."""


@pytest.fixture
def make_controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Controller]]:
    """Make controllers with one home; keyword arguments that are no controller's are wishes to the workers."""
    monkeypatch.setattr(process, "MODULE", "tests.runs.fake_worker")
    made: list[Controller] = []

    def make(max_workers: int = 1, max_runs: int = 50, owner_seconds: float = 600, **wishes: float) -> Controller:
        monkeypatch.setenv("SSLREC_FAKE", json.dumps(wishes))
        made.append(Controller(tmp_path, max_workers, max_runs, owner_seconds))
        return made[-1]

    yield make
    for controller in made:
        controller.close()


def wait_for(controller: Controller, run_id: str, wanted: Callable[[RunView], bool] | Status) -> RunView:
    """The first view that is as wanted."""
    limit = time.monotonic() + PATIENCE
    while True:
        view = controller.view(run_id)
        if view.status is wanted if isinstance(wanted, Status) else wanted(view):
            return view
        assert time.monotonic() < limit, f"still {view.status} ({view.message}) at step {view.step}"
        time.sleep(0.02)
