"""Recommend: every way to ask, what comes out, and what a visitor does wrong."""

import csv
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from io import BytesIO

import pytest
import streamlit as st
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from sslrec.config import ROOT, settings
from sslrec.data.catalogue import Catalogue
from sslrec.serving.catalogues import index_catalogue
from sslrec.serving.opening import shared_catalogues
from sslrec.serving.recommender import shared_recommender
from sslrec.ui import recommend_catalogues, recommend_table, url
from sslrec.ui.recommend_map import plane_of
from sslrec.ui.recommend_table import COLUMNS, answer_csv
from sslrec.ui.recommend_widgets import Card
from sslrec.ui.texts import CATALOGUES
from tests.data.catalogue import samples
from tests.recommenders import tiny_assets

ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]
SHIRT = "t-shirt-001"
PRODUCTS = 54


def forget():
    settings.cache_clear()
    for kept in (shared_catalogues, shared_recommender, plane_of):
        kept.cache_clear()


@pytest.fixture
def tiny(monkeypatch):
    """The small recommender's catalogue in place of the shipped one, and no real data."""
    monkeypatch.setenv("SSLREC_ASSETS", str(tiny_assets()))
    monkeypatch.delenv("SSLREC_DATA", raising=False)
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def page(tiny):
    """Opens the page without the frame around it; its query parameters are the arguments."""

    def opened(lang="en", **query):
        app = AppTest.from_file(str(ROOT / "pages" / "recommend.py"), default_timeout=60)
        app.session_state["lang"] = lang
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return opened


@pytest.fixture
def products(tiny):
    """The index of the catalogue that the page shows."""
    return shared_catalogues().open("builtin").index()


@pytest.fixture
def mine(tiny, monkeypatch):
    """Puts products without pictures, with these titles by id, in the place of the page's catalogue."""

    def put(**titles):
        rows = [samples.row(item_id=item, title=title, image=None) for item, title in titles.items()]
        catalogue, recommender = Catalogue("mine", "here", samples.table(*rows)), shared_recommender()
        index = index_catalogue(catalogue, recommender.encode_texts(catalogue.titles), recommender)
        monkeypatch.setattr(recommend_catalogues, "opened", lambda _: index)

    return put


@pytest.fixture
def priced(tiny, monkeypatch):
    """Puts products without pictures, with these prices and their places as ids, in the place of the catalogue."""

    def put(*prices):
        rows = [samples.row(item_id=str(n), image=None, price=float(price)) for n, price in enumerate(prices)]
        catalogue, recommender = Catalogue("mine", "here", samples.table(*rows)), shared_recommender()
        index = index_catalogue(catalogue, recommender.encode_texts(catalogue.titles), recommender)
        monkeypatch.setattr(recommend_catalogues, "opened", lambda _: index)

    return put


def html(app):
    return unescape("\n".join(element.value for element in app.html))


def price_slider(app):
    return next(slider for slider in app.select_slider if slider.key.startswith("price.steps"))


