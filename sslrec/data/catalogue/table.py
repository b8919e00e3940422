"""The catalogue format: one Arrow table, and the object that pages and encoders read it through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from sslrec.data.catalogue import arrow
from sslrec.data.catalogue.held_out import held_out
from sslrec.data.catalogue.pictures import decode_rgb
from sslrec.data.catalogue.stored import StoredFiles
from sslrec.data.markup import plain_text
from sslrec.errors import CatalogueError

pc: Any = pyarrow.compute  # its functions are made when it is imported, unseen by type checkers
SCHEMA = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("description", pa.string()),
        pa.field("image", pa.binary()),
        pa.field("category", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("attributes", pa.map_(pa.string(), pa.string()), nullable=False),
    ]
)
"""The columns of a catalogue.

`item_id` names a product, once; `title` is what it is called (empty where nobody said); `description`, `category` and
`price` may be missing (null); `image` is a picture file's bytes or null, and may be an Arrow `large_binary` or
`binary_view` too; `attributes` is what else is known, name by name. A row has a title or a picture.
"""
_PICTURES = (pa.binary(), pa.large_binary(), pa.binary_view())


@dataclass(frozen=True)
class Product:
    """One product.

    Attributes:
        item_id: its id within the catalogue.
        title: what it is called; may be empty.
        description: one or two sentences, or None.
        image: its picture file's bytes, or None.
        category: what a page filters by, or None.
        price: in the catalogue's own currency, or None.
        attributes: what else is known, by name.
    """

    item_id: str
    title: str
    description: str | None
    image: bytes | None = field(repr=False)
    category: str | None
    price: float | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Products in a fixed order, over an Arrow table that is never copied.

    Attributes:
        name: what the catalogue is called, such as `builtin`.
        source: the file or folder that it was read from.
        table: the products, in the form of `SCHEMA`.
        hidden_categories: categories that no page shows.
        files: the files of `image`, where these are views on a mapped file: pictures are read from there, since what
            is read through the map stays in memory.
    """

    name: str
    source: str
    table: pa.Table
    hidden_categories: frozenset[str] = frozenset()
    files: StoredFiles | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        validate(self.table, self.name)

    def __len__(self) -> int:
        return self.table.num_rows

    def __iter__(self) -> Iterator[Product]:
        return (self.product(index) for index in range(len(self)))

    def product(self, index: int) -> Product:
        """The product in row `index`.

        Raises:
            IndexError: there is no such row.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"the catalogue has {len(self)} products; there is no number {index}")
        row = {name: self.table.column(name)[index].as_py() for name in SCHEMA.names if name != "image"}
        row |= {"image": self.image(index), "attributes": MappingProxyType(dict(row["attributes"]))}
        return Product(**row)

    def index_of(self, item_id: str) -> int | None:
        """The row of a product, or None where the catalogue has no such id."""
        found = pc.index(self.table.column("item_id"), arrow.scalar(item_id)).as_py()
        return None if found < 0 else found

    @property
    def titles(self) -> list[str]:
        """Every product's title."""
        return self.table.column("title").to_pylist()

    def wordings(self, rows: Sequence[int] | np.ndarray) -> list[str]:
        """The titles and descriptions of some products, as one text each, without their HTML."""
        found = []
        for row in rows:
            parts = (plain_text(self.table.column(name)[int(row)].as_py() or "") for name in ("title", "description"))
            found.append(". ".join(part.strip().rstrip(".") for part in parts if part.strip()))
        return found

    @property
    def categories(self) -> list[str | None]:
        """Every product's category."""
        return self.table.column("category").to_pylist()

    @property
    def category_codes(self) -> tuple[tuple[str, ...], np.ndarray]:
        """The names of the categories, in the order of their first products, and `(n,)` int32, each product's.

        A product without a category has -1.
        """
        found = self.table.column("category").combine_chunks().dictionary_encode()
        return tuple(found.dictionary.to_pylist()), arrow.to_integers(found.indices)

    @property
    def prices(self) -> np.ndarray:
        """Every product's price, `(n,)` float64, NaN where it has none."""
        return arrow.to_floats(self.table.column("price"))

    @property
    def pictured(self) -> np.ndarray:
        """Which products have a picture file, `(n,)` bool."""
        return arrow.to_flags(self.table.column("image").is_valid())

    @property
    def shown(self) -> np.ndarray:
        """Which products a page may show, `(n,)` bool."""
        hidden = arrow.texts(sorted(self.hidden_categories))
        return ~arrow.to_flags(pc.is_in(self.table.column("category"), value_set=hidden))

    @property
    def held_out(self) -> np.ndarray:
        """Which products are for measuring only, by the rule of `is_held_out`, `(n,)` bool."""
        return held_out(self.titles)

    def image(self, index: int) -> bytes | None:
        """The picture file of row `index`, without reading the rest of the row."""
        return self.table.column("image")[index].as_py() if self.files is None else self.files.read(index)

    def picture(self, index: int, height: int, width: int) -> np.ndarray:
        """The picture of row `index`, decoded and letterboxed on white.

        Args:
            index: the product's row.
            height: wanted height in pixels.
            width: wanted width in pixels.

        Returns:
            `(height, width, 3)` uint8 RGB.

        Raises:
            CatalogueError: the product has no picture.
            ImageError: its bytes are no picture.
        """
        data, item_id = self.image(index), self.table.column("item_id")[index].as_py()
        if data is None:
            raise CatalogueError("catalogue_picture", name=self.name, item=item_id)
        return decode_rgb(data, item_id, height, width)

    def pictures(self, indices: Sequence[int] | np.ndarray, height: int, width: int) -> np.ndarray:
        """`picture` of several rows, as `(len(indices), height, width, 3)` uint8."""
        frames = np.empty((len(indices), height, width, 3), np.uint8)
        for place, index in enumerate(indices):
            frames[place] = self.picture(int(index), height, width)
        return frames


