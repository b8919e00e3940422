"""The Language page without a browser."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sslrec import artifacts
from sslrec.config import ROOT, settings
from sslrec.data import corpora
from sslrec.errors import RunError
from sslrec.runs import control, process
from sslrec.runs.events import RunConfig, Status
from sslrec.runs.store import RunRecord, RunState
from sslrec.serving.hub_language import hub_folder
from sslrec.serving.language import PARTS, shared_language
from sslrec.ui import training_presence
from sslrec.ui.fill_own import MOST as MOST_OWN
from sslrec.ui.fill_own import own_config
from sslrec.ui.fill_words import MOST
from sslrec.ui.texts import CATALOGUES
from tests.language_model import LENGTH, tiny_language
from tests.pages.conftest import go

ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]
pytestmark = pytest.mark.timeout(300)  # the first one waits for an export
Open = Callable[..., AppTest]


@pytest.fixture
def models(tmp_path: Path, set_variables: Callable[..., None]) -> Iterator[Path]:
    """The folder of models, with a language model in it."""
    for one in (ROOT / "assets").iterdir():
        if one.name != "models":
            (tmp_path / one.name).symlink_to(one)
    shutil.copytree(tiny_language(), tmp_path / "models" / "language")
    set_variables(ASSETS=tmp_path, HOME=tmp_path / "home")
    shared_language.cache_clear()
    yield tmp_path / "models"
    shared_language.cache_clear()


def html(app: AppTest) -> str:
    return "\n".join(element.value for element in app.html)


def click(app: AppTest, index: int, word: str, serial: int) -> AppTest:
    app.session_state["text.words"] = {"click": {"index": index, "word": word, "serial": serial}}
    app.run()
    assert not app.exception
    return app


def test_the_first_view_fills_a_gap(models: Path, open_page: Open):
    app = open_page("language")
    assert "<mark" in html(app)
    assert html(app).count("<li") >= 10
    assert len(app.get("plotly_chart")) == 1
    assert "text" not in app.query_params


def test_an_example_is_a_click_away(models: Path, open_page: Open):
    app = open_page("language")
    app.button(key="example.1").click().run()
    assert "[MASK] shirt" in (app.text_area(key="text").value or "")
    assert app.query_params["text"] == app.text_area(key="text").value


def test_a_click_on_a_word_hides_it_and_the_next_brings_it_back(models: Path, open_page: Open):
    app = open_page("language", text="Red shoe, size 3")
    assert ENGLISH["words.no_gap"] in html(app)
    click(app, 1, "shoe", 1)
    assert app.text_area(key="text").value == "Red [MASK], size 3"
    assert "You hid “shoe”" in html(app)
    click(app, 0, "Red", 2)
    assert app.text_area(key="text").value == "[MASK] [MASK], size 3"
    click(app, 1, "[MASK]", 3)
    assert app.text_area(key="text").value == "[MASK] shoe, size 3"
    assert app.query_params["text"] == "[MASK] shoe, size 3"


def test_a_hidden_word_is_known_though_hiding_it_brings_gaps_within_reach(models: Path, open_page: Open):
    long = "shirtshoe"
    pieces = len(shared_language().tokenizer.encode(long).ids) - 2
    assert pieces > 2
    text = f"{long} {'red ' * (LENGTH - 2 - pieces)}[MASK] [MASK] [MASK]"
    app = open_page("language", text=text)
    assert 'class="sx-guesses"' not in html(app)
    click(app, 0, long, 1)
    assert ENGLISH["words.spelled"].format(word=long, count=pieces) in html(app)
    click(app, 0, "[MASK]", 2)
    assert app.text_area(key="text").value == text


def test_the_words_run_in_the_texts_own_direction(models: Path, open_page: Open):
    app = open_page("language", text="שלום עולם [MASK]")
    assert 'role="group" dir="auto"' in app.get("bidi_component")[0].proto.html_content


def test_a_text_that_is_typed_anew_forgets_what_was_hidden_in_the_old_one(models: Path, open_page: Open):
    app = open_page("language", text="red cotton shirt")
    click(app, 1, "cotton", 1)
    assert "You hid “cotton”" in html(app)
    app.text_area(key="text").set_value("He opened the [MASK] now").run()
    assert "You hid" not in html(app)
    assert app.query_params["text"] == "He opened the [MASK] now"
    click(app, 3, "[MASK]", 2)
    text = app.text_area(key="text").value or ""
    assert "MASK" not in text
    assert "cotton" not in text


def test_a_click_that_comes_twice_or_late_changes_nothing(models: Path, open_page: Open):
    app = open_page("language", text="red shoe")
    click(app, 1, "shoe", 1)
    click(app, 1, "shoe", 1)
    click(app, 1, "shoe", 2)
    click(app, 7, "x", 3)
    assert app.text_area(key="text").value == "red [MASK]"


def test_the_best_guesses_can_be_put_in(models: Path, open_page: Open):
    app = open_page("language", text="red [MASK] and ___")
    app.button(key="words.accept").click().run()
    text = app.text_area(key="text").value or ""
    assert text.startswith("red ")
    assert "MASK" not in text
    assert "__" not in text


def test_guesses_for_an_earlier_text_do_not_replace_what_was_typed_since(models: Path, open_page: Open):
    app = open_page("language", text="red [MASK] and ___")
    typed = "a new [MASK] of mine"
    app.text_area(key="text").set_value(typed)
    app.button(key="words.accept").click().run()
    assert app.text_area(key="text").value == typed


@pytest.mark.parametrize("text", ["!!! ...", "红色的鞋 😀", "<b>bold</b> & *x* [MASK]", "[SEP] [PAD] [MASK]"])
@pytest.mark.parametrize("show", ["attention", "pieces"])
def test_strange_texts_are_read_all_the_same(models: Path, open_page: Open, text: str, show: str):
    app = open_page("language", text=text, show=show)
    assert not app.exception
    assert '<div role="alert"' not in html(app)
    assert "<b>bold" not in html(app)


def test_what_is_too_long_and_what_is_unknown_is_told(models: Path, open_page: Open):
    app = open_page("language", text="鞋 " + "[MASK] " * 50, lang="zh-CN")
    assert CHINESE["words.cut"].format(limit=LENGTH, count=51 - LENGTH + 2) in html(app)
    assert CHINESE["words.unknown"].format(count=1) in html(app)
    assert CHINESE["words.more"].format(count=LENGTH - 3 - 6) in html(app)


def test_a_gap_beyond_what_the_model_reads_is_not_said_to_be_missing(models: Path, open_page: Open):
    app = open_page("language", text="a " * LENGTH + "[MASK]")
    assert ENGLISH["words.cut"].format(limit=LENGTH, count=3) in html(app)
    assert ENGLISH["words.no_gap"] not in html(app)


def test_a_text_that_is_too_long_for_the_link_is_told(models: Path, open_page: Open):
    app = open_page("language", text="red shoe")
    assert ENGLISH["words.unlinked"] not in html(app)
    app.text_area(key="text").set_value("red shoe " * 50).run()
    assert ENGLISH["words.unlinked"] in html(app)
    assert "text" not in app.query_params


def test_a_click_on_a_word_of_a_text_that_fills_the_box_loses_nothing(models: Path, open_page: Open):
    rest = "x" * (MOST - len("red "))
    app = open_page("language")
    app.text_area(key="text").set_value(f"red {rest}").run()
    long = ENGLISH["words.long"].format(count=MOST)
    assert long not in html(app)
    click(app, 0, "red", 1)
    app.run()
    assert app.text_area(key="text").value == f"[MASK] {rest}"
    assert "You hid “red”" in html(app)
    app.text_area(key="text").set_value(f"red {rest} blue").run()
    assert app.text_area(key="text").value == f"red {rest}"
    assert long in html(app)
    app.button(key="example.1").click().run()
    assert long not in html(app)


def test_no_text_is_told_and_the_rest_still_works(models: Path, open_page: Open):
    app = open_page("language", show="likeness")
    app.text_area(key="text").set_value("   ").run()
    assert "There is no text" in html(app)
    app.text_area(key="text").set_value("\u200b").run()
    assert "There is no text" in html(app)
    assert 'class="sx-likeness"' in html(app)
    app.text_area(key="likeness").set_value("red shoe").run()
    assert ENGLISH["likeness.few"] in html(app)
    app.text_area(key="likeness").set_value("red shoe\n\n" * 12).run()
    assert ENGLISH["likeness.many"].format(count=8) in html(app)


def test_what_is_not_read_of_compared_lines_is_told(models: Path, open_page: Open):
    app = open_page("language", show="likeness", text="red shoe")
    app.text_area(key="likeness").set_value("red shoe\nblue shirt").run()
    assert "Unknown to the model" not in html(app)
    app.text_area(key="likeness").set_value("你好世界\n再见朋友").run()
    assert ENGLISH["words.unknown"].format(count=8) in html(app)
    assert ENGLISH["likeness.blank"] in html(app)
    app.text_area(key="likeness").set_value("red shoe\n" + "a " * LENGTH).run()
    assert "left out beyond" not in html(app)
    app.text_area(key="likeness").set_value("red shoe\n" + "a " * (PARTS * (LENGTH - 2) + 3)).run()
    assert ENGLISH["likeness.cut"].format(parts=PARTS, limit=LENGTH - 2, count=3) in html(app)


def test_of_a_paste_that_is_too_long_the_beginning_is_kept_and_that_is_said(models: Path, open_page: Open):
    app = open_page("language", show="likeness", text="red shoe")
    for key, most in (("likeness", MOST), ("own.text", MOST_OWN)):
        kept = ("red shoe\nblue shirt\n" + "a" * most)[:most]
        said = ENGLISH["words.long"].format(count=most)
        app.text_area(key=key).set_value(kept).run()
        assert said not in html(app)
        app.text_area(key=key).set_value(f"{kept}!").run()
        assert not app.exception
        assert app.text_area(key=key).value == kept
        assert said in html(app)
        app.text_area(key=key).set_value("red shoe\nblue shirt").run()
        assert said not in html(app)


def test_the_attention_of_any_layer_and_head_can_be_seen(models: Path, open_page: Open):
    app = open_page("language", head="2")
    app.toggle(key="attention.signs").set_value(True).run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1
    assert not open_page("language", head="99", layer="12").exception


def test_the_pieces_are_numbered_from_0_to_the_last(models: Path, open_page: Open):
    last = shared_language().tokenizer.vocab_size - 1
    app = open_page("language", text="red shoe", show="pieces")
    assert f"a number from 0 to {last:,};" in html(app)


def test_the_model_says_what_it_learned_from(models: Path, open_page: Open):
    app = open_page("language", show="model")
    for text in (ENGLISH["corpus.gutenberg"], "40.0 %", "20.0 %", "python -m sslrec train language --data text"):
        assert text in html(app)
    assert ENGLISH["model.curve"] in html(app)


def test_a_missing_model_is_told_with_its_command(models: Path, open_page: Open):
    shutil.rmtree(models / "language")
    for show in ("attention", "likeness", "model"):
        app = open_page("language", show=show)
        assert "train language --data text" in html(app)
        assert ENGLISH["words.title"] in html(app)


@pytest.mark.parametrize("show", ["attention", "likeness", "model"])
def test_what_is_wrong_with_the_model_is_said_once(models: Path, open_page: Open, show: str):
    assert html(open_page("language", show=show, model="../../etc")).count('<div role="alert"') == 1
    shutil.rmtree(models / "language")
    assert html(open_page("language", show=show)).count('<div role="alert"') == 1


def test_a_damaged_model_is_told(models: Path, open_page: Open):
    (models / "language" / "fill-in.tflite").write_bytes(b"x")
    assert "damaged" in html(open_page("language"))


@pytest.mark.parametrize(("lang", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_a_link_to_a_training_that_is_gone_names_the_way_back(models: Path, open_page: Open, lang: str, texts):
    run = "20260101-000000-00000000"
    app = open_page("language", model=run, lang=lang)
    told = texts["error.run_gone"].format(run=run, back=texts["demo.back"])
    assert told in unescape(html(app))
    assert app.button(key="demo.back").label == texts["demo.back"]
    app.button(key="demo.back").click().run()
    assert told not in unescape(html(app))
    assert "<mark" in html(app)


@pytest.fixture
def controller(models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[control.Controller]:
    """The app's controller with workers that only count."""
    monkeypatch.setenv("SSLREC_FAKE", '{"steps": 20, "pause": 0.01}')
    monkeypatch.setattr(process, "MODULE", "tests.runs.fake_worker")
    for one in (control.shared, training_presence.presence):
        one.cache_clear()
    yield control.shared()
    control.shared().close()
    for one in (control.shared, training_presence.presence):
        one.cache_clear()


