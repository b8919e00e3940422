"""The pieces of the Recommend page: what a card says, which picture goes out, where the map puts things."""

import base64
import csv
import json
import tracemalloc
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from sslrec.data.catalogue import Catalogue, Product
from sslrec.data.images import decode_picture
from sslrec.serving.catalogues import index_catalogue
from sslrec.serving.recommendation import Note, Ranked
from sslrec.serving.recommender import Recommender
from sslrec.ui import recommend_refine
from sslrec.ui import recommend_results as results
from sslrec.ui import recommend_widgets as widgets
from sslrec.ui.canvas import INK, Drawing, drawing_from
from sslrec.ui.recommend_examples import assortment, examples, plain_label
from sslrec.ui.recommend_facts import category_fact, fact
from sslrec.ui.recommend_input import COLOURS, cropped
from sslrec.ui.recommend_map import map_figure, plane_of
from sslrec.ui.recommend_pictures import LIGHT, product_uri, sign_uri
from sslrec.ui.recommend_results import said_shares
from sslrec.ui.recommend_table import answer_csv
from sslrec.ui.recommend_widgets import Event, product_grid, taken_events, tile_buttons
from sslrec.ui.texts import CATALOGUES
from tests.data.catalogue.samples import ids_of, row, table

ENGLISH = CATALOGUES["en"]
INKS = [(colour, name) for name, colour in COLOURS.items()]


def encoded(side, kind="PNG", seed=0):
    noise = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    buffer = BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


def uri_of(data):
    return product_uri(Catalogue("sample", "sample", table(entry("1", image=data))), 0)


def decoded(uri):
    head, data = uri.split(",")
    return head, base64.b64decode(data)


def product(**changes):
    fields = {
        "item_id": "1", "title": "Navy linen shirt", "description": None, "image": None, "category": "Tops",
        "price": 1250.5, "attributes": {"colour": "navy", "pattern": "dotted", "shade": "pale", "occasion": "travel"},
    }  # fmt: skip
    return Product(**{**fields, **changes})


def entry(item_id, **changes):
    return row(item_id=item_id, **changes)


def indexed(rows, vectors=None):
    found = np.random.default_rng(3).normal(size=(len(rows), 8)) if vectors is None else vectors
    found = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return index_catalogue(Catalogue("sample", "sample", table(*rows)), found, Recommender())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_small_picture_goes_out_as_it_is(kind):
    data = encoded(32, kind)
    assert len(data) <= LIGHT
    head, sent = decoded(uri_of(data))
    assert head == f"data:image/{kind.lower()};base64"
    assert sent == data


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_a_large_or_unusual_picture_goes_out_as_a_small_copy(kind):
    _, sent = decoded(uri_of(encoded(400, kind)))
    assert len(sent) < 40_000
    assert max(decode_picture(sent, "copy").size) <= 200


@pytest.mark.parametrize("data", [None, b"just a text", encoded(300)[:20_000]], ids=["none", "text", "cut off"])
def test_a_sign_stands_where_there_is_no_picture_that_can_be_shown(data):
    head, sent = decoded(uri_of(data))
    assert head == "data:image/svg+xml;base64"
    assert ET.fromstring(sent).find("{*}text") is not None


@pytest.mark.parametrize(
    ("title", "letters"), [("Navy linen shirt", "NL"), ("<b>&", "B"), ("", "?"), ("红色的鞋", "红")]
)
def test_a_sign_shows_the_first_letters_of_a_title(title, letters):
    _, sent = decoded(sign_uri(title))
    assert ET.fromstring(sent).find("{*}text").text == letters
    assert sign_uri(title) == sign_uri(title)


def test_shares_are_parts_of_one_and_a_part_below_zero_counts_as_none():
    shares = results.shares_of({"text": 0.3, "image": 0.1})
    assert shares == pytest.approx({"text": 0.75, "image": 0.25})
    assert results.shares_of({"text": -0.2, "image": 0.1}) == {"text": 0.0, "image": 1.0}
    assert results.shares_of({"text": 0.4}) is None
    assert results.shares_of({"text": -0.1, "image": -0.1}) is None
    assert results.shares_of({}) is None


def test_a_card_says_what_its_score_would_be_without_either_modality():
    index = indexed([entry("a")])
    parts, falls = {"text": 0.3, "image": 0.1}, {"text": 0.6, "image": -0.1}
    item = Ranked(0, "a", "", 0.7, 0.8, 0.1, 0.4, parts, falls, 1, 1, {"text": 2, "image": 9})
    assert results.card(index, item, []).alone == (
        "By the words alone place 2, by the picture alone place 9\n"
        "Without the words its score would be 0.10, without the picture 0.80"
    )
    assert not results.card(index, replace(item, contributions={"text": 0.3}, falls={}), []).alone
    against = results.card(index, replace(item, contributions={"text": -0.3, "image": -0.1}), [])
    assert against.parts is None
    assert against.alone == results.card(index, item, []).alone


