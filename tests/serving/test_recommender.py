import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pytest
from PIL import Image

from sslrec.artifacts import load
from sslrec.config import settings
from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.errors import ArtifactError, CatalogueError, ImageError, QueryError
from sslrec.serving import reasons as reasons_of_products
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.index import diversify
from sslrec.serving.profile import WEIGHT, Profile
from sslrec.serving.reasons import FEW
from sslrec.serving.recommendation import Note, recommend_answer
from sslrec.serving.recommender import FIRST, Recommender
from tests.data.catalogue.samples import row, table
from tests.recommenders import DIM, tiny_assets


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Recommender, CatalogueIndex]]:
    """A small recommender with 54 products, as it comes from an assets folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSLREC_ASSETS", str(tiny_assets()))
        settings.cache_clear()
        recommender = Recommender()
        index = recommender.open_catalogue(load_catalogue("builtin"), never)
        recommender.warm_up()
        yield recommender, index
    settings.cache_clear()


def never(done: int, total: int) -> None:
    raise AssertionError("the built-in catalogue's vectors come with the artefact")


@pytest.fixture
def recommender(tiny: tuple[Recommender, CatalogueIndex]) -> Recommender:
    return tiny[0]


@pytest.fixture
def index(tiny: tuple[Recommender, CatalogueIndex]) -> CatalogueIndex:
    return tiny[1]


@pytest.fixture
def nothing_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small models hardly know what is near; here every product may have its reason."""
    monkeypatch.setattr(reasons_of_products, "FEW", 54)


def title(index: CatalogueIndex, row: int) -> str:
    return index.catalogue.titles[row]


def test_text_and_picture_of_a_product_find_it(recommender: Recommender, index: CatalogueIndex):
    answer = recommender.recommend(index, title(index, 9), index.catalogue.image(9), k=5)
    first = answer.items[0]
    assert (first.row, first.item_id, first.title) == (9, index.catalogue.product(9).item_id, title(index, 9))
    assert (first.place, first.rank) == (1, 1)
    assert first.cosine == pytest.approx(1, abs=1e-2)
    assert len(answer.items) == 5
    assert answer.total == len(index) == 54
    assert sum(answer.gates.values()) == pytest.approx(1)
    assert answer.notes == ()
    assert answer.milliseconds > 0


def test_everything_about_an_item_follows_from_the_models(recommender: Recommender, index: CatalogueIndex):
    text, picture = "navy striped shirt", index.catalogue.image(3)
    answer = recommender.recommend(index, text, picture, k=54)
    frame = index.catalogue.picture(3, 80, 60)
    vectors = {"text": recommender.encode_texts([text]), "image": recommender.encode_pictures(frame[None])}
    parts = recommender.fuse(vectors)[0][0]
    products = index.index.vectors
    cosines = {"fused": products @ parts.sum(axis=0), **{name: products @ vectors[name][0] for name in vectors}}
    lines = {"text": (4.0, -2.0), "image": (5.0, -2.0), "fused": (6.0, -2.0)}
    scores = {name: 1 / (1 + np.exp(-(lines[name][0] * cosines[name] + lines[name][1]))) for name in lines}
    order = np.argsort(-cosines["fused"], kind="stable")
    assert [item.row for item in answer.items] == order.tolist()
    for place, item in enumerate(answer.items):
        r = item.row
        assert (item.place, item.rank) == (place + 1, place + 1)
        assert item.score == pytest.approx(scores["fused"][r], abs=1e-5)
        assert item.text_score == pytest.approx(scores["text"][r], abs=1e-5)
        assert item.image_score == pytest.approx(scores["image"][r], abs=1e-5)
        assert item.contributions["text"] == pytest.approx(products[r] @ parts[0], abs=1e-5)
        assert sum(item.contributions.values()) == pytest.approx(item.cosine, abs=1e-5)
        assert item.falls["text"] == pytest.approx(scores["fused"][r] - scores["image"][r], abs=1e-5)
        assert item.falls["image"] == pytest.approx(scores["fused"][r] - scores["text"][r], abs=1e-5)
        for name in ("text", "image"):
            assert item.ranks[name] == 1 + (cosines[name] > cosines[name][r] + 1e-7).sum()


