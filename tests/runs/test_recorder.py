import errno
import json
from pathlib import Path

import numpy as np
import pytest

from sslrec.runs import recorder as module
from sslrec.runs.events import Event, Message, RunConfig, Status
from sslrec.runs.recorder import Recorder, is_disk_full
from sslrec.runs.store import RunFolder, RunRecord, RunState


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path)
    folder.create(RunRecord.new(RunConfig("autoencoder", "digits")), RunState())
    return folder


def step(number: int) -> Event:
    return {"event": "step", "step": number, "loss": 1.0}


def test_events_states_and_checkpoints_are_written_in_order(folder: RunFolder):
    heard: list[Event] = []
    recorder = Recorder(folder, folder.state(), heard.append)
    recorder.set_state(Status.RUNNING, total=2)
    recorder.event(step(1))
    recorder.checkpoint(1, {"a": np.arange(3)})
    recorder.event(step(2))
    recorder.set_state(Status.STOPPED, Message("run_left", {"step": 2}), step=2)
    recorder.close()
    assert [event["event"] for event in folder.read_events()[0]] == ["status", "step", "checkpoint", "step", "status"]
    assert heard == folder.read_events()[0]
    assert (folder.state().status, folder.state().step, folder.state().total) == (Status.STOPPED, 2, 2)
    with np.load(folder.checkpoint_path) as arrays:
        np.testing.assert_array_equal(arrays["a"], np.arange(3))


def test_settling_waits_for_the_disk_and_says_whether_everything_has_got_there(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
):
    recorder = Recorder(folder, folder.state())
    for number in range(100):
        recorder.event({"event": "epoch", "step": number})
    recorder.set_state(Status.STOPPED)
    assert recorder.settle()
    assert len(folder.read_events()[0]) == 101
    assert folder.state().status is Status.STOPPED

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder, "write_state", full)
    recorder.set_state(Status.FINISHED)
    assert not recorder.settle()
    recorder.close()


def test_a_checkpoint_moves_the_step_of_the_state(folder: RunFolder):
    recorder = Recorder(folder, folder.state())
    recorder.set_state(Status.RUNNING)
    recorder.checkpoint(5, {})
    recorder.close()
    assert (folder.state().status, folder.state().step) == (Status.RUNNING, 5)
    assert recorder.checkpoint_step == 5
    assert not recorder.busy


def test_a_torn_line_is_cut_off_before_the_next_one(folder: RunFolder):
    folder.events_path.write_bytes(b'{"event": "a"}\n{"event": "st')
    recorder = Recorder(folder, folder.state())
    recorder.event(step(1))
    recorder.close()
    assert [event["event"] for event in folder.read_events()[0]] == ["a", "step"]


def test_what_json_does_not_have_becomes_null(folder: RunFolder):
    recorder = Recorder(folder, folder.state())
    recorder.event({"event": "epoch", "loss": float("nan"), "more": {"a": [float("inf"), 1.5]}})
    recorder.close()
    assert json.loads(folder.events_path.read_text()) == {"event": "epoch", "loss": None, "more": {"a": [None, 1.5]}}


def test_a_listener_that_is_gone_is_not_called_again_and_ends_nothing(folder: RunFolder):
    heard: list[int] = []

    def listen(event: Event) -> None:
        heard.append(event["step"])
        if len(heard) == 2:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    recorder = Recorder(folder, folder.state(), listen)
    for number in range(1, 5):
        recorder.event(step(number))
    assert recorder.settle()
    recorder.close()
    assert recorder.error is None
    assert heard == [1, 2]
    assert [event["step"] for event in folder.read_events()[0]] == [1, 2, 3, 4]


def test_a_checkpoint_that_fails_leaves_the_old_one(folder: RunFolder, monkeypatch: pytest.MonkeyPatch):
    recorder = Recorder(folder, folder.state())
    recorder.checkpoint(1, {"a": np.zeros(1)})

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    recorder.close()
    recorder = Recorder(folder, folder.state())
    monkeypatch.setattr(module.np, "savez", full)
    recorder.checkpoint(2, {"a": np.ones(1)})
    recorder.close()
    assert is_disk_full(recorder.error)
    monkeypatch.undo()
    with np.load(folder.checkpoint_path) as arrays:
        assert arrays["a"] == 0
    assert {path.name for path in folder.path.iterdir()} == {
        *("run.json", "state.json", "events.jsonl", "checkpoint.npz")
    }


def test_after_an_error_the_next_event_raises_it_and_the_last_state_is_still_written(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "save_checkpoint", full)
    recorder = Recorder(folder, folder.state())
    recorder.checkpoint(1, {})
    while recorder.busy:
        pass
    with pytest.raises(OSError, match="No space left"):
        recorder.event(step(1))
    recorder.set_state(Status.FAILED, Message("run_disk_full", {"step": 1}))
    recorder.close()
    assert folder.state().status is Status.FAILED