def test_a_card_says_what_the_title_does_not():
    assert results.facts_of(product()) == "Tops · dotted · travel"
    assert results.facts_of(product(category=None, attributes={"season": "NA", "usage": ""})) == ""
    said = {
        "sku": "123",
        "url": "https://example.org/x",
        "about": "long " * 20,
        **{f"n{i}": f"fact {i}" for i in range(9)},
    }
    assert results.facts_of(product(category=None, attributes=said)) == " · ".join(f"fact {i}" for i in range(6))
    assert results.price_of(product()) == "1,250.50"
    assert results.price_of(product(price=None)) == ""


@pytest.mark.parametrize(
    "value",
    [
        "True", "FALSE", "no", "n/a", "/m/g/mg017_main.jpg", "/p3", "dress.WEBP", "https://example.org/x",
        "www.example.org", "2024-01-05", "2024-01-05T10:00:00Z",
        "2/3/24, 4:05 AM", "9.78043902348e+12", "1,299.00", "<p></p>", " | ",
        "color=Red", "It is soft; " + "very " * 20,
    ],
)  # fmt: skip
def test_what_software_notes_is_no_fact(value):
    assert fact(value) == category_fact(value) == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Crime|Drama", "Crime, Drama"),
        ("Action;Indie;True", "Action, Indie"),
        ("|".join(f"kind {place}" for place in range(9)), "kind 0, kind 1, kind 2, kind 3, kind 4"),
        ("Home > Furniture & Decor > Living Room > Sofas", "Sofas"),
        ('["Clothing >> Women\'s Clothing >> Shorts"]', "Shorts"),
        ("> 10 kg", "> 10 kg"),
        ("Salt &amp; pepper", "Salt & pepper"),
        ("<b>Linen</b>", "Linen"),
        ("Simple", "Simple"),
    ],
)
def test_of_a_path_the_last_part_is_said_and_of_a_list_its_items(value, said):
    assert fact(value) == said


def test_a_category_may_be_called_what_software_notes_of_a_row():
    assert [fact(value) for value in ("variation", "parent", "base")] == ["", "", ""]
    assert category_fact("base") == "base"
    path = "Home > Furniture & Decor > Living Room > Sofas > Type 0"
    assert results.facts_of(product(category=path, attributes={"type": "variation"})) == "Type 0"


@pytest.mark.parametrize(
    ("price", "said"),
    [(10.0, "10"), (9999999.0, "9,999,999"), (1299.9, "1,299.90"), (0.11, "0.11"), (0.0012, "0.0012")],
)
def test_a_price_above_the_slider(price, said):
    assert recommend_refine.price_name(price) == said


def test_notes_say_that_the_picture_alone_was_used_where_there_is_one():
    unread = (Note("text_not_english", ("红色",)),)
    alone, with_picture = results.said_notes(unread, False), results.said_notes(unread, True)
    assert "红色" in alone[0]
    assert "picture alone" in with_picture[0]
    assert alone != with_picture
    assert results.said_notes((Note("text_cut"),), True) == results.said_notes((Note("text_cut"),), False)


def test_markup_in_titles_and_texts_is_shown_and_not_run():
    index = indexed([entry("a", title="<img src=x onerror=alert(1)>"), entry("b")])
    item = Ranked(0, "a", "", 0.5, 0.5, None, 0.1, {"text": 0.1}, {}, 1, 1, {"text": 1})
    assert "<img src=x" not in results.rankings(index, {"text": [item], "fused": [item]})
    query = SimpleNamespace(text="<script>1</script>")
    answer = SimpleNamespace(gates={"text": 1.0}, query=query, total=2, milliseconds=1.0)
    assert "<script>" not in results.summary(answer, "", "", 0, 2)


def test_a_ranking_of_no_product_is_not_one_that_the_query_lacks():
    shown = results.rankings(indexed([entry("a")]), {"text": [], "fused": []})
    assert ENGLISH["compare.no_image"] in shown
    assert ENGLISH["compare.no_text"] not in shown


def test_the_assortment_takes_turns_between_categories():
    rows = [entry(str(place), category="ABC"[0 if place < 20 else 1 if place < 26 else 2]) for place in range(28)]
    index = indexed(rows)
    order = assortment(index, index.shown)
    assert sorted(order) == list(range(28))
    names = [rows[place]["category"] for place in order]
    assert [set(names[start : start + 3]) for start in (0, 3)] == [{"A", "B", "C"}] * 2
    assert list(order) == list(assortment(index, index.shown))
    allowed = np.zeros(28, bool)
    allowed[[3, 22]] = True
    assert set(assortment(index, allowed)) == {3, 22}
    assert len(assortment(index, np.zeros(28, bool))) == 0