@pytest.mark.parametrize(("by", "given"), [("text", {"text": "red mug"}), ("image", {"item": 5})])
def test_with_one_modality_the_other_has_no_score(recommender: Recommender, index: CatalogueIndex, by: str, given):
    if "item" in given:
        given = {"picture": index.catalogue.image(5)}
    item = recommender.recommend(index, **given).items[0]
    scores = {"text": item.text_score, "image": item.image_score}
    other = "image" if by == "text" else "text"
    assert scores[other] is None
    assert scores[by] == item.score
    assert item.contributions == {by: pytest.approx(item.cosine)}
    assert item.ranks == {by: item.rank}
    assert item.falls == {}


def test_trust_moves_the_result_from_text_to_picture(recommender: Recommender, index: CatalogueIndex):
    given: dict[str, Any] = {"text": title(index, 2), "picture": index.catalogue.image(40)}
    gates = [recommender.recommend(index, **given, trust=trust).gates["image"] for trust in (-1, -0.5, 0, 0.5, 1)]
    assert gates == sorted(gates)
    assert gates[0] < 0.01
    assert gates[-1] > 0.99
    for trust, alone in ((-1, {"text": given["text"]}), (1, {"picture": given["picture"]})):
        leaning = recommender.recommend(index, **given, trust=trust)
        assert leaning.items[0].row == recommender.recommend(index, **alone).items[0].row
    with pytest.raises(ValueError, match="from -1 to 1"):
        recommender.recommend(index, **given, trust=2)


@pytest.mark.parametrize(("name", "other", "end"), [("text", "image", -1), ("image", "text", 1)])
def test_the_score_goes_over_to_a_modality_as_it_is_trusted(
    recommender: Recommender, index: CatalogueIndex, name: str, other: str, end: int
):
    answer = recommender.recommend(index, title(index, 2), index.catalogue.image(40), trust=end, k=54)
    for item in answer.items:
        own = {"text": item.text_score, "image": item.image_score}[name]
        assert item.score == pytest.approx(own, abs=1e-4)
        assert item.falls[other] == pytest.approx(0, abs=1e-4)
    cosines = np.linspace(-1, 1, 41)
    scores = np.array([recommender.score(cosines, "fused", end * trust) for trust in np.linspace(0, 1, 51)])
    np.testing.assert_array_equal(scores[0], recommender.score(cosines, "fused"))
    np.testing.assert_allclose(scores[-1], recommender.score(cosines, name), atol=1e-12)
    steps = np.diff(scores, axis=0)
    assert ((steps >= 0).all(axis=0) | (steps <= 0).all(axis=0)).all()
    assert np.abs(steps).max() < 0.02


def test_a_trusted_modality_that_is_missing_leaves_the_query_to_the_other(recommender: Recommender):
    vector = np.eye(1, DIM, dtype=np.float32)
    for name, trust in (("text", 1.0), ("image", -1.0)):
        parts, gates = recommender.fuse({name: vector}, trust)
        expected, _ = recommender.fuse({name: vector})
        np.testing.assert_allclose(parts, expected, atol=1e-5)
        assert gates.sum() == pytest.approx(1)


@pytest.mark.usefixtures("nothing_far")
def test_a_word_weighs_as_much_as_alone_where_the_words_are_trusted_fully(
    recommender: Recommender, index: CatalogueIndex
):
    text = "navy linen shirt"
    leaning = recommender.recommend(index, text, index.catalogue.image(8), trust=-1, k=54)
    alone = recommender.recommend(index, text, k=54)
    found, wanted = (
        {(row_, reason.value): reason.strength for row_, reasons in all_.items() for reason in reasons}
        for all_ in (recommender.reasons(index, answer) for answer in (leaning, alone))
    )
    assert len(found.keys() & wanted.keys()) > 10
    for key in found.keys() & wanted.keys():
        assert found[key] == pytest.approx(wanted[key], abs=0.005)


