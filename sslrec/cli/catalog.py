"""`catalog`: draw the built-in catalogue, make one of anybody's table, look into any."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sslrec.cli.adapt import adapt
from sslrec.cli.ingest import ingest
from sslrec.cli.output import Json, print_json, print_table, stderr_console

catalog = typer.Typer(help="Draw the built-in catalogue, make one of your own, look into any.", no_args_is_help=True)
catalog.command()(ingest)
catalog.command()(adapt)


@catalog.command()
def build(
    out: Annotated[Path | None, typer.Option(help="Folder to write to; assets/catalogue by default.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides every product and every pixel.")] = 0,
    per_kind: Annotated[int, typer.Option(min=1, max=40, help="Products of each kind.")] = 36,
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many draw at a time; one a core by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw the built-in catalogue: `catalogue.parquet` with a manifest beside it.

    The same seed gives the same products and pictures. It takes some two minutes on two cores.
    """
    from sslrec.data.catalogue import builtin_path
    from sslrec.data.drawn.build import build as draw_all

    folder = out or builtin_path().parent
    columns = (TextColumn("Drawing"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeRemainingColumn())
    console = stderr_console()
    # Where it is no terminal, rich would still write an empty line at the end.
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        manifest = draw_all(
            folder, seed, per_kind, processes, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        print_json(manifest)
    else:
        print(
            f"{manifest['items']:,} products of {len(manifest['kinds'])} kinds, {manifest['bytes']:,} bytes: {folder}"
        )


@catalog.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="CATALOGUE", help="builtin, fashion_products, or a Parquet file.")
    ] = "builtin",
    as_json: Json = False,
) -> None:
    """Say what a catalogue holds: items, pictures, categories, prices, and which file was read."""
    from sslrec.data.catalogue import load_catalogue

    found = load_catalogue(name)
    prices = found.prices[found.prices == found.prices]
    summary = {
        "name": found.name,
        "source": found.source,
        "items": len(found),
        "pictures": int(found.pictured.sum()),
        "shown": int(found.shown.sum()),
        "held_out": int(found.held_out.sum()),
        "price_range": [float(prices.min()), float(prices.max())] if len(prices) else None,
        "categories": dict(Counter(category or "" for category in found.categories).most_common()),
    }
    if as_json:
        print_json(summary)
        return
    print_table(None, ("", ""), [(key, value) for key, value in summary.items() if key != "categories"])
    print_table("Categories", ("category", "items"), summary["categories"].items())
