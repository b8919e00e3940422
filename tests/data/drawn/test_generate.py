import dataclasses
import itertools
import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from sslrec.data.catalogue import letterbox
from sslrec.data.drawn.cloth import PATTERNS
from sslrec.data.drawn.colours import HUES, SHADES
from sslrec.data.drawn.generate import PICTURE_ONLY, TEXT_ONLY, Drawn, draw, encode, plan
from sslrec.data.drawn.kinds import KINDS
from sslrec.data.images import decode_picture


@pytest.fixture(scope="module")
def products() -> list[Drawn]:
    return plan(seed=0)


@pytest.fixture(scope="module")
def one_each(products: list[Drawn]) -> list[Drawn]:
    return [next(product for product in products if product.kind is kind) for kind in KINDS]


@pytest.fixture(scope="module")
def pictures(one_each: list[Drawn]) -> list[Image.Image]:
    """Those products' pictures: a drawing takes a quarter of a second."""
    return [draw(product) for product in one_each]


def test_the_plan_is_large_and_repeats_for_its_seed(products: list[Drawn]):
    assert len(products) >= 1200
    assert len(KINDS) >= 25
    assert plan(seed=0) == products
    assert plan(seed=1) != products


def test_ids_and_titles_are_unique(products: list[Drawn]):
    assert len({product.item_id for product in products}) == len(products)
    assert len({product.title for product in products}) == len(products)
    assert len({product.attributes["title_zh"] for product in products}) > 0.98 * len(products)


def test_every_kind_pattern_colour_shade_and_choice_is_there(products: list[Drawn]):
    kinds = Counter(product.kind.name for product in products)
    assert len(set(kinds.values())) == 1
    assert {product.pattern for product in products} == set(PATTERNS)
    assert {product.colour for product in products} == set(HUES)
    assert {product.shade for product in products} == set(SHADES)
    for kind in KINDS:
        mine = [product for product in products if product.kind is kind]
        assert {product.pattern for product in mine} == {"plain", *kind.patterns}
        for name, choices in kind.choices.items():
            assert {product.details[name] for product in mine} == set(choices)


def test_a_product_differs_in_one_word_from_some_neighbour(products: list[Drawn]):
    """What composition ("this, but in red") can learn from."""
    groups = Counter(
        (product.kind.name, product.material, next(iter(product.details.values()))) for product in products
    )
    assert sum(count for count in groups.values() if count > 1) > 0.6 * len(products)


def test_prices_are_plausible(products: list[Drawn]):
    for product in products:
        assert 0.5 * product.kind.price < product.price < 3 * product.kind.price
        assert f"{product.price:.1f}"[-1] in "09"


def test_texts_name_material_and_occasion_but_neither_pattern_nor_shade(products: list[Drawn]):
    patterns = set(PATTERNS) - {"plain"}
    for product in products:
        text = f"{product.title} {product.description}".lower()
        assert product.material.lower() in text
        assert product.occasion.lower() in text
        assert product.colour in product.title.lower()
        words = set(re.findall(r"[a-z-]+", text))
        assert not words & (patterns | set(SHADES) - {"pale"})
        assert product.description.endswith(".")
        assert not re.search(r"\b[Aa] [aeio]|\b[Aa]n [^aeiouA]|  | ,", product.description), product.description
    assert set(TEXT_ONLY) == {"material", "occasion"}
    assert set(PICTURE_ONLY) == {"pattern", "shade"}


def test_the_picture_knows_nothing_of_material_occasion_and_price(one_each: list[Drawn], pictures: list[Image.Image]):
    for product, picture in zip(one_each[::6], pictures[::6], strict=True):
        other = dataclasses.replace(product, material="silk", occasion="a desk", price=1.0, item_id="other")
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(draw(other)))


def test_pattern_shade_and_colour_change_the_picture_and_not_the_text(one_each: list[Drawn]):
    product = dataclasses.replace(one_each[0], pattern="plain", shade="true", colour="blue")
    seen = np.asarray(draw(product)).astype(int)
    for change in ({"pattern": "dotted"}, {"shade": "deep"}):
        other = dataclasses.replace(product, **change)
        assert np.abs(np.asarray(draw(other)).astype(int) - seen).mean() > 2
        assert (other.title, other.description) == (product.title, product.description)
    red = np.asarray(draw(dataclasses.replace(product, colour="red"))).astype(int)
    assert red[100, 80, 0] > red[100, 80, 2]
    assert seen[100, 80, 2] > seen[100, 80, 0]


def test_every_kind_draws_and_fits_its_frame(one_each: list[Drawn], pictures: list[Image.Image]):
    for product, picture in zip(one_each, pictures, strict=True):
        pixels = np.asarray(picture).astype(int)
        assert pixels.shape == (200, 160, 3)
        edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        assert edge.min() > 240, product.kind.name
        drawn = pixels.min(-1) < 235
        assert drawn.mean() > 0.06, product.kind.name
        # The product spans the frame in one direction, and lies in its middle.
        rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
        assert max(np.ptp(rows) / 200, np.ptp(columns) / 160) > 0.7, product.kind.name
        assert abs(rows.mean() - 100) < 18
        assert abs(columns.mean() - 80) < 18


def test_every_choice_of_every_kind_draws(products: list[Drawn]):
    """The first choices decide the form; a wrong name of one would be a KeyError or no difference."""
    for kind in KINDS[::6]:
        product = next(product for product in products if product.kind is kind)
        first = next(iter(kind.choices))
        made = [
            np.asarray(draw(dataclasses.replace(product, pattern="plain", details={**product.details, first: choice})))
            for choice in dict.fromkeys(kind.choices[first])
        ]
        for one, other in itertools.pairwise(made):
            assert np.abs(one.astype(int) - other).mean() > 0.1, kind.name


def test_a_file_is_small_and_decodes_to_the_picture(pictures: list[Image.Image]):
    picture = pictures[3]
    data = encode(picture)
    assert len(data) < 6_000
    found = letterbox(decode_picture(data, "a"), 200, 160).astype(int)
    assert np.abs(found - np.asarray(picture)).mean() < 6
