"""Adapting the recommender to the visitor's own catalogue, with a worker that only counts."""

import json
import shutil
import threading
import time

import pytest

from sslrec import artifacts
from sslrec.config import settings
from sslrec.data import products, shops
from sslrec.runs import control, process
from sslrec.runs.events import Status
from sslrec.serving.adapted import recommender_for
from sslrec.serving.kept import kept_catalogues
from sslrec.serving.opening import Opening, shared_catalogues
from sslrec.serving.recommender import shared_recommender
from sslrec.ui import catalogue_adapt, training_presence
from sslrec.ui.own_catalogue import KEY
from sslrec.ui.texts import CATALOGUES
from tests import recommenders
from tests.pages.conftest import go
from tests.pages.test_catalogue import PICTURES, SHOP, TABLE, click, html, packed, send
from tests.recommenders import tiny_assets

ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]
RECALLS = {"recall_at_1": 0.1, "recall_at_5": 0.25, "recall_at_10": 0.5}
METRICS = {"before": RECALLS, "after": {**RECALLS, "recall_at_10": 0.75}, "mixture": 0.5, "held_out": 20}
CACHED = (settings, shared_catalogues, shared_recommender, control.shared, training_presence.presence)


@pytest.fixture
def trained(tmp_path):
    """What a training leaves: the small recommender, of other scores."""
    folder = tmp_path / "trained"
    shutil.copytree(tiny_assets() / "models" / "recommender", folder)
    said = json.loads((folder / "recommender.json").read_text("utf-8"))
    said["calibration"]["text"]["offset"] = 0.0
    (folder / "recommender.json").write_text(json.dumps(said), "utf-8")
    recommenders.save(folder)
    return folder


@pytest.fixture
def done(monkeypatch, tmp_path, trained, open_page):
    """Opens the page with a small catalogue already brought."""
    monkeypatch.setenv("SSLREC_ASSETS", str(tiny_assets()))
    monkeypatch.setenv("SSLREC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SSLREC_KEEP_CATALOGUES", "1")
    monkeypatch.setenv("SSLREC_FAKE", json.dumps({"steps": 3, "model": str(trained), "metrics": METRICS}))
    monkeypatch.delenv("SSLREC_DATA", raising=False)
    monkeypatch.setattr(process, "MODULE", "tests.runs.fake_worker")
    monkeypatch.setattr(catalogue_adapt, "FEWEST", 4)
    monkeypatch.setattr(catalogue_adapt, "require_enough", lambda catalogue, name: None)  # five products
    for one in CACHED:
        one.cache_clear()

    def opened(lang="en"):
        app = open_page("catalogue", "zh-CN" if lang == "zh-CN" else "en-US")
        send(app, TABLE, "shop.csv", SHOP)
        send(app, PICTURES, "shop.zip", packed("red.png", "green.png", "blue.png", "black.png", "white.png"))
        click(app, "ingest.start")
        return until(app, lambda: KEY in app.session_state)

    yield opened
    control.shared().close()
    monkeypatch.undo()
    for one in CACHED:
        one.cache_clear()


def until(app, is_so):
    """Run the page, as its clock would, until something is so."""
    limit = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < limit, html(app)
        time.sleep(0.05)
        app.run()
        assert not app.exception
    return app


def own(app):
    return app.session_state[KEY]


def test_one_click_adapts_says_what_came_of_it_and_another_goes_back(done):
    app = done()
    before = own(app).index
    assert ENGLISH["adapt.title"] in html(app)
    click(app, "adapt.start")
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    (run,) = control.shared().runs()
    assert (run.config.task, run.config.data, run.status) == ("adapt", shops.OWN, Status.FINISHED)
    said = html(app)
    for share in ("50.0 %", "75.0 %", "20"):
        assert share in said
    after = own(app).index
    assert after is not before
    assert after.recommender.artifact.digest != before.recommender.artifact.digest
    assert after.catalogue is before.catalogue
    assert ENGLISH["adapt.in_use"] in said
    go(app, "recommend")
    assert not app.exception
    go(app, "catalogue")
    click(app, "adapt.switch")
    assert own(app).index is before
    assert ENGLISH["adapt.not_in_use"] in html(app)
    click(app, "adapt.switch")
    assert own(app).index is after