def validate(table: pa.Table, name: str) -> None:
    """Check that a table is a catalogue.

    Args:
        table: any table.
        name: what to call it in an error.

    Raises:
        CatalogueError: a column is missing or of another type, an id is missing or there twice, a row has neither title
            nor picture, or there are no rows.
    """
    missing = [column for column in SCHEMA.names if column not in table.column_names]
    if missing:
        raise CatalogueError("catalogue_columns", name=name, missing=", ".join(missing))
    if (column := first_unlike(table.schema)) is not None:
        found = table.schema.field(column.name).type
        raise CatalogueError("catalogue_type", name=name, column=column.name, found=str(found), wanted=str(column.type))
    if table.num_rows == 0:
        raise CatalogueError("catalogue_empty", name=name)
    _check_rows(table, name)


def first_unlike(schema: pa.Schema) -> pa.Field | None:
    """The first field of `SCHEMA` that a schema with these names has in another type, or None."""
    for column in SCHEMA:
        allowed = _PICTURES if column.name == "image" else (column.type,)
        if not any(schema.field(column.name).type.equals(kind) for kind in allowed):
            return column
    return None


def _check_rows(table: pa.Table, name: str) -> None:
    for column in SCHEMA:
        if not column.nullable and table.column(column.name).null_count:
            row = _first(table.column(column.name).is_null()) + 1
            raise CatalogueError("catalogue_value", name=name, column=column.name, row=row)
    counts = pc.value_counts(table.column("item_id"))
    most = pc.max(counts.field("counts")).as_py()
    if most > 1:
        item = counts.field("values")[counts.field("counts").to_pylist().index(most)].as_py()
        raise CatalogueError("catalogue_duplicate", name=name, item=item)
    untitled = pc.equal(pc.utf8_trim_whitespace(table.column("title")), arrow.scalar(""))
    nothing = pc.and_(untitled, table.column("image").is_null())
    if pc.any(nothing).as_py():
        raise CatalogueError("catalogue_row", name=name, row=_first(nothing) + 1)


def _first(flags: Any) -> int:
    """The first row of a bool column that is true; there is one."""
    return int(arrow.to_flags(flags).argmax())
