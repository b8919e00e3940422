"""What a visitor has brought: a table, perhaps pictures, which column is what, and how well they fit together.

Streamlit keeps one `Visit` in the visitor's session; nothing in here is shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sslrec.config import settings
from sslrec.data.catalogue.archive import PictureArchive
from sslrec.data.catalogue.columns import FIELDS, Columns, change_columns
from sslrec.data.catalogue.picture_files import Refused
from sslrec.data.catalogue.sheets import SAMPLE, BadRow, Origin, Sheet, open_sheet
from sslrec.data.catalogue.source import Found, Source, open_source
from sslrec.data.images import WHITE, decode_picture
from sslrec.data.shops import KNOWN
from sslrec.errors import CatalogueError, SslrecError
from sslrec.serving.ingest import Rejection
from sslrec.ui.recommend_pictures import small_uri

LOOKED_AT = 2_000
"""Rows that are looked at before the start, at most."""
THUMBNAIL = 96
"""Pixels of a picture in the preview."""
TOLD = 5
"""Rows and pictures that do not fit which are named."""


@dataclass(frozen=True)
class File:
    """A file that a visitor has sent."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Fit:
    """How a table and its pictures fit together.

    Attributes:
        rows: how many rows were looked at.
        is_part: whether the table has more rows than these.
        pictured: of these, products with a picture.
        without: products that name no picture and have none.
        lacking: products whose picture the table names and nobody sent.
        bad: rows that give no product.
        uses_pictures: whether one of these products goes with a picture of the zip.
        reasons: why, of the first of the lacking and bad.
        sample: the first products, as they are.
    """

    rows: int
    is_part: bool
    pictured: int
    without: int
    lacking: int
    bad: int
    uses_pictures: bool
    reasons: tuple[SslrecError, ...]
    sample: tuple[Found, ...] = field(repr=False)


