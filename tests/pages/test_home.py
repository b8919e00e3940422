"""Home: what can be tried and what is here."""

import json
from html import escape
from urllib.parse import parse_qsl

import pytest

from sslrec.artifacts import SHIPPED
from sslrec.data.sets import DATA_SETS, source_of
from sslrec.ui.texts import CATALOGUES


def html(app):
    return "\n".join(element.value for element in app.html)


def test_every_card_leads_to_a_page_that_is_there(open_page):
    app = open_page()
    links = app.page_link
    assert [link.label for link in links] == [
        CATALOGUES["en"][f"home.card_{card}"]
        for card in ("recommend", "own", "draw", "labels", "upload", "repair", "fill", "train")
    ]
    assert [link.page for link in links] == ["recommend", "catalogue", *["digits"] * 4, "language", "training"]


def test_it_says_which_models_and_data_are_here(open_page):
    shown = html(open_page())
    for name in SHIPPED:
        assert CATALOGUES["en"][f"model.{name}"] in shown
    assert shown.count(">ready<") == len(SHIPPED)
    for name in DATA_SETS:
        state = "present" if source_of(name) else "not here"
        assert f"{escape(CATALOGUES['en'][f'data.{name}'])} <b>{state}</b>" in shown


def test_a_missing_model_is_told_with_the_command_that_rebuilds_it(assets, open_page):
    shown = html(open_page())
    assert shown.count(">missing<") == len(SHIPPED)
    for command in SHIPPED.values():
        assert command in shown


def test_kept_results_are_shown(assets, open_page):
    def mean(value):
        return {"mean": value}

    results = {
        "label_budgets": {
            "finetuned": {"10": mean(0.9851), "all": mean(0.9962)},
            "scratch": {"10": mean(0.81)},
        },
        "canvas": mean(0.978),
        "novelty": {"auroc": 0.9951},
        "reconstruction": {"64": {"excess": 0.0043}},
    }
    (assets / "results").mkdir()
    (assets / "results" / "digits.json").write_text(json.dumps(results))
    shown = html(open_page())
    for figure in ("98.5 %", "99.6 %", "81.0 %", "97.8 %", "0.995", "0.0043"):
        assert f"<b>{figure}</b>" in shown


def test_a_score_short_of_perfect_is_not_rounded_up_to_perfect(assets, open_page):
    (assets / "results").mkdir()
    (assets / "results" / "digits.json").write_text(json.dumps({"novelty": {"auroc": 0.99996}}))
    assert "1.000" not in html(open_page())


def test_results_that_lack_a_figure_show_the_others(assets, open_page):
    (assets / "results").mkdir()
    (assets / "results" / "digits.json").write_text(json.dumps({"canvas": {"mean": 0.978}, "novelty": "lost"}))
    assert "<b>97.8 %</b>" in html(open_page())


def test_without_results_none_are_claimed(assets, open_page):
    assert CATALOGUES["en"]["home.measured"] not in html(open_page())


@pytest.mark.parametrize(
    ("locale", "query", "language"),
    [
        ("en-US", {}, "en"),
        ("zh-CN", {}, "zh-CN"),
        ("zh-TW", {}, "zh-CN"),
        ("fr-FR", {}, "en"),
        ("en-US", {"lang": "zh-CN"}, "zh-CN"),
        ("zh-CN", {"lang": "en"}, "en"),
        ("en-US", {"lang": "xx"}, "en"),
    ],
)
def test_the_language_comes_from_the_url_else_from_the_browser(open_page, locale, query, language):
    assert open_page(locale=locale, **query).title[0].value == CATALOGUES[language]["home.title"]


def test_the_card_that_says_draw_leads_to_the_canvas_whatever_was_chosen_before(open_page):
    app = open_page("digits", input="upload")
    app.switch_page("../../pages/home.py").run()
    card = next(link.proto for link in app.get("page_link") if link.proto.label == CATALOGUES["en"]["home.card_draw"])
    app.query_params.clear()
    app.query_params.update(dict(parse_qsl(card.query_string)))
    app.switch_page("../../pages/digits.py").run()
    assert app.session_state["input"] == "draw"


def test_switching_the_language_changes_every_text_and_the_url(open_page):
    app = open_page()
    app.segmented_control(key="lang").set_value("zh-CN").run()
    shown = html(app)
    assert app.title[0].value == CATALOGUES["zh-CN"]["home.title"]
    assert CATALOGUES["zh-CN"]["home.lead"] in shown
    assert CATALOGUES["en"]["home.lead"] not in shown
    assert app.query_params["lang"] == "zh-CN"
    app.segmented_control(key="lang").set_value("en").run()
    assert app.title[0].value == CATALOGUES["en"]["home.title"]
    assert "lang" not in app.query_params