def test_any_subset_of_the_modalities_can_be_fused(recommender: Recommender):
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(2, 3, DIM)).astype(np.float32)
    text, image = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    present = np.array([[True, True], [True, False], [False, True]])
    parts, gates = recommender.fuse({"text": text, "image": image}, present=present)
    np.testing.assert_allclose(np.linalg.norm(parts.sum(axis=1), axis=-1), 1, atol=1e-4)
    np.testing.assert_allclose(gates.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(gates[~present], 0, atol=1e-6)
    np.testing.assert_allclose(parts[1, 0], text[1], atol=1e-4)
    np.testing.assert_allclose(recommender.fuse({"image": image})[0][2], parts[2], atol=1e-5)
    for wrong in ({}, {"audio": text}):
        with pytest.raises(ValueError, match="want text, image"):
            recommender.fuse(wrong)


def test_pages_of_a_ranking_join_without_a_gap(recommender: Recommender, index: CatalogueIndex):
    for diversity in (0.0, 0.6):
        whole = recommender.recommend(index, "blue jacket", k=54, diversity=diversity)
        pages = [recommender.recommend(index, "blue jacket", k=20, offset=o, diversity=diversity) for o in (0, 20, 40)]
        assert [item.row for page in pages for item in page.items] == [item.row for item in whole.items]
        assert [item.place for page in pages for item in page.items] == list(range(1, 55))
    assert recommender.recommend(index, "blue jacket", offset=500).items == ()


def test_diversity_is_maximal_marginal_relevance(recommender: Recommender, index: CatalogueIndex):
    plain = recommender.recommend(index, "blue jacket", k=54)
    rows = np.array([item.row for item in plain.items])[:FIRST]
    wanted = rows[diversify(index.index.vectors[rows], plain.cosines["fused"][rows], 12, 0.7)]
    varied = recommender.recommend(index, "blue jacket", diversity=0.7)
    assert [item.row for item in varied.items] == wanted.tolist()
    assert [item.rank for item in varied.items] != [item.place for item in varied.items]


def test_filters_hold_before_the_ranking(recommender: Recommender, index: CatalogueIndex):
    answer = recommender.recommend(index, "red mug", category="Shoes", price=(50, 100), k=54)
    assert answer.total == len(answer.items) > 0
    for item in answer.items:
        product = index.catalogue.product(item.row)
        assert product.category == "Shoes"
        assert product.price is not None
        assert 50 <= product.price <= 100
    # A rank is among what the filters leave.
    assert [item.rank for item in answer.items] == list(range(1, answer.total + 1))
    nothing = recommender.recommend(index, "red mug", price=(5000, None))
    assert nothing.items == ()
    assert nothing.total == 0
    assert recommender.ranking(index, nothing, "text") == ()


def test_more_like_a_product_leaves_it_out(recommender: Recommender, index: CatalogueIndex):
    item = index.catalogue.product(11).item_id
    answer = recommender.recommend(index, item=item, k=54)
    assert 11 not in [found.row for found in answer.items]
    assert answer.gates == {"image": pytest.approx(1)}
    same = recommender.recommend(index, picture=index.catalogue.image(11), exclude=[11], k=54)
    assert [found.row for found in same.items] == [found.row for found in answer.items]
    both = recommender.recommend(index, "green", item=item)
    assert set(both.gates) == {"text", "image"}
    with pytest.raises(CatalogueError, match="has no product 'gone'"):
        recommender.recommend(index, item="gone")


def test_a_product_without_a_picture_is_asked_by_its_title(recommender: Recommender):
    items = Catalogue("mine", "here", table(row(item_id="a", image=None), row(item_id="b", title="Blue mug")))
    index = recommender.open_catalogue(items)
    answer = recommender.recommend(index, item="a")
    assert answer.query.text == "Red mug"
    assert [found.item_id for found in answer.items] == ["b"]


def test_a_product_whose_picture_is_damaged_is_asked_by_its_title(recommender: Recommender):
    items = Catalogue("mine", "here", table(row(item_id="a", image=b"no picture"), row(item_id="b", title="Blue mug")))
    answer = recommender.recommend(recommender.open_catalogue(items), item="a")
    assert answer.query.text == "Red mug"


def test_what_is_said_about_a_product_without_a_picture_goes_with_its_title(
    recommender: Recommender, set_variables: Callable[..., None], tmp_path: Path
):
    set_variables(HOME=tmp_path, ASSETS=tiny_assets())
    long = "red cotton " * 40
    titles = {"a": "Blue mug", "b": "Red mug", "c": "红色的杯子", "d": long}
    rows = [row(item_id=item, title=words, image=None) for item, words in titles.items()]
    index = recommender.open_catalogue(Catalogue("mine", "here", table(*rows)))
    asked = {item: recommender.recommend(index, "in green", item=item) for item in titles}
    assert asked["a"].query.text == "Blue mug in green"
    same = recommender.recommend(index, "Blue mug in green", exclude=[0])
    assert [(found.row, found.score) for found in asked["a"].items] == [
        (found.row, found.score) for found in same.items
    ]
    assert [note.code for note in asked["c"].notes] == ["text_words_unknown"]
    # Of a title that is longer than what the model reads, the end gives way.
    assert asked["d"].query.text == f"in green {long}".strip()
    with pytest.raises(QueryError) as caught:
        recommender.recommend(index, " ", item="c")
    assert caught.value.code == "query_not_english"


def test_rankings_by_one_modality_name_the_same_places(recommender: Recommender, index: CatalogueIndex):
    answer = recommender.recommend(index, "black boots", index.catalogue.image(20))
    for by, alone in (("text", {"text": "black boots"}), ("image", {"picture": index.catalogue.image(20)})):
        ranked = recommender.ranking(index, answer, by, k=6, offset=2)
        assert [item.ranks[by] for item in ranked] == [3, 4, 5, 6, 7, 8]
        assert [item.place for item in ranked] == [3, 4, 5, 6, 7, 8]
        wanted = recommender.recommend(index, **alone, k=6, offset=2)
        assert [item.row for item in ranked] == [item.row for item in wanted.items]
    assert [item.row for item in recommender.ranking(index, answer)] == [item.row for item in answer.items]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "query_empty"),
        ({"text": "  "}, "query_empty"),
        ({"text": "xqzvkj"}, "query_unknown"),
        ({"text": "红色运动鞋"}, "query_not_english"),
    ],
)
def test_a_query_of_nothing_is_refused(recommender: Recommender, index: CatalogueIndex, given, code: str):
    with pytest.raises(QueryError) as caught:
        recommender.recommend(index, **given)
    assert caught.value.code == code
    with pytest.raises(QueryError) as caught:
        recommender.require(given.get("text", ""))
    assert caught.value.code == code


