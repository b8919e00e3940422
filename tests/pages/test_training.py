"""Training: starting, watching, finding again and using runs; the workers only count."""

import io
import json
import os
import shutil
import time
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sslrec import artifacts
from sslrec.config import settings
from sslrec.data.catalogue import load_catalogue
from sslrec.errors import RunError
from sslrec.runs import control, process
from sslrec.runs.events import Message, RunConfig, Status
from sslrec.runs.store import RunRecord, RunState
from sslrec.serving.opening import shared_catalogues
from sslrec.serving.recommender import shared_recommender
from sslrec.ui import training_compare, training_presence, training_start
from sslrec.ui.texts import CATALOGUES
from sslrec.ui.training_choices import OWN_POLICY
from sslrec.ui.training_report import run_zip
from tests.pages.conftest import go
from tests.recommenders import tiny_assets

ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]
CONFIG = RunConfig("autoencoder", "digits", epochs=1)
PATIENCE = 60.0


def html(app):
    return "\n".join(element.value for element in app.html)


def buttons(app):
    return {button.label: button for button in app.button}


def settled(app, *statuses):
    """Run the page, as its clock would, until its run is in one of these states."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        app.run()
        assert not app.exception
        if any(f"sx-state sx-{status}" in html(app) for status in statuses):
            return app
        time.sleep(0.05)
    raise AssertionError(html(app))


@pytest.fixture
def controller(tmp_path, monkeypatch):
    """The app's controller with runs in a folder of its own and workers that make 20 quick steps."""
    monkeypatch.setenv("SSLREC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SSLREC_FAKE", '{"steps": 20, "pause": 0.01}')
    monkeypatch.setattr(process, "MODULE", "tests.runs.fake_worker")
    for one in (settings, control.shared, training_presence.presence):
        one.cache_clear()
    yield control.shared()
    control.shared().close()
    monkeypatch.undo()
    for one in (settings, control.shared, training_presence.presence):
        one.cache_clear()


@pytest.fixture
def slow(monkeypatch):
    """Workers that are at work for as long as a test looks."""
    monkeypatch.setenv("SSLREC_FAKE", '{"steps": 100000, "pause": 0.02}')


def on_disk(controller, status=Status.FINISHED, config=CONFIG, owner="somebody", **state):
    """A run that lies there from another day."""
    record = replace(RunRecord.new(config, owner=owner), owner=owner)
    state = {"step": 10, "total": 10, "metrics": {"bce": 0.15}, **state}
    return controller.store.create(record, RunState(status, **state))


def assert_answers_on_digits(app, run: str) -> None:
    """Use a run's model, whose code has 32 numbers, and find it at work on the digits page."""
    app.button(key=f"demo.use.{run}").click().run()
    go(app, "digits")
    app.query_params["input"] = "samples"
    app.run()
    assert not app.exception
    assert 'class="sx-demo"' in html(app)
    assert ENGLISH["views.rebuilt"].format(count=32) in html(app)


def test_the_first_view_invites_and_one_click_starts(controller, open_page):
    app = open_page("training")
    for name in ("rebuild", "repair", "read", "alike"):
        assert ENGLISH[f"preset.{name}"] in html(app)
    app.button(key="start.rebuild").click().run()
    (run,) = controller.runs()
    assert run.config.task == "autoencoder"
    assert app.query_params["run"] == run.id
    settled(app, "finished")
    assert ENGLISH["download.title"] in html(app)
    assert {ENGLISH["demo.use"], ENGLISH["control.another"]} <= buttons(app).keys()
    buttons(app)[ENGLISH["control.another"]].click().run()
    assert "run" not in app.query_params
    assert ENGLISH["preset.rebuild"] in html(app)


def test_a_second_click_on_start_starts_nothing(controller, open_page, slow):
    app = open_page("training")
    button = app.button(key="start.rebuild")
    button.click().run()
    button.click().run()
    assert len(controller.runs()) == 1


