"""Bring your own catalogue: files in, an ingest that is watched, a catalogue that is the visitor's alone."""

import json
import re
import threading
import time
import zipfile
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest

from sslrec.config import settings
from sslrec.data.catalogue.example import make_example
from sslrec.serving.ingest import stages
from sslrec.serving.kept import kept_catalogues
from sslrec.serving.opening import shared_catalogues
from sslrec.serving.recommender import shared_recommender
from sslrec.ui import catalogue_done
from sslrec.ui.own_catalogue import KEY
from sslrec.ui.texts import CATALOGUES
from tests.data.catalogue.samples import ids_of, picture
from tests.pages.conftest import go
from tests.recommenders import tiny_assets

ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]
TABLE, PICTURES = "bring.table.0", "bring.pictures.0"
SHOP = "nr;product_title;img;made of\n" + "".join(
    f"a{place};{colour} linen <b>shirt</b>;{colour}.png;linen\n"
    for place, colour in enumerate(("red", "green", "blue", "black", "white"))
)


def forget():
    settings.cache_clear()
    make_example.cache_clear()
    for kept in (shared_catalogues, shared_recommender):
        kept.cache_clear()


@pytest.fixture
def page(monkeypatch, tmp_path, open_page):
    """Opens the page in the whole app, on a small recommender; kept catalogues lie in a folder of the test's own."""
    monkeypatch.setenv("SSLREC_ASSETS", str(tiny_assets()))
    monkeypatch.setenv("SSLREC_HOME", str(tmp_path))
    monkeypatch.delenv("SSLREC_DATA", raising=False)
    monkeypatch.delenv("SSLREC_KEEP_CATALOGUES", raising=False)
    forget()

    def opened(lang="en", name="catalogue", **query):
        return open_page(name, "zh-CN" if lang == "zh-CN" else "en-US", **query)

    yield opened
    monkeypatch.undo()
    forget()


@pytest.fixture
def keeping(page, monkeypatch):
    """Visitors of the page may keep catalogues."""
    monkeypatch.setenv("SSLREC_KEEP_CATALOGUES", "1")
    settings.cache_clear()


@pytest.fixture
def slow(monkeypatch):
    """Pictures are decoded one a moment, until the event is set."""
    go_on, decode = threading.Event(), stages.decode_picture

    def slowly(*given):
        go_on.wait(0.05)
        return decode(*given)

    monkeypatch.setattr(stages, "decode_picture", slowly)
    yield go_on
    go_on.set()


def html(app):
    return unescape("\n".join(element.value for element in app.html))


def said(app):
    """The sentences about what went wrong."""
    return "\n".join(re.findall(r'<div class="sx-problem".*?</div></div>', html(app), re.DOTALL))


