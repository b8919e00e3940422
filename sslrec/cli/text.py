"""`text`: fill the gaps of a text, turn texts into vectors, fetch a pretrained DistilBERT."""

from __future__ import annotations

import io
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from sslrec import artifacts
from sslrec.cli.output import Json, print_json, print_table
from sslrec.cli.quiet import import_quietly
from sslrec.data.folding import is_visible
from sslrec.errors import TextError
from sslrec.serving.language_reading import MASK, as_gaps

text = typer.Typer(no_args_is_help=True)

Model = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FOLDER",
        help="A model that 'train language' or 'text hub' left; by default the shipped one.",
    ),
]


@text.callback()
def task() -> None:
    """Read texts with the masked language model."""


@text.command()
def fill(
    sentence: Annotated[str, typer.Argument(metavar="TEXT", help="A text with [MASK] or ___ where a word is missing.")],
    top: Annotated[int, typer.Option(min=1, max=1000, help="Guesses for each gap.")] = 10,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Guess what stands in the gaps of a text.

    With `--json`: an array with one array per gap, of objects with `token` and `probability`, the likeliest first.
    """
    if is_visible(sentence) and MASK not in as_gaps(sentence):
        raise TextError("text_no_gap")
    reader = _reader(model)
    reading = reader.read(sentence, top)
    if dropped := reading.pieces.dropped:
        # Before the answer: what is beyond may hold the only gap.
        print(
            f"note: the model reads {reader.limit} pieces at once; left out beyond that: {dropped:,}.", file=sys.stderr
        )
    _tell_unknown(reading.pieces.unknown)
    if not reading.gaps:
        raise TextError("text_gap_beyond", limit=reader.limit)
    if as_json:
        gaps = [[{"token": one.token, "probability": one.probability} for one in gap.fillings] for gap in reading.gaps]
        print_json(gaps)
        return
    for number, gap in enumerate(reading.gaps, 1):
        rows = [(one.token, f"{one.probability:.1%}") for one in gap.fillings]
        print_table(f"Gap {number}" if len(reading.gaps) > 1 else None, ("token", "probability"), rows)
    print(reading.filled)


@text.command()
def embed(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="UTF-8 text, one text a line.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the vectors go: a .npy file.")],
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Turn each line of a file into a vector: `(lines, dim)` float32.

    A blank line gets a vector of zeros, so that vectors and lines keep the same numbers. Of a line that is longer than
    16 times what the model reads at once the end is left out; `cut` in the JSON counts such lines, and `unknown` the
    words and signs that the model cannot spell.
    """
    from sslrec.serving.language import PARTS

    if out.exists() and file.exists() and out.samefile(file):
        raise typer.BadParameter(f"'{out}' is the text itself, and the vectors would take its place; name another file")
    try:
        # As the file counts its lines: other signs that Python takes for their ends stand inside texts.
        *lines, last = file.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise TextError("text_encoding", path=str(file)) from error
    lines += [last] if last else []
    place = _place(out)
    reader = _reader(model)
    vectors = np.zeros((len(lines), reader.config["dim"]), np.float32)
    written = [number for number, line in enumerate(lines) if is_visible(line)]
    cut = unknown = 0
    for number in written:
        pieces = reader.encode(lines[number], PARTS)
        cut, unknown = cut + (pieces.dropped > 0), unknown + pieces.unknown
    if cut:
        print(
            f"note: of a line the model reads {PARTS} times {reader.limit} pieces; "
            f"the end of {cut:,} of the lines is left out.",
            file=sys.stderr,
        )
    _tell_unknown(unknown)
    vectors[written] = reader.embed([lines[number] for number in written])
    _keep(place, vectors)
    if as_json:
        counts = {"lines": len(lines), "blank": len(lines) - len(written), "cut": cut, "unknown": unknown}
        print_json({"out": str(out), **counts, "dim": vectors.shape[1]})
    else:
        print(f"{len(lines):,} vectors of {vectors.shape[1]} numbers: {out}")


@text.command()
def hub(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A masked DistilBERT of the hub, or a folder; by default the original."),
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Full commit hash; needed for another model of the hub.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where it goes; by default where the Language page looks for it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch the original DistilBERT from the hub (270 MB, once), for the Language page and for --model."""
    from sslrec.serving.hub_language import hub_folder

    place = out or hub_folder()
    artifacts.require_replaceable(place)
    with _named(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        _try_out(place.parent)
    model = name or artifacts.HUB_MODEL
    if revision is None and model != artifacts.HUB_MODEL and not Path(model).is_dir():
        raise typer.BadParameter(f"'{model}' is no folder; give --revision, the full hash of a commit of it in the hub")
    made = import_quietly("sslrec.learning.recipes.hub").bring(place, model, revision or artifacts.HUB_REVISION)
    size = made.file("fill-in.tflite").stat().st_size
    if as_json:
        print_json({"out": str(made.folder), "model": made.manifest.data, "bytes": size, **made.manifest.metrics})
    else:
        print(f"{made.manifest.data}: {made.manifest.metrics['weights'] / 1e6:.0f} M weights: {made.folder}")


def _tell_unknown(count: int) -> None:
    if count:
        print(f"note: words or signs unknown to the model: {count:,}; it goes by the rest.", file=sys.stderr)


def _place(out: Path) -> Path:
    """Where vectors are kept. What lies there stays as it is."""
    if _is_special(out):
        return out
    place = out.resolve()  # what a link leads to is replaced, not the link
    with _named(out):
        if place.exists():
            with place.open("ab"):
                pass
        _try_out(place.parent)
    return place


def _try_out(folder: Path) -> None:
    """Make sure that a file can be made in a folder; better to fail now than after minutes of work."""
    with tempfile.TemporaryFile(dir=folder):
        pass


@contextmanager
def _named(place: Path) -> Iterator[None]:
    """Let errors name the place that was asked for: of a folder where nothing can be made they name a file of ours."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def _is_special(place: Path) -> bool:
    """Whether a path is there and neither file nor folder, such as a pipe: to be written to, never to be replaced."""
    return place.exists() and not place.is_file() and not place.is_dir()


def _keep(place: Path, vectors: np.ndarray) -> None:
    """Write vectors whole or not at all; by the file's own name, to which NumPy would add an ending."""
    from sslrec.serving.vectors import keep

    try:
        if _is_special(place):
            written = io.BytesIO()  # NumPy looks for its place in a file, which a pipe has not
            np.save(written, vectors)
            place.write_bytes(written.getbuffer())
            return
        mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o644
        keep(place, vectors)
        place.chmod(mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(place)) from error


def _reader(folder: Path | None) -> Any:
    from sslrec.serving.language import LanguageReader, shared_language

    return shared_language() if folder is None else LanguageReader(folder)