def test_a_run_is_paused_resumed_and_stopped(controller, open_page, slow):
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    settled(app, "running")
    buttons(app)[ENGLISH["control.pause"]].click().run()
    settled(app, "paused")
    buttons(app)[ENGLISH["control.resume"]].click().run()
    settled(app, "running")
    buttons(app)[ENGLISH["control.stop"]].click().run()
    assert "sx-state sx-stopped" in html(app)  # at once, without another look
    buttons(app)[ENGLISH["control.go_on"]].click().run()
    settled(app, "running")


def test_the_slider_changes_the_rate_and_the_change_is_told(controller, open_page, slow):
    app = open_page("training", run=controller.start(replace(CONFIG, learning_rate=0.1), "somebody"))
    settled(app, "running")
    (slider,) = [one for one in app.select_slider if one.key.startswith("rate.")]
    slider.set_value(0.01).run()
    limit = time.monotonic() + PATIENCE
    while ENGLISH["change.hand"] not in html(app) and time.monotonic() < limit:
        time.sleep(0.05)
        app.run()
    assert "0.1 → 0.01" in html(app)


def test_the_slider_begins_at_the_rate_in_force(controller, open_page, slow):
    run = controller.start(replace(CONFIG, learning_rate=0.01), "somebody")
    app = settled(open_page("training", run=run), "running")

    def slider():
        (found,) = [one for one in app.select_slider if one.key.startswith("rate.")]
        return found

    limit = time.monotonic() + PATIENCE
    while slider().value != 0.1 and time.monotonic() < limit:  # the worker's own
        time.sleep(0.05)
        app.run()
    assert slider().value == 0.1
    assert slider().label == ENGLISH["control.rate"].format(now="0.1")
    assert controller.view(run).changes == ()
    slider().set_value(0.2).run()
    limit = time.monotonic() + PATIENCE
    while not controller.view(run).changes and time.monotonic() < limit:
        time.sleep(0.05)
    for _ in range(3):
        app.run()
    assert slider().value == 0.2
    assert [change.after for change in controller.view(run).changes] == [0.2]


def test_a_policy_that_finds_its_rate_has_none_before_the_first_step(controller, open_page):
    folder = on_disk(controller, Status.RUNNING, replace(CONFIG, policy="auto"), step=0)
    folder.write_state(folder.state().by(os.getpid()))
    folder.events_path.write_text('{"event": "started", "step": 0, "learning_rate": 0.1, "epochs": 1, "of": 100}\n')
    app = open_page("training", run=folder.path.name)
    (slider,) = [one for one in app.select_slider if one.key.startswith("rate.")]
    assert slider.label == ENGLISH["control.rate_unknown"]


def test_a_run_that_cannot_be_read_is_told_without_its_place(controller, open_page):
    folder = on_disk(controller)
    (folder.path / "state.json").write_text("{")
    app = open_page("training", run=folder.path.name)
    told = " ".join(element.value for element in [*app.error, *app.warning, *app.html, *app.markdown])
    assert f"The files of the run &#x27;{folder.path.name}&#x27;" in told or f"the run '{folder.path.name}'" in told
    assert str(folder.path.parent) not in told


def test_a_reload_finds_the_run_through_its_url(controller, open_page, slow):
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    again = open_page("training", run=app.query_params["run"], lang="zh-CN")
    assert CHINESE["control.stop"] in buttons(again)
    assert ENGLISH["preset.rebuild"] not in html(again)


@pytest.fixture
def visitors(monkeypatch):
    """Who opens a page just now, and who has closed the browser."""
    found = SimpleNamespace(now="starter", gone=set())
    runtime = SimpleNamespace(is_active_session=lambda session: session not in found.gone)
    monkeypatch.setattr(
        training_presence, "runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: runtime)
    )
    for module in (training_presence, training_start):
        monkeypatch.setattr(module, "session_id", lambda: found.now)
    return found