def component(app, name):
    """What a component was given, or None where it is not shown."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == name:
            return json.loads(element.proto.json)
    return None


def packed(*names, **others):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for place, name in enumerate(names):
            archive.writestr(name, picture((40 * place, 90, 200 - 30 * place)))
        for name, data in others.items():
            archive.writestr(name, data)
    return stream.getvalue()


def send(app, key, name, data):
    data = data.encode() if isinstance(data, str) else data
    app.file_uploader(key=key).set_value((name, data, "application/octet-stream")).run()
    assert not app.exception
    return app


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def keep_as(app, name):
    """Keep the catalogue that was brought under a name."""
    app.text_input(key="keep.name").set_value(name).run()
    click(app, "keep.button")


def finish(app):
    """Look again until the ingest has ended."""
    until = time.monotonic() + 60
    while component(app, "sslrec.flow") is not None and time.monotonic() < until:
        time.sleep(0.05)
        app.run()
    assert not app.exception
    return app


def brought(app, table=SHOP, name="shop.csv", pictures=None):
    """Send files and wait for the catalogue."""
    send(app, TABLE, name, table)
    if pictures is not None:
        send(app, PICTURES, "pictures.zip", pictures)
    return finish(click(app, "ingest.start"))


def cards(app):
    data = component(app, "sslrec.products")
    return [] if data is None else data["products"]


def titles(app):
    return app.session_state[KEY].index.catalogue.titles


def test_the_example_goes_all_the_way_to_the_recommend_page(page):
    app = page()
    click(app, "bring.example")
    shown = html(app)
    for figure in ("56", "semicolon", "UTF-8 with mark", ENGLISH["found.pictured"]):
        assert figure in shown
    chosen = {field: app.selectbox(key=f"column.{field}").value for field in ("item_id", "title", "image", "price")}
    assert chosen == {"item_id": "sku", "title": "product_title", "image": "img", "price": "unit_price"}
    assert shown.count("<img src") == 5
    finish(click(app, "ingest.start"))
    assert ENGLISH["done.title"].format(name="example-shop") in html(app)
    assert ENGLISH["reason.row_duplicate"] in html(app)
    assert ENGLISH["reason.image_truncated"] in html(app)
    products = len(app.session_state[KEY].index)
    assert products == 53
    go(click(app, "done.find"), "recommend")
    assert app.query_params["catalog"] == "own"
    assert app.segmented_control(key="catalog").value == "own"
    assert f"of {products} products ranked" in html(app)
    ids = set(ids_of(app.session_state[KEY].index.catalogue))
    assert {card["id"] for card in cards(app)} <= ids
    # What a visitor is first shown is a query of the catalogue's own.
    assert app.query_params.get("q") or app.query_params["item"] in ids


def test_columns_can_be_corrected_and_the_catalogue_follows(page):
    app = send(page(), TABLE, "shop.csv", SHOP.replace("product_title", "unheard of"))
    assert ENGLISH["found.no_title"] not in said(app)  # there is a picture column
    assert app.selectbox(key="column.title").value == ""
    app.selectbox(key="column.title").set_value("unheard of").run()
    app.selectbox(key="column.image").set_value("").run()
    app.selectbox(key="column.item_id").set_value("nr").run()
    finish(click(app, "ingest.start"))
    done = app.session_state[KEY]
    assert ids_of(done.index.catalogue) == ["a0", "a1", "a2", "a3", "a4"]
    assert titles(app)[0] == "red linen <b>shirt</b>"
    assert done.index.catalogue.product(0).attributes["made of"] == "linen"


def test_a_column_that_serves_another_field_is_taken_from_it(page):
    app = send(page(), TABLE, "shop.csv", SHOP)
    app.selectbox(key="column.category").set_value("product_title").run()
    assert app.selectbox(key="column.title").value == ""
    assert app.selectbox(key="column.category").value == "product_title"


def test_of_a_wide_table_some_columns_are_shown_and_all_can_be_chosen(page):
    names = [f"c{place}" for place in range(300)]
    app = send(page(), TABLE, "wide.csv", "title," + ",".join(names) + "\nRed mug" + ",x" * 300 + "\n")
    assert ENGLISH["found.more_columns"].format(count=288) in html(app)
    app.selectbox(key="column.category").set_value("c299").run()
    assert not app.exception
    assert ENGLISH["found.rows"] in html(app)


def test_without_title_and_picture_nothing_can_start(page):
    app = send(page(), TABLE, "shop.csv", SHOP)
    for field in ("title", "image"):
        app.selectbox(key=f"column.{field}").set_value("").run()
    assert ENGLISH["found.no_title"] in said(app)
    assert app.button(key="ingest.start").disabled


def test_of_a_table_read_wrong_the_first_rows_and_other_ways_to_read_it_are_shown(page):
    app = send(page(), TABLE, "shop.csv", "q,w\nred <b>mug,cheap\n")
    for field in ("title", "image"):
        app.selectbox(key=f"column.{field}").set_value("").run()
    assert "<td><span>red &lt;b&gt;mug</span></td>" in "\n".join(element.value for element in app.html)
    assert app.expander[0].proto.expanded
    app.selectbox(key="column.title").set_value("q").run()
    assert not app.expander[0].proto.expanded
    assert "<td><span>red &lt;b&gt;mug</span></td>" in "\n".join(element.value for element in app.html)
    assert app.button(key="ingest.start").label == "Start: 1 row"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("shift_jis", "赤い靴"),
        ("euc-kr", "빨간 신발"),
        ("cp1250", "červené boty"),
        ("cp1251", "красные туфли"),
        ("cp1254", "kırmızı ayakkabı"),
    ],
)
def test_a_table_can_be_read_in_encodings_that_are_hard_to_guess(page, encoding, title):
    app = send(page(), TABLE, "shop.csv", f"title,price\n{title},5\n".encode(encoding))
    app.selectbox(key="read.encoding").set_value(encoding).run()
    assert not app.exception
    assert title in html(app)


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_a_wrong_table_is_told_and_the_one_before_stays_with_its_columns(page, language, texts):
    app = send(page(language), TABLE, "good.csv", SHOP)
    app.selectbox(key="column.category").set_value("made of").run()
    for name, data, code in (
        ("pictures.zip", b"PK\3\4 pictures", "table_zip"),
        ("empty.csv", b"", "catalogue_empty"),
        ("header.csv", b"title,img\n", "catalogue_empty"),
        ("photo.csv", picture(), "table_kind"),
        ("shop.parquet", b"PAR1 and then nothing", "table_damaged"),
    ):
        send(app, TABLE, name, data)
        sentence = texts[f"error.{code}"].format(name=name, kind="Parquet", reason="@", folder="").split("@")[0]
        assert sentence in said(app)
        assert texts["bring.still"].format(name="good.csv") in said(app)
        assert app.selectbox(key="column.category").value == "made of"
        assert not app.button(key="ingest.start").disabled


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_a_table_of_which_no_row_can_be_used_is_told_row_by_row(page, language, texts):
    app = brought(page(language), "title,img\n,a.png\n,b.png\n")
    reason = texts["error.picture_missing"].format(picture="a.png").rstrip(".。")
    assert reason in said(app)
    assert texts["error.picture_missing"].format(picture="b.png") in html(app)
    assert app.get("download_button")
    assert not app.button(key="ingest.start").disabled
    app.selectbox(key="column.title").set_value("img").run()
    finish(click(app, "ingest.start"))
    assert titles(app) == ["a.png", "b.png"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_wrong_zip_is_told_and_the_table_stays(page, language):
    app = send(page(language), TABLE, "shop.csv", SHOP)
    send(app, PICTURES, "pictures.zip", b"Rar!\x1a\x07")
    beginning = CATALOGUES[language]["error.archive_damaged"].format(name="pictures.zip", reason="@").split("@")[0]
    assert beginning in said(app)
    assert not app.button(key="ingest.start").disabled


def test_refused_files_of_a_zip_are_listed_and_the_others_used(page):
    app = send(page(), TABLE, "shop.csv", SHOP)
    sent = packed("red.png", "x/blue.png", **{"../evil.png": picture(), "inner.zip": b"PK", "<i>.txt": b"hello"})
    send(app, PICTURES, "pictures.zip", sent)
    assert ENGLISH["found.refused"].format(count=3) in [expander.label for expander in app.expander]
    assert "would lie outside" in html(app)
    assert "&lt;i&gt;.txt" in "\n".join(element.value for element in app.html)
    assert ENGLISH["found.lacking"].format(count=3) in said(app)
    finish(click(app, "ingest.start"))
    assert app.session_state[KEY].index.catalogue.pictured.tolist() == [True, False, True, False, False]


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_pictures_that_are_no_products_are_told(page, language, texts):
    app = send(page(language), TABLE, "shop.csv", b"sku,name\nA1,Red mug\nA2,Blue mug\n")
    send(app, PICTURES, "pictures.zip", packed("SKU_1.png", "SKU_2.png"))
    assert texts["found.unused"].format(count=2, name="A1.jpg") in said(app)
    send(app, PICTURES, "pictures.zip", packed("SKU_1.png", "A2.png"))
    assert texts["found.unused"].format(count=2, name="A1.jpg") not in said(app)


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_pictures_alone_are_met_with_what_to_send_next(page, language, texts):
    app = page(language)
    assert app.button(key="bring.example").proto.type == "primary"
    send(app, PICTURES, "pictures.zip", packed("red.png", "blue.png", **{"notes.txt": b"hello"}))
    assert texts["bring.alone"].format(count=2) in html(app)
    assert texts["found.refused"].format(count=1) in [expander.label for expander in app.expander]
    button = app.button(key="bring.example")
    assert (button.proto.type, button.label) == ("secondary", texts["bring.example_instead"])
    send(app, TABLE, "shop.csv", SHOP)
    assert texts["bring.alone"].format(count=2) not in html(app)
    assert app.button(key="bring.example").label == texts["bring.example"]


@pytest.mark.parametrize(("names", "key"), [(("red.png",), "bring.alone_one"), ((), "bring.alone_none")])
def test_one_picture_alone_or_none_is_told_too(page, names, key):
    app = send(page(), PICTURES, "pictures.zip", packed(*names, **{"notes.txt": b"hello"}))
    assert ENGLISH[key].format(count=1) in html(app)


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_titles_without_a_word_that_the_model_reads_are_told(page, language, texts):
    app = brought(page(language), "标题\n" + "".join(f"红色运动鞋 {place}\n" for place in range(10)))
    assert texts["done.wordless"].format(count=10, total=10) in html(app)
    assert texts["done.lead"] not in html(app)
    go(click(app, "done.find"), "recommend")
    assert not app.query_params.get("item")


def test_a_catalogue_of_titles_that_are_read_has_no_note_on_them(page):
    app = brought(page())
    assert ENGLISH["done.lead"] in html(app)
    assert ENGLISH["done.wordless"].partition(":")[0] not in html(app)


def test_one_row_is_no_rows(page):
    app = send(page(), TABLE, "one.csv", "title\nRed mug\n")
    assert re.search(r"<b>1</b><span>row</span>.*<b>1</b><span>column</span>", html(app))
    finish(click(app, "ingest.start"))
    assert "<b>1</b><span>product</span>" in html(app)


def test_a_row_over_the_limit_is_not_taken_and_that_is_said(page, monkeypatch):
    monkeypatch.setenv("SSLREC_MAX_VISITOR_ITEMS", "3")
    settings.cache_clear()
    app = send(page(), TABLE, "shop.csv", SHOP)
    assert ENGLISH["found.first"].format(count=5, limit=3) in said(app)
    finish(click(app, "ingest.start"))
    assert len(titles(app)) == 3


def test_a_catalogue_beyond_the_memory_is_told_and_the_files_stay(page, monkeypatch):
    app = send(page(), TABLE, "shop.csv", SHOP)
    monkeypatch.setenv("SSLREC_MAX_VISITOR_BYTES", "100")
    settings.cache_clear()
    finish(click(app, "ingest.start"))
    assert "more than the 100 bytes" in said(app)
    assert KEY not in app.session_state
    monkeypatch.delenv("SSLREC_MAX_VISITOR_BYTES")
    settings.cache_clear()
    finish(click(app, "ingest.start"))
    assert len(titles(app)) == 5


def test_a_fault_of_the_program_loses_nothing(page, monkeypatch):
    app = send(page(), TABLE, "shop.csv", SHOP)
    with monkeypatch.context() as patch:
        patch.setattr("sslrec.serving.ingest.ingestion.as_table", lambda *_: 1 / 0)
        finish(click(app, "ingest.start"))
    assert ENGLISH["ingest.broken"] in said(app)
    finish(click(app, "ingest.start"))
    assert len(titles(app)) == 5


def test_an_ingest_is_watched_and_can_be_cancelled(page, slow):
    rows = "id,title,image\n" + "".join(f"{place},red shirt {place},{place}.png\n" for place in range(300))
    app = send(page(), TABLE, "many.csv", rows)
    send(app, PICTURES, "pictures.zip", packed(*(f"{place}.png" for place in range(300))))
    click(app, "ingest.start")
    until = time.monotonic() + 30
    gauges = {}
    while time.monotonic() < until and not any(gauge["used"] for gauge in gauges.values()):
        time.sleep(0.05)
        app.run()
        gauges = {gauge["name"]: gauge for gauge in component(app, "sslrec.flow")["gauges"]}
    assert list(gauges) == ["image.decode", "image.encode", "text.tokenize", "text.encode", "join", "joined"]
    assert all(0 <= gauge["used"] <= gauge["limit"] for gauge in gauges.values())
    assert 'role="progressbar"' in html(app)
    click(app, "ingest.cancel")
    finish(app)
    assert "was cancelled" in said(app)
    assert KEY not in app.session_state
    assert app.selectbox(key="column.title").value == "title"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("ingest", "pipeline"))]


def test_a_second_start_is_the_same_ingest(page, slow):
    rows = "id,title,image\n" + "".join(f"{place},red shirt {place},{place}.png\n" for place in range(200))
    app = send(page(), TABLE, "many.csv", rows)
    send(app, PICTURES, "pictures.zip", packed(*(f"{place}.png" for place in range(200))))
    button = app.button(key="ingest.start")
    button.click().run()
    first = app.session_state["catalogue.running"]
    # What a second thread of the session would do.
    del app.session_state["catalogue.running"]
    app.run()
    app.button(key="ingest.start").click().run()
    assert app.session_state["catalogue.running"] is first
    slow.set()
    finish(app)


def test_files_and_columns_survive_another_page(page):
    app = send(page(), TABLE, "shop.csv", SHOP)
    app.selectbox(key="column.category").set_value("made of").run()
    go(go(app, "home"), "catalogue")
    assert "shop.csv" in html(app)
    assert app.selectbox(key="column.category").value == "made of"
    finish(click(app, "ingest.start"))
    assert app.session_state[KEY].index.categories == ("linen",)


def test_columns_can_be_changed_after_the_end_and_the_catalogue_is_replaced(page):
    app = brought(page())
    click(app, "done.change")
    assert app.button(key="done.back")
    app.selectbox(key="column.category").set_value("made of").run()
    finish(click(app, "ingest.start"))
    assert app.session_state[KEY].index.categories == ("linen",)
    click(app, "done.other")
    assert not app.selectbox
    click(app, "done.back")
    assert ENGLISH["done.title"].format(name="shop") in html(app)


def test_another_visitor_neither_sees_nor_reaches_a_catalogue(page):
    mine = brought(page())
    go(click(mine, "done.find"), "recommend")
    assert "own" in mine.segmented_control(key="catalog").options or mine.query_params["catalog"] == "own"
    other = page(name="recommend", catalog="own", item="a1", like="a2")
    assert other.session_state["catalog"] == "builtin"
    assert not [control for control in other.segmented_control if control.key == "catalog"]
    assert "shirt</b>" not in html(other)
    assert ENGLISH["catalog.gone"] in html(other)
    assert not other.session_state["like"]
    assert "shop" not in html(go(other, "catalogue"))


def test_a_catalogue_called_like_one_of_the_apps_stays_the_visitors(page):
    app = brought(page(), name="builtin.csv")
    assert app.session_state[KEY].name == "builtin 2"
    go(click(app, "done.find"), "recommend")
    tiles = component(app, "sslrec.tiles")["tiles"]
    assert "boots" not in json.dumps(tiles)


def test_products_without_pictures_categories_and_prices_are_recommended(page):
    app = brought(page(), "name\n" + "".join(f"<img src=x> {word} linen shirt\n" for word in ("red", "navy", "green")))
    go(click(app, "done.find"), "recommend")
    app.text_input(key="q").set_value("navy shirt").run()
    shown = cards(app)
    assert shown[0]["title"].startswith("<img src=x>")
    assert all(card["picture"].startswith("data:image/svg+xml") for card in shown)
    assert not app.pills
    assert not app.multiselect
    for view in ("compare", "map"):
        app.segmented_control(key="view").set_value(view).run()
        assert not app.exception
        assert "<img src=x" not in "\n".join(element.value for element in app.html)
    assert app.get("download_button")


def test_of_a_held_file_the_mark_alone_is_green_and_no_letter_of_a_kept_name(page, keeping):
    app = brought(page())
    keep_as(app, "spring")
    click(app, "done.change")
    style = next(line for line in html(app).splitlines() if line.startswith(".sx-held") and "--sx-good" in line)
    assert style.startswith(".sx-held i {")
    held = re.findall(r'<div class="sx-held".*?</div>', html(app))
    assert held
    assert all(("<i>✓</i>" in one) == ("spring" not in one) for one in held)


def test_a_catalogue_is_kept_by_name_opened_and_removed(page, keeping, monkeypatch):
    app = brought(page())
    keep_as(app, "../evil")
    assert "is no name for a catalogue" in said(app)
    assert not kept_catalogues()
    keep_as(app, "spring")
    assert ENGLISH["keep.done"].format(name="spring") in html(app)
    assert [(kept.name, kept.items) for kept in kept_catalogues()] == [("spring", 5)]

    later = page()
    assert "spring" in html(later)
    assert "every visitor" in html(later)
    with monkeypatch.context() as stuck:
        stuck.setattr(catalogue_done, "remove_catalogue", lambda name: Path("/nonexistent/a").unlink())
        click(later, "yes.spring")
    assert ENGLISH["kept.stuck"].format(name="spring", reason="No such file or directory") in html(later)
    go(click(later, "open.spring"), "recommend")
    assert later.query_params["catalog"] == "kept:spring"
    assert {card["id"] for card in cards(later)} <= {f"{place}" for place in range(2, 7)} | {f"a{n}" for n in range(5)}
    assert cards(later)
    go(later, "catalogue")
    click(later, "yes.spring")
    assert not kept_catalogues()
    go(later, "recommend")
    assert later.session_state["catalog"] == "builtin"
    assert ENGLISH["catalog.gone_kept"].format(name="spring") in html(later)


def test_a_catalogue_kept_under_the_name_of_its_file_is_told_from_the_visitors_own(page, keeping):
    app = click(brought(page()), "keep.button")
    go(click(app, "done.find"), "recommend")
    control = app.segmented_control(key="catalog")
    assert control.options == [ENGLISH["catalog.builtin"], r"shop \(yours\)", "shop"]
    assert app.text_input(key="q").set_value("red shirt").run().session_state["catalog"] == "own"
    app.segmented_control(key="catalog").set_value("kept:shop").run()
    assert app.session_state["catalog"] == "kept:shop"
    assert cards(app)


def test_why_a_catalogue_could_not_be_kept_is_said_in_the_language_of_the_moment(page, keeping, monkeypatch):
    app = brought(page())
    keep_as(app, "../evil")

    def full(*_):
        raise OSError(28, "No space left on device")

    for problem in ("error.catalogue_name", "keep.disk"):
        for language, texts in (("zh-CN", CHINESE), ("en", ENGLISH)):
            app.segmented_control(key="lang").set_value(language).run()
            words = {"name": "../evil", "folder": str(settings().home_dir), "reason": "No space left on device"}
            assert texts[problem].format(**words) in said(app)
        monkeypatch.setattr(catalogue_done, "keep_catalogue", full)
        click(app, "keep.button")


def test_where_nothing_may_be_kept_nothing_kept_is_shown(page, keeping, monkeypatch):
    app = brought(page())
    keep_as(app, "spring")
    monkeypatch.setenv("SSLREC_KEEP_CATALOGUES", "0")
    settings.cache_clear()
    stranger = brought(page())
    assert not [field for field in stranger.text_input if field.key == "keep.name"]
    assert ENGLISH["keep.visit"] in html(stranger)
    assert "spring" not in html(stranger)
    other = page(name="recommend", catalog="kept:spring")
    assert other.session_state["catalog"] == "builtin"


def test_the_page_in_chinese_says_all_of_it_in_chinese(page):
    app = page("zh-CN")
    assert app.title[0].value == CHINESE["catalogue.title"]
    click(app, "bring.example")
    for key in ("found.title", "separator.semicolon", "field.title"):
        assert CHINESE[key] in html(app)
    finish(click(app, "ingest.start"))
    assert CHINESE["reason.row_duplicate"] in html(app)
    assert "please" not in html(app)


def test_a_missing_model_is_told(assets, open_page):
    forget()
    app = send(open_page("catalogue"), TABLE, "shop.csv", SHOP)
    finish(click(app, "ingest.start"))
    assert 'role="alert"' in html(app)
    assert KEY not in app.session_state
    forget()
