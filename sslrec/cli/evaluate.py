"""`evaluate`: measure the models anew, on the real test sets."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sslrec import artifacts
from sslrec.cli.output import Json, print_json, print_table, stderr_console
from sslrec.config import settings
from sslrec.errors import DataError

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
    place = _place(out, "digits.json")
    with stderr_console().status("Measuring") as status:
        figures = measure(shared_reader(), mnist, fashion, lambda part: status.update(f"Measuring {part}"))
    measured = {name: artifacts.load(name).digest for name in MODELS}
    _keep(
        place, {"command": "python -m sslrec evaluate digits", "models": measured, **figures}, as_json, "Digit models"
    )


@evaluate.command()
def recommender(
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to keep the figures; by default assets/results/recommender.json."),
    ] = None,
) -> None:
    """Measure the recommender: retrieval, composed and half queries, calibration, probes, beside baselines.

    Runs for some minutes on the held-out products of `fashion_products`, in the folder that `SSLREC_DATA` names.
    """
    from sslrec.data.catalogue import load_catalogue
    from sslrec.evaluation.recommender import evaluate as measure
    from sslrec.serving.recommender import shared_recommender

    catalogue, models = load_catalogue("fashion_products"), shared_recommender()
    measured = {models.artifact.manifest.name: models.artifact.digest}
    place = _place(out, "recommender.json")
    with stderr_console().status("Measuring") as status:
        figures = measure(models, catalogue, lambda part: status.update(f"Measuring {part}"))
    command = "python -m sslrec evaluate recommender"
    _keep(place, {"command": command, "models": measured, **figures}, as_json, "Recommender")


@evaluate.command()
def language(
    data: Annotated[str, typer.Option(help="Corpora to measure on: text or builtin.")] = "text",
    as_json: Json = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to keep the figures; by default assets/results/language.json, or language-builtin.json.",
        ),
    ] = None,
) -> None:
    """Measure the language model: hidden words of held-out lines beside counts, and what pretraining buys.

    Runs for some minutes on the corpora and the film abstracts in the folder that `SSLREC_DATA` names.
    """
    from sslrec.data import text
    from sslrec.data.corpora import BUILTIN, require
    from sslrec.evaluation.gaps import evaluate as measure
    from sslrec.serving.language import shared_language

    if data not in ("text", BUILTIN):
        raise DataError("data_unknown", name=data, known=f"text, {BUILTIN}")
    require(data)
    reader = shared_language()
    measured = {reader.artifact.manifest.name: reader.artifact.digest}
    corpora = text.load_all() if data == "text" else (text.load(BUILTIN),)
    # The page and the README show the figures of all corpora: others get a file of their own.
    place = _place(out, "language.json" if data == "text" else f"language-{data}.json")
    with stderr_console().status("Measuring") as status:
        figures = measure(reader, corpora, lambda part: status.update(f"Measuring {part}"))
        genres = _genres(reader, corpora, lambda part: status.update(f"Measuring {part}"))
    if genres is not None:
        figures["genres"] = genres
    hashes = {corpus.name: corpus.sha256 for corpus in corpora}
    command = f"python -m sslrec evaluate language{'' if data == 'text' else f' --data {data}'}"
    _keep(place, {"command": command, "models": measured, "data": hashes, **figures}, as_json, "Language model")


def _genres(reader: Any, corpora: Any, progress: Callable[[str], None]) -> dict[str, Any] | None:
    """The genre probe on film abstracts; None where `SSLREC_DATA/movielens` is not here."""
    from sslrec.data.films import load_films
    from sslrec.evaluation.expectations import Logits, expected_words
    from sslrec.evaluation.genres import probe

    try:
        films, digest = load_films()
    except DataError as error:
        if error.code != "data_missing":
            raise
        return None

    def parts(texts: Sequence[str]) -> list[Any]:
        return [reader.parts(text) for text in texts]

    def expected(logits: Logits) -> Callable[[Sequence[str]], Any]:
        return lambda texts: expected_words(parts(texts), logits)

    def scratch(seed: int) -> dict[str, Callable[[Sequence[str]], Any]]:
        from sslrec.learning.encoders.text import TextConfig
        from sslrec.learning.scratch import UntrainedModel

        names = ("vocab_size", "max_position_embeddings", "dim", "n_layers", "n_heads", "hidden_dim")
        size = TextConfig(**{name: reader.config[name] for name in names})
        model = UntrainedModel(reader.tokenizer, size, seed)
        return {"words": expected(model.logits), "states": lambda texts: model.embed(parts(texts))}

    held_out = [line for corpus in corpora if corpus.name == "film_abstracts" for line in corpus.held_out()]
    unseen = {" ".join(line.split()) for line in held_out}
    return {
        "data_sha256": digest,
        **probe(films, {"words": expected(reader.logits), "states": reader.embed}, scratch, unseen, progress),
    }


def _place(out: Path | None, name: str) -> Path:
    """Where figures are kept; better to fail now than after minutes of measuring. What lies there stays as it is."""
    place = (out or settings().assets_dir / "results" / name).resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        with place.open("a", encoding="utf-8"):
            pass
    if not _is_special(place):
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    return place


def _is_special(place: Path) -> bool:
    """Whether a path is there and no file, such as /dev/null: to be written to, and never to be replaced."""
    return place.exists() and not place.is_file()


def _keep(place: Path, results: dict[str, Any], as_json: bool, title: str) -> None:
    from sslrec.runs.store import write_atomically

    text = json.dumps(results, indent=2, ensure_ascii=False) + "\n"
    if _is_special(place):
        place.write_text(text, "utf-8")
    else:
        write_atomically(place, text)
    if as_json:
        print_json(results)
    else:
        print_table(title, ("figure", "value"), _flat(results))


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