def test_a_text_in_chinese_is_left_out_where_there_is_a_picture(recommender: Recommender, index: CatalogueIndex):
    answer = recommender.recommend(index, "红色运动鞋", index.catalogue.image(4))
    alone = recommender.recommend(index, picture=index.catalogue.image(4))
    assert [note.code for note in answer.notes] == ["text_not_english"]
    assert answer.query.text is None
    assert [(item.row, item.score) for item in answer.items] == [(item.row, item.score) for item in alone.items]


def test_a_picture_of_any_size_is_taken_and_none_that_is_no_picture(recommender: Recommender, index: CatalogueIndex):
    stream = io.BytesIO()
    Image.new("RGB", (900, 40), "red").save(stream, "PNG")
    assert recommender.recommend(index, picture=stream.getvalue()).items
    with pytest.raises(ImageError, match=r"'mine\.txt' is not a picture"):
        recommender.recommend(index, "shoes", b"no picture at all", name="mine.txt")


def test_likes_pull_and_dislikes_leave(recommender: Recommender, index: CatalogueIndex):
    plain = recommender.recommend(index, "shirt", k=54)
    liked, disliked = plain.items[30].row, plain.items[0].row
    profile = Profile((liked,), (disliked,))
    answer = recommender.recommend(index, "shirt", k=54, profile=profile)
    rows = [item.row for item in answer.items]
    assert disliked not in rows
    assert rows.index(liked) < 30
    vectors = index.index.vectors
    keys = answer.cosines["fused"] + WEIGHT * (vectors @ vectors[liked] - vectors @ vectors[disliked])
    np.testing.assert_allclose(keys[rows], sorted(keys[rows], reverse=True), atol=1e-5)
    # Undone, all is as before; the score says how the query is met, whoever asks.
    again = recommender.recommend(index, "shirt", k=54, profile=Profile())
    assert [item.row for item in again.items] == [item.row for item in plain.items]
    by_row = {item.row: item.score for item in plain.items}
    assert all(item.score == pytest.approx(by_row[item.row], abs=1e-5) for item in answer.items)


