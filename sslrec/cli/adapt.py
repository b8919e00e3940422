"""`catalog adapt`: train the recommender on for the products of an ingested catalogue."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sslrec import artifacts
from sslrec.cli.output import Json, print_json, print_table
from sslrec.cli.train import train_folder
from sslrec.config import settings
from sslrec.data import shops
from sslrec.data.catalogue import FILE, load_catalogue
from sslrec.runs.events import LIMITS, RunConfig, Status, needed_catalogues
from sslrec.runs.store import RunFolder, RunRecord, RunState, RunStore


def adapt(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `catalog ingest` has written.")],
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the products; by default some minutes' worth.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LIMITS["seed"][1], help="Decides order and augmentation.")] = 0,
    as_json: Json = False,
) -> int:
    """Train the recommender on for a catalogue, by its pictures, names and descriptions alone.

    A tenth of the names is held out and only measures: how often the right picture is among the best for its name,
    before and after. Another tenth decides, by its names too, how much of the training is kept, which may be nothing,
    and whether descriptions are read. The adapted recommender lies in the catalogue's folder, and
    `recommend --catalog DIR` uses it.

    An interrupted command goes on where it was when it is typed again.

    With `--json`: the training's events, one JSON object a line, and at the end `{"event": "adapted", "products",
    "held_out", "before", "after", "kept", "described", "out"}`: in `held_out` how many products were measured on,
    1,000 at most, recalls in `before` and `after`, in `kept` how much of the training, 0 to 1, and in `described`
    whether descriptions are read.
    """
    from sslrec.data.products import require_enough
    from sslrec.serving.adapted import adopt, require_ingested
    from sslrec.serving.catalogue_folder import require_place

    require_ingested(folder)
    require_place(folder)
    # Before the training, which loads TensorFlow and knows the catalogue by a number.
    require_enough(load_catalogue(str(folder)), folder.resolve().name)
    digest = artifacts.load("recommender").digest
    number = shops.keep_own(folder / FILE, _needed())
    config = RunConfig("adapt", shops.OWN, epochs=epochs, seed=seed, options={"catalogue": number})
    run = _earlier(config, digest)
    if run is None:
        store = RunStore()
        store.prune(settings().max_runs, room=1)
        run = store.create(RunRecord.new(config), RunState().by(os.getpid()))
    if run.state().status is not Status.FINISHED:
        code = train_folder(run, as_json, f"python -m sslrec catalog adapt {shlex.quote(str(folder))}")
        if code:
            return code
    adopt(folder, run.path)
    if number not in _needed():
        shops.remove_own(number)
    metrics = run.state().metrics or {}
    if as_json:
        print_json({"event": "adapted", **report(metrics), "out": str(folder)}, lines=True)
    else:
        _print(report(metrics), folder)
    return 0


def report(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What `--json` says about a finished adaptation.

    Args:
        metrics: of its run.
    """
    return {
        "products": metrics["products"],
        "held_out": metrics["held_out"],
        "before": metrics["before"],
        "after": metrics["after"],
        "kept": metrics["mixture"],
        "described": metrics["described"],
    }


def _needed() -> set[str]:
    return needed_catalogues((record.config, state.status) for record, _, state in RunStore().recovered())


def _earlier(config: RunConfig, digest: str) -> RunFolder | None:
    """A run of the same training that was interrupted, or that has finished from the same recommender."""
    for record, run in RunStore().runs():
        if record.config != config:
            continue
        state = run.recovered_state()
        if state.status is Status.INTERRUPTED and run.checkpoint_path.is_file():
            return run
        if state.status is Status.FINISHED and (state.metrics or {}).get("towers") == digest:
            return run
    return None


def _print(found: Mapping[str, Any], folder: Path) -> None:
    rows = [
        (f"right picture among the best {name.rpartition('_')[2]}", f"{found['before'][name]:.1%}", f"{after:.1%}")
        for name, after in found["after"].items()
    ]
    print_table(f"{found['held_out']} held-out products", ("for its name", "before", "after"), rows)
    print(f"{found['products']:,} products taught, {found['kept']:.0%} of the training was kept: {folder}")
