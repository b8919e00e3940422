import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.errors import DataError, PolicyError, RunError
from sslrec.runs.control import Controller
from sslrec.runs.events import RunConfig, Status
from sslrec.runs.process import WorkerProcess
from sslrec.runs.store import RunRecord, RunState, write_atomically
from tests.runs.conftest import CONFIG, wait_for

Make = Callable[..., Controller]


def test_a_run_goes_from_the_queue_to_a_model(make_controller: Make):
    controller = make_controller()
    run_id = controller.start(CONFIG, "ann")
    view = wait_for(controller, run_id, Status.FINISHED)
    assert (view.step, view.total, view.metrics, view.message) == (20, 20, {"accuracy": 0.5}, None)
    np.testing.assert_array_equal(view.curves.steps, np.arange(1, 21))
    np.testing.assert_allclose(view.curves.loss, 1 / np.arange(1, 21))
    assert artifacts.load_folder(view.artifact, view.name).file("model.txt").read_text() == "a model"
    assert set(artifacts.load_folder(view.artifact, view.name).manifest.files) == {"model.txt"}


def test_ten_visitors_who_start_at_once_are_served_in_order(make_controller: Make):
    controller = make_controller(steps=2)
    ids = [controller.start(CONFIG, f"visitor {number}") for number in range(10)]
    places = [controller.view(run_id).place for run_id in ids]
    assert places[0] is None
    assert places[1:] == list(range(1, 10))
    began, ended = [], []
    for run_id in ids:
        wait_for(controller, run_id, Status.FINISHED)
        began.append((controller.view(run_id).folder / "run.json").stat().st_mtime)
        ended.append((controller.view(run_id).folder / "state.json").stat().st_mtime)
    assert began == sorted(began)
    assert ended == sorted(ended)


def test_two_workers_train_two_runs_at_once(make_controller: Make):
    controller = make_controller(max_workers=2, steps=10_000)
    ids = [controller.start(CONFIG, "ann") for _ in range(3)]
    for run_id in ids[:2]:
        wait_for(controller, run_id, Status.RUNNING)
    assert controller.view(ids[2]).status is Status.QUEUED
    assert controller.view(ids[2]).place == 1


def test_pause_resume_rate_and_stop(make_controller: Make):
    controller = make_controller(steps=100_000)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, lambda view: view.step > 2)
    controller.command(run_id, "pause")
    paused = wait_for(controller, run_id, Status.PAUSED)
    time.sleep(0.3)
    assert controller.view(run_id).step == paused.step
    controller.command(run_id, "set_rate", rate=0.02)
    controller.command(run_id, "resume")
    view = wait_for(controller, run_id, lambda view: view.curves.learning_rate[-1] == 0.02)
    (change,) = view.changes
    assert (change.before, change.after, change.reason, change.step) == (0.1, 0.02, "hand", paused.step)
    controller.command(run_id, "stop")
    view = wait_for(controller, run_id, Status.STOPPED)
    assert view.message is None
    assert view.step >= paused.step


@pytest.mark.parametrize("deaf", [0.0, 30.0])
def test_a_stop_is_seen_within_a_second_and_a_half_whatever_the_worker_does(make_controller: Make, deaf: float):
    controller = make_controller(steps=100_000, deaf=deaf)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, Status.RUNNING)
    began = time.monotonic()
    controller.command(run_id, "stop")
    wait_for(controller, run_id, Status.STOPPED)
    assert time.monotonic() - began < 1.5


def test_a_stopped_run_goes_on_and_its_void_steps_are_forgotten(make_controller: Make):
    controller = make_controller(steps=300)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, lambda view: view.step > 10)
    controller.command(run_id, "stop")
    stopped = wait_for(controller, run_id, Status.STOPPED)
    controller.resume(run_id, "bob")
    view = wait_for(controller, run_id, Status.FINISHED)
    assert view.owner == "bob"
    assert stopped.step < 300
    np.testing.assert_array_equal(view.curves.steps, np.arange(1, 301))
    with pytest.raises(RunError, match="is finished, where 'resume' has no effect"):
        controller.resume(run_id, "bob")