def test_a_link_to_a_finished_run_keeps_no_later_training_of_its_starter(controller, open_page, visitors, monkeypatch):
    monkeypatch.setattr(controller._queue, "_owner_seconds", 1.0)
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    settled(app, "finished")
    visitors.now = "reader"
    open_page("training", run=app.query_params["run"])
    visitors.now = "starter"
    monkeypatch.setenv("SSLREC_FAKE", '{"steps": 100000, "pause": 0.02}')
    buttons(app)[ENGLISH["control.another"]].click().run()
    app.button(key="start.rebuild").click().run()
    settled(app, "running")
    run = app.query_params["run"]
    time.sleep(2.0)
    assert controller.view(run).status is Status.RUNNING
    visitors.gone.add("starter")
    limit = time.monotonic() + PATIENCE
    while controller.view(run).status.alive and time.monotonic() < limit:
        time.sleep(0.1)
    assert controller.view(run).message.code == "run_left"


def test_a_link_to_a_run_at_work_and_a_reload_keep_it(controller, open_page, visitors, slow, monkeypatch):
    monkeypatch.setattr(controller._queue, "_owner_seconds", 1.0)
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    race = open_page("training", mode="race")
    race.button(key="start.slow").click().run()
    runs = [app.query_params["run"], *race.query_params["race"].split(".")]
    visitors.now = "reloaded"
    open_page("training", run=runs[0], race=".".join(runs[1:]))  # which shows the first of them
    visitors.gone.add("starter")
    time.sleep(3.0)
    assert [view.status.alive for view in controller.compare(runs)] == [True] * 4


def test_a_run_is_still_there_after_a_visit_to_another_page(controller, open_page, slow):
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    run = app.query_params["run"]
    go(app, "home")
    app.query_params.clear()
    go(app, "training")
    assert app.query_params["run"] == run
    assert ENGLISH["control.stop"] in buttons(app)


def test_a_reload_of_another_page_keeps_the_run_and_finds_it(controller, open_page, visitors, slow, monkeypatch):
    monkeypatch.setattr(controller._queue, "_owner_seconds", 1.0)
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    run = app.query_params["run"]
    app.query_params.clear()  # as Streamlit does on the way
    go(app, "home")
    assert app.query_params["run"] == run
    visitors.now = "reloaded"
    again = open_page("home", run=app.query_params["run"])
    visitors.gone.add("starter")
    time.sleep(3.0)
    assert controller.view(run).status.alive
    again.query_params.clear()
    go(again, "training")
    assert again.query_params["run"] == run
    assert ENGLISH["control.stop"] in buttons(again)


def test_a_reload_keeps_the_race_that_the_page_does_not_show(controller, open_page, slow):
    app = open_page("training", mode="race")
    app.button(key="start.slow").click().run()
    race = app.query_params["race"]
    app.query_params.clear()
    app.query_params["mode"] = "run"
    app.run()
    assert app.button(key="start.rebuild")
    assert app.query_params["race"] == race


def test_a_run_that_ended_before_a_reload_of_another_page_is_found_and_no_longer_in_the_way(controller, open_page):
    folder = on_disk(controller)
    app = open_page("home", run=folder.path.name)
    app.query_params.clear()
    go(app, "catalogue")
    assert "run" not in app.query_params
    go(app, "training")
    assert app.query_params["run"] == folder.path.name
    assert ENGLISH["download.title"] in html(app)


@pytest.mark.parametrize("text", ["20260101-000000-00000000", "../../etc", "."])
def test_another_page_says_nothing_of_a_run_that_is_not_there(controller, open_page, text):
    app = open_page("home", run=text)
    assert not app.exception
    assert "There is no run" not in html(app)


def test_an_address_without_an_id_is_one_without_a_run(controller, open_page):
    assert open_page("training", run="..").button(key="start.rebuild")


@pytest.mark.parametrize("text", ["20260101-000000-00000000", "../../etc", "%00", "a.b.c"])
def test_a_run_that_is_not_there_is_told_and_another_can_be_started(controller, open_page, text):
    app = open_page("training", run=text)
    assert not app.exception
    assert "There is no run" in html(app)
    assert app.button(key="start.rebuild")
    assert "There is no run" not in html(app.run())


