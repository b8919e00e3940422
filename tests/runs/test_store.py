import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from sslrec.config import ROOT
from sslrec.data import corpora
from sslrec.errors import RunError
from sslrec.runs import record as records
from sslrec.runs import store as store_module
from sslrec.runs.events import Message, RunConfig, Status
from sslrec.runs.store import RunFolder, RunRecord, RunState, RunStore, valid_id, write_atomically
from sslrec.runs.view import Digest

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


def test_a_state_is_written_as_soon_as_its_reader_has_closed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, tried, real = tmp_path / "state.json", [], Path.replace
    write_atomically(path, "old")

    def read_by_another(self: Path, target: Path) -> Path:
        tried.append(target)
        if len(tried) < 3:
            raise PermissionError(13, "Access is denied")  # as Windows does
        return real(self, target)

    monkeypatch.setattr(Path, "replace", read_by_another)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert len(tried) == 3


def test_a_state_that_may_never_be_replaced_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def denied(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Access is denied")

    write_atomically(tmp_path / "state.json", "old")
    monkeypatch.setattr(Path, "replace", denied)
    monkeypatch.setattr(store_module, "READ_SECONDS", 0.05)
    with pytest.raises(PermissionError):
        write_atomically(tmp_path / "state.json", "new")
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
        assert not replace(folder.state(), born=1.0, since_boot=1.0).process_lives  # another with the same number
        process.communicate(b"\n")
    found = folder.recovered_state()
    assert (found.status, found.message) == (Status.INTERRUPTED, Message("run_interrupted", {"step": 7}))
    assert folder.state() == replace(found, updated=folder.state().updated)


def test_a_process_lives_on_when_the_clock_is_set_and_not_in_the_next_start_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = RunFolder(tmp_path)
    folder.create(RunRecord.new(CONFIG), RunState(Status.RUNNING).by(os.getpid()))
    real = psutil.boot_time()
    for seconds in (1.0, -7200.0):
        with monkeypatch.context() as patch:
            patch.setattr(psutil, "boot_time", lambda moved=real + seconds: moved)
            born = psutil.Process().create_time() + seconds
            patch.setattr(psutil.Process, "create_time", lambda _, born=born: born)
            assert folder.recovered_state().status is Status.RUNNING
    state = folder.state()
    with monkeypatch.context() as patch:
        patch.setattr(records, "boot_id", lambda: "another start")
        assert not state.process_lives
    # Those of an older version name the moment alone.
    assert replace(state, boot="", since_boot=None).process_lives
    assert not replace(state, born=state.born - 10, boot="", since_boot=None).process_lives


def test_of_many_that_take_a_run_at_once_one_has_it(tmp_path: Path):
    folder = RunFolder(tmp_path / "run")
    folder.create(RunRecord.new(CONFIG), RunState(Status.INTERRUPTED))
    script = (
        "import sys, pathlib; from sslrec.runs.store import RunFolder\n"
        "from sslrec.errors import RunError\n"
        "folder = RunFolder(pathlib.Path(sys.argv[1])); print('ready', flush=True); input()\n"
        "try: folder.claim(); print('mine', flush=True)\n"
        "except RunError as error: print(error.code, flush=True)\n"
        "input()\n"
    )
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(3)
    ]
    for process in asked:
        assert process.stdout.readline() == "ready\n"
    for process in asked:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.stdout.readline().strip() for process in asked]
    for process in asked:
        process.communicate("\n")
    assert sorted(said) == ["mine", "run_busy", "run_busy"]
    # It is dead, so that it does not stand in the way.
    folder.claim()
    assert (folder.state().status, folder.state().pid) == (Status.STARTING, os.getpid())


def test_a_finished_run_is_nobodys_to_take(tmp_path: Path):
    folder = RunFolder(tmp_path)
    folder.create(RunRecord.new(CONFIG), RunState(Status.FINISHED))
    with pytest.raises(RunError, match="is finished, where 'resume' has no effect"):
        folder.claim()