@pytest.mark.parametrize("asked", [None, False, True])
def test_a_run_that_goes_on_is_kept_as_before_unless_something_else_is_asked(make_controller: Make, asked: bool | None):
    controller = make_controller(steps=100_000, owner_seconds=1)
    run_id = controller.start(CONFIG, "gone", keep_running=True)
    wait_for(controller, run_id, Status.RUNNING)
    controller.command(run_id, "stop")
    wait_for(controller, run_id, Status.STOPPED)
    controller.resume(run_id, "gone", *([] if asked is None else [asked]))
    kept = asked is not False
    assert controller.view(run_id).keep_running == controller._queue.job_of(run_id).keep_running == kept
    if not kept:
        assert wait_for(controller, run_id, Status.INTERRUPTED).message.code == "run_left"


def test_a_stop_is_seen_at_once_and_its_weights_are_put_into_files_after_it(make_controller: Make):
    controller = make_controller(steps=100_000, leave=1.0)
    run_id = controller.start(CONFIG, "ann")
    assert wait_for(controller, run_id, lambda view: view.step > 2).held
    began = time.monotonic()
    controller.command(run_id, "stop")
    view = wait_for(controller, run_id, Status.STOPPED)
    assert time.monotonic() - began < 1.5
    assert (view.snapshots, view.held) == ((), True)
    view = wait_for(controller, run_id, lambda view: not view.held)
    assert (view.status, [snapshot.step for snapshot in view.snapshots]) == (Status.STOPPED, [view.step])
    assert artifacts.load_folder(view.snapshots[0].folder, view.name).file("model.txt").is_file()


def test_a_worker_that_is_in_a_long_step_when_its_run_is_stopped_may_end_and_save_it(make_controller: Make):
    controller = make_controller(steps=100_000, deaf=3.0, leave=0.0)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, lambda view: view.step > 0)
    began = time.monotonic()
    controller.command(run_id, "stop")
    step = wait_for(controller, run_id, Status.STOPPED).step
    assert time.monotonic() - began < 1.5
    view = wait_for(controller, run_id, lambda view: not view.held)
    assert (view.status, view.step, [snapshot.step for snapshot in view.snapshots]) == (
        Status.STOPPED,
        step + 1,
        [step + 1],
    )


def test_a_run_that_is_shown_as_stopped_goes_on_though_its_worker_has_not_said_so(make_controller: Make):
    controller = make_controller(steps=100_000, deaf=3.0)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, lambda view: view.step > 0)
    controller.command(run_id, "stop")
    wait_for(controller, run_id, Status.STOPPED)
    worker = controller._queue.job_of(run_id).worker
    controller.resume(run_id, "ann")
    assert worker.ended
    wait_for(controller, run_id, Status.RUNNING)


@pytest.mark.parametrize("how", ["go on", "wait"])
def test_weights_that_are_put_into_files_for_ever_keep_nobody_waiting(
    make_controller: Make, monkeypatch: pytest.MonkeyPatch, how: str
):
    monkeypatch.setattr("sslrec.runs.queue.EXPORT_SECONDS", 1.0)
    controller = make_controller(steps=100_000, leave=600.0)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, Status.RUNNING)
    controller.command(run_id, "stop")
    wait_for(controller, run_id, Status.STOPPED)
    if how == "go on":
        controller.resume(run_id, "ann")
        wait_for(controller, run_id, Status.RUNNING)
    else:
        wait_for(controller, controller.start(CONFIG, "bob"), Status.RUNNING)


@pytest.mark.parametrize("damage", ["gone", "torn"])
def test_a_run_that_cannot_be_read_frees_its_worker(make_controller: Make, damage: str):
    controller = make_controller(steps=100_000, deaf=600.0)
    run_id = controller.start(CONFIG, "ann")
    folder = wait_for(controller, run_id, Status.RUNNING).folder
    if damage == "gone":
        shutil.rmtree(folder)
    else:
        (folder / "state.json").write_text('{"status": "runn')
    began = time.monotonic()
    wait_for(controller, controller.start(CONFIG, "bob"), Status.RUNNING)
    assert time.monotonic() - began < 30
    with pytest.raises(RunError) as caught:
        controller.view(run_id)
    assert caught.value.code == ("run_missing" if damage == "gone" else "run_unreadable")
    assert str(folder.parent) not in str(caught.value)