def test_a_run_that_is_removed_while_it_is_watched_is_told_and_another_can_be_started(
    controller, open_page, monkeypatch, slow
):
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    compare, looks = controller.compare, []

    def gone_at_the_second_look(run_ids):
        looks.append(run_ids)
        if len(looks) == 2:
            raise RunError("run_missing", run=run_ids[0])
        return compare(run_ids)

    monkeypatch.setattr(controller, "compare", gone_at_the_second_look)
    app.run()
    assert not app.exception
    assert html(app).count("There is no run") == 1
    assert app.button(key="start.rebuild")
    assert "run" not in app.query_params


def test_the_others_wait_and_see_their_place(controller, open_page, slow):
    for _ in range(3):
        controller.start(CONFIG, "others", keep_running=True)
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    assert ENGLISH["training.place"].format(place=3) in html(app)
    buttons(app)[ENGLISH["control.stop"]].click().run()
    assert "sx-state sx-stopped" in html(app)


def test_a_race_is_started_watched_and_judged(controller, open_page):
    app = open_page("training", mode="race")
    app.button(key="start.slow").click().run()
    runs = controller.runs()
    assert len({run.race for run in runs}) == 1
    assert len(runs) == 3
    assert app.query_params["race"].count(".") == 2
    settled(app, "finished")
    assert "sx-takeaway" in html(app)
    for run in runs:
        assert ENGLISH[f"policy.{run.config.policy}"] in html(app)


def test_a_race_that_was_stopped_goes_on_side_by_side(controller, open_page, slow):
    app = open_page("training", mode="race")
    app.button(key="start.slow").click().run()
    settled(app, "running")
    buttons(app)[ENGLISH["control.stop"]].click().run()
    assert "sx-state sx-stopped" in html(app)
    buttons(app)[ENGLISH["control.go_on"]].click().run()
    limit = time.monotonic() + PATIENCE
    while any(run.status is not Status.RUNNING for run in controller.runs()) and time.monotonic() < limit:
        time.sleep(0.05)
    assert [run.status for run in controller.runs()] == [Status.RUNNING] * 3


def test_everything_can_be_set(controller, open_page, slow):
    app = open_page("training", task="classifier", policy="constant")
    app.select_slider(key="choose.rate").set_value(0.01)
    app.number_input(key="choose.epochs").set_value(3)
    app.number_input(key="choose.seed").set_value(7)
    app.segmented_control(key="choose.classifier.budget").set_value("100")
    app.toggle(key="keep.new").set_value(True)
    app.run()
    app.button(key="start.own.run").click().run()
    (run,) = controller.runs()
    wanted = RunConfig("classifier", "digits", "constant", 0.01, 3, None, 7, {"budget": "100"})
    assert run.config == wanted
    assert controller.store.folder(run.id).record().keep_running


def test_what_is_not_set_is_the_tasks_own(controller, open_page, slow):
    app = open_page("training", task="classifier")
    app.run()
    app.button(key="start.own.run").click().run()
    (run,) = controller.runs()
    assert (run.config.epochs, run.config.learning_rate, run.config.batch_size) == (None, None, None)
    assert run.config == RunConfig("classifier", "digits")


def test_the_tasks_own_policy_goes_with_its_settings_until_another_one_is_chosen(controller, open_page):
    app = open_page("training", task="classifier")
    assert app.selectbox(key="policy").value == OWN_POLICY
    assert app.selectbox(key="policy").options[0] == ENGLISH["choose.own"]
    assert ENGLISH["policy.cosine_how"] in html(app)  # of an encoder
    app.segmented_control(key="choose.classifier.start").set_value("scratch").run()
    assert ENGLISH["policy.auto_how"] in html(app)
    app.selectbox(key="policy").set_value("constant").run()
    assert app.query_params["policy"] == "constant"
    assert ENGLISH["policy.constant_how"] in html(app)
    app.segmented_control(key="choose.classifier.start").set_value("auto").run()
    assert app.selectbox(key="policy").value == "constant"
    app.segmented_control(key="choose.classifier.start").set_value("scratch").run()
    app.selectbox(key="policy").set_value(OWN_POLICY).run()
    assert "policy" not in app.query_params
    assert ENGLISH["policy.auto_how"] in html(app)


