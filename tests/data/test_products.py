"""What a recommender learns from."""

import threading
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from sslrec.data.catalogue import SCHEMA, Catalogue, is_held_out, load_catalogue
from sslrec.data.products import (
    LENGTH,
    OWN_SHARE,
    is_usable,
    is_validation,
    load_held_out,
    load_products,
    require_enough,
)
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import CatalogueError, ImageError


def picture(grey: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (30, 40), (grey, grey, grey)).save(buffer, "PNG")
    return buffer.getvalue()


def catalogue(titles: list[str], pictures: list[bytes | None], name: str = "shop") -> Catalogue:
    rows = [
        {
            "item_id": str(row),
            "title": title,
            "image": image,
            "category": "Socks" if row % 2 else "Caps",
            "attributes": [],
        }
        for row, (title, image) in enumerate(zip(titles, pictures, strict=True))
    ]
    return Catalogue(name, "test", pa.Table.from_pylist(rows, SCHEMA), frozenset({"Socks"}))


def test_pictures_and_names_stay_together_and_held_out_ones_away():
    titles = [f"Cap number {row}" for row in range(300)] + ["", "Cap without picture"]
    pictures = [picture(row % 256) for row in range(300)] + [picture(0), None]
    shop = catalogue(titles, pictures)
    train, validation = load_products([shop], load_tokenizer(), 20, 15)
    both = {*train.titles, *validation.titles}
    assert both == {title for title in titles[:300] if not is_held_out(title)}
    assert set(validation.titles) == {title for title in both if is_validation(title)}
    assert 0 < len(validation) < len(train) / 10
    for part in (train, validation):
        assert part.pictures.shape == (len(part), 20, 15, 3)
        for row, title in enumerate(part.titles):
            number = int(title.split()[-1])
            assert part.pictures[row].mean() == pytest.approx(number % 256, abs=1)
            assert part.shown[row] == (number % 2 == 0)
            ids = part.token_ids[row]
            assert load_tokenizer().decode(ids[ids != load_tokenizer().pad_id]) == title.lower()


def test_equal_names_are_one_group_across_catalogues_and_case():
    names = [name for name in ("Blue Cap", "Red Cap", "Green Hat", "Pink Sock", "Grey Bag") if not is_held_out(name)]
    one = catalogue(names, [picture(9)] * len(names))
    two = catalogue([name.upper() for name in names], [picture(9)] * len(names), "other")
    groups: dict[str, set[int]] = {}
    for part in load_products([one, two], load_tokenizer(), 8, 6):
        for title, group in zip(part.titles, part.groups, strict=True):
            groups.setdefault(title.lower(), set()).add(int(group))
    assert all(len(found) == 1 for found in groups.values())
    assert len(set.union(*groups.values())) == len(names)


def test_the_built_in_catalogue_can_be_learned_from():
    train, validation = load_products([load_catalogue("builtin")], load_tokenizer(), 80, 60)
    assert len(train) > 1000
    assert len(validation) > 10
    assert train.pictures.dtype == np.uint8
    assert train.shown.all()
    assert not {*train.titles} & {*validation.titles}


def test_symbols_attached_to_words_are_not_read_as_serving_does_not():
    builtin = load_catalogue("builtin")
    titles = [f"{title}™" for title in builtin.titles[:40]]
    table = builtin.table.slice(0, 40).set_column(
        builtin.table.schema.get_field_index("title"), builtin.table.schema.field("title"), [titles]
    )
    parts = load_products([Catalogue("part", "test", table)], load_tokenizer(), 40, 30)
    unknown = load_tokenizer().encode("™").ids[1]
    for part in (*parts, *(part.by_name(load_tokenizer()) for part in parts)):
        assert (part.token_ids != unknown).all()


