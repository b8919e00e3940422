"""`digits`: read the digits on pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from sslrec.cli.output import Json, fail, print_json, print_table, stderr_console
from sslrec.config import settings
from sslrec.errors import ImageError, SslrecError

MANY = 20
"""From so many files on, a progress bar is worth its line."""
SUREST = 0.999
"""What is surer is shown so, as on the pages: no model is certain."""


def digits(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Pictures with one digit each.")],
    as_json: Json = False,
) -> None:
    """Read the digit on each picture.

    PNG, JPEG, WebP, GIF, AVIF, BMP or TIFF; dark ink on a light ground or the other way round.

    With `--json`: an array with one object per file, in order, of `file`, `label`, `probabilities`, `novelty`,
    `is_digit`, `reconstruction_bce`, `milliseconds` and `several_shapes`, or of `file` and `error`.

    The exit code is 2 where any file failed.
    """
    console = stderr_console()
    # To a file or a pipe the bar would leave an empty line.
    hidden = len(files) < MANY or not console.is_terminal
    shown = track(files, "Reading", console=console, transient=True, disable=hidden)
    answers = [_answer(file) for file in shown]
    failed = [answer for answer in answers if "error" in answer]
    if as_json:
        print_json(answers)
    else:
        _print(answers)
        for message in dict.fromkeys(answer["error"] for answer in failed):  # a missing model is missed once
            fail(message)
    if failed:
        raise typer.Exit(2)


def read_file(file: str) -> bytes:
    """The bytes of a picture file, no more of them than are allowed.

    Raises:
        ImageError: there is no such file, it is too large, or it cannot be read.
    """
    limit = settings().max_image_bytes
    try:
        with Path(file).open("rb") as stream:
            # A device or a pipe tells no size: read the allowed bytes and one more.
            data = stream.read(limit + 1)
            size = max(os.fstat(stream.fileno()).st_size, len(data))
    except FileNotFoundError as error:
        raise ImageError("image_missing", name=file) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError("image_unreadable", name=file, reason=reason) from error
    if size > limit:
        raise ImageError("image_too_large", name=file, size=size, limit=limit)
    return data


def _answer(file: str) -> dict[str, Any]:
    from sslrec.serving.answers import digit_answer, error_answer
    from sslrec.serving.digits import shared_reader

    try:
        return digit_answer(file, shared_reader().read_bytes(read_file(file), file))
    except SslrecError as error:
        return error_answer(file, error)


def _said(answer: dict[str, Any]) -> str:
    label = "no digit" if answer["label"] is None else str(answer["label"])
    return f"{label} (largest of several shapes)" if answer["several_shapes"] else label


def _sure(probability: float) -> str:
    return f"{probability if probability == 1 else min(probability, SUREST):.1%}"


def _print(answers: list[dict[str, Any]]) -> None:
    rows = [
        (
            answer["file"],
            _said(answer),
            _sure(max(answer["probabilities"])),
            f"{answer['novelty']:.3f}",
            f"{answer['reconstruction_bce']:.4f}",
            f"{answer['milliseconds']:.1f}",
        )
        for answer in answers
        if "error" not in answer
    ]
    if rows:
        print_table(None, ("file", "digit", "probability", "novelty", "reconstruction BCE", "ms"), rows)
