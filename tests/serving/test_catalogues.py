from itertools import pairwise

import numpy as np
import pytest

from sslrec.data.catalogue import Catalogue
from sslrec.serving.catalogues import PRICE_STEPS, CatalogueIndex, index_catalogue
from sslrec.serving.recommender import Recommender
from tests.data.catalogue.samples import row, table

ROWS = (
    row(item_id="a", category="Home", price=5.0),
    row(item_id="b", category="Shoes", price=50.0),
    row(item_id="c", category="Shoes", price=None),
    row(item_id="d", category=None, price=20.0),
    row(item_id="e", category="Innerwear", price=1.0),
    row(item_id="f", category="Bags", price=99.0),
)


def priced(prices: list[float]) -> CatalogueIndex:
    """The index of products at these prices."""
    rows = [row(item_id=str(place), price=float(price)) for place, price in enumerate(prices)]
    vectors = np.ones((len(rows), 1), np.float32)
    return index_catalogue(Catalogue("mine", "here", table(*rows)), vectors, Recommender())


@pytest.fixture
def index() -> CatalogueIndex:
    vectors = np.eye(6, dtype=np.float32)
    vectors[5] = 0  # neither its title nor its picture could be used
    return index_catalogue(Catalogue("mine", "here", table(*ROWS), frozenset({"Innerwear"})), vectors, Recommender())


def test_hidden_products_and_those_without_a_vector_are_never_shown(index: CatalogueIndex):
    assert np.flatnonzero(index.allowed()).tolist() == [0, 1, 2, 3]
    assert index.categories == ("Home", "Shoes")
    assert not index.allowed("Innerwear").any()
    assert index.price_range == (5.0, 50.0)


@pytest.mark.parametrize(
    ("prices", "steps"),
    [
        ([12.5, 40.0, 61.0, 90.0, 150.0], ()),
        ([9.99, 9.99], ()),
        ([9.99, 12.5, 12.5, 9999999.0], (9.99, 12.5, 9999999.0)),
        ([0.5, 0.1, 0.25], (0.1, 0.25, 0.5)),
        ([10 / 3, 20 / 3, 1e6 / 3], (10 / 3, 20 / 3, 1e6 / 3)),
    ],
)
def test_prices_that_whole_numbers_tell_badly_apart_are_steps(prices: list[float], steps: tuple[float, ...]):
    assert priced(prices).price_steps == steps


def test_steps_lie_closest_where_most_prices_do():
    generator = np.random.default_rng(0)
    prices = [*np.round(generator.uniform(10, 100, 900), 2), *np.round(generator.uniform(1e5, 1e6, 100), 2)]
    steps = priced(prices).price_steps
    assert len(steps) == PRICE_STEPS
    assert (steps[0], steps[-1]) == (min(prices), max(prices))
    assert all(low < high for low, high in pairwise(steps))
    assert 33 <= sum(step <= 100 for step in steps) <= 37


@pytest.mark.parametrize(
    ("category", "price", "exclude", "wanted"),
    [
        ("Shoes", (None, None), (), [1, 2]),
        (["Home", "Shoes"], (None, None), (), [0, 1, 2]),
        ([], (None, None), (), [0, 1, 2, 3]),
        ("Hats", (None, None), (), []),
        (None, (10, None), (), [1, 3]),
        (None, (None, 20), (), [0, 3]),
        (None, (5, 5), (), [0]),
        (None, (30, 10), (), []),
        (None, (None, None), (0, 3), [1, 2]),
        ("Shoes", (0, None), (), [1]),
    ],
)
def test_filters_leave_what_passes_all_of_them(index: CatalogueIndex, category, price, exclude, wanted):
    assert np.flatnonzero(index.allowed(category, price, exclude)).tolist() == wanted


def test_a_catalogue_without_prices_or_categories_is_searched_all_the_same():
    plain = Catalogue("mine", "here", table(row(category=None, price=None)))
    index = index_catalogue(plain, np.ones((1, 1), np.float32), Recommender())
    assert index.categories == ()
    assert index.price_range is None
    assert index.allowed().all()
    assert len(index) == 1
