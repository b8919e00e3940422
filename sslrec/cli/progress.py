"""A training on the terminal: one JSON object a line, or a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sslrec.cli.output import print_json, stderr_console

SHOWN = frozenset({"step", "epoch", "learning_rate", "classifier", "finished"})
"""Events for the terminal; pictures, states and checkpoints are for the run's folder."""


@contextmanager
def shown(as_json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show events: one JSON object a line on stdout, or a progress bar on stderr."""
    if as_json:
        yield lambda event: print_json(event, lines=True) if event["event"] in SHOWN else None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[loss]}"), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console()) as progress:
        bar = progress.add_task("Training", total=None, loss="")

        def show(event: dict[str, Any]) -> None:
            if event["event"] == "step":
                loss = "" if event["loss"] is None else f"loss {event['loss']:.4f}"
                progress.update(bar, completed=event["step"], total=event["of"], loss=loss)
            elif event["event"] in SHOWN:
                figures = ", ".join(
                    f"{key} {value:.4f}" if isinstance(value, float) else f"{key} {value}"
                    for key, value in event.items()
                    if isinstance(value, str | int | float) and key not in ("event", "out", "step")
                )
                progress.console.print(f"{event['event']}: {figures}", markup=False, highlight=False)

        yield show