def test_an_adapted_catalogue_is_kept_with_its_recommender(done, trained):
    app = click(done(), "adapt.start")
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    click(app, "keep.button")
    (kept,) = kept_catalogues()
    index = shared_catalogues().open(str(kept.folder)).index(60)
    assert index.recommender is recommender_for(index.catalogue)
    assert index.recommender.artifact.digest == own(app).index.recommender.artifact.digest


def test_a_catalogue_kept_before_it_was_adapted_can_be_kept_again_after(done):
    app = click(done(), "keep.button")
    assert ENGLISH["keep.done"].format(name="shop") in html(app)
    click(app, "adapt.start")
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    assert ENGLISH["keep.done"].format(name="shop") not in html(app)
    app.text_input(key="keep.name").set_value("adapted").run()
    click(app, "keep.button")
    opened = {one.name: shared_catalogues().open(str(one.folder)).index(60) for one in kept_catalogues()}
    digests = {name: index.recommender.artifact.digest for name, index in opened.items()}
    assert digests["shop"] != digests["adapted"] == own(app).index.recommender.artifact.digest


@pytest.mark.parametrize("others", [0, 1])
def test_a_visitors_products_go_with_the_visitor_unless_somebody_elses_training_needs_them(done, monkeypatch, others):
    app = click(done(), "adapt.start")
    (run,) = control.shared().runs()
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    folder = shops.own_folder(run.config.options["catalogue"])
    assert folder.is_dir()
    for _ in range(others):
        control.shared().start(run.config, "somebody")
    shutil.rmtree(control.shared().store.folder(run.id).path)  # tidied away, as old runs are
    monkeypatch.setattr(catalogue_adapt, "PATIENCE", 0.0)
    catalogue_adapt._gone_with("a session that is gone", run.id, run.config.options["catalogue"])
    assert folder.is_dir() == bool(others)


@pytest.fixture
def adapted(done, monkeypatch):
    """A finished adaptation, whose session is gone; starts to look after it and says what it looks after."""
    app = click(done(), "adapt.start")
    (run,) = control.shared().runs()
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    monkeypatch.setattr(catalogue_adapt, "is_connected", lambda session: False)
    monkeypatch.setattr(catalogue_adapt, "PATIENCE", 0.05)
    monkeypatch.setattr(catalogue_adapt, "TICK_SECONDS", 0.001)
    number = run.config.options["catalogue"]
    gone = threading.Thread(target=catalogue_adapt._gone_with, args=("gone", run.id, number), daemon=True)
    return gone, run, (control.shared().store.root / run.id, shops.own_folder(number))


def test_an_adaptation_that_is_watched_stays_until_it_is_not(adapted, monkeypatch):
    """A reload is another session, which finds the run by its address."""
    gone, _, folders = adapted
    watched = threading.Event()
    watched.set()
    monkeypatch.setattr(training_presence.Presence, "is_held", lambda self, owner: watched.is_set())
    gone.start()
    gone.join(0.5)
    assert gone.is_alive()
    assert all(folder.is_dir() for folder in folders)
    watched.clear()
    gone.join(30.0)
    assert not any(folder.is_dir() for folder in folders)


def test_an_adaptation_that_was_let_go_on_alone_stays(adapted, monkeypatch):
    gone, run, folders = adapted
    monkeypatch.setattr(training_presence.Presence, "is_held", lambda self, owner: False)
    control.shared().keep(run.id, True)
    gone.start()
    gone.join(30.0)
    assert all(folder.is_dir() for folder in folders)


def test_what_a_server_that_was_ended_left_over_is_removed_by_the_next_one(done, monkeypatch):
    app = click(done(), "adapt.start")
    (run,) = control.shared().runs()
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    folder, products = control.shared().store.root / run.id, shops.own_folder(run.config.options["catalogue"])
    monkeypatch.setattr(training_presence.Presence, "is_held", lambda self, owner: False)
    for age, left in ((24 * 3600.0, True), (-1.0, False)):
        monkeypatch.setattr(catalogue_adapt, "LEFT_OVER", age)
        catalogue_adapt._tidied(int(age))
        assert folder.is_dir() == products.is_dir() == left