def test_a_worker_leaves_alone_what_another_process_has_taken_meanwhile(make_controller: Make):
    controller = make_controller(steps=2)
    folder = controller.store.create(RunRecord.new(CONFIG), RunState())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        folder.write_state(RunState(Status.STARTING).by(other.pid))
        worker = WorkerProcess([folder.path])
        assert worker.wait(60)
        assert (folder.state().status, folder.state().pid) == (Status.STARTING, other.pid)
        assert not folder.events_path.exists()
        other.kill()
    worker.hang_up()


def test_a_run_that_another_process_has_taken_does_not_go_on(make_controller: Make):
    controller = make_controller(steps=100_000)
    folder = controller.store.create(RunRecord.new(CONFIG), RunState(Status.INTERRUPTED))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        folder.write_state(RunState(Status.STARTING).by(other.pid))
        with pytest.raises(RunError, match="is starting, where 'resume' has no effect"):
            controller.resume(folder.path.name, "ann")
        other.kill()
    controller.resume(folder.path.name, "ann")
    wait_for(controller, folder.path.name, Status.RUNNING)


def test_a_run_that_another_process_goes_on_with_is_not_ended_with_the_worker_that_leaves_it(make_controller: Make):
    controller = make_controller(steps=100_000, leave=600.0)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, Status.RUNNING)
    controller.command(run_id, "stop")
    wait_for(controller, run_id, Status.STOPPED)
    folder = controller.store.folder(run_id)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        folder.write_state(replace(folder.state(), status=Status.RUNNING).by(other.pid))
        time.sleep(1.5)
        assert (folder.state().status, folder.state().pid) == (Status.RUNNING, other.pid)
        other.kill()


def test_one_of_a_race_that_is_in_its_last_step_cannot_go_on_beside_the_others(make_controller: Make):
    controller = make_controller(steps=100_000, deaf=4.0)
    first, second = controller.start_race([CONFIG, replace(CONFIG, policy="constant")], "ann")
    wait_for(controller, first, lambda view: view.step > 0)
    controller.command(first, "stop")
    wait_for(controller, first, Status.STOPPED)
    with pytest.raises(RunError, match="has no effect"):
        controller.resume(first, "ann")
    assert controller.view(second).status is Status.RUNNING


def test_those_of_a_stopped_race_that_do_not_go_on_stay_stopped(make_controller: Make):
    controller = make_controller(steps=100_000, deaf=4.0)
    first, second = controller.start_race([CONFIG, replace(CONFIG, policy="constant")], "ann")
    wait_for(controller, first, lambda view: view.step > 0)
    for run_id in (first, second):
        controller.command(run_id, "stop")
    for run_id in (first, second):
        wait_for(controller, run_id, Status.STOPPED)
    controller.resume(first, "ann")
    assert controller.store.folder(second).state().status is Status.STOPPED


def test_what_a_killed_worker_left_unfinished_goes_with_it(make_controller: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sslrec.runs.queue.EXPORT_SECONDS", 1.0)
    controller = make_controller(steps=100_000, leave=600.0)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, Status.RUNNING)
    litter = controller.store.folder(run_id).path / ".snapshot-abc"
    litter.mkdir()
    controller.command(run_id, "stop")
    wait_for(controller, run_id, lambda view: not view.held)
    assert not litter.exists()


def test_a_run_in_the_queue_can_be_stopped_and_takes_no_other_command(make_controller: Make):
    controller = make_controller(steps=100_000)
    first, second, third = (controller.start(CONFIG, "ann") for _ in range(3))
    with pytest.raises(RunError, match="is queued, where 'pause' has no effect"):
        controller.command(second, "pause")
    controller.command(second, "stop")
    assert controller.view(second).status is Status.STOPPED
    assert controller.view(third).place == 1
    controller.command(first, "stop")
    wait_for(controller, third, Status.RUNNING)