def test_a_finished_run_fills_the_gaps_until_it_is_sent_back(
    controller: control.Controller, models: Path, open_page: Open
):
    record = RunRecord.new(RunConfig("language", "builtin", epochs=1), owner="somebody")
    folder = controller.store.create(record, RunState(Status.FINISHED, step=10, total=10, metrics={"weights": 5000}))
    for path in (models / "language").iterdir():
        shutil.copy(path, folder.path / path.name)
    assert ENGLISH["words.lead_shipped"] in unescape(html(open_page("language")))
    app = open_page("training", run=record.id)
    app.button(key=f"demo.use.{record.id}").click().run()
    assert ENGLISH["demo.open_language"] in {link.proto.label for link in app.get("page_link")}
    shutil.rmtree(models / "language")
    go(app, "language")
    assert 'class="sx-demo"' in html(app)
    assert "<mark" in html(app)
    assert ENGLISH["words.lead"] in html(app)
    assert ENGLISH["words.lead_shipped"] not in unescape(html(app))
    app.button(key="demo.back").click().run()
    assert 'class="sx-demo"' not in html(app)
    assert "missing" in html(app)


def test_a_link_to_a_training_of_another_kind_says_so(controller: control.Controller, models: Path, open_page: Open):
    record = RunRecord.new(RunConfig("autoencoder", "digits", epochs=1), owner="somebody")
    folder = controller.store.create(record, RunState(Status.FINISHED, step=10, total=10))
    for path in (models / "language").iterdir():
        shutil.copy(path, folder.path / path.name)
    manifest = artifacts.load_folder(folder.path, "run").manifest
    artifacts.save(folder.path, replace(manifest, task="autoencoder"))
    app = open_page("language", model=record.id)
    told = ENGLISH["error.language_task"].format(name=record.id, task="autoencoder")
    assert told in unescape(html(app))
    assert "is damaged" not in html(app)


