"""`catalog ingest`: make a searchable catalogue of anybody's table and pictures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sslrec.cli.output import Json, fail, print_json, print_table, stderr_console
from sslrec.errors import CatalogueError

if TYPE_CHECKING:
    from sslrec.serving.ingest import Ingested, Ingestion, Rejection

LOOK = 0.1
"""Seconds between two looks at how far it is."""
LISTED = 20
"""Rejected rows that the table shows."""
UNUSED = (
    "none of the pictures sent is used; call them by the products' ids, such as A1.jpg for the product A1, or name the "
    "column that says which is whose: --column image=COLUMN."
)


def ingest(
    source: Annotated[str, typer.Argument(metavar="SRC", help="An Excel, CSV, TSV, Parquet or JSON-lines file.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write the catalogue to.")],
    images: Annotated[
        str | None, typer.Option(metavar="DIR|ZIP", help="Its pictures, by the names in its column or by its ids.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="Which column is what; FIELD= alone for none. May be repeated."),
    ] = None,
    first: Annotated[int | None, typer.Option(min=1, help="Take so many rows at most.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the text; guessed by default.")] = None,
    separator: Annotated[str | None, typer.Option(help="Of a CSV file: one character, or 'tab'.")] = None,
    as_json: Json = False,
) -> int | None:
    """Make a searchable catalogue of a table and its pictures.

    Fields are item_id, title, description, image, category and price; the columns are guessed from their names, and
    what is left becomes attributes. Rows that cannot be used are left out, each with its reason. The folder is a
    catalogue for `recommend --catalog`; it appears when all is done, so an interrupted command can be started again.

    With `--json`: `items`, `rejected` and `without_picture` (each `id`, `line`, `reason`, `message`), `pictured`
    (products with a picture), `unused_pictures` (those sent that go with no row), both as numbers, `seconds`,
    `items_per_second`, `channels` (by stage what waited there and how long), `columns`, `refused_files` and `out`.
    """
    from sslrec.data.catalogue.columns import change_columns
    from sslrec.data.catalogue.picture_files import open_pictures
    from sslrec.data.catalogue.sheets import open_sheet
    from sslrec.data.catalogue.source import Source
    from sslrec.serving.catalogue_folder import UNFINISHED, require_place
    from sslrec.serving.ingest import Ingestion
    from sslrec.serving.recommender import shared_recommender

    require_place(out)
    mark = {"tab": "\t", "\\t": "\t"}.get(separator or "", separator)
    if mark is not None and (len(mark) != 1 or mark in '"\\\r\n\0'):
        raise typer.BadParameter(f"'{separator}' is not one character that can separate", param_hint="'--separator'")
    sheet = open_sheet(source, encoding=encoding, separator=mark)
    columns = change_columns(sheet.guess, _pairs(column or []))
    with ExitStack() as opened:
        pictures = None if images is None else open_pictures(images)
        if pictures is not None:
            opened.callback(pictures.close)
        made = Source(sheet, pictures, columns)
        ingestion = Ingestion(made, shared_recommender(), out, first=first)
        try:
            _watch(ingestion)
        except KeyboardInterrupt:
            ingestion.cancel()
            while not ingestion.is_ready:
                with suppress(KeyboardInterrupt):  # whoever is in a hurry presses it twice
                    ingestion.wait()
        try:
            done = ingestion.result()
        except CatalogueError as error:
            if error.code != "catalogue_cancelled":
                raise
            return fail(str(error), 130)
        except OSError as error:
            # A full disk has no name, and what is written lies under one that nobody typed until all is there.
            if not error.filename or UNFINISHED in str(error.filename):
                error.filename = str(out)
            raise
    refused = [] if pictures is None else [{"name": one.name, **_reason(one.error)} for one in pictures.refused.first]
    if pictures is not None and done.unused_pictures == len(pictures):
        print(f"note: {UNUSED}", file=sys.stderr)
    if as_json:
        print_json(report(done, made.columns.named, refused))
    else:
        _print(done, made.columns.named, refused)
    return None


def report(done: Ingested, columns: Mapping[str, str], refused: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `--json` prints about a finished ingest.

    Args:
        done: the ingest.
        columns: which column was what.
        refused: files among the pictures that were not used.
    """
    return {
        "items": done.items,
        "rejected": [_row(one) for one in done.rejected],
        "without_picture": [_row(one) for one in done.without_picture],
        "pictured": done.pictured,
        "unused_pictures": done.unused_pictures,
        "seconds": round(done.seconds, 3),
        "items_per_second": round(done.items_per_second, 1),
        "channels": {name: asdict(channel) for name, channel in done.channels.items()},
        "columns": dict(columns),
        "refused_files": list(refused),
        "out": str(done.folder),
    }


def _pairs(given: Sequence[str]) -> dict[str, str | None]:
    """`FIELD=COLUMN` options as a mapping."""
    found: dict[str, str | None] = {}
    for one in given:
        field, equals, name = one.partition("=")
        if not equals:
            raise typer.BadParameter(f"'{one}' is not like title=product_title", param_hint="'--column'")
        found[field.strip()] = name.strip() or None
    return found


def _row(one: Rejection) -> dict[str, Any]:
    return {"id": one.item_id, "line": one.line, **_reason(one.error)}


def _reason(error: Any) -> dict[str, str]:
    return {"reason": error.code, "message": str(error)}


def _watch(ingestion: Ingestion) -> None:
    """A bar on stderr until the ingest has ended."""
    columns = (
        TextColumn("Ingesting"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} {task.fields[pace]:.0f}/s {task.fields[rejected]} rejected"),
        TimeRemainingColumn(),
    )
    console = stderr_console()
    # Where it is no terminal, rich would still write an empty line at the end.
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, pace=0.0, rejected=0)
        while not ingestion.wait(LOOK):
            now = ingestion.progress()
            bar.update(task, completed=now.done, total=now.total, pace=now.items_per_second, rejected=now.rejected)


def _print(done: Ingested, columns: Mapping[str, str], refused: Sequence[Mapping[str, Any]]) -> None:
    print_table("Columns", ("field", "column"), columns.items())
    waits = [
        (name, f"{channel.sent:,}", channel.limit, f"{channel.send_seconds:.1f}", f"{channel.receive_seconds:.1f}")
        for name, channel in done.channels.items()
    ]
    print_table("Channels", ("before", "items", "limit", "waited for room, s", "waited for items, s"), waits)
    counts = [("products with a picture", f"{done.pictured:,}"), ("pictures not used", f"{done.unused_pictures:,}")]
    print_table("Pictures", ("", ""), counts)
    for title, rows in (("Rejected", done.rejected), ("Without their picture", done.without_picture)):
        if rows:
            shown = [(one.item_id or "", one.line, str(one.error)) for one in rows[:LISTED]]
            more = f", the first {LISTED} of {len(rows):,}" if len(rows) > LISTED else ""
            print_table(title + more, ("id", "line", "reason"), shown)
    if refused:
        print_table("Files not used", ("file", "reason"), [(one["name"], one["message"]) for one in refused[:LISTED]])
    print(
        f"{done.items:,} products in {done.seconds:.1f} s ({done.items_per_second:.0f}/s), "
        f"{len(done.rejected):,} rows rejected: {done.folder}"
    )
