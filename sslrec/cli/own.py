"""What a training goes by that learns from something of one's own: the number of a text or of a catalogue."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from sslrec.data import corpora, shops
from sslrec.errors import DataError, TextError
from sslrec.runs.tasks import TASKS


def data_of(task: str, data: str | None, options: Mapping[str, Any]) -> str:
    """The data set of a training: the one that is named, that of a given text, or that of the app's own model.

    Args:
        task: a key of `TASKS`.
        data: what was named, if anything.
        options: the task's own; None or the default where they were not given.

    Raises:
        typer.BadParameter: the text or the catalogue is missing, or a text does not go with what was named.
    """
    if task == "adapt" and not (options["catalogue"] and shops.own_folder(options["catalogue"]).is_dir()):
        raise typer.BadParameter("adapting starts from an ingested catalogue: python -m sslrec catalog adapt DIR")
    text = options.get("text")
    if text == "":
        raise typer.BadParameter("--text names no file; name one, or leave the option out")
    if text and data not in (None, corpora.OWN):
        raise typer.BadParameter(f"--text goes with --data {corpora.OWN} and not with '{data}'; leave one of them out")
    if "text" in options and data == corpora.OWN and not text:
        raise typer.BadParameter(f"--data {corpora.OWN} is a text of yours: python -m sslrec train {task} --text FILE")
    return data or (corpora.OWN if text else TASKS[task].shipped)


def text_number(text: str) -> str:
    """The number under which a file's text is kept, or a text that is kept already: a visitor's goes with its run.

    Raises:
        TextError: the text is too short, is not encoded as UTF-8, or is one that the vocabulary cannot spell.
        ArtifactError: the tokenizer is missing or damaged.
        OSError: the file cannot be read.
    """
    path = Path(text)
    if not path.exists():
        with contextlib.suppress(DataError):
            return corpora.keep("\n".join(corpora.read_own(text)))
    try:
        written = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise TextError("text_encoding", path=text) from error
    corpora.spelled(written)  # refuses what the vocabulary cannot spell
    return corpora.keep(written)