OWN_TEXT = "".join(f"A red shoe, size {n}.\nA blue shirt, size {n}. " for n in range(30))


def test_a_training_starts_on_the_visitors_own_text(controller: control.Controller, open_page: Open):
    app = open_page("language")
    app.text_area(key="own.text").set_value(OWN_TEXT)
    app.button(key="own.start").click().run()
    assert not app.exception
    (run,) = controller.runs()
    assert (run.config.task, run.config.data, run.config.all_options["size"]) == ("language", "own", "tiny")
    assert len(corpora.read_own(run.config.options["text"])) == 60
    assert app.query_params["run"] == run.id


def test_ones_own_text_is_trained_on_though_another_training_is_at_work(
    controller: control.Controller, open_page: Open
):
    app = open_page("language")
    app.session_state["training.run"] = other = controller.start(RunConfig("autoencoder", "digits"), "somebody")
    app.text_area(key="own.text").set_value(OWN_TEXT)
    app.button(key="own.start").click().run()
    assert not app.exception
    assert [run.config.task for run in controller.runs() if run.id != other] == ["language"]
    assert app.query_params["run"] != other


@pytest.mark.parametrize("others", [0, 1])
def test_a_text_whose_training_is_refused_goes_unless_another_learns_from_it(
    controller: control.Controller, open_page: Open, monkeypatch: pytest.MonkeyPatch, others: int
):
    app = open_page("language")
    app.text_area(key="own.text").set_value(OWN_TEXT).run()
    for _ in range(others):
        controller.start(own_config(OWN_TEXT), "somebody")

    def full(*_: object) -> None:
        raise RunError("run_full", limit=1, alive=1, count=1)

    monkeypatch.setattr(control.Controller, "start", full)
    app.button(key="own.start").click().run()
    assert "At most 1 runs are kept here" in html(app)
    assert len(list((settings().home_dir / "texts").rglob("*.txt"))) == others