def test_what_is_no_event_is_passed_over(tmp_path: Path):
    folder = RunFolder(tmp_path)
    torn = b'{"event": "a"}\n{"event": "st\n\0\0\0\0\n[1]\n7\n{"event": 7}\n\xff\xfe\n{"event": "b"}\n'
    folder.events_path.write_bytes(torn)
    events, offset = folder.read_events()
    assert [event["event"] for event in events] == ["a", "b"]
    assert offset == len(torn)
    folder.events_path.write_bytes(b"\0" * 50 + b'\n{"event": "c"}\n')
    events, offset = folder.read_events(limit=20)
    assert (events, offset) == ([], 20)
    assert folder.read_events(offset)[0] == [{"event": "c"}]


def test_a_watcher_reads_on_behind_a_block_without_an_event(tmp_path: Path):
    folder = RunFolder(tmp_path)
    folder.events_path.write_bytes(b"x" * 4_000_000 + b'\n{"event": "started", "step": 0, "of": 7}\n')
    digest = Digest(folder)
    digest.update()
    assert digest.started == {"of": 7}


@pytest.mark.parametrize(
    ("file", "fields"),
    [
        ("run.json", {"created": None}),
        ("run.json", {"created": float("nan")}),
        ("run.json", {"created": 1e300}),
        ("run.json", {"created": "today"}),
        ("run.json", {"owner": 7}),
        ("run.json", {"keep_running": "yes"}),
        ("run.json", {"config": {"task": "autoencoder", "data": "digits", "options": None}}),
        ("state.json", {"step": None}),
        ("state.json", {"pid": 1.5}),
        ("state.json", {"seconds": True}),
        ("state.json", {"metrics": []}),
        ("state.json", {"message": "hello"}),
    ],
)
def test_a_field_of_another_kind_makes_a_file_unreadable_and_stops_nobody(
    tmp_path: Path, file: str, fields: dict[str, Any]
):
    store = RunStore(tmp_path)
    good = RunRecord.new(CONFIG)
    store.create(good, RunState(Status.STOPPED))
    odd = store.create(RunRecord.new(CONFIG), RunState(Status.STOPPED))
    path = odd.path / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))
    with pytest.raises(RunError, match="holds no training run"):
        odd.record() if file == "run.json" else odd.state()
    assert [record.id for record, _, _ in store.recovered()] == [good.id]
    assert store.prune(5) == []


def test_a_record_is_read_once_to_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = RunStore(tmp_path)
    for _ in range(3):
        store.create(RunRecord.new(CONFIG), RunState(Status.FINISHED))
    read: list[Path] = []
    real = RunFolder.record
    monkeypatch.setattr(RunFolder, "record", lambda folder: read.append(folder.path) or real(folder))
    assert len(store.prune(1)) == 2
    assert len(read) == 3


def test_a_state_is_json_whatever_was_measured(tmp_path: Path):
    folder = RunFolder(tmp_path)
    folder.create(RunRecord.new(CONFIG), RunState(Status.FINISHED, metrics={"a": float("nan"), "b": [float("inf")]}))
    assert "NaN" not in (tmp_path / "state.json").read_text()
    assert folder.state().metrics == {"a": None, "b": [None]}


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
    with pytest.raises(RunError, match="At most 1 runs are kept here, 1 have not ended, and there is no room for 1 "):
        store.prune(1, room=1)
    assert [record.id for record, _ in store.runs()] == [alive.id]


def test_why_there_is_no_room_is_told_in_figures(tmp_path: Path):
    store = RunStore(tmp_path)
    for status in (Status.RUNNING, Status.FINISHED):
        store.create(RunRecord.new(CONFIG), RunState(status).by(os.getpid()))
    with pytest.raises(RunError, match=r"At most 3 runs are kept here, 1 have not ended, .* no room for 3 more; wait"):
        store.prune(3, room=3)
    # However long one waits.
    with pytest.raises(RunError, match=r"At most 3 runs are kept here .* and 4 were to start at once; start fewer"):
        store.prune(3, room=4)
    assert len(list(store.runs())) == 2


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
