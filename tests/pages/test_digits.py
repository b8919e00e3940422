"""Digits: every way in, what comes out, and what a visitor does wrong."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from sslrec.config import settings
from sslrec.ui import url
from sslrec.ui.texts import CATALOGUES
from tests.pictures import encoded, two_digits

ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]
SEVEN = [22, 80, 70, 200, 70, 130, 230]


def html(app):
    return "\n".join(element.value for element in app.html)


def pictures(app):
    """All that is shown, without the time that the answer took."""
    return re.findall(r'src="(data:[^"]*)"', html(app))


def draw(app, *strokes, drawing=False):
    app.session_state["canvas"] = {"drawing": {"strokes": list(strokes), "drawing": drawing}}
    return app.run()


def picture(points=((60, 50), (150, 50), (100, 170)), kind="PNG"):
    page = Image.new("RGB", (220, 220), "white")
    ImageDraw.Draw(page).line(points, fill="navy", width=18, joint="curve")
    buffer = BytesIO()
    page.save(buffer, kind)
    return buffer.getvalue()


def white(side):
    buffer = BytesIO()
    Image.new("L", (side, side), 255).save(buffer, "PNG")
    return buffer.getvalue()


def has_answer(app):
    return 'class="sx-mark sx-blank"' not in html(app) and 'class="sx-mark' in html(app)


def test_a_blank_canvas_invites_and_names_no_class(open_page):
    app = open_page("digits")
    shown = html(app)
    assert ENGLISH["waiting.title"] in shown
    assert not has_answer(app)
    assert not re.search(r'sx-read"[^>]*>\d', shown)


def test_a_drawing_is_answered_with_all_its_views(open_page):
    app = draw(open_page("digits"), SEVEN)
    assert not app.exception
    assert has_answer(app)
    shown = html(app)
    for key in ("views.seen", "views.rebuilt", "views.error", "inside.mattered", "prototypes.title"):
        assert ENGLISH[key].format(count=64) in shown
    assert len(re.findall(r'sx-read"[^>]*>\d', shown)) == 12


def test_what_mattered_for_another_digit_is_not_shown_beside_the_new_one(open_page):
    app = draw(open_page("digits"), SEVEN)
    assert "speak for 7" in html(app)
    one = [22, 140, 40, 140, 240]
    app = draw(draw(app), one, drawing=True)
    assert "speak for 7" not in html(app)
    assert "speak for 1" in html(app)


def test_clearing_brings_the_invitation_back(open_page):
    app = draw(draw(open_page("digits"), SEVEN))
    assert ENGLISH["waiting.title"] in html(app)


def test_a_drawing_survives_a_visit_to_another_page(open_page):
    app = draw(open_page("digits"), SEVEN)
    before = pictures(app)
    app.switch_page("../../pages/home.py").run()
    app.switch_page("../../pages/digits.py").run()
    assert has_answer(app)
    assert pictures(app) == before


def test_a_forged_payload_is_a_blank_canvas(open_page):
    app = open_page("digits")
    app.session_state["canvas"] = {"drawing": {"strokes": [["x", None]], "drawing": 1}}
    app.run()
    assert not app.exception
    assert not has_answer(app)


def test_a_sample_from_a_link_is_read(open_page):
    three, eight = (html(open_page("digits", input="samples", sample=str(index))) for index in (3, 8))
    assert 'class="sx-mark' in three
    assert three != eight


def pick(app, key, index, serial):
    """Click a picture of a strip; the component's state stays until the next click."""
    app.session_state[key] = {"click": {"index": index, "serial": serial}}
    return app.run()


def test_picking_a_sample_is_kept_in_the_url(open_page):
    app = pick(open_page("digits", input="samples"), "samples", 5, 1)
    assert app.query_params["sample"] == "5"


def test_back_undoes_a_picked_sample_and_a_click_picks_it_again(open_page, monkeypatch):
    app = pick(open_page("digits", input="samples"), "samples", 5, 1)
    five = pictures(app)
    seven = pictures(pick(app, "samples", 7, 2))
    assert seven != five
    with monkeypatch.context() as patch:
        patch.setattr(url, "came_back", lambda: True)
        app.query_params["sample"] = "5"
        app.run()
    assert app.query_params["sample"] == "5"
    assert pictures(app) == five
    assert pictures(app.run()) == five
    assert pictures(pick(app, "samples", 7, 3)) == seven
    assert app.query_params["sample"] == "7"


