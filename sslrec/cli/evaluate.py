"""`evaluate`: measure the models anew, on the real test sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sslrec import artifacts
from sslrec.cli.output import Json, print_json, print_table, stderr_console
from sslrec.config import settings

evaluate = typer.Typer(no_args_is_help=True)


@evaluate.callback()
def task() -> None:
    """Measure the shipped models on real test data."""


@evaluate.command()
def digits(
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to keep the figures; by default assets/results/digits.json."),
    ] = None,
) -> None:
    """Measure the digit models: reconstruction, label budgets, canvases, novelty.

    Runs for some minutes on the test digits of MNIST and, for what is no digit, of Fashion-MNIST, in the folder
    that `SSLREC_DATA` names.
    """
    from sslrec.data.digits import load
    from sslrec.evaluation.digits import MODELS
    from sslrec.evaluation.digits import evaluate as measure
    from sslrec.serving.digits import shared_reader

    mnist, fashion = load("mnist"), load("fashion_mnist")
    place = out or settings().assets_dir / "results" / "digits.json"
    # Better to fail now than after minutes of measuring.
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a", encoding="utf-8"):
        pass
    with stderr_console().status("Measuring") as status:
        figures = measure(shared_reader(), mnist, fashion, lambda part: status.update(f"Measuring {part}"))
    measured = {name: artifacts.load(name).digest for name in MODELS}
    results = {"command": "python -m sslrec evaluate digits", "models": measured, **figures}
    place.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if as_json:
        print_json(results)
    else:
        print_table("Digit models", ("figure", "value"), _flat(results))


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested figures as rows: path and value."""
    rows: list[tuple[str, str]] = []
    for name, inner in value.items():
        path = f"{prefix}{name}"
        if isinstance(inner, dict):
            rows += _flat(inner, f"{path} / ")
        else:
            items = inner if isinstance(inner, list) else [inner]
            rows.append((path, ", ".join(f"{item:.4f}" if isinstance(item, float) else str(item) for item in items)))
    return rows