def test_a_stopped_run_leaves_a_model_to_take_along_and_to_use(controller, open_page, shipped_models, monkeypatch):
    model = str(artifacts.folder_of("autoencoder-32"))
    fake = {"steps": 100_000, "pause": 0.02, "leave": 1.0, "model": model}
    monkeypatch.setenv("SSLREC_FAKE", json.dumps(fake))
    run = controller.start(replace(CONFIG, options={"code": 32}), "somebody")
    app = open_page("training", run=run)
    settled(app, "running")
    buttons(app)[ENGLISH["control.stop"]].click().run()
    assert "sx-state sx-stopped" in html(app)
    leaving = ENGLISH["training.leaving"]
    assert leaving in html(app)
    limit = time.monotonic() + PATIENCE
    while leaving in html(app) and time.monotonic() < limit:
        time.sleep(0.1)
        app.run()
    with zipfile.ZipFile(io.BytesIO(run_zip(controller.view(run), ""))) as archive:
        (step,) = {name.split("/")[1] for name in archive.namelist() if name.startswith("snapshots/")}
        assert {f"snapshots/{step}/{name}" for name in ("decoder.tflite", "manifest.json")} <= set(archive.namelist())
    assert_answers_on_digits(app, run)


def test_a_run_that_another_process_has_can_only_be_stopped_and_says_so(controller, open_page):
    folder = on_disk(controller, Status.RUNNING, metrics=None, total=100)
    folder.write_state(folder.state().by(os.getpid()))
    folder.events_path.write_text('{"event": "started", "step": 0, "learning_rate": 0.1, "epochs": 1, "of": 100}\n')
    app = open_page("training", run=folder.path.name)
    assert ENGLISH["control.elsewhere"] in html(app)
    disabled = {name: buttons(app)[ENGLISH[f"control.{name}"]].disabled for name in ("pause", "stop", "snapshot")}
    assert disabled == {"pause": True, "stop": False, "snapshot": True}
    (slider,) = [one for one in app.select_slider if one.key.startswith("rate.")]
    (keep,) = [one for one in app.toggle if one.key.startswith("keep.")]
    assert slider.disabled
    assert keep.disabled


@pytest.mark.parametrize(
    ("config", "metrics", "title", "figures"),
    [
        (CONFIG, {"bce": 0.15}, "measured", ["bce"]),
        (
            RunConfig("multimodal", "builtin"),
            {"validation_loss": 2.5, "recall_at_1": 0.25, "recall_at_5": 0.375, "recall_at_10": 0.5, "products": 1200},
            "measured_validation",
            ["recall_at_1", "recall_at_10", "validation_loss"],
        ),
        (
            RunConfig("fusion", "builtin"),
            {"validation_loss": 2.5, "validation_accuracy": 0.25, "products": 1200, "towers": "0" * 64},
            "measured_validation",
            ["validation_accuracy", "validation_loss"],
        ),
        (RunConfig("fusion", "builtin"), {"products": 1200}, "", []),
    ],
    ids=["autoencoder", "multimodal", "fusion", "nothing"],
)
def test_a_finished_run_shows_what_was_measured_and_on_what(controller, open_page, config, metrics, title, figures):
    folder = on_disk(controller, config=config, metrics=metrics)
    shown = html(open_page("training", run=folder.path.name))
    titles = [name for name in ("measured", "measured_validation") if ENGLISH[f"training.{name}"] in shown]
    assert titles == ([title] if title else [])
    named = [name for name in metrics if f"<span>{ENGLISH.get(f'figure.{name}')}</span>" in shown]
    assert sorted(named) == figures


