"""What a visitor can click at once, what stands there before anything is asked, and what products are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sslrec.data.catalogue import Catalogue, Product
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.ui.catalogue_words import is_read
from sslrec.ui.labels import unique_labels
from sslrec.ui.language import current_language, t
from sslrec.ui.own_catalogue import OWN, own_name
from sslrec.ui.own_words import frequent_colour, frequent_phrases
from sslrec.ui.recommend_pictures import product_uri
from sslrec.ui.recommend_widgets import Tile
from sslrec.ui.weakly import KeptWith

_SIGNS = re.compile(r"[\\`*_{}\[\]()#+\-.!~$:<>|^]")


@dataclass(frozen=True)
class Example:
    """A query to click: a text, a product's picture or both; `note` names a text that explains it."""

    text: str
    item: str = ""
    note: str = ""


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "builtin": (
        Example("in green", "sneakers-008", "example.green"),
        Example("brown leather boots", note="example.boots"),
        Example("in red", "lamp-005", "example.red"),
        Example("vase", "mug-005", "example.vase"),
        Example("", "backpack-011", "example.like"),
    ),
    "fashion_products": (
        Example("in red", "2011", "example.red"),
        Example("black leather handbag", note="example.handbag"),
        Example("in blue", "1571", "example.blue"),
        Example("", "2143", "example.like"),
    ),
}
"""By catalogue; the first is what a visitor sees at first."""
COLOURS = (
    "red", "blue", "black", "green", "white", "brown", "navy", "pink", "yellow", "grey", "orange", "purple", "beige",
)  # fmt: skip
"""What a product may be asked for in."""
TRIED = 8
"""Products that an example may be made of, at most."""


def examples(index: CatalogueIndex) -> tuple[Example, ...]:
    """The examples of a catalogue; of one that nobody wrote any for, made of its own products and their words.

    There may be none: nothing is like the only product.
    """
    catalogue = index.catalogue
    known = [
        example
        for example in EXAMPLES.get(catalogue.name, ())
        if not example.item or is_shown(index, catalogue.index_of(example.item))
    ]
    return tuple(known) or own_examples(index)


@KeptWith
def own_examples(index: CatalogueIndex) -> tuple[Example, ...]:
    """Queries made of a catalogue's own products: one in a colour that others have, frequent words, a likeness."""
    titles, reads = index.catalogue.titles, partial(is_read, models=index.recommender)
    some = [int(row) for row in assortment(index, index.shown)[:TRIED]]
    pictured = [int(row) for row in assortment(index, index.shown & index.catalogue.pictured)[:TRIED]]
    found, taken = [], -1
    for row in pictured:
        colour = frequent_colour(titles, COLOURS, titles[row])
        if colour and reads(colour):
            found, taken = [Example(f"in {colour}", _id(index, row), "example.own_colour")], row
            break
    found += [Example(words, note="example.own_words") for words in frequent_phrases(titles, reads, 2)]
    if index.shown.sum() < 2:
        return tuple(found)
    # One without a picture is asked for by its title, which the text model has to read as a whole.
    others = [row for row in pictured or some if row != taken and (pictured or reads(titles[row]))]
    return (*found, *(Example("", _id(index, row), "example.like") for row in others[: 2 if found else 3]))


def _id(index: CatalogueIndex, row: int) -> str:
    return index.catalogue.table.column("item_id")[row].as_py()


def is_shown(index: CatalogueIndex, row: int | None) -> bool:
    """Whether there is such a product and pages may show it."""
    return row is not None and bool(index.shown[row])


def example_tiles(index: CatalogueIndex, offered: tuple[Example, ...]) -> list[Tile]:
    """The examples as buttons."""
    tiles = []
    for place, example in enumerate(offered):
        row = index.catalogue.index_of(example.item) if example.item else None
        picture = "" if row is None else product_uri(index.catalogue, row)
        alt = "" if row is None else title_at(index.catalogue, row)
        note = t(example.note) if example.note and (not example.text or current_language() != "en") else ""
        tiles.append(Tile(str(place), picture, example.text, note, alt))
    return tiles


def assortment(index: CatalogueIndex, allowed: np.ndarray) -> np.ndarray:
    """Products in an order that shows what a catalogue has: one of each category, then another of each, and so on.

    Args:
        index: the catalogue.
        allowed: `(n,)` bool, the products that may be shown.

    Returns:
        `(m,)` int64 rows.
    """
    rows = np.random.default_rng(7).permutation(np.flatnonzero(allowed))
    codes = index.codes[rows]
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], codes[order])
    turn = np.empty(len(rows), np.int64)
    turn[order] = np.arange(len(rows)) - starts
    return rows[np.argsort(turn, kind="stable")]


def title_of(product: Product) -> str:
    """What a product is called, in Chinese where it says so and that is what the visitor reads."""
    return _title(product.attributes, product.title, product.item_id)


def title_at(catalogue: Catalogue, row: int) -> str:
    """What the product in a row is called, as `title_of` says, without reading its picture."""
    item_id, title, attributes = (
        catalogue.table.column(name)[row].as_py() for name in ("item_id", "title", "attributes")
    )
    return _title(dict(attributes), title, item_id)


def _title(attributes: Mapping[str, str], title: str, item_id: str) -> str:
    chinese = attributes.get("title_zh") if current_language() == "zh-CN" else None
    return chinese or title or item_id


def name_of_catalogue(catalogue: Catalogue | str) -> str:
    """What a catalogue, or a choice among them, is called."""
    name = catalogue if isinstance(catalogue, str) else catalogue.name
    if name in EXAMPLES:
        return t(f"catalog.{name}")
    return (own_name(name) if isinstance(catalogue, str) else None) or name


def labels_of_catalogues(choices: Sequence[str]) -> dict[str, str]:
    """What choices are called on their buttons: the visitor's own is often kept under the name of its file as well."""
    return unique_labels(choices, _label_of_catalogue)


def _label_of_catalogue(choice: str) -> str:
    name = name_of_catalogue(choice)
    name = name if len(name) <= 28 else f"{name[:27]}…"
    return plain_label(t("catalog.yours", name=name) if choice == OWN else name)


def plain_label(text: str) -> str:
    """Somebody's text as a widget's label, in which signs that mean something in Markdown mean themselves."""
    return _SIGNS.sub(r"\\\g<0>", text)