class Visit:
    """A visitor's files on their way to a catalogue.

    A file that cannot be used changes nothing: what was there before stays, and `problems` says what was wrong.

    Attributes:
        table: the table that is in use, or None.
        pictures: the zip in use, or None.
        columns: which column is what: guessed, then as the visitor corrected it.
        problems: what was wrong with the last `table`, `pictures` or `start`, where it was.
        left_out: rows that the last ingest of these files left out, where no row was left.
        is_broken: whether the last ingest of these files ended by a fault of the program's own.
        turn: grows when the uploaders are to begin anew.
    """

    def __init__(self) -> None:
        self.table: File | None = None
        self.pictures: File | None = None
        self.columns = Columns()
        self.encoding: str | None = None
        self.separator: str | None = None
        self.problems: dict[str, SslrecError] = {}
        self.left_out: tuple[Rejection, ...] = ()
        self.is_broken = False
        self.turn = 0
        self._sheet: Sheet | None = None
        self._archive: PictureArchive | None = None
        self._fit: Fit | None = None
        self._thumbnails: dict[int, str] = {}

    @property
    def sheet(self) -> Sheet | None:
        """The table, opened; None while there is none."""
        return self._sheet

    @property
    def archive(self) -> PictureArchive | None:
        """The pictures, opened; None while there are none."""
        return self._archive

    @property
    def refused(self) -> tuple[int, Sequence[Refused]]:
        """How many files of the zip are not used, and the first of them."""
        return (0, ()) if self._archive is None else (self._archive.refused.count, self._archive.refused.first)

    @property
    def name(self) -> str:
        """What the catalogue is to be called; never as one that comes with the app."""
        stem = "" if self.table is None else self.table.name.rpartition("/")[2].rsplit(".", 1)[0]
        plain = "".join(character if character.isprintable() else " " for character in stem).strip()[:40] or "catalogue"
        return f"{plain} 2" if plain in KNOWN else plain

    @property
    def first(self) -> int | None:
        """How many rows will be taken, where the table has more than a visitor may bring; None for all."""
        limit = settings().max_visitor_items
        return limit if self._sheet is not None and self._sheet.count > limit else None

    @property
    def can_start(self) -> bool:
        """Whether there is a table of which a column is the title or the picture."""
        return self._sheet is not None and self.columns.show_products

    def take(self, kind: str, file: File | None) -> None:
        """Take what an uploader says; one that comes back into sight may say the same again.

        Args:
            kind: `table` or `pictures`.
            file: what it holds, or None.
        """
        if file == (self.table if kind == "table" else self.pictures):
            self.problems.pop(kind, None)
        elif kind == "table":
            self.bring_table(file)
        else:
            self.bring_pictures(file)

    def bring_table(self, file: File | None, encoding: str | None = None, separator: str | None = None) -> None:
        """Take a table, or none; a mapping that fits it as well is kept.

        Args:
            file: CSV, TSV, JSON lines or Parquet, whatever its name says.
            encoding: of its text; guessed by default.
            separator: of a CSV file; guessed by default.
        """
        self.problems.pop("table", None)
        if file is None:
            self.table, self._sheet, self.columns = None, None, Columns()
        else:
            try:
                sheet = open_sheet(file.data, file.name, encoding=encoding, separator=separator)
                if sheet.count == 0:
                    raise CatalogueError("catalogue_empty", name=file.name)
            except SslrecError as error:
                self.problems["table"] = error
                return
            is_known = self._sheet is not None and self._sheet.columns == sheet.columns
            self.columns = self.columns if is_known else sheet.guess
            self.table, self._sheet = file, sheet
        self.encoding, self.separator = encoding, separator
        self._changed()

    def bring_pictures(self, file: File | None) -> None:
        """Take a zip of pictures, or none."""
        self.problems.pop("pictures", None)
        archive = None
        if file is not None:
            try:
                archive = PictureArchive(Origin.of(file.data, file.name))
            except SslrecError as error:
                self.problems["pictures"] = error
                return
        if self._archive is not None:
            self._archive.close()
        self.pictures, self._archive = file, archive
        self._changed()

    def choose(self, chosen: Mapping[str, str | None]) -> None:
        """Say which column is what.

        Args:
            chosen: by field its column, or None for none; a column that another field has is taken from it.
        """
        columns = change_columns(self.columns, {name: chosen[name] for name in FIELDS if name in chosen})
        if columns != self.columns:
            self.columns = columns
            self._changed()

    def read_so(self, encoding: str | None, separator: str | None) -> None:
        """Read the table anew with another encoding or separator, each None to guess it."""
        if self.table is not None:
            self.bring_table(self.table, encoding, separator)

    def fit(self) -> Fit:
        """How table and pictures fit together, as far as the first rows tell.

        Raises:
            CatalogueError: no column is the title or the picture, or the file is damaged.
        """
        if self._fit is None:
            assert self._sheet is not None
            self._fit = _fit_of(Source(self._sheet, self._archive, self.columns))
        return self._fit

    def thumbnail(self, found: Found) -> str:
        """A product's picture as a small data URI; empty where it has none that can be read."""
        line = found.draft.line
        if line not in self._thumbnails:
            self._thumbnails[line] = self._thumbnail(found)
        return self._thumbnails[line]

    def _thumbnail(self, found: Found) -> str:
        if found.picture is None or self._sheet is None:
            return ""
        try:
            data = Source(self._sheet, self._archive, self.columns).read(found.picture)
            return small_uri(decode_picture(data, "", WHITE), THUMBNAIL)
        except SslrecError:
            return ""

    def source(self) -> Source:
        """Table and pictures opened anew, for an ingest that closes them in the end.

        Raises:
            CatalogueError: no column is the title or the picture.
        """
        assert self.table is not None
        pictures = self.pictures
        return open_source(
            self.table.data,
            None if pictures is None else pictures.data,
            self.columns,
            name=self.table.name,
            pictures_name=None if pictures is None else pictures.name,
            encoding=self.encoding,
            separator=self.separator,
        )

    def forget(self) -> None:
        """Let go of all files."""
        self.bring_table(None)
        self.bring_pictures(None)
        self.problems.clear()
        self.turn += 1

    def _changed(self) -> None:
        self._fit, self.left_out, self.is_broken = None, (), False
        self._thumbnails.clear()
        self.problems.pop("start", None)


def _fit_of(source: Source) -> Fit:
    counts = dict.fromkeys(("rows", "pictured", "without", "lacking", "bad"), 0)
    reasons: list[SslrecError] = []
    sample: list[Found] = []
    uses_pictures = False
    for row in source.rows(LOOKED_AT):
        counts["rows"] += 1
        problem = row.error if isinstance(row, BadRow) else row.lacks
        if problem is not None and len(reasons) < TOLD:
            reasons.append(problem)
        if isinstance(row, BadRow):
            counts["bad"] += 1
            continue
        uses_pictures |= isinstance(row.picture, str)
        counts["pictured" if row.picture is not None else "without" if row.lacks is None else "lacking"] += 1
        if len(sample) < SAMPLE:
            sample.append(row)
    is_part = counts["rows"] == LOOKED_AT < source.sheet.count
    return Fit(**counts, is_part=is_part, uses_pictures=uses_pictures, reasons=tuple(reasons), sample=tuple(sample))