def test_the_map_lies_in_the_first_two_principal_components():
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(60, 8)) * np.array([5, 3, 1, 1, 1, 1, 1, 1])
    index = indexed([entry(str(place)) for place in range(60)], vectors)
    plane = plane_of(index)
    centred = index.index.vectors - index.index.vectors.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    wanted = centred @ axes[:2].T
    np.testing.assert_allclose(np.abs(plane.places), np.abs(wanted), atol=1e-4)
    assert plane.share == pytest.approx((values[:2] ** 2).sum() / (values**2).sum(), abs=1e-4)
    np.testing.assert_allclose(plane.place(index.index.vectors[[7]]), plane.places[[7]], atol=1e-6)
    assert plane_of(index) is plane


def test_the_map_never_holds_a_copy_of_all_vectors():
    vectors = np.random.default_rng(2).normal(size=(20_000, 64))
    index = indexed([entry(str(place)) for place in range(len(vectors))], vectors)
    tracemalloc.start()
    plane = plane_of(index)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.7 * index.index.vectors.nbytes  # of which the sample that is shown and its places are half
    assert len(plane.rows) == 5000
    assert len(set(plane.rows.tolist())) == 5000


def test_markup_in_titles_and_categories_is_text_on_the_map():
    rows = [entry(str(place), title="<a href='x'>" + "long " * 40, category="<b>%{x}") for place in range(4)]
    figure = map_figure(indexed(rows), None, [1])
    shown = json.dumps(figure["data"], default=str)
    assert "<a" not in shown
    assert "<b>" not in shown
    assert "%{x}" not in figure["data"][0]["hovertemplate"]
    assert len(figure["data"][0]["text"][0]) < 120


def test_the_map_of_a_single_product_is_drawn():
    figure = map_figure(indexed([entry("1", category=None)]), None, [])
    assert [len(trace["text"]) for trace in figure["data"]] == [1]


def test_a_catalogue_without_examples_of_its_own_gets_some_of_its_products():
    colours = ("Red", "Green", "Green", "Green", "Blue", "Red")
    index = indexed([entry(str(place), title=f"{colour} linen shirt") for place, colour in enumerate(colours)])
    offered = examples(index)
    ids = set(ids_of(index.catalogue))
    assert offered
    assert all(example.item in ids for example in offered if example.item)
    assert {example.text for example in offered if example.text} <= {"in green", "in red", "linen shirt", "green linen"}
    assert examples(indexed([entry("1", title="vvkkww"), entry("2", title="vvkkww")]))


def test_nothing_is_like_the_only_product():
    assert examples(indexed([entry("1")])) == ()


def test_a_product_that_cannot_be_asked_for_is_no_example():
    titles = ("红色的鞋", "Blue mug", "蓝色的鞋")
    index = indexed([entry(str(place), title=title, image=None) for place, title in enumerate(titles)])
    assert [example.item for example in examples(index)] == ["1"]


@pytest.mark.parametrize(
    "title", ["红色运动鞋 3", "红色运动鞋3", "男士T恤 黑色", "2024", "Blue mug 鞋", "Blue mug xqzv"]
)
def test_a_title_that_is_not_read_as_a_whole_is_no_example(title):
    index = indexed([entry(str(place), title=title, image=None) for place in range(4)])
    assert examples(index) == ()


def test_a_product_without_a_picture_is_not_asked_for_in_another_colour():
    rows = [entry(str(place), title="Red mug" if place else "Blue mug", image=None) for place in range(6)]
    assert not [example for example in examples(indexed(rows)) if example.text and example.item]


def test_signs_of_markdown_in_a_name_mean_themselves():
    assert plain_label("*a* [b](c) :red[d] e_f") == r"\*a\* \[b\]\(c\) \:red\[d\] e\_f"
    assert plain_label("Schuhe und Taschen 鞋") == "Schuhe und Taschen 鞋"


@pytest.mark.parametrize(("count", "most"), [(3, 60), (50, 30)])
def test_categories_that_begin_alike_or_are_called_the_same_are_told_apart(monkeypatch, count, most):
    labels = {}

    def shown(label, options, *, format_func, **_):
        labels.update((option, format_func(option)) for option in options)

    monkeypatch.setattr(recommend_refine.st, "pills", shown)
    monkeypatch.setattr(recommend_refine.st, "multiselect", shown)
    monkeypatch.setattr(recommend_refine, "value_name", lambda name: "鞋" if name == "Shoes" else name)
    kitchen = "Home & Garden > Kitchen & Dining > Kitchen Tools and Utensils > "
    names = [f"{kitchen}Whisks", f"{kitchen}Graters", "Shoes", "鞋", *(f"category {place}" for place in range(count))]
    recommend_refine.categories(SimpleNamespace(categories=tuple(names)))
    assert list(labels) == names
    assert len(set(labels.values())) == len(names)
    assert labels[names[0]].endswith("Whisks")
    assert len(labels[names[0]].replace("\\", "")) <= most
    assert (labels["Shoes"], labels["鞋"]) == ("鞋", "鞋 (2)")