@pytest.mark.parametrize("index", [-1, 20, None, True, "5"])
def test_a_forged_pick_chooses_nothing(open_page, index):
    app = open_page("digits", input="samples", sample="8")
    before = pictures(app)
    assert pictures(pick(app, "samples", index, 1)) == before
    assert app.query_params["sample"] == "8"


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_several_shapes_are_told(open_page, language, texts):
    app = open_page("digits", input="upload", lang=language)
    assert texts["upload.help"].format(size="10 MB", megapixels=50) in html(app)
    app.file_uploader(key="files").set_value([("seven", picture(), "")]).run()
    assert texts["verdict.several"] not in html(app)
    app.file_uploader(key="files").set_value([("two", encoded(two_digits()), "")]).run()
    assert texts["verdict.several"] in html(app)


def test_several_shapes_on_the_canvas_are_told(open_page):
    app = draw(open_page("digits"), [14, 40, 40, 90, 40, 60, 150], [14, 210, 150, 250, 150, 225, 240])
    assert ENGLISH["verdict.several"] in html(app)
    assert ENGLISH["verdict.several"] not in html(draw(app, SEVEN))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_an_upload_of_any_format_is_read(open_page, kind):
    app = open_page("digits", input="upload")
    app.file_uploader(key="files").set_value([("seven", picture(kind=kind), "")]).run()
    assert not app.exception
    assert has_answer(app)


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_bad_files_are_told_and_the_good_ones_read(open_page, language, texts):
    app = draw(open_page("digits", lang=language), SEVEN)
    app.query_params["input"] = "upload"
    app.run()
    files = [
        ("good.png", picture(), "image/png"),
        ("notes.png", b"just a text", "image/png"),
        ("empty.png", b"", "image/png"),
        ("cut.png", picture()[:200], "image/png"),
        ("dot.png", white(1), "image/png"),
        ("white.png", white(80), "image/png"),
        ("also good.jpg", picture(kind="JPEG"), "image/jpeg"),
    ]
    app.file_uploader(key="files").set_value(files).run()
    assert not app.exception
    shown = html(app).replace("&#x27;", "'")
    for code, params in {
        "image_format": {"name": "notes.png"},
        "image_empty": {"name": "empty.png"},
        "image_truncated": {"name": "cut.png"},
        "image_too_small": {"name": "dot.png", "width": 1, "height": 1},
        "image_blank": {"name": "white.png"},
    }.items():
        assert texts[f"error.{code}"].format(**params) in shown
    assert has_answer(app)
    assert app.selectbox(key="files.chosen").options == ["good.png", "also good.jpg"]
    assert texts["table.title"] in shown
    assert app.get("download_button")
    # The drawing is still there.
    app.query_params["input"] = "draw"
    assert has_answer(app.run())


def test_files_of_one_name_can_each_be_looked_at(open_page):
    app = open_page("digits", input="upload")
    one = picture(((110, 30), (110, 190)))
    app.file_uploader(key="files").set_value([("a.png", picture(), ""), ("b.png", one, ""), ("a.png", one, "")]).run()
    select = app.selectbox(key="files.chosen")
    assert select.options == ["a.png", "b.png", "a.png (2)"]
    first = html(app)
    third = list(app.session_state["files.read"])[2]
    select.set_value(third).run()
    assert app.selectbox(key="files.chosen").value == third  # by the file, which stays when another goes
    assert html(app) != first


def test_more_files_than_allowed_are_told(open_page, monkeypatch):
    monkeypatch.setenv("SSLREC_MAX_BATCH_FILES", "2")
    settings.cache_clear()
    app = open_page("digits", input="upload")
    app.file_uploader(key="files").set_value([(f"{index}.png", picture(), "") for index in range(3)]).run()
    settings.cache_clear()
    assert ENGLISH["error.too_many_files"].format(count=3, limit=2) in html(app)
    assert has_answer(app)


