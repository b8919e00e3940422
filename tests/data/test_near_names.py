import numpy as np

from sslrec.data.near_names import near_names
from sslrec.data.products import Products


def products(*titles: str) -> Products:
    _, groups = np.unique([title.lower() for title in titles], return_inverse=True)
    count = len(titles)
    return Products(
        np.zeros((count, 4, 3, 3), np.uint8),
        np.zeros((count, 2), np.int32),
        titles,
        groups.astype(np.int32),
        np.ones(count, bool),
    )


def test_the_nearest_names_share_the_rarest_words_and_are_never_the_own():
    shop = products("Puma Red Cap", "Nike Blue Shoes", "puma red cap", "Puma Red Hat", "Nike Blue Boots", "Green Scarf")
    near = near_names(shop, 2)
    assert near.shape == (6, 2)
    assert near[0, 0] == near[2, 0] == 3
    assert near[1, 0] == 4
    assert near[4, 0] == 1
    for row, others in enumerate(near):
        assert all(shop.groups[other] != shop.groups[row] for other in others)


def test_few_names_come_more_than_once_and_one_stands_for_itself():
    assert near_names(products("a b", "a c"), 3).tolist() == [[1, 1, 1], [0, 0, 0]]
    assert near_names(products("a b", "A B"), 2).tolist() == [[0, 0], [1, 1]]


def test_of_equal_names_every_product_has_its_turn():
    shop = products(*["Red Cap"] * 30, *["Red Hat"] * 5, "Blue Boots")
    near = near_names(shop, 3)
    assert set(near[:30].flat) == {30, 31, 32, 33, 34, 35}
    assert np.array_equal(near, near_names(shop, 3))


def test_a_large_shop_is_looked_through_in_parts():
    shop = products(*(f"maker{row % 30} kind{row % 41} number{row}" for row in range(1200)))
    near = near_names(shop, 1)[:, 0]
    for row in range(0, 1200, 97):
        shared = len(set(shop.titles[row].split()) & set(shop.titles[near[row]].split()))
        assert shared >= 1