def test_a_profile_is_a_query_by_itself(recommender: Recommender, index: CatalogueIndex):
    answer = recommender.recommend(index, profile=Profile((3, 7), (9,)), k=54)
    rows = [item.row for item in answer.items]
    assert not {3, 7, 9} & set(rows)
    assert answer.gates == {}
    first = answer.items[0]
    assert first.score is None
    assert first.text_score is None
    assert first.contributions == {}
    assert recommend_answer(answer)[0]["score"] is None


def test_reasons_name_a_liked_product_and_a_word(recommender: Recommender, index: CatalogueIndex):
    answer = recommender.recommend(index, title(index, 6), k=54, profile=Profile((10,)))
    reasons = recommender.reasons(index, answer, Profile((10,)))
    assert reasons.keys() == {item.row for item in answer.items}
    assert "like" not in [reason.kind for reason in reasons[10]]
    likes = {row: reason for row, found in reasons.items() for reason in found if reason.kind == "like"}
    assert 0 < len(likes) <= 54 * 0.1 + 1
    for row_, reason in likes.items():
        assert (reason.value, reason.row) == (title(index, 10), 10)
        assert reason.strength == pytest.approx(index.index.vectors[row_] @ index.index.vectors[10], abs=1e-5)
    word = next(reason for reason in reasons[6] if reason.kind == "word")
    assert word.value in title(index, 6).split()


def test_the_word_is_the_one_without_which_the_score_falls_most(recommender: Recommender, index: CatalogueIndex):
    words = ["navy", "linen", "shirt"]
    answer = recommender.recommend(index, " ".join(words), index.catalogue.image(8), k=54)
    reasons = recommender.reasons(index, answer)
    shorter = {
        word: recommender.recommend(index, " ".join(w for w in words if w != word), index.catalogue.image(8))
        for word in words
    }
    for item in answer.items:
        falls = {word: item.cosine - float(other.cosines["fused"][item.row]) for word, other in shorter.items()}
        named = [word for word in words if word not in index.title_words or word in item.title.lower().split()]
        most = max(named, key=lambda word: falls[word], default="navy")
        found = [reason.value for reason in reasons[item.row] if reason.kind == "word"]
        speaks = bool(named) and falls[most] > 1e-6 and item.contributions["text"] > 0 and item.ranks["text"] <= FEW
        assert found == ([most] if speaks else [])


def test_a_word_is_weighed_as_the_query_reads_it(recommender: Recommender, index: CatalogueIndex):
    known = recommender.recommend(index, "red shoes", k=54)
    with_unknown = recommender.recommend(index, "red 裙子 shoes", k=54)
    expected, found = (recommender.reasons(index, answer) for answer in (known, with_unknown))
    for row_, reasons in expected.items():
        assert [reason.value for reason in found[row_]] == [reason.value for reason in reasons]
        for one, other in zip(found[row_], reasons, strict=True):
            assert one.strength == pytest.approx(other.strength, abs=1e-5)


def test_a_picture_alone_speaks_for_what_is_near_to_it(recommender: Recommender, index: CatalogueIndex):
    answer = recommender.recommend(index, picture=index.catalogue.image(8), k=54)
    reasons = recommender.reasons(index, answer)
    near = {item.row for item in answer.items if item.ranks["image"] <= FEW}
    assert len(near) == FEW
    assert {row_: [reason.kind for reason in found] for row_, found in reasons.items()} == {
        item.row: ["picture"] if item.row in near else [] for item in answer.items
    }


