"""How commands speak: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sslrec.artifacts import plain

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines, and nothing else, on stdout.")]
"""The option that every command has."""
_UNSEEN = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What commands a terminal or turns a line round."""


def speak_utf8() -> None:
    """Make stdout and stderr UTF-8, as JSON is, whatever the machine's own encoding.

    Windows gives a file or a pipe that of its code page, in which most of the world's product names cannot be written.
    """
    for stream in (sys.stdout, sys.stderr):
        # What a host puts in their place may have one encoding alone.
        if isinstance(stream, TextIOWrapper):
            # A file name that is not UTF-8 is escaped, which is sound JSON too.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def fail(message: str, code: int = 2) -> int:
    """Print one line on stderr and return the exit code to end with."""
    print("error:", " ".join(message.split()), file=sys.stderr)
    return code


def print_json(value: Any, lines: bool = False) -> None:
    """Print JSON on stdout: indented, or with `lines` all on one line; null stands for NaN and infinity."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=None if lines else 2, allow_nan=False), flush=True)


def print_table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on stdout; in names and texts of anybody's a mark stands for what commands a terminal."""
    table = Table(title=None if title is None else _plain(title), title_justify="left")
    for column in columns:
        table.add_column(_plain(column), overflow="fold")
    for row in rows:
        # Text, so that square brackets in file names are no markup.
        table.add_row(*(cell if isinstance(cell, Text) else Text(_plain(str(cell))) for cell in row))
    Console().print(table)


def _plain(text: str) -> str:
    return _UNSEEN.sub("�", text)


def state(word: str) -> Text:
    """A state, green where it is `ok`."""
    return Text(word, "green" if word == "ok" else "yellow")


def stderr_console() -> Console:
    """The console for progress; rich keeps quiet where stderr is no terminal."""
    return Console(stderr=True)