def test_an_owner_who_leaves_frees_the_worker_and_the_queue(make_controller: Make):
    controller = make_controller(steps=100_000, owner_seconds=1)
    running = controller.start(CONFIG, "gone")
    queued = controller.start(CONFIG, "gone")
    other = controller.start(CONFIG, "here")
    limit = time.monotonic() + 60
    while controller.view(other).status is not Status.RUNNING and time.monotonic() < limit:
        controller.touch("here")
        time.sleep(0.1)
    for run_id in (running, queued):
        view = controller.view(run_id)
        assert view.status is Status.INTERRUPTED
        assert view.message.code == "run_left"
    assert controller.view(other).status is Status.RUNNING


def test_a_run_that_is_to_be_kept_survives_its_owner(make_controller: Make):
    controller = make_controller(steps=100_000, owner_seconds=1)
    run_id = controller.start(CONFIG, "gone", keep_running=True)
    wait_for(controller, run_id, Status.RUNNING)
    time.sleep(2)
    assert controller.view(run_id).status is Status.RUNNING
    controller.keep(run_id, False)
    assert wait_for(controller, run_id, Status.INTERRUPTED).message.code == "run_left"


def test_a_paused_run_makes_way_for_those_who_wait(make_controller: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sslrec.runs.queue.PAUSE_SECONDS", 0.5)
    controller = make_controller(steps=100_000)
    paused = controller.start(CONFIG, "ann")
    wait_for(controller, paused, Status.RUNNING)
    controller.command(paused, "pause")
    time.sleep(1)
    assert controller.view(paused).status is Status.PAUSED  # nobody waits
    other = controller.start(CONFIG, "bob")
    assert wait_for(controller, paused, Status.INTERRUPTED).message.code == "run_paused"
    wait_for(controller, other, Status.RUNNING)


def test_a_worker_that_dies_leaves_a_run_that_says_why_and_can_go_on(make_controller: Make):
    controller = make_controller(crash_at=5)
    run_id = controller.start(CONFIG, "ann")
    view = wait_for(controller, run_id, Status.INTERRUPTED)
    assert str(view.message).startswith("The training process ended by itself (the cat sat on the keyboard);")
    assert view.status.resumable


def test_an_app_that_ends_leaves_interrupted_runs_and_a_new_one_finds_them(make_controller: Make):
    first = make_controller(steps=100_000)
    running, queued = first.start(CONFIG, "ann"), first.start(CONFIG, "ann")
    wait_for(first, running, lambda view: view.step > 3)
    first.close()
    second = make_controller(steps=100_000)
    for run_id in (running, queued):
        view = second.view(run_id)
        assert view.status is Status.INTERRUPTED
        assert view.message.code == "run_interrupted"
    second.resume(running, "ann")
    wait_for(second, running, Status.RUNNING)


def test_a_kept_run_outlives_the_app_counts_as_a_worker_and_can_be_stopped(make_controller: Make):
    first = make_controller(steps=100_000)
    kept = first.start(CONFIG, "ann", keep_running=True)
    wait_for(first, kept, Status.RUNNING)
    first.close()
    second = make_controller(steps=2)
    waiting = second.start(CONFIG, "bob")
    assert second.view(kept).status is Status.RUNNING
    assert second.view(waiting).place == 1
    with pytest.raises(RunError, match="'pause' has no effect"):
        second.command(kept, "pause")
    second.command(kept, "stop")
    wait_for(second, kept, Status.INTERRUPTED)
    wait_for(second, waiting, Status.FINISHED)


def test_a_paused_run_does_not_outlive_the_app_even_if_it_is_to_be_kept(make_controller: Make):
    first = make_controller(steps=100_000)
    kept = first.start(CONFIG, "ann", keep_running=True)
    wait_for(first, kept, Status.RUNNING)
    first.command(kept, "pause")
    wait_for(first, kept, Status.PAUSED)
    first.close()
    second = make_controller(steps=2)
    wait_for(second, kept, Status.INTERRUPTED)
    wait_for(second, second.start(CONFIG, "bob"), Status.FINISHED)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.STARTING])