def test_one_word_beside_a_picture_speaks_for_what_is_farther_without_it(
    recommender: Recommender, index: CatalogueIndex
):
    answer = recommender.recommend(index, "mug", index.catalogue.image(8), k=54)
    alone = recommender.recommend(index, picture=index.catalogue.image(8), k=54).cosines["fused"]
    reasons = recommender.reasons(index, answer)
    speaks = {
        item.row: item.cosine > alone[item.row]
        and item.contributions["text"] > 0
        and item.ranks["text"] <= FEW
        and "mug" in item.title.lower()
        for item in answer.items
    }
    assert set(speaks.values()) == {True, False}
    for item in answer.items:
        words = [reason for reason in reasons[item.row] if reason.kind == "word"]
        assert [reason.value for reason in words] == (["mug"] if speaks[item.row] else [])
        assert all(reason.strength == item.falls["text"] for reason in words)


def test_one_word_alone_is_the_word(recommender: Recommender, index: CatalogueIndex):
    by_word = recommender.recommend(index, "mug")
    assert {r.value for found in recommender.reasons(index, by_word).values() for r in found} == {"mug"}


@pytest.mark.parametrize("text", ["The mug", "in the mug AND for my"])
def test_a_common_word_is_no_reason(recommender: Recommender, index: CatalogueIndex, text: str):
    answers = [recommender.recommend(index, text, picture, k=54) for picture in (None, index.catalogue.image(8))]
    said = [{r.value for found in recommender.reasons(index, answer).values() for r in found} for answer in answers]
    assert said == [{"mug"}, {"mug", ""}]


@pytest.mark.parametrize("text", ["for my", "the", "airplane"])
def test_a_word_that_tells_no_product_from_another_is_no_reason(
    recommender: Recommender, index: CatalogueIndex, text: str
):
    answer = recommender.recommend(index, text, k=54)
    assert not any(recommender.reasons(index, answer).values())


def test_what_is_far_by_the_text_or_the_picture_is_not_there_for_its_sake(
    recommender: Recommender, index: CatalogueIndex
):
    answer = recommender.recommend(index, "mug", index.catalogue.image(8), k=54)
    found = recommender.reasons(index, answer)
    for item in answer.items:
        kinds = {reason.kind for reason in found[item.row]}
        assert not (item.ranks["text"] > FEW and "word" in kinds)
        assert not (item.ranks["image"] > FEW and "picture" in kinds)


@pytest.mark.parametrize(("typed", "read"), [("mugs", "mug"), ("Navy Shirts", "navy shirt")])
def test_nouns_are_asked_for_in_the_number_of_the_names(
    recommender: Recommender, index: CatalogueIndex, typed: str, read: str
):
    assert not set(typed.lower().split()) <= index.title_words
    answers = [recommender.recommend(index, text) for text in (typed, read)]
    assert answers[0].items == answers[1].items
    assert answers[0].notes == ()


def test_a_misspelled_word_is_told(recommender: Recommender, index: CatalogueIndex):
    assert "sneakers" in index.title_words
    assert Note("text_spelling", ("snekers (sneakers?)",)) in recommender.recommend(index, "navy snekers").notes


@pytest.mark.parametrize("strange", ["qwertyuiop", "asdfgh"])
@pytest.mark.usefixtures("nothing_far")
def test_letters_at_random_are_no_reason(recommender: Recommender, index: CatalogueIndex, strange: str):
    answers = [recommender.recommend(index, text, k=54) for text in (f"{strange} mug", strange)]
    said = [{r.value for found in recommender.reasons(index, answer).values() for r in found} for answer in answers]
    assert said[0] <= {"mug"}
    assert not said[1]


def test_a_title_s_word_is_a_reason_though_its_pieces_look_like_letters_at_random(
    recommender: Recommender, index: CatalogueIndex
):
    titles = arrow.array([f"{title} ASDFGH™" for title in index.catalogue.titles])
    table = index.catalogue.table
    named = replace(
        index,
        catalogue=replace(
            index.catalogue, table=table.set_column(table.schema.get_field_index("title"), "title", titles)
        ),
    )
    for where, expected in ((index, set()), (named, {"asdfgh"})):
        answer = recommender.recommend(where, "asdfgh", k=54)
        assert {r.value for found in recommender.reasons(where, answer).values() for r in found} == expected


