"""A training on the terminal: one JSON object a line, or a bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sslrec.cli.output import print_json, stderr_console

SHOWN = frozenset({"step", "epoch", "learning_rate", "classifier", "finished"})
"""Events for the terminal; pictures, states and checkpoints are for the run's folder."""


@contextmanager
def shown(as_json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show events: one JSON object a line on stdout, or a progress bar on stderr."""
    if as_json:
        yield _print_line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[loss]}"), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console()) as progress:
        bar = progress.add_task("Training", total=None, loss="")

        def show(event: dict[str, Any]) -> None:
            if event["event"] == "step":
                loss = "" if event["loss"] is None else f"loss {event['loss']:.4f}"
                if event["step"] < progress.tasks[bar].completed:
                    progress.reset(bar)  # the next of several trainings, which has a pace and an end of its own
                progress.update(bar, completed=event["step"], total=event["of"], loss=loss)
            elif event["event"] in SHOWN:
                progress.console.print(_line(event), markup=False, highlight=False)

        yield show


def _line(event: dict[str, Any]) -> str:
    """An event in words: its name and its figures, of the end of a training what was measured."""
    told = {**event, **(event.get("metrics") or {})}
    figures = ", ".join(
        f"{key} {value:.4f}" if isinstance(value, float) else f"{key} {value}"
        for key, value in told.items()
        if isinstance(value, str | int | float) and key not in ("event", "out", "step")
    )
    return f"{event['event']}: {figures}" if figures else event["event"]


def _print_line(event: dict[str, Any]) -> None:
    """Print an event; where nobody reads any more, as behind `head`, the training goes on in silence."""
    if event["event"] not in SHOWN:
        return
    try:
        print_json(event, lines=True)
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # what stands in its place may be no file
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