def test_a_stop_does_not_end_the_app_in_whose_queue_a_run_waits(make_controller: Make, status: Status):
    controller = make_controller()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as app:
        record = RunRecord.new(CONFIG, owner="ann")
        controller.store.create(record, RunState(status).by(app.pid))
        with pytest.raises(RunError, match=f"is {status}, where 'stop' has no effect"):
            controller.command(record.id, "stop")
        app.communicate(b"\n")
    assert app.returncode == 0


def test_a_killed_app_is_noticed_by_the_worker(make_controller: Make):
    controller = make_controller(steps=100_000)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, Status.RUNNING)
    job = controller._queue.job_of(run_id)
    job.worker.hang_up()  # what the system does with the pipe of a killed process
    view = wait_for(controller, run_id, Status.INTERRUPTED)
    assert view.message.code == "run_interrupted"


def test_a_killed_worker_is_noticed_by_whoever_looks(make_controller: Make):
    controller = make_controller(steps=100_000)
    run_id = controller.start(CONFIG, "ann")
    wait_for(controller, run_id, Status.RUNNING)
    os.kill(controller._queue.job_of(run_id).worker.pid, signal.SIGKILL)
    said = str(wait_for(controller, run_id, Status.INTERRUPTED).message)
    assert said.startswith("The training process was ended from outside (signal 9); resume the run from step")


def test_a_race_shares_one_worker_and_advances_evenly(make_controller: Make):
    controller = make_controller(steps=40)
    configs = [CONFIG, replace(CONFIG, policy="constant"), replace(CONFIG, policy="plateau")]
    ids = controller.start_race(configs, "ann")
    views = controller.compare(ids)
    assert len({view.race for view in views}) == 1
    assert [view.config.policy for view in views] == ["auto", "constant", "plateau"]
    for run_id in ids:
        wait_for(controller, run_id, Status.FINISHED)
    events = {run_id: controller.store.folder(run_id).read_events()[0] for run_id in ids}
    # All three are made by one process, whose clock tells in which order.
    made = sorted((one["seconds"], run_id) for run_id in ids for one in events[run_id] if one["event"] == "step")
    counts = dict.fromkeys(ids, 0)
    for _, run_id in made:
        counts[run_id] += 1
        assert max(counts.values()) - min(counts.values()) <= 1
    assert set(counts.values()) == {40}


def test_what_is_left_of_a_race_counts_the_turns_of_all(make_controller: Make):
    controller = make_controller(steps=300, pause=0.02)
    policies = ("cosine", "constant", "plateau")
    ids = controller.start_race([replace(CONFIG, policy=policy) for policy in policies], "ann")
    for run_id in ids:
        view = wait_for(controller, run_id, lambda view: view.seconds_left is not None)
        # Each step of a run waits for those of the two others.
        assert view.seconds_left is not None
        assert view.seconds_left > 0.9 * 3 * 0.02 * (view.total - view.step)


def test_a_race_that_was_interrupted_goes_on_as_one(make_controller: Make):
    first = make_controller(steps=100_000)
    ids = first.start_race([CONFIG, replace(CONFIG, policy="constant")], "ann")
    for run_id in ids:
        wait_for(first, run_id, Status.RUNNING)
    first.close()
    second = make_controller(steps=100_000)
    before = second.compare(ids)
    second.resume(ids, "bob")
    for run_id, view in zip(ids, before, strict=True):
        assert wait_for(second, run_id, lambda now, view=view: now.step > view.step + 3).status is Status.RUNNING
    assert [view.owner for view in second.compare(ids)] == ["bob", "bob"]
    assert len({second.store.folder(run_id).state().pid for run_id in ids}) == 1


def test_a_race_of_which_one_is_finished_goes_on_only_with_the_others(make_controller: Make):
    controller = make_controller(steps=300)
    ids = controller.start_race([CONFIG, replace(CONFIG, policy="constant")], "ann")
    wait_for(controller, ids[1], lambda view: view.step > 2)
    controller.command(ids[1], "stop")
    wait_for(controller, ids[0], Status.FINISHED)
    with pytest.raises(RunError, match="is finished, where 'resume' has no effect"):
        controller.resume(ids, "ann")
    assert controller.view(ids[1]).status is Status.STOPPED
    controller.resume(ids[1:], "ann")
    wait_for(controller, ids[1], Status.FINISHED)


