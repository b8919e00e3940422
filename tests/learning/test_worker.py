"""The real worker: a process with TensorFlow, killed at random moments."""

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.learning.session import RunSession
from sslrec.learning.worker import INBOX, read_commands
from sslrec.runs.control import Controller
from sslrec.runs.events import RunConfig, Status
from sslrec.runs.mailbox import Mailbox
from sslrec.runs.store import RunFolder, RunRecord, RunState
from sslrec.runs.view import Digest, RunView

CONFIG = RunConfig("autoencoder", "digits", epochs=2, batch_size=128, options={"code": 8})


def wait_for(controller: Controller, run_id: str, status: Status, step: int = 0) -> RunView:
    limit = time.monotonic() + 500
    while True:
        controller.touch("ann")
        view = controller.view(run_id)
        if view.status is status and view.step >= step:
            return view
        assert view.status.alive or view.status is status, view.message
        assert time.monotonic() < limit, f"still {view.status} at step {view.step}"
        time.sleep(0.1)


@pytest.mark.timeout(900)
def test_a_worker_killed_at_random_ends_with_the_curve_of_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSLREC_WORKER_NICE", "1")  # the worker is all that this test waits for
    whole = RunFolder(tmp_path / "whole")
    whole.create(RunRecord.new(CONFIG), RunState())
    session = RunSession(whole)
    session.prepare()
    while session.status is Status.RUNNING and not session.trained:
        session.turn()
    session.close()
    expected = Digest(whole)
    expected.update()

    controller = Controller(tmp_path / "home")
    try:
        run_id = controller.start(CONFIG, "ann")
        for until in (random.randint(1, 8), random.randint(9, 19)):
            wait_for(controller, run_id, Status.RUNNING, until)
            os.kill(controller._queue.job_of(run_id).worker.pid, signal.SIGKILL)
            view = wait_for(controller, run_id, Status.INTERRUPTED)
            assert "signal 9" in str(view.message)
            controller.resume(run_id, "ann")
        view = wait_for(controller, run_id, Status.FINISHED)
    finally:
        controller.close()
    np.testing.assert_array_equal(view.curves.steps, np.arange(1, 21))
    np.testing.assert_array_equal(view.curves.loss, expected.curves().loss)
    assert [point.loss for point in view.epochs] == [point.loss for point in expected.epochs]
    assert len(view.exhibits) == 3
    assert set(artifacts.load_folder(view.artifact, view.name).manifest.files) == {"encoder.tflite", "decoder.tflite"}


def test_of_a_dragged_slider_the_latest_rates_wait_and_every_other_command():
    rates = [json.dumps({"run": "a", "command": "set_rate", "rate": number}) for number in range(3 * INBOX)]
    pause, stop = (json.dumps({"run": "a", "command": name}) for name in ("pause", "stop"))
    inbox: Mailbox[dict[str, Any]] = Mailbox(INBOX)
    read_commands([pause, *rates[:INBOX], "cut of", *rates[INBOX:], stop], inbox)
    waiting = inbox.take(timeout=0)
    assert [c["command"] for c in waiting if c["command"] != "set_rate"] == ["pause", "stop", "gone"]
    assert [c["rate"] for c in waiting if c["command"] == "set_rate"] == list(range(2 * INBOX, 3 * INBOX))