def test_html_in_titles_is_not_read_and_signs_are():
    tokenizer = load_tokenizer()
    plain = [f"Blue cap {row}" for row in range(60)] + ["Size < 10 & > 5", "Pen&notebook set"]
    marked = [f"<strong>{title}</strong>" if title.startswith("Blue") else title for title in plain]
    found = {}
    for part in load_products([catalogue(marked, [picture(9)] * len(marked))], tokenizer, 8, 6):
        for read in (part, part.by_name(tokenizer)):
            for title, ids in zip(read.titles, read.token_ids, strict=True):
                found.setdefault(title, set()).add(tuple(ids[ids != tokenizer.pad_id]))
    assert found == {
        title: {tuple(tokenizer.encode(title).ids)}
        for title, given in zip(plain, marked, strict=True)
        if not is_held_out(given)
    }
    assert list(is_usable(catalogue(["<b> </b>", "<b>Cap</b>"], [picture(9)] * 2))) == [False, True]


def test_side_by_side_they_are_what_they_are_one_after_another():
    builtin = load_catalogue("builtin")
    rows = np.arange(0, len(builtin), 9)
    shop = Catalogue("part", "test", builtin.table.take(rows))
    train, validation = load_products([shop], load_tokenizer(), 40, 30)
    for part in (train, validation):
        wanted = [shop.titles.index(title) for title in part.titles]
        assert wanted == sorted(wanted)
        np.testing.assert_array_equal(part.pictures, shop.pictures(wanted, 40, 30))
        for row, title in enumerate(part.titles):
            ids = load_tokenizer().encode(title).ids
            np.testing.assert_array_equal(part.token_ids[row, : len(ids)], ids)
            assert (part.token_ids[row, len(ids) :] == load_tokenizer().pad_id).all()


def test_a_picture_that_cannot_be_read_is_named_and_no_thread_is_left():
    before = threading.active_count()
    titles = [title for title in (f"Cap number {row}" for row in range(60)) if not is_held_out(title)]
    shop = catalogue(titles, [picture(row) if row != 7 else b"no picture" for row in range(len(titles))])
    with pytest.raises(ImageError, match="'7' is not a picture"):
        load_products([shop], load_tokenizer(), 20, 15)
    assert threading.active_count() == before


def test_the_end_of_a_very_long_name_is_not_read():
    tokenizer, words = load_tokenizer(), "warm cotton shirt with long sleeves " * 30
    titles = [f"{words}{row}" for row in range(60)]
    train, _ = load_products([catalogue(titles, [picture(9)] * 60)], tokenizer, 8, 6)
    for part in (train, train.by_name(tokenizer)):
        assert part.token_ids.shape == (len(train), LENGTH)
        assert (part.token_ids[:, -1] == tokenizer.end_id).all()
    assert train.titles[0].startswith(words)


def names(held_out: int, validation: int, train: int) -> list[str]:
    """So many different names of each part of a catalogue of somebody's own, each of them a hundred times."""
    wanted = {"held_out": held_out, "validation": validation, "train": train}
    found = []
    for row in range(10_000):
        name = f"Cap number {row}"
        part = "held_out" if is_held_out(name) else "validation" if is_validation(name, OWN_SHARE) else "train"
        if wanted[part]:
            wanted[part] -= 1
            found += [name, f"<b>{name.upper()}</b>" if part == "train" else name] * 50
    return found


def shop_of(titles: list[str]) -> Catalogue:
    return catalogue(titles, [picture(9)] * len(titles))


def test_two_names_in_each_part_are_enough():
    require_enough(shop_of(names(2, 2, 2)), "my shop")


@pytest.mark.parametrize("counts", [(1, 2, 2), (2, 1, 2), (2, 2, 1), (0, 3, 3)])
def test_a_single_name_in_a_part_is_told_before_anything_is_decoded(counts: tuple[int, int, int]):
    titles = names(*counts)
    shop = catalogue(titles, [b"no picture"] * len(titles))
    with pytest.raises(CatalogueError, match="'my shop' has too few different names") as caught:
        require_enough(shop, "my shop")
    assert caught.value.code == "catalogue_alike"


def test_held_out_ones_are_read_by_name():
    titles = [title for title in (f"Cap number {row}" for row in range(60)) if is_held_out(title)]
    shop = catalogue(titles, [picture(9)] * len(titles))
    found = load_held_out(shop, load_tokenizer(), 8, 6)
    assert (found.titles, found.described) == (tuple(titles), False)