def test_uploads_are_still_there_after_a_look_at_the_canvas(open_page):
    app = open_page("digits", input="upload")
    app.file_uploader(key="files").set_value([("seven.png", picture(), "image/png")]).run()
    app.segmented_control(key="input").set_value("draw").run()
    assert not has_answer(app)
    app.segmented_control(key="input").set_value("upload").run()
    assert has_answer(app)
    assert ENGLISH["upload.before"] in html(app)
    app.button(key="files.forget").click().run()
    assert not has_answer(app)
    assert ENGLISH["upload.before"] not in html(app)


def test_uploads_are_read_again_by_other_models(open_page):
    """Such as the shipped ones, to which a visitor goes back from a trained one's answers."""
    app = open_page("digits", input="upload")
    app.file_uploader(key="files").set_value([("seven.png", picture(), "image/png")]).run()
    del app.session_state["files.read"]
    assert has_answer(app.run())


def test_a_photo_is_read(open_page):
    app = open_page("digits", input="camera")
    app.camera_input(key="photo").set_value(("photo.jpg", picture(kind="JPEG"), "image/jpeg")).run()
    assert not app.exception
    assert has_answer(app)


def test_a_photo_that_cannot_be_read_is_told_in_the_language_of_the_moment(open_page):
    app = open_page("digits", input="camera")
    app.camera_input(key="photo").set_value(("camera_input.jpg", b"no picture", "image/jpeg")).run()
    for language, texts in (("en", ENGLISH), ("zh-CN", CHINESE)):
        app.segmented_control(key="lang").set_value(language).run()
        said = texts["error.image_format"].format(name=texts["digits.camera_name"])
        assert said in html(app).replace("&#x27;", "'")


@pytest.mark.parametrize("budget", ["1", "100", "all"])
def test_the_label_budget_is_chosen_by_switch_and_by_link(open_page, budget):
    app = open_page("digits")
    app.segmented_control(key="labels").set_value(budget).run()
    assert app.query_params["labels"] == budget
    linked = open_page("digits", labels=budget)
    assert ENGLISH[f"budget.{budget}_said"] in html(app)
    assert ENGLISH[f"budget.{budget}_said"] in html(linked)


def test_hiding_and_noise_are_rebuilt(open_page):
    app = open_page("digits", input="samples", play="repair")
    hidden = html(app)
    assert ENGLISH["repair.rebuilt"].format(reads="") in hidden
    app.segmented_control(key="damage").set_value("noise").run()
    assert html(app) != hidden
    noisy = html(app)
    app.button[0].click().run()
    assert html(app) != noisy
    assert not app.exception


def test_the_walk_follows_its_slider_and_its_goal(open_page):
    app = open_page("digits", input="samples", play="walk")
    middle = pictures(app)
    app.slider(key="walk.position").set_value(9).run()
    assert pictures(app) != middle
    app.button[0].click().run()
    before = pictures(app)
    assert pictures(pick(app, "walk.end", 10, 1)) != before
    assert not app.exception
    kept = pictures(app)
    app.slider(key="walk.position").set_value(5).run()
    assert pictures(app.slider(key="walk.position").set_value(9).run()) == kept


def test_the_choices_hold_while_the_language_changes(open_page):
    app = open_page("digits", input="samples", sample="8", play="walk", labels="1")
    app.segmented_control(key="lang").set_value("zh-CN").run()
    assert {key: app.query_params[key] for key in ("input", "sample", "play", "labels", "lang")} == {
        "input": "samples",
        "sample": "8",
        "play": "walk",
        "labels": "1",
        "lang": "zh-CN",
    }
    assert CHINESE["budget.title"] in html(app)
    assert ENGLISH["budget.title"] not in html(app)


def test_missing_models_are_told_where_they_are_needed(assets, open_page):
    app = draw(open_page("digits"), SEVEN)
    assert not app.exception
    shown = html(app).replace("&#x27;", "'")
    assert "The model 'autoencoder-64' is not in" in shown
    assert "python -m sslrec train autoencoder" in shown
    assert not has_answer(app)
    app.switch_page("../../pages/home.py").run()
    assert not app.exception
    assert ENGLISH["home.try"] in html(app)