def test_the_map_shows_no_hidden_product():
    rows = [entry(str(place), category="Shown" if place % 2 else "Hidden") for place in range(10)]
    vectors = np.random.default_rng(1).normal(size=(10, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = index_catalogue(Catalogue("sample", "sample", table(*rows), frozenset({"Hidden"})), vectors, Recommender())
    figure = map_figure(index, vectors[0], [1, 3])
    assert [trace["name"] for trace in figure["data"]] == ["Shown", "The best", "Your query"]
    assert len(figure["data"][0]["text"]) == 5


def test_the_table_keeps_spreadsheets_from_running_a_title():
    index = indexed([entry("=1+1", title="=HYPERLINK(1)", category="@cat", price=None)])
    item = Ranked(0, "=1+1", "", None, None, 0.25, 0.5, {"image": 0.5}, {}, 1, 1, {"image": 1})
    found = next(csv.DictReader(answer_csv(index, [item]).splitlines()))
    assert (found["item_id"], found["title"], found["category"]) == ("'=1+1", "'=HYPERLINK(1)", "'@cat")
    assert (found["price"], found["score"], found["text_score"], found["image_score"]) == ("", "", "", "0.25000")


def test_a_coloured_drawing_has_its_inks_on_white():
    drawing = drawing_from({"strokes": [[4 * INK + 30, 40, 40, 40, 200], [8 * INK + 30, 200, 40]]}, len(INKS))
    pixels = np.asarray(drawing.to_colours(INKS))
    assert pixels.shape == (280, 280, 3)
    assert "#{:02x}{:02x}{:02x}".format(*pixels[100, 40]) == COLOURS["red"]
    assert "#{:02x}{:02x}{:02x}".format(*pixels[40, 200]) == COLOURS["blue"]
    assert tuple(pixels[250, 250]) == (255, 255, 255)


@pytest.mark.parametrize("first", [0, 64, 12 * 64, 12 * 64 + 5, -3, True, 2.5])
def test_an_ink_that_was_not_offered_is_no_drawing(first):
    assert drawing_from({"strokes": [[first, 10, 10]]}, 12).is_blank


def test_a_drawing_is_cropped_to_what_is_drawn():
    drawn = Drawing(((4 * INK + 20, 100, 100, 180, 100),)).to_colours(INKS)
    tight = cropped(drawn)
    assert tight.width < 140
    assert tight.height < 60
    assert np.asarray(tight)[0].min() == 255
    blank = Image.new("RGB", (280, 280), "white")
    assert cropped(blank).size == blank.size


@pytest.mark.parametrize(
    "state",
    [
        None,
        "x",
        {"events": "x"},
        {"events": [None, 3]},
        {"events": [{"action": 1, "id": "a", "serial": 5}, {"action": "like", "id": "a", "serial": "5"}]},
    ],
)
def test_a_forged_click_is_none(monkeypatch, state):
    session = {"grid": state}
    monkeypatch.setattr(widgets, "st", SimpleNamespace(session_state=session))
    assert taken_events("grid") == []


@pytest.mark.parametrize("answered", [[], [7, 9]], ids=["first visit", "lost session"])
@pytest.mark.parametrize("component", ["_grid", "_tiles"])
def test_the_clicks_of_a_lost_session_are_not_answered_again_and_a_new_one_is(monkeypatch, component, answered):
    def clicks(*serials):
        return {"events": [{"action": "like", "id": str(serial), "serial": serial} for serial in serials]}

    session = {}
    monkeypatch.setattr(widgets, "st", SimpleNamespace(session_state=session))
    monkeypatch.setattr(widgets, "t", str)
    # Streamlit knows what a browser sent for a component once that is shown.
    monkeypatch.setattr(widgets, component, lambda key, **_: session.setdefault(key, clicks(*answered)))

    def show():
        if component == "_grid":
            product_grid("shown", [])
        else:
            tile_buttons("shown", "label", [], "strip")

    assert taken_events("shown") == []
    show()
    assert taken_events("shown") == []
    session["shown"] = clicks(*answered, 12)
    assert taken_events("shown") == [Event("like", "12")]
    show()
    assert taken_events("shown") == []


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.5, ("50 %", "50 %")), (0.9997, ("99 %", "1 %")), (0.0, ("0 %", "100 %")), (0.305, ("30 %", "70 %"))],
)
def test_the_shares_that_are_said_sum_to_a_hundred(share: float, said: tuple[str, str]):
    assert tuple(said_shares({"text": share, "image": 1 - share}).values()) == said
