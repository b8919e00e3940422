"""Products that show the same picture are in one part alone."""

import numpy as np
import pytest

from sslrec.data import same_pictures
from sslrec.data.products import Products
from sslrec.data.same_pictures import keep_apart
from sslrec.errors import CatalogueError


def products(*rows: tuple[str, int]) -> Products:
    """Products of a name, of which equal ones are a group, and a picture in one grey each."""
    titles = tuple(title for title, _ in rows)
    pictures = np.full((len(rows), 4, 3, 3), 255, np.uint8)
    for place, (_, grey) in enumerate(rows):
        pictures[place, 1:3] = grey
    _, groups = np.unique(titles, return_inverse=True)
    return Products(
        pictures, np.zeros((len(rows), 2), np.int32), titles, groups.astype(np.int32), np.ones(len(rows), bool)
    )


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_pictures, "FEWEST", 6)


HELD_OUT = products(("shirt S", 1), ("shirt M", 1), ("cap", 2), ("cap", 3), ("hat", 3), ("bag", 4))
VALIDATION = products(("shirt L", 1), ("mug", 5), ("jug", 5), ("pan", 6), ("pot", 7))
TRAIN = products(("shirt XL", 1), ("mugs", 5), ("sock", 8), ("sock", 9), ("belt", 8), ("hats", 3))


def test_a_picture_that_is_measured_on_is_not_learned_from():
    train, validation, held_out = keep_apart(TRAIN, VALIDATION, HELD_OUT)
    assert held_out.titles == HELD_OUT.titles
    assert validation.titles == ("mug", "jug", "pan", "pot")
    assert train.titles == ("sock", "sock", "belt")
    np.testing.assert_array_equal(train.pictures[:, 1, 0, 0], [8, 9, 8])


def test_products_of_one_picture_are_one_where_they_are_searched():
    train, validation, held_out = keep_apart(TRAIN, VALIDATION, HELD_OUT)
    groups = {
        name: [[title for title, other in zip(part.titles, part.groups, strict=True) if other == group]
               for group in dict.fromkeys(part.groups)]
        for name, part in (("held_out", held_out), ("validation", validation), ("train", train))
    }  # fmt: skip
    assert groups == {
        "held_out": [["shirt S", "shirt M"], ["cap", "cap", "hat"], ["bag"]],
        "validation": [["mug", "jug"], ["pan"], ["pot"]],
        "train": [["sock", "sock"], ["belt"]],
    }
    assert held_out.groups.dtype == validation.groups.dtype == np.int32


def test_parts_without_a_picture_in_common_stay_as_they_are():
    parts = products(("a", 1), ("b", 2), ("b", 3)), products(("c", 4), ("d", 5)), products(("e", 6), ("f", 7))
    for before, after in zip(parts, keep_apart(*parts), strict=True):
        assert after.titles == before.titles
        np.testing.assert_array_equal(after.groups, before.groups)
        np.testing.assert_array_equal(after.pictures, before.pictures)


@pytest.mark.parametrize(
    ("train", "held_out", "left"),
    [
        (products(("sock", 1), ("belt", 2)), HELD_OUT, 10),  # nothing is left to learn from
        (products(("sock", 8), ("sock", 9)), HELD_OUT, 12),
        (TRAIN, products(("shirt S", 1), ("shirt M", 1)), 10),  # any picture would be the right one
        (TRAIN, products(), 9),
    ],
)
def test_too_little_that_is_left_is_told(train: Products, held_out: Products, left: int):
    with pytest.raises(CatalogueError, match="send more with names and pictures of their own") as caught:
        keep_apart(train, VALIDATION, held_out)
    assert caught.value.code == "catalogue_pictures"
    assert caught.value.params == {"count": left}


def test_fewer_products_than_are_worth_a_training_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(same_pictures, "FEWEST", 14)
    with pytest.raises(CatalogueError, match="13 products"):
        keep_apart(TRAIN, VALIDATION, HELD_OUT)