def test_the_winner_of_a_race_can_be_used(controller, open_page, shipped_models):
    ids = []
    for loss, status in ((0.3, Status.FINISHED), (0.2, Status.FINISHED), (0.1, Status.STOPPED)):
        folder = on_disk(controller, status)
        event = {"event": "epoch", "step": 10, "epoch": 1, "loss": loss, "seconds": 1.0}
        folder.events_path.write_text(json.dumps(event) + "\n")
        ids.append(folder.path.name)
    app = open_page("training", mode="race", race=".".join(ids))
    (button,) = [one for one in app.button if one.label == ENGLISH["demo.use_best"]]
    assert button.key == f"demo.use.{ids[1]}"
    button.click().run()
    assert ENGLISH["demo.back"] in buttons(app)


def test_a_race_of_one_cannot_be_started(controller, open_page):
    app = open_page("training", mode="race")
    app.pills(key="choose.racers").set_value(["cosine"]).run()
    assert app.button(key="start.own.race").disabled


def test_a_start_that_is_refused_is_told(controller, open_page, monkeypatch, slow):
    monkeypatch.setattr(controller, "_max_runs", 1)
    controller.start(CONFIG, "others", keep_running=True)
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    assert "At most 1 runs are kept here, 1 have not ended" in html(app)
    assert app.button(key="start.rebuild")


def test_a_failed_run_says_why(controller, open_page):
    folder = on_disk(controller, Status.FAILED, message=Message("run_not_finite", {"step": 5, "loss": "nan"}))
    app = open_page("training", run=folder.path.name, lang="zh-CN")
    assert CHINESE["error.run_not_finite"].format(step=5, loss="nan") in html(app)
    assert CHINESE["control.go_on"] not in buttons(app)  # it would come to the same end


def test_of_a_race_only_those_go_on_that_may_come_to_another_end(controller, open_page, slow):
    message = Message("run_not_finite", {"step": 5, "loss": "nan"})
    fallen, stopped = on_disk(controller, Status.FAILED, message=message), on_disk(controller, Status.STOPPED)
    app = open_page("training", mode="race", race=f"{fallen.path.name}.{stopped.path.name}")
    buttons(app)[ENGLISH["control.go_on"]].click().run()
    assert not app.exception
    assert [one.state().status.alive for one in (fallen, stopped)] == [False, True]


def test_runs_that_are_over_are_compared(controller, open_page):
    app = open_page("training", mode="compare")
    assert ENGLISH["compare.none"] in html(app)
    for policy in ("cosine", "constant"):
        on_disk(controller, config=replace(CONFIG, policy=policy))
    app = open_page("training", mode="compare")
    charts = [chart.proto.alt for chart in app.get("plotly_chart")]
    assert charts == [ENGLISH["compare.loss"], ENGLISH["compare.rate"]]
    assert "sx-ranking" in html(app)
    app.multiselect(key="compare").set_value([]).run()
    assert not app.exception
    assert not app.get("plotly_chart")


def test_what_others_brought_is_not_compared(controller, open_page):
    own = RunConfig("adapt", "own_catalogue", options={"catalogue": "0" * 16})
    on_disk(controller, config=own)
    assert ENGLISH["compare.none"] in html(open_page("training", mode="compare"))
    on_disk(controller)
    app = open_page("training", mode="compare")
    assert [run.config.data for run in training_compare.ended_runs()] == ["digits"]
    assert len(app.multiselect(key="compare").options) == 1


def test_what_was_brought_is_compared_by_who_holds_it_after_a_reload_too(controller, open_page):
    own = RunConfig("language", "own", options={"text": "0" * 16})
    folder = on_disk(controller, config=own, metrics={"weights": 10})
    app = open_page("training", mode="compare", run=folder.path.name)
    assert len(app.multiselect(key="compare").options) == 1


def test_a_trained_model_answers_on_the_digits_page_until_it_is_sent_back(controller, open_page, shipped_models):
    folder = on_disk(controller, config=replace(CONFIG, options={"code": 32}))
    source = artifacts.load("autoencoder-32")
    for name in source.manifest.files:
        shutil.copy(source.file(name), folder.path / name)
    artifacts.save(folder.path, source.manifest)
    app = open_page("training", run=folder.path.name)
    assert_answers_on_digits(app, folder.path.name)
    app.button(key="demo.back").click().run()
    assert 'class="sx-demo"' not in html(app)
    assert ENGLISH["views.rebuilt"].format(count=64) in html(app)


