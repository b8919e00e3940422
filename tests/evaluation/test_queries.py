import numpy as np
import pytest

from sslrec.evaluation.queries import FEWEST, composed_queries, cropped, word_queries

GENDERS = ["Men"] * 8 + ["Women"] * 4
TYPES = ["Shirt"] * 12
COLOURS = ["Red", "Red", "Blue", "Blue", "Blue", "NA", "NA", "NA", "Red", "Red", "Blue", "Green"]


def test_each_item_is_asked_for_in_another_colour_that_enough_have():
    asked = composed_queries(GENDERS, TYPES, COLOURS, seed=0, at_least=2)
    by_item = dict(zip(asked.items.tolist(), asked.colours, strict=True))
    # Blue men's shirts can be had in red; nobody asks for no colour; red women's in nothing else.
    assert {by_item[item] for item in (0, 1)} == {"blue"}
    assert {by_item[item] for item in (2, 3, 4)} == {"red"}
    assert {by_item[item] for item in (5, 6, 7)} <= {"red", "blue"}
    assert {8, 9}.isdisjoint(by_item)
    assert by_item[10] == by_item[11] == "red"
    for item, colour, right in zip(asked.items, asked.colours, asked.relevant, strict=True):
        wanted = [
            row
            for row in range(12)
            if (GENDERS[row], TYPES[row], COLOURS[row].lower()) == (GENDERS[item], TYPES[item], colour)
        ]
        assert np.flatnonzero(right).tolist() == wanted
        assert item not in wanted
    assert asked.texts[0] == "in blue"


def test_the_seed_decides_the_colour():
    colours = [name for name in ("Red", "Blue", "Green", "Black") for _ in range(10)]
    drawn = [composed_queries(["Men"] * 40, ["Cap"] * 40, colours, seed).colours for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 4


def test_there_may_be_no_such_query():
    asked = composed_queries(["Men"], ["Cap"], ["Red"])
    assert asked.items.shape == (0,)
    assert asked.relevant.shape == (0, 1)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_crop_is_a_part_of_the_picture(share: float):
    # Red grows downwards and green to the right, so that a part's colours tell its place.
    picture = np.zeros((80, 60, 3), np.uint8)
    picture[..., 0] = 3 * np.arange(80)[:, None]
    picture[..., 1] = 4 * np.arange(60)
    parts = cropped(np.stack([picture] * 20), seed=0, share=share)
    assert parts.shape == (20, 80, 60, 3)
    for part in parts.astype(int):
        assert np.ptp(part[..., 0]) == pytest.approx(3 * 80 * share, abs=6)
        assert np.ptp(part[..., 1]) == pytest.approx(4 * 60 * share, abs=8)
    places = {int(part[0, 0, 0]) for part in parts}
    assert len(places) > 5 if share < 1 else len(places) == 1


def test_words_that_enough_names_have_are_asked_for_and_true_of_those_names():
    few = [f"Blue {kind}" for kind in ("Cap", "Bag", "Hat", "Sock") for _ in range(FEWEST - 1)]
    names = ["Red Shirt for Men"] * FEWEST + ["Blue T-shirt"] * FEWEST + few
    asked = word_queries(names)
    # "Cap" is in too few, "blue" in too many, "for" says nothing and "T" is no word.
    assert asked.texts == ("men", "red", "shirt")
    by_word = dict(zip(asked.texts, asked.relevant, strict=True))
    assert by_word["men"].tolist() == by_word["red"].tolist() == [True] * FEWEST + [False] * (FEWEST + len(few))
    assert by_word["shirt"].tolist() == [True] * 2 * FEWEST + [False] * len(few)


def test_names_may_have_no_such_word():
    assert word_queries(["Red Cap"]).relevant.shape == (0, 1)