@pytest.mark.usefixtures("nothing_far")
def test_symbols_change_neither_answer_nor_reasons(recommender: Recommender, index: CatalogueIndex):
    plain, marked = (recommender.recommend(index, text, k=54) for text in ("red mug", "ｒｅｄ mug™☕"))
    assert marked.query.text == "ｒｅｄ mug™☕"
    assert marked.notes == ()
    assert [item.row for item in marked.items] == [item.row for item in plain.items]
    of_plain, of_marked = (recommender.reasons(index, answer) for answer in (plain, marked))
    as_typed = {"red": "ｒｅｄ", "mug": "mug"}
    for row_, reasons in of_plain.items():
        assert [reason.value for reason in of_marked[row_]] == [as_typed[reason.value] for reason in reasons]
    assert any(of_plain.values())


def test_another_catalogue_is_encoded_once_and_kept(
    recommender: Recommender, set_variables: Callable[..., None], tmp_path: Path
):
    set_variables(HOME=tmp_path, ASSETS=tiny_assets())
    items = Catalogue("mine", "here", table(row(item_id="a"), row(item_id="b", title="Blue mug", image=None)))
    told: list[tuple[int, int]] = []
    index = recommender.open_catalogue(items, lambda done, total: told.append((done, total)))
    assert told == [(2, 2)]
    np.testing.assert_allclose(index.index.vectors[1], recommender.encode_texts(["Blue mug"])[0], atol=1e-6)
    again = recommender.open_catalogue(items, never)
    np.testing.assert_array_equal(again.index.vectors, index.index.vectors)
    assert len(list(tmp_path.rglob("*.npy"))) == 1


def test_a_catalogue_whose_vectors_cannot_be_kept_is_open_all_the_same(
    recommender: Recommender, set_variables: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    home = tmp_path / "a file"
    home.write_text("and no folder", "utf-8")
    set_variables(HOME=home, ASSETS=tiny_assets())
    index = recommender.open_catalogue(Catalogue("mine", "here", table(row(title="Blue mug", image=None))))
    np.testing.assert_allclose(index.index.vectors, recommender.encode_texts(["Blue mug"]), atol=1e-6)
    assert f"the vectors of 'mine' are not kept in {home / 'vectors'}: Not a directory" in caplog.text
    assert [record.exc_info for record in caplog.records] == [None]


def test_the_built_in_vectors_are_those_of_the_models(recommender: Recommender, index: CatalogueIndex):
    catalogue = index.catalogue
    text = recommender.encode_texts(catalogue.titles)
    total = text + recommender.encode_pictures(catalogue.pictures(range(len(catalogue)), 80, 60))
    wanted = total / np.linalg.norm(total, axis=1, keepdims=True)
    np.testing.assert_allclose(index.index.vectors, wanted, atol=2e-3)


def test_machines_get_the_contract(recommender: Recommender, index: CatalogueIndex):
    found = recommend_answer(recommender.recommend(index, "red mug", k=3))
    assert len(found) == 3
    assert list(found[0]) == ["item_id", "title", "score", "text_score", "image_score", "contributions"]
    assert found[0]["image_score"] is None
    assert 0 <= found[0]["score"] <= 1


def test_without_the_artefact_the_error_says_how_to_make_it(set_variables: Callable[..., None], tmp_path: Path):
    set_variables(ASSETS=tmp_path)
    with pytest.raises(ArtifactError, match="'recommender' is not in"):
        Recommender().encode_pictures(np.zeros((1, 80, 60, 3), np.uint8))


def test_the_artefact_is_vouched_for(set_variables: Callable[..., None]):
    set_variables(ASSETS=tiny_assets())
    assert set(load("recommender").manifest.files) == {
        "builtin.npz",
        "fusion.tflite",
        "image.tflite",
        "recommender.json",
        "text.tflite",
    }