def component(app, name):
    """What a component of the page was given, or None where it is not shown."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == name:
            return json.loads(element.proto.json)
    return None


def cards(app):
    data = component(app, "sslrec.products")
    return [] if data is None else [Card(**card) for card in data["products"]]


def ids(app):
    return [card.id for card in cards(app)]


def click(app, key, *events):
    """Click in a component, one after the other, before the server looks."""
    kept = app.session_state[key]["events"] if app.session_state.get(key) else []
    start = kept[-1]["serial"] if kept else 1_000
    new = [{"action": action, "id": name, "serial": start + i} for i, (action, name) in enumerate(events, 1)]
    app.session_state[key] = {"events": [*kept, *new]}
    app.run()
    assert not app.exception
    return app


def picture(colour="crimson", kind="PNG"):
    page = Image.new("RGB", (150, 200), "white")
    ImageDraw.Draw(page).rectangle((30, 30, 120, 170), fill=colour)
    buffer = BytesIO()
    page.save(buffer, kind)
    return buffer.getvalue()


def said(app):
    """The sentences about what went wrong or was left out."""
    return "\n".join(re.findall(r'<div class="sx-problem".*?</div></div>', html(app), re.DOTALL))


def test_the_first_look_shows_an_example_with_scores(page):
    app = page()
    assert not app.exception
    assert app.query_params
    first = cards(app)
    assert len(first) == 24
    scores = [float(card.score) for card in first]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1
    assert all(card.picture.startswith("data:image/") and card.title and card.price for card in first)


def test_an_example_of_words_and_a_picture_fuses_both(page):
    app = page(q="navy", picture="item", item=SHIRT)
    shown = html(app)
    for key in ("summary.gate_text", "summary.gate_image"):
        assert ENGLISH[key].format(share="50 %") in shown
    for card in cards(app):
        assert card.parts["text"] + card.parts["image"] == pytest.approx(1)
        assert [name for name, _ in card.shares] == [ENGLISH["grid.share_text"], ENGLISH["grid.share_image"]]
    assert cards(app)[0].reason
    assert SHIRT not in ids(app)


def test_an_empty_query_shows_something_of_every_category(page):
    app = page()
    app.button(key="wish.clear").click().run()
    assert ENGLISH["welcome.title"] in html(app)
    shown = cards(app)
    assert len(shown) == 24
    assert not any(card.score for card in shown)
    catalogue = shared_catalogues().open("builtin").index().catalogue
    categories = [catalogue.product(catalogue.index_of(card.id)).category for card in shown]
    assert len(set(categories[:10])) == 10
    assert not {"q", "item", "picture"} & app.query_params.keys()


def test_clicking_an_example_asks_for_it(page):
    app = page(q="navy")
    tiles = component(app, "sslrec.tiles")
    click(app, "examples", ("choose", "0"))
    assert app.text_input(key="q").value == tiles["tiles"][0]["text"]
    assert app.query_params["q"] == tiles["tiles"][0]["text"]


def test_everything_is_in_the_link(page):
    query = {
        "q": "navy linen", "picture": "item", "item": SHIRT, "trust": "-3", "cat": "Tops", "price": "20-90",
        "variety": "30", "view": "grid", "like": "shirt-025",
    }  # fmt: skip
    app = page(**query)
    assert app.text_input(key="q").value == "navy linen"
    assert app.select_slider(key="trust").value == -3
    assert app.slider(key="variety").value == 30
    assert app.slider(key="price.range").value == (20, 90)
    found = cards(app)
    assert found
    assert all(20 <= float(card.price) <= 90 and card.facts.startswith("Tops") for card in found)
    again = page(**{name: app.query_params[name] for name in app.query_params})
    assert ids(again) == ids(app)


@pytest.mark.parametrize(
    "query",
    [
        {"trust": "x", "p": "-1", "variety": "900", "price": "9-1", "view": "chart", "picture": "mind"},
        {"price": "a-b", "p": "99", "cat": "Nonsense", "like": "nobody", "dislike": "nobody", "catalog": "../x"},
        {"q": "navy", "p": "²", "price": "nan-inf", "trust": "--1"},
    ],
)
def test_a_link_that_makes_no_sense_shows_products_all_the_same(page, query):
    app = page(**query)
    assert not app.exception
    assert cards(app)


@pytest.mark.parametrize("query", [{"cat": "Nonsense"}, {"q": "navy", "cat": "Nonsense"}])
def test_a_category_that_the_catalogue_lacks_hides_no_product(page, query):
    app = page(**query)
    assert len(cards(app)) == 24
    assert ENGLISH["filters.nothing"] not in html(app)


@pytest.mark.parametrize("catalog", ["fashion_products", "elsewhere"])
def test_a_link_to_a_catalogue_that_is_not_here_says_so_and_leaves_what_was_said_about_it(page, catalog):
    query = {"picture": "item", "item": SHIRT, "cat": "Tops", "price": "20-90", "like": "shirt-025"}
    app = page(q="navy", catalog=catalog, **query)
    name = ENGLISH["catalog.fashion_products"] if catalog == "fashion_products" else catalog
    assert ENGLISH["catalog.gone_kept"].format(name=name) in html(app)
    assert len(cards(app)) == 24
    assert app.text_input(key="q").value == "navy"
    assert not {"item", "cat", "price", "like"} & app.query_params.keys()


def test_a_product_that_is_not_there_is_told(page):
    app = page(picture="item", item="sneakers-999", q="navy")
    assert ENGLISH["wish.item_gone"].format(catalogue=ENGLISH["catalog.builtin"]) in html(app)
    assert cards(app)


def test_trust_moves_the_ranking_to_the_words_or_to_the_picture(page):
    alone = {"text": ids(page(q="leather")), "image": ids(page(picture="item", item=SHIRT))}
    app = page(q="leather", picture="item", item=SHIRT)
    fused = ids(app)
    text = ids(app.select_slider(key="trust").set_value(-5).run())
    assert app.query_params["trust"] == "-5"
    image = ids(app.select_slider(key="trust").set_value(5).run())
    assert len({tuple(fused), tuple(text), tuple(image)}) == 3
    near = {name: len({*order[:8]} & {*alone[name][:8]}) for name, order in (("text", text), ("image", image))}
    assert min(near.values()) >= 5


def test_another_language_leaves_the_trust_as_it_is(page):
    app = page(q="leather", picture="item", item=SHIRT)
    app.session_state["lang"] = "zh-CN"
    slider = app.run().select_slider(key="trust")
    # A browser goes on sending the label of its step, which has to be one of the new language.
    assert slider.value == 0
    assert slider.proto.set_value
    assert list(slider.proto.raw_value) == [CHINESE["trust.learned"]]


def test_three_rankings_show_each_product_with_its_rank_in_the_others(page):
    shown = html(page(q="leather", picture="item", item=SHIRT, view="compare"))
    lists = re.findall(r'<section class="sx-(text|fused|image)">(.*?)</section>', shown, re.DOTALL)
    assert [name for name, _ in lists] == ["text", "fused", "image"]
    ranks = {}
    for name, body in lists:
        items = re.findall(r"<li>.*?<p>(.*?)</p>(.*?)</li>", body, re.DOTALL)
        assert len(items) == 10
        for place, (title, rest) in enumerate(items, 1):
            ranks.setdefault(title, {})[name] = place
            for other, rank in re.findall(r'<span class="sx-(\w+)[^"]*"[^>]*>\D*(\d+)</span>', rest):
                assert ranks[title].setdefault(other, int(rank)) == int(rank)
    assert any(len(set(places.values())) == 3 for places in ranks.values())


def test_a_ranking_that_the_query_lacks_says_so(page):
    shown = html(page(q="leather", view="compare"))
    assert ENGLISH["compare.no_image"] in shown
    assert ENGLISH["compare.no_text"] not in shown
    app = page()
    app.button(key="wish.clear").click().run()
    app.segmented_control(key="view").set_value("compare").run()
    assert ENGLISH["compare.empty"] in html(app)


@pytest.mark.parametrize("query", [{}, {"picture": "item", "item": SHIRT}])
def test_rankings_of_which_the_filters_leave_nothing_say_so(page, query):
    shown = html(page(q="leather", view="compare", price="5000-6000", **query))
    assert ENGLISH["filters.nothing"] in shown
    assert ENGLISH["compare.no_image"] not in shown


@pytest.mark.parametrize("view", ["grid", "compare"])
def test_where_no_filter_is_set_none_is_said_to_be_taken_off(page, products, view):
    products.shown[2:] = False
    one, two = (products.catalogue.product(place).item_id for place in range(2))
    for query in ({"picture": "item", "item": one, "dislike": two}, {"q": "leather", "dislike": [one, two]}):
        app = page(view=view, **query)
        assert ENGLISH["filters.none_left"] in html(app)
        assert ENGLISH["filters.nothing"] not in html(app)
        assert not cards(app)


def test_a_single_product_is_shown_without_an_example(page, mine):
    mine(a="Blue mug")
    app = page()
    assert ids(app) == ["a"]
    assert component(app, "sslrec.tiles") is None


def test_hidden_products_are_not_counted(page, products):
    products.shown[:4] = False
    app = page(q="leather")
    found = re.search(r"(\d+) of (\d+) products ranked", html(app))
    assert found.groups() == (str(PRODUCTS - 4), str(PRODUCTS - 4))
    app.button(key="wish.clear").click().run()
    assert ENGLISH["welcome.how"].format(count=PRODUCTS - 4) in html(app)


def test_the_map_marks_the_query_and_names_every_product(page):
    app = page(q="leather", view="map")
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    names = [trace["name"] for trace in figure["data"]]
    assert names[-2:] == [ENGLISH["map.found"], ENGLISH["map.query"]]
    points = [trace for trace in figure["data"] if trace["name"] not in names[-2:]]
    assert sum(len(trace["text"]) for trace in points) == PRODUCTS
    assert {trace["type"] for trace in figure["data"]} == {"scattergl"}
    app.button(key="wish.clear").click().run()
    names = [trace["name"] for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]]
    assert ENGLISH["map.query"] not in names


def test_the_map_rings_the_best_whatever_page_is_open(page):
    def ringed(**query):
        app = page(q="leather", view="map", **query)
        traces = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
        return next(trace["text"] for trace in traces if trace["name"] == ENGLISH["map.found"])

    assert ringed(p="3") == ringed()
    assert len(ringed()) == 10


def test_pages_follow_each_other_without_gap_or_repetition(page):
    app = page(q="leather")
    seen = ids(app)
    for number in (2, 3):
        app.session_state["p"] = number
        app.query_params["p"] = str(number)
        seen += ids(app.run())
    assert len(seen) == len(set(seen)) == PRODUCTS
    assert cards(app)[0].place == "49"


def test_a_new_query_begins_at_the_first_page(page):
    app = page(q="leather", p="2")
    assert cards(app)[0].place == "25"
    app.text_input(key="q").set_value("linen").run()
    assert cards(app)[0].place == "1"
    assert "p" not in app.query_params


def test_filters_narrow_and_can_be_taken_off(page):
    app = page(q="leather")
    app.pills(key="cat").set_value(["Shoes", "Bags"]).run()
    assert app.query_params["cat"] == ["Shoes", "Bags"]
    assert {card.facts.split(" · ")[0] for card in cards(app)} == {"Shoes", "Bags"}
    app.slider(key="price.range").set_value((12, 13)).run()
    assert ENGLISH["filters.nothing"] in html(app)
    app.button(key="filters.clear").click().run()
    assert len(cards(app)) == 24
    assert not {"cat", "price", "variety"} & app.query_params.keys()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_an_outlier_leaves_every_price_to_choose(page, priced, language):
    priced(*(20.5 + place for place in range(9)), 9999999)
    app = page(q="shirt", lang=language)
    assert price_slider(app).value == (20.5, 9999999)
    price_slider(app).set_value((21.5, 23.5)).run()
    assert app.query_params["price"] == "21.5-23.5"
    assert sorted(ids(app)) == ["1", "2", "3"]
    app.session_state["lang"] = "zh-CN" if language == "en" else "en"
    app.run()
    assert price_slider(app).value == (21.5, 23.5)
    price_slider(app).set_value((20.5, 22.5)).run()
    assert sorted(ids(app)) == ["0", "1", "2"]
    app.button(key="filters.clear").click().run()
    assert "price" not in app.query_params
    assert price_slider(app).value == (20.5, 9999999)
    price_slider(app).set_value((21.5, 9999999)).run()
    price_slider(app).set_value((20.5, 9999999)).run()
    assert "price" not in app.query_params
    assert len(ids(app)) == 10


def test_the_ends_of_a_price_are_themselves_chosen(page, priced):
    priced(1 / 3, 2 / 3, 1e6 / 7)
    app = page()
    price_slider(app).set_value((2 / 3, 1e6 / 7)).run()
    assert sorted(ids(app)) == ["1", "2"]


def test_a_link_s_price_between_the_steps_is_kept_and_shown(page, priced):
    priced(*(place / 10 for place in range(1, 200)), 500)
    app = page(price="3.14-900")
    slider = price_slider(app)
    assert slider.value == (3.14, 500)
    assert "3.14" in slider.options
    assert app.query_params["price"] == "3.14-900"
    assert min(float(card.price) for card in cards(app)) >= 3.2


def test_variety_puts_unlike_products_first(page):
    app = page(q="leather")
    plain = ids(app)
    app.slider(key="variety").set_value(80).run()
    assert ids(app)[0] == plain[0]
    assert ids(app) != plain


def test_a_like_reranks_at_once_and_says_why(page):
    app = page(q="navy")
    before = ids(app)
    liked = cards(app)[-1]
    click(app, "grid", ("like", liked.id))
    after = cards(app)
    assert [card.id for card in after] != before
    assert next(card for card in after if card.id == liked.id).opinion == "like"
    assert any(ENGLISH["reason.like"].format(title=liked.title) in card.reason for card in after)
    assert app.query_params["like"] == liked.id
    app.button(key="likes.undo").click().run()
    assert ids(app) == before
    assert "like" not in app.query_params


def test_a_dislike_takes_a_product_away_until_it_is_forgotten(page):
    app = page(q="navy")
    before = ids(app)
    click(app, "grid", ("dislike", before[0]))
    assert before[0] not in ids(app)
    app.button(key="likes.clear").click().run()
    assert ids(app) == before
    app.button(key="likes.undo").click().run()
    assert before[0] not in ids(app)


def test_quick_clicks_are_all_answered_and_once(page):
    app = page(q="navy")
    one, two, three = ids(app)[:3]
    click(app, "grid", ("like", one), ("like", two), ("dislike", three))
    opinions = {card.id: card.opinion for card in cards(app)}
    assert (opinions[one], opinions[two]) == ("like", "like")
    assert three not in opinions
    click(app, "grid", ("forget", one))
    assert {card.id: card.opinion for card in cards(app)}[one] == ""
    assert {card.id: card.opinion for card in cards(app.run())}[two] == "like"


def test_a_url_that_was_just_replaced_takes_no_like_back(page, monkeypatch):
    monkeypatch.setattr(url, "ECHO_SECONDS", 1000.0)
    app = page(q="navy")
    one, two = ids(app)[:2]
    click(app, "grid", ("like", one))
    old = dict(app.query_params)
    click(app, "grid", ("like", two))
    # The browser's next click comes with the URL that it had before the last answer.
    app.query_params["like"] = old["like"]
    app.run()
    assert {card.opinion for card in cards(app) if card.id in (one, two)} == {"like"}


def test_of_more_likes_than_a_url_holds_the_latest_stay(page):
    app = page(q="navy", like=[f"old-{number}" for number in range(100)])
    liked = ids(app)[0]
    click(app, "grid", ("like", liked))
    app.run()
    assert {card.id: card.opinion for card in cards(app)}[liked] == "like"
    assert len(app.query_params["like"]) == 100
    assert {"old-1", "old-99", liked} < set(app.query_params["like"])


def test_a_price_in_millions_is_in_the_link_to_the_last_digit(page):
    app = page(q="navy", price="12-2345674")
    assert app.query_params["price"] == "12-2345674"
    assert page(q="navy", price="0.5-19.99").query_params["price"] == "0.5-19.99"


def test_a_tiny_price_stays_in_the_link_and_is_told(page, priced):
    priced(0.00001, 0.004, 0.5)
    app = page(price="0.00001-0.4")
    assert app.query_params["price"] == "0.00001-0.4"
    assert [card.price for card in sorted(cards(app), key=lambda card: card.id)] == ["1e-05", "0.004"]


def test_likes_alone_are_a_query(page):
    app = page()
    app.button(key="wish.clear").click().run()
    liked = ids(app)[3]
    click(app, "grid", ("like", liked))
    shown = cards(app)
    assert liked not in [card.id for card in shown]
    assert not any(card.score for card in shown)
    assert ENGLISH["likes.count"].format(count=1) in html(app)
    assert app.get("download_button")


def test_dislikes_alone_are_a_query_without_an_equation(page):
    app = page()
    assert "sx-terms" in html(app)
    app.button(key="wish.clear").click().run()
    disliked = ids(app)[3]
    click(app, "grid", ("dislike", disliked))
    assert disliked not in ids(app)
    shown = html(app)
    assert '<p role="status">' in shown
    assert '<div class="sx-terms">' not in shown


def test_more_like_this_takes_the_product_as_the_picture(page):
    app = page(q="navy")
    chosen = ids(app)[2]
    click(app, "grid", ("more", chosen))
    assert app.query_params["item"] == chosen
    assert app.text_input(key="q").value == ""
    assert chosen not in ids(app)
    assert cards(app)[0].reason == ENGLISH["reason.picture"]


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_a_product_without_a_picture_is_asked_for_by_its_title_or_it_is_told(page, mine, language, texts):
    titles = {"a": "红色的鞋", "b": "Blue mug", "c": "Red mug"}
    mine(**titles)
    app = page(q="mug", lang=language)
    click(app, "grid", ("more", "a"))
    assert texts["error.query_not_english"].format(words=titles["a"]) in said(app)
    assert texts["welcome.anyway"] in html(app)
    app.text_input(key="q").set_value("in red").run()
    assert texts["said.text_words_unknown"].format(words=titles["a"]) in said(app)
    click(app, "grid", ("more", "b"))
    app.text_input(key="q").set_value("in red").run()
    assert "Blue mug in red" in html(app)
    assert not said(app)
    assert set(ids(app)) == {"a", "c"}


def test_a_product_to_start_from_is_chosen_by_a_click(page):
    app = page(q="navy", picture="item")
    assert ENGLISH["wish.item_how"] in html(app)
    click(app, "wish.products", ("choose", SHIRT))
    assert app.query_params["item"] == SHIRT
    assert app.text_input(key="q").value == "navy"


def test_where_nothing_is_pictured_products_to_start_from_are_offered_all_the_same(page, mine):
    mine(a="Red mug", b="Blue mug")
    app = page(q="mug", picture="item")
    components = [one.proto for one in app.get("bidi_component") if one.proto.component_name == "sslrec.tiles"]
    (strip,) = (data for data in map(json.loads, (one.json for one in components)) if data["kind"] == "strip")
    assert sorted(tile["id"] for tile in strip["tiles"]) == ["a", "b"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_upload_is_the_picture_and_outlasts_its_widget(page, kind):
    app = page(picture="upload")
    app.file_uploader(key="wish.file").set_value([("coat.img", picture(kind=kind), "")]).run()
    found = cards(app)
    assert found
    assert found[0].score
    app.segmented_control(key="picture").set_value("none").run()
    assert not cards(app)[0].score
    app.segmented_control(key="picture").set_value("upload").run()
    assert cards(app) == found
    assert ENGLISH["wish.picture_unlinked"] in html(app)


def test_with_the_query_a_visitor_s_picture_is_let_go(page):
    app = page(picture="upload")
    app.file_uploader(key="wish.file").set_value([("coat.png", picture(), "image/png")]).run()
    assert cards(app)[0].score
    app.button(key="wish.clear").click().run()
    app.segmented_control(key="picture").set_value("upload").run()
    assert not cards(app)[0].score


def test_what_the_link_holds_is_not_said_to_be_missing_from_it(page):
    shown = html(page(q="navy", picture="item", item=SHIRT))
    assert ENGLISH["wish.picture_unlinked"] not in shown
    assert ENGLISH["wish.text_unlinked"] not in shown


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_an_unreadable_picture_is_told_and_the_words_still_count(page, language, texts):
    app = page(picture="upload", q="navy", lang=language)
    app.file_uploader(key="wish.file").set_value([("notes.png", b"just a text", "image/png")]).run()
    assert texts["error.image_format"].format(name="notes.png") in said(app)
    assert cards(app)[0].score
    assert app.text_input(key="q").value == "navy"


def test_an_unreadable_picture_leaves_the_one_in_use(page):
    app = page(picture="upload")
    app.file_uploader(key="wish.file").set_value([("coat.png", picture(), "image/png")]).run()
    found = ids(app)
    app.file_uploader(key="wish.file").set_value([("notes.png", b"just a text", "image/png")]).run()
    assert ENGLISH["error.image_format"].format(name="notes.png") in said(app)
    assert ids(app) == found
    app.file_uploader(key="wish.file").set_value([]).run()
    assert not said(app)
    assert ids(app) == found
    app.file_uploader(key="wish.file").set_value([("hat.png", picture("navy"), "image/png")]).run()
    assert ids(app) != found
    app.file_uploader(key="wish.file").set_value([]).run()
    assert not cards(app)[0].score


def test_a_photo_is_the_picture(page):
    app = page(picture="camera")
    app.camera_input(key="wish.photo").set_value(("photo.jpg", picture(kind="JPEG"), "image/jpeg")).run()
    assert not app.exception
    assert cards(app)[0].score


def test_a_photo_is_called_so_in_the_language_of_the_moment(page):
    app = page(picture="camera")
    for data in (picture(kind="JPEG"), b"no picture"):
        app.camera_input(key="wish.photo").set_value(("camera_input.jpg", data, "image/jpeg")).run()
        for language, texts in (("zh-CN", CHINESE), ("en", ENGLISH)):
            app.session_state["lang"] = language
            app.run()
            name = texts["wish.photo_name"]
            assert f'alt="{name}"' in html(app)
            assert (texts["error.image_format"].format(name=name) in said(app)) == (data == b"no picture")


def test_a_drawing_is_the_picture_in_its_colours(page):
    app = page(picture="draw")
    assert ENGLISH["welcome.title"] in html(app)

    def draw(ink):
        app.session_state["sketch"] = {"drawing": {"strokes": [[64 * ink + 40, 60, 60, 200, 200]], "drawing": False}}
        return ids(app.run())

    red, navy = draw(4), draw(9)
    assert red != navy
    assert not app.exception
    app.session_state["sketch"] = {"drawing": {"strokes": [["x", None]], "drawing": 1}}
    app.run()
    assert not app.exception


def test_unknown_words_alone_are_told_beside_something_to_look_at(page):
    app = page(q="vvkkww")
    assert ENGLISH["error.query_unknown"].split("'")[0] in said(app)
    assert ENGLISH["welcome.anyway"] in html(app)
    assert len(cards(app)) == 24
    assert app.text_input(key="q").value == "vvkkww"


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh-CN", CHINESE)])
def test_chinese_is_answered_kindly(page, language, texts):
    app = page(q="红色的鞋子", lang=language)
    assert texts["error.query_not_english"].split("{")[0].split("'")[0] in said(app)
    with_picture = page(q="红色的鞋子", picture="item", item=SHIRT, lang=language)
    assert texts["said.text_not_english_picture"].split("{")[0] in said(with_picture)
    assert cards(with_picture)[0].score


def test_ten_thousand_characters_are_read_at_their_beginning(page):
    long = "navy linen shirt " * 600
    app = page()
    app.text_input(key="q").set_value(long).run()
    assert not app.exception
    assert ENGLISH["said.text_cut"] in said(app)
    assert ENGLISH["wish.text_unlinked"] in html(app)
    assert app.text_input(key="q").value == long
    assert len(cards(app)) == 24
    assert "q" not in app.query_params


def test_the_page_in_chinese_names_products_in_chinese(page):
    app = page(q="navy", lang="zh-CN")
    assert [title.value for title in app.title] == [CHINESE["recommend.title"]]
    assert all(re.search("[\u4e00-\u9fff]", card.title) for card in cards(app))
    assert not re.search("[A-Za-z]", " ".join(card.facts for card in cards(app)))


@pytest.mark.usefixtures("tiny")
def test_state_survives_another_page(open_page):
    app = open_page("recommend", q="navy", picture="item", item=SHIRT, trust="2")
    before = ids(app)
    app.switch_page("../../pages/home.py").run()
    app.switch_page("../../pages/recommend.py").run()
    assert ids(app) == before
    assert app.query_params["q"] == "navy"


def test_a_missing_model_is_told(assets, open_page):
    forget()
    app = open_page("recommend", q="navy")
    forget()
    assert not app.exception
    assert 'role="alert"' in html(app)
    assert not cards(app)


def test_a_page_of_products_is_light(page):
    app = page(q="navy")
    assert sum(len(card.picture) for card in cards(app)) < 300_000


def test_the_table_holds_the_ranking_without_formulas(page):
    app = page(q="navy", picture="item", item=SHIRT)
    index = shared_catalogues().open("builtin").index()
    items = shared_recommender().recommend(index, "navy", item=SHIRT, k=500).items
    rows = list(csv.DictReader(answer_csv(index, items).splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [row["item_id"] for row in rows][:24] == ids(app)
    assert [row["place"] for row in rows] == [str(place) for place in range(1, len(rows) + 1)]
    for row in rows:
        total = float(row["text_contribution"]) + float(row["image_contribution"])
        assert -1.01 <= total <= 1.01
        for name, other in (("text", "image"), ("image", "text")):
            left = float(row["score"]) - float(row[f"{name}_fall"])
            assert left == pytest.approx(float(row[f"{other}_score"]), abs=2e-5)


def test_the_button_says_how_many_products_its_table_holds(page, monkeypatch):
    labels = []
    monkeypatch.setattr(st, "download_button", lambda label, *_, **__: labels.append(label))
    page(q="navy")
    monkeypatch.setattr(recommend_table, "ROWS", 5)
    page(q="navy")
    assert [labels[0], labels[-1]] == [ENGLISH["table.csv"], ENGLISH["table.csv_best"].format(count=5)]


def test_the_table_is_of_the_query_on_the_page_though_made_without_its_session(page, monkeypatch):
    made = []
    monkeypatch.setattr(st, "download_button", lambda label, data, *_, **__: made.append(data))
    query = {"q": "leather", "cat": ["Shoes", "Bags"], "price": "20-90", "variety": "40", "like": "shirt-025"}
    app = page(**query)
    with ThreadPoolExecutor(1) as pool:
        data = pool.submit(made[-1]).result()
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert [row["item_id"] for row in rows] == ids(app)
    assert {row["category"] for row in rows} == {"Shoes", "Bags"}
    assert all(20 <= float(row["price"]) <= 90 for row in rows)