def test_one_of_a_race_can_be_stopped_alone(make_controller: Make):
    controller = make_controller(steps=100_000)
    one, two = controller.start_race([CONFIG, replace(CONFIG, policy="constant")], "ann")
    wait_for(controller, two, Status.RUNNING)
    controller.command(one, "stop")
    stopped = wait_for(controller, one, Status.STOPPED)
    later = wait_for(controller, two, lambda view: view.step > stopped.step + 5)
    assert later.status is Status.RUNNING


@pytest.mark.parametrize(
    "configs",
    [
        [CONFIG],
        [CONFIG] * 5,
        [CONFIG, replace(CONFIG, seed=1)],
        [CONFIG, replace(CONFIG, options={"code": 8})],
    ],
    ids=["one", "five", "seeds", "codes"],
)
def test_a_race_compares_what_can_be_compared(make_controller: Make, configs: list[RunConfig]):
    with pytest.raises(RunError, match=f"A race has {len(configs)} runs; choose 2 to 4 with the same task"):
        make_controller().start_race(configs, "ann")


def test_a_race_of_more_runs_than_are_kept_is_told_to_be_smaller(make_controller: Make):
    controller = make_controller(max_runs=3)
    configs = [replace(CONFIG, policy=name) for name in ("auto", "constant", "cosine", "plateau")]
    with pytest.raises(RunError, match=r"At most 3 runs are kept here \(SSLREC_MAX_RUNS\), and 4 .* start fewer"):
        controller.start_race(configs, "ann")
    assert controller.runs() == ()


def test_old_runs_make_room_for_new_ones_finished_first(make_controller: Make):
    controller = make_controller(max_runs=3, steps=1)
    old = [controller.start(CONFIG, "ann") for _ in range(3)]
    for run_id in old:
        wait_for(controller, run_id, Status.FINISHED)
    new = controller.start(CONFIG, "ann")
    assert {found.id for found in controller.runs()} == {old[1], old[2], new}


def test_runs_that_have_not_ended_are_never_removed(make_controller: Make):
    controller = make_controller(max_runs=2, steps=100_000)
    ids = {controller.start(CONFIG, "ann") for _ in range(2)}
    with pytest.raises(RunError, match="At most 2 runs are kept here, 2 have not ended"):
        controller.start(CONFIG, "ann")
    assert {found.id for found in controller.runs()} == ids


def test_a_list_is_newest_first(make_controller: Make):
    controller = make_controller(steps=100_000)
    ids = {controller.start(CONFIG, owner) for owner in ("ann", "bob", "ann")}
    assert {found.id for found in controller.runs()} == ids
    created = [found.created for found in controller.runs()]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize(("file", "old", "new"), [("state.json", "{", "["), ("run.json", '"auto"', '"hope"')])
def test_a_damaged_run_stops_no_other(make_controller: Make, file: str, old: str, new: str):
    controller = make_controller(max_runs=2, steps=2)
    damaged = controller.store.create(RunRecord.new(CONFIG, owner="ann"), RunState(Status.STOPPED))
    text = (damaged.path / file).read_text()
    assert old in text
    (damaged.path / file).write_text(text.replace(old, new))
    ids = [controller.start(CONFIG, "bob") for _ in range(2)]
    for run_id in ids:
        wait_for(controller, run_id, Status.FINISHED)
    assert {found.id for found in controller.runs()} == set(ids)
    assert controller.start(CONFIG, "bob") in {found.id for found in controller.runs()}


@pytest.mark.parametrize("params", [{}, {"rate": "fast"}, {"rate": 0}, {"rate": 1e39}, {"rate": float("nan")}])
def test_what_is_no_rate_is_refused_and_the_run_goes_on(make_controller: Make, params: dict[str, Any]):
    controller = make_controller(steps=100_000)
    run_id = controller.start(CONFIG, "ann")
    step = wait_for(controller, run_id, Status.RUNNING).step
    with pytest.raises(PolicyError, match="choose a positive number"):
        controller.command(run_id, "set_rate", **params)
    assert wait_for(controller, run_id, lambda view: view.step > step + 3).status is Status.RUNNING