@pytest.fixture
def tiny(controller, monkeypatch):
    """A small recommender and its catalogue in place of the shipped ones."""
    monkeypatch.setenv("SSLREC_ASSETS", str(tiny_assets()))
    monkeypatch.delenv("SSLREC_DATA", raising=False)
    caches = (settings, shared_recommender, shared_catalogues)
    for one in caches:
        one.cache_clear()
    yield artifacts.load("recommender")
    for one in caches:
        one.cache_clear()


def found(app):
    """The scores of the products on the Recommend page."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == "sslrec.products":
            return [card["score"] for card in json.loads(element.proto.json)["products"]]
    raise AssertionError(html(app))


@pytest.mark.parametrize("task", ["multimodal", "fusion"])
def test_a_trained_recommender_finds_products_until_it_is_sent_back(controller, open_page, tiny, task):
    folder = on_disk(controller, config=RunConfig(task, "builtin", epochs=1), metrics={"accuracy": 0.5}).path
    for name in ("manifest.json", *tiny.manifest.files):
        shutil.copy(tiny.folder / name, folder / name)
    trained = json.loads((folder / "recommender.json").read_text())
    for line in trained["calibration"].values():
        line["offset"] = -9.0  # so that it is told from the shipped one by its scores
    (folder / "recommender.json").write_text(json.dumps(trained))
    artifacts.save(folder, tiny.manifest)

    shipped = found(open_page("recommend", q="red shoes"))
    app = open_page("training", run=folder.name)
    app.button(key=f"demo.use.{folder.name}").click().run()
    go(app, "recommend")
    app.query_params["q"] = "red shoes"
    app.run()
    assert 'class="sx-demo"' in html(app)
    assert max(map(float, found(app))) < min(map(float, shipped))
    app.button(key="demo.back").click().run()
    assert 'class="sx-demo"' not in html(app)
    assert found(app) == shipped


def test_a_catalogue_of_ones_own_keeps_its_model_and_says_so(controller, open_page, tiny):
    index = shared_recommender().open_catalogue(load_catalogue("builtin"))
    folder = on_disk(controller, config=RunConfig("fusion", "builtin", epochs=1), metrics={"accuracy": 0.5}).path
    for name in ("manifest.json", *tiny.manifest.files):
        shutil.copy(tiny.folder / name, folder / name)
    app = open_page("training", run=folder.name)
    app.session_state["catalogue.own"] = SimpleNamespace(index=index, name="mine")
    app.button(key=f"demo.use.{folder.name}").click().run()
    go(app, "recommend")
    told = ENGLISH["demo.own_catalogue"]
    assert told not in html(app)
    app.query_params["catalog"] = "own"
    app.run()
    assert not app.exception
    assert told in html(app)
    app.button(key="demo.back").click().run()
    assert told not in html(app)
    assert found(app)


def test_a_trained_recommender_that_is_gone_is_told_with_the_way_back(controller, open_page, tiny):
    folder = on_disk(controller, config=RunConfig("fusion", "builtin", epochs=1), metrics={"accuracy": 0.5}).path
    app = open_page("training", run=folder.name)
    app.button(key=f"demo.use.{folder.name}").click().run()
    shutil.rmtree(folder)
    go(app, "recommend")
    assert not app.exception
    assert "not here any more" in html(app)
    app.button(key="demo.back").click().run()
    assert "not here any more" not in html(app)
    assert found(app)


def test_a_trained_model_that_is_gone_is_told_with_the_way_back(controller, open_page, shipped_models):
    folder = on_disk(controller)
    app = open_page("training", run=folder.path.name)
    app.button(key=f"demo.use.{folder.path.name}").click().run()
    shutil.rmtree(folder.path)
    go(app, "digits")
    assert not app.exception
    assert "not here any more" in html(app)
    app.button(key="demo.back").click().run()
    assert "not here any more" not in html(app)
