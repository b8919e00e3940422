"""Training: starting, watching, finding again and using runs; the workers only count."""

import json
import shutil
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sslrec import artifacts
from sslrec.config import settings
from sslrec.data.catalogue import load_catalogue
from sslrec.errors import RunError
from sslrec.runs import control, process
from sslrec.runs.events import RunConfig, Status
from sslrec.runs.store import RunRecord, RunState
from sslrec.serving.opening import shared_catalogues
from sslrec.serving.recommender import shared_recommender
from sslrec.ui import training_compare, training_presence
from sslrec.ui.texts import CATALOGUES
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


def test_a_reload_finds_the_run_through_its_url(controller, open_page, slow):
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    again = open_page("training", run=app.query_params["run"], lang="zh-CN")
    assert CHINESE["control.stop"] in buttons(again)
    assert ENGLISH["preset.rebuild"] not in html(again)


def test_a_run_is_still_there_after_a_visit_to_another_page(controller, open_page, slow):
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    run = app.query_params["run"]
    go(app, "home")
    app.query_params.clear()
    go(app, "training")
    assert app.query_params["run"] == run
    assert ENGLISH["control.stop"] in buttons(app)


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


def test_a_race_of_one_cannot_be_started(controller, open_page):
    app = open_page("training", mode="race")
    app.pills(key="choose.racers").set_value(["cosine"]).run()
    assert app.button(key="start.own.race").disabled


def test_a_start_that_is_refused_is_told(controller, open_page, monkeypatch, slow):
    monkeypatch.setattr(controller, "_max_runs", 1)
    controller.start(CONFIG, "others", keep_running=True)
    app = open_page("training")
    app.button(key="start.rebuild").click().run()
    assert "runs are kept here and none of them has ended" in html(app)
    assert app.button(key="start.rebuild")


def test_a_failed_run_says_why(controller, open_page):
    from sslrec.runs.events import Message

    folder = on_disk(controller, Status.FAILED, message=Message("run_not_finite", {"step": 5, "loss": "nan"}))
    app = open_page("training", run=folder.path.name, lang="zh-CN")
    assert CHINESE["error.run_not_finite"].format(step=5, loss="nan") in html(app)
    assert CHINESE["control.go_on"] in buttons(app)


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


def test_a_trained_model_answers_on_the_digits_page_until_it_is_sent_back(controller, open_page, shipped_models):
    folder = on_disk(controller, config=replace(CONFIG, options={"code": 32}))
    source = artifacts.load("autoencoder-32")
    for name in source.manifest.files:
        shutil.copy(source.file(name), folder.path / name)
    artifacts.save(folder.path, source.manifest)
    app = open_page("training", run=folder.path.name)
    app.button(key="demo.use").click().run()
    go(app, "digits")
    app.query_params["input"] = "samples"
    app.run()
    assert not app.exception
    assert 'class="sx-demo"' in html(app)
    assert ENGLISH["views.rebuilt"].format(count=32) in html(app)
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
    app.button(key="demo.use").click().run()
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
    app.button(key="demo.use").click().run()
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
    app.button(key="demo.use").click().run()
    shutil.rmtree(folder)
    go(app, "recommend")
    assert not app.exception
    assert "There is no run" in html(app)
    app.button(key="demo.back").click().run()
    assert "There is no run" not in html(app)
    assert found(app)


def test_a_trained_model_that_is_gone_is_told_with_the_way_back(controller, open_page, shipped_models):
    folder = on_disk(controller)
    app = open_page("training", run=folder.path.name)
    app.button(key="demo.use").click().run()
    shutil.rmtree(folder.path)
    go(app, "digits")
    assert not app.exception
    assert "There is no run" in html(app)
    app.button(key="demo.back").click().run()
    assert "There is no run" not in html(app)