@pytest.mark.parametrize(
    ("text", "said"), [("", "a training needs the text has 0;"), ("红鞋。\n" * 50, "cannot spell most")]
)
def test_a_text_that_teaches_nothing_is_refused_and_stays(
    controller: control.Controller, open_page: Open, text: str, said: str
):
    app = open_page("language")
    app.text_area(key="own.text").set_value(text)
    app.button(key="own.start").click().run()
    assert said in html(app)
    assert not controller.runs()
    assert app.text_area(key="own.text").value == text


@pytest.fixture
def fetched(models: Path, tmp_path: Path) -> Path:
    """A model of the hub, fetched before the page is opened."""
    folder = hub_folder()
    shutil.copytree(tiny_language(), folder)
    manifest = artifacts.load_folder(folder, "hub").manifest
    artifacts.save(
        folder, replace(manifest, data="some/distilbert", metrics={"weights": 5000}, config={"foreign": True})
    )
    return folder


def test_a_model_of_the_hub_answers_where_it_was_fetched_and_is_chosen(fetched: Path, open_page: Open):
    app = open_page("language", lm="hub", show="model")
    assert not app.exception
    assert app.segmented_control(key="lm").value == "hub"
    assert "weights, learned elsewhere" in html(app)
    assert "“some/distilbert” was pretrained by its authors" in html(app)
    assert ENGLISH["words.lead"] in html(app)
    assert ENGLISH["words.lead_shipped"] not in unescape(html(app))
    app.segmented_control(key="lm").set_value("shipped").run()
    assert "weights, all learned here" in html(app)
    assert ENGLISH["words.lead_shipped"] in unescape(html(app))


def test_of_a_model_of_the_hub_it_is_not_said_what_it_has_read(fetched: Path, open_page: Open):
    app = open_page("language", lm="hub", text="鞋 [MASK]")
    assert ENGLISH["words.unknown_foreign"].format(count=1) in unescape(html(app))
    assert "English alone" not in html(app)


def test_without_a_fetched_model_there_is_no_choice(models: Path, open_page: Open):
    app = open_page("language", lm="hub")
    assert not app.exception
    assert "lm" not in [control.key for control in app.segmented_control]
    assert "<mark" in html(app)


def test_a_damaged_fetched_model_is_not_offered(fetched: Path, open_page: Open):
    (fetched / "fill-in.tflite").write_bytes(b"x")
    app = open_page("language", lm="hub")
    assert "lm" not in [control.key for control in app.segmented_control]
    assert "<mark" in html(app)


def test_the_built_in_products_are_said_to_be_drawn_by_code_not_by_hand():
    assert "程序绘制的商品" in CHINESE["set.builtin_how"]
