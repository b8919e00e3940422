import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sslrec.data import corpora
from sslrec.errors import RunError
from sslrec.runs.events import Message, RunConfig, Status
from sslrec.runs.store import RunFolder, RunRecord, RunState, RunStore, valid_id, write_atomically

CONFIG = RunConfig("autoencoder", "digits", options={"code": 8})


def test_a_record_and_a_state_are_read_as_they_were_written(tmp_path: Path):
    folder = RunFolder(tmp_path / "run")
    record = RunRecord.new(CONFIG, owner="ann", race="r")
    state = RunState(Status.PAUSED, Message("run_left", {"step": 3}), 3, 9, 1, 2.5, 4.0, 0.0, {"bce": 0.1})
    folder.create(record, state)
    assert folder.record() == record
    assert replace(folder.state(), updated=0.0) == state
    assert record.name == "autoencoder-8-digits"
    assert valid_id(record.id)


def test_a_state_that_cannot_be_written_leaves_the_old_one_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "state.json"
    write_atomically(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["state.json"]


def test_a_new_run_in_an_old_folder_begins_with_nothing_but_the_old_model(tmp_path: Path):
    folder = RunFolder(tmp_path)
    folder.create(RunRecord.new(CONFIG), RunState())
    for name in ("events.jsonl", "checkpoint.npz", "model.tflite"):
        (tmp_path / name).write_text("old")
    (tmp_path / "snapshots" / "step-1").mkdir(parents=True)
    folder.create(RunRecord.new(CONFIG), RunState())
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", "state.json", "model.tflite"}


def test_a_run_whose_process_is_dead_is_interrupted(tmp_path: Path):
    folder = RunFolder(tmp_path)
    folder.create(RunRecord.new(CONFIG), RunState())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        folder.write_state(RunState(Status.RUNNING, step=7).by(process.pid))
        assert folder.recovered_state().status is Status.RUNNING
        assert not replace(folder.state(), born=1.0).process_lives  # another process with the same number
        process.communicate(b"\n")
    found = folder.recovered_state()
    assert (found.status, found.message) == (Status.INTERRUPTED, Message("run_interrupted", {"step": 7}))
    assert folder.state() == replace(found, updated=folder.state().updated)


def test_events_are_read_on_from_where_the_last_reader_was(tmp_path: Path):
    folder = RunFolder(tmp_path)
    assert folder.read_events() == ([], 0)
    folder.events_path.write_text('{"event": "a"}\n{"event": "b"}\n{"event": ')
    events, offset = folder.read_events()
    assert [event["event"] for event in events] == ["a", "b"]
    assert folder.read_events(offset) == ([], offset)
    with folder.events_path.open("a") as stream:
        stream.write('"c"}\n')
    assert folder.read_events(offset)[0] == [{"event": "c"}]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"status": "dancing"}'])
def test_files_that_are_none_of_ours_are_no_run(tmp_path: Path, text: str):
    for name in ("run.json", "state.json"):
        (tmp_path / name).write_text(text)
    for read in (RunFolder(tmp_path).record, RunFolder(tmp_path).state):
        with pytest.raises(RunError, match="holds no training run"):
            read()


def test_a_damaged_folder_does_not_hide_the_others(tmp_path: Path):
    store = RunStore(tmp_path)
    good = RunRecord.new(CONFIG)
    store.create(good, RunState())
    (store.root / "bad").mkdir()
    (store.root / "bad" / "run.json").write_text("{")
    assert [record.id for record, _ in store.runs()] == [good.id]


def test_the_oldest_runs_that_have_ended_go_first_whatever_their_end(tmp_path: Path):
    store = RunStore(tmp_path)
    statuses = [Status.STOPPED, Status.FINISHED, Status.FINISHED, Status.FAILED]
    records = [RunRecord.new(CONFIG, created=float(age)) for age, _ in enumerate(statuses)]
    for record, status in zip(records, statuses, strict=True):
        store.create(record, RunState(status))
    alive = RunRecord.new(CONFIG)
    store.create(alive, RunState(Status.RUNNING).by(os.getpid()))
    assert store.prune(5) == []
    assert store.prune(5, room=1) == [records[0].id]
    assert store.prune(3) == [records[1].id]
    assert store.prune(1) == [records[2].id, records[3].id]
    with pytest.raises(RunError, match="1 runs are kept here and none of them has ended"):
        store.prune(1, room=1)
    assert [record.id for record, _ in store.runs()] == [alive.id]


def test_a_visitors_text_goes_with_the_last_run_that_learns_from_it(tmp_path: Path, set_variables: Callable[..., None]):
    set_variables(HOME=tmp_path)
    number = corpora.keep("\n".join(f"Line {n}." for n in range(50)), visitors=True)
    os.utime(tmp_path / "texts" / "visitors" / f"{number}.txt", (1, 1))
    store = RunStore()
    for age in range(2):
        config = RunConfig("language", corpora.OWN, options={"text": number})
        store.create(RunRecord.new(config, created=float(age)), RunState(Status.STOPPED))
    store.create(RunRecord.new(CONFIG), RunState(Status.FINISHED))
    for limit in (3, 2):
        store.prune(limit)
        assert len(corpora.read_own(number)) == 50
    store.prune(1)
    assert not list((tmp_path / "texts" / "visitors").iterdir())


def test_the_files_are_plain_json(tmp_path: Path):
    folder = RunFolder(tmp_path)
    folder.create(RunRecord.new(CONFIG), RunState())
    assert json.loads((tmp_path / "run.json").read_text())["config"]["options"] == {"code": 8}
    assert json.loads((tmp_path / "state.json").read_text())["status"] == "queued"