def test_an_adapted_model_that_is_gone_before_its_catalogue_is_encoded_is_told_once(done, monkeypatch):
    app = done()
    fails = Opening("shop", lambda tell: artifacts.load("none"))
    monkeypatch.setattr(catalogue_adapt, "open_adapted", lambda catalogue, artifact: fails)
    click(app, "adapt.start")
    until(app, lambda: "The model 'none' is not in" in html(app))
    assert "adapt.start" in {button.key for button in app.button}


def test_an_adaptation_whose_run_was_tidied_away_still_goes_back_and_forth(done):
    app = done()
    before = own(app).index
    click(app, "adapt.start")
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    after = own(app).index
    (run,) = control.shared().runs()
    shutil.rmtree(control.shared().store.folder(run.id).path)
    app.run()
    said = html(app)
    assert "There is no run" not in said
    assert "75.0 %" in said
    assert own(click(app, "adapt.switch")).index is before
    assert own(click(app, "adapt.switch")).index is after


def test_a_training_that_was_removed_is_told_and_can_begin_anew(done, monkeypatch):
    monkeypatch.setenv("SSLREC_FAKE", json.dumps({"steps": 100_000, "pause": 0.02}))
    app = click(done(), "adapt.start")
    (run,) = control.shared().runs()
    click(until(app, lambda: f"stop.{run.id}" in {button.key for button in app.button}), f"stop.{run.id}")
    until(app, lambda: "adapt.again" in {button.key for button in app.button})
    shutil.rmtree(control.shared().store.folder(run.id).path)
    app.run()
    assert not app.exception
    assert "There is no run" in html(app)
    click(app, "adapt.start")
    assert run.id not in {run.id for run in control.shared().runs()}
    assert "adapt.start" not in {button.key for button in app.button}


def test_a_training_that_is_stopped_can_go_on_or_begin_anew(done, monkeypatch):
    monkeypatch.setenv("SSLREC_FAKE", json.dumps({"steps": 100_000, "pause": 0.02}))
    app = click(done(), "adapt.start")
    (run,) = control.shared().runs()
    stop = f"stop.{run.id}"
    until(app, lambda: stop in {button.key for button in app.button})
    click(app, stop)
    until(app, lambda: "adapt.again" in {button.key for button in app.button})
    assert "adapt.go_on" in {button.key for button in app.button}
    click(app, "adapt.again")
    assert "adapt.start" in {button.key for button in app.button}


def test_a_catalogue_that_is_too_small_is_told_and_offers_nothing(done, monkeypatch):
    monkeypatch.setattr(catalogue_adapt, "FEWEST", 200)
    app = done("zh-CN")
    assert CHINESE["adapt.few"].format(count=5, limit=200) in html(app)
    assert "adapt.start" not in {button.key for button in app.button}


def test_names_that_are_too_much_alike_are_told_at_the_click_by_the_catalogue_s_name(done, monkeypatch):
    app = done()
    monkeypatch.setattr(catalogue_adapt, "require_enough", products.require_enough)
    monkeypatch.setattr(products, "FEWEST", 4)
    click(app, "adapt.start")
    assert ENGLISH["error.catalogue_alike"].format(name="shop") in html(app)
    assert not control.shared().runs()
    assert not shops.own_folder("").exists()
    assert "adapt.start" in {button.key for button in app.button}


def test_what_an_unfinished_training_needs_is_kept_when_others_begin(done, monkeypatch):
    monkeypatch.setenv("SSLREC_FAKE", json.dumps({"steps": 100_000, "pause": 0.02}))
    monkeypatch.setattr(shops, "KEPT", 1)
    app = click(done(), "adapt.start")
    click(app, "done.change")
    send(app, TABLE, "other.csv", SHOP.replace("linen", "cotton"))
    click(app, "ingest.start")
    until(app, lambda: "adapt.start" in {button.key for button in app.button})
    click(app, "adapt.start")
    numbers = {run.config.options["catalogue"] for run in control.shared().runs()}
    assert len(numbers) == 2
    assert all((shops.own_folder(number) / shops.FILE).is_file() for number in numbers)


def test_another_catalogue_begins_without_what_was_done_before(done):
    app = click(done(), "adapt.start")
    until(app, lambda: "adapt.switch" in {button.key for button in app.button})
    click(app, "done.change")
    click(app, "ingest.start")
    until(app, lambda: "adapt.start" in {button.key for button in app.button})
    assert own(app).index.recommender is shared_recommender()