@pytest.mark.parametrize("run_id", ["", "nonsense", "../../etc", "20260101-000000-00000000", "%00"])
def test_what_is_no_run_is_refused(make_controller: Make, run_id: str):
    controller = make_controller()
    for call in (
        controller.view,
        lambda found: controller.command(found, "stop"),
        lambda found: controller.keep(found, True),
    ):
        with pytest.raises(RunError, match="There is no run"):
            call(run_id)


def test_data_that_is_not_here_is_said_before_anything_starts(
    make_controller: Make, set_variables: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    set_variables(DATA=tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    controller = make_controller()
    with pytest.raises(DataError, match="The data set 'mnist' is not on this machine"):
        controller.start(replace(CONFIG, data="mnist"), "ann")
    assert controller.runs() == ()


def test_a_full_disk_under_the_queue_is_a_failed_run(make_controller: Make, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    controller = make_controller()
    monkeypatch.setattr("sslrec.runs.queue.WorkerProcess", full)
    run_id = controller.start(CONFIG, "ann")
    view = wait_for(controller, run_id, Status.FAILED)
    assert "No space left on device" in str(view.message)


def test_a_worker_that_cannot_even_write_that_the_disk_is_full_is_heard_all_the_same(make_controller: Make):
    controller = make_controller(full_at=5)
    run_id = controller.start(CONFIG, "ann")
    view = wait_for(controller, run_id, Status.FAILED)
    assert view.message.code == "run_disk_full"
    assert view.status.resumable


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A disk that has room for `room` more files."""
    found = SimpleNamespace(room=1e9)

    def write(path: Path, text: str) -> None:
        if found.room < 1:
            raise OSError(28, "No space left on device")
        found.room -= 1
        write_atomically(path, text)

    monkeypatch.setattr("sslrec.runs.store.write_atomically", write)
    return found


@pytest.mark.parametrize("room", range(4))
def test_a_race_that_the_disk_has_no_room_for_leaves_no_run_that_waits(
    make_controller: Make, disk: SimpleNamespace, room: int
):
    controller = make_controller(steps=2)
    configs = [CONFIG, replace(CONFIG, policy="constant")]
    disk.room = room
    with pytest.raises(RunError, match="Nothing can be written to"):
        controller.start_race(configs, "ann")
    assert controller.runs() == ()
    disk.room = 1e9
    for run_id in controller.start_race(configs, "ann"):
        wait_for(controller, run_id, Status.FINISHED)


@pytest.mark.parametrize("room", range(4))
def test_a_race_that_cannot_go_on_for_a_full_disk_stays_as_it_is(
    make_controller: Make, disk: SimpleNamespace, room: int
):
    controller = make_controller(steps=100_000)
    ids = controller.start_race([CONFIG, replace(CONFIG, policy="constant")], "ann")
    for run_id in ids:
        wait_for(controller, run_id, Status.RUNNING)
        controller.command(run_id, "stop")
    for run_id in ids:
        wait_for(controller, run_id, Status.STOPPED)
    disk.room = room
    with pytest.raises(RunError, match="Nothing can be written to"):
        controller.resume(ids, "bob")
    assert [(view.status, view.message) for view in controller.compare(ids)] == [(Status.STOPPED, None)] * 2
    disk.room = 1e9
    controller.resume(ids, "bob")
    for run_id in ids:
        wait_for(controller, run_id, Status.RUNNING)


def test_on_a_full_disk_a_run_cannot_be_kept_and_a_dead_one_is_still_shown(
    make_controller: Make, disk: SimpleNamespace
):
    controller = make_controller()
    record = RunRecord.new(CONFIG, owner="ann")
    controller.store.create(record, replace(RunState(Status.RUNNING, step=3), pid=2**30, born=1.0))
    disk.room = 0
    view = controller.view(record.id)
    assert (view.status, view.message.code) == (Status.INTERRUPTED, "run_interrupted")
    with pytest.raises(RunError, match="Nothing can be written to"):
        controller.keep(record.id, True)
