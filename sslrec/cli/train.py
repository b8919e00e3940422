"""`train`: rebuild a shipped model, or train one on other data."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sslrec import artifacts
from sslrec.cli.output import Json, print_json, stderr_console
from sslrec.config import settings
from sslrec.data.digits import load

train = typer.Typer(no_args_is_help=True, epilog="With the defaults, a command rebuilds the model that the app ships.")

Data = Annotated[str, typer.Option(help="Data set: mnist, fashion_mnist or digits.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over the data; by default the task's own number.")]
Seed = Annotated[int, typer.Option(min=0, help="Decides weights, order and augmentation.")]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="Where to leave the artefact; by default assets/ for a shipped model, else SSLREC_HOME."
    ),
]


@train.callback()
def task() -> None:
    """Train a model and leave it as an artefact: LiteRT files and a manifest."""


@train.command()
def autoencoder(
    data: Data = "mnist",
    code: Annotated[int, typer.Option(min=1, max=784, help="Numbers in the code.")] = 64,
    denoise: Annotated[bool, typer.Option("--denoise", help="Learn to rebuild damaged digits.")] = False,
    epochs: Epochs = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """The convolutional autoencoder, plain or denoising."""
    name = f"{'denoiser' if denoise else 'autoencoder'}-{code}"
    options = {"code": code} | ({"denoise": True} if denoise else {})
    _train("autoencoder", name, data, options, epochs, seed, out, as_json)


@train.command()
def encoder(
    data: Data = "mnist", epochs: Epochs = None, seed: Seed = 0, out: Out = None, as_json: Json = False
) -> None:
    """The encoder that learns without labels, from two views of each digit."""
    _train("encoder", "digit-encoder", data, {}, epochs, seed, out, as_json)


@train.command()
def classifier(
    data: Data = "mnist", epochs: Epochs = None, seed: Seed = 0, out: Out = None, as_json: Json = False
) -> None:
    """The classifiers of every label budget, fine-tuned from the encoder and from scratch."""
    _train("classifier", "digit-classifiers", data, {}, epochs, seed, out, as_json)


@train.command()
def novelty(data: Data = "mnist", seed: Seed = 0, out: Out = None, as_json: Json = False) -> None:
    """The not-a-digit score, fitted to the trained autoencoder and classifier."""
    from sslrec.serving.calibration import calibrate_novelty

    place = _place("digit-novelty", data, out)
    artifacts.require_replaceable(place)
    manifest = calibrate_novelty(load(data), place, _command("novelty", data, {}, seed), seed)
    if as_json:
        print_json({"event": "finished", "out": str(place), "metrics": manifest.metrics}, lines=True)
    else:
        print(f"{manifest.name}: {place}")


def _train(
    task: str,
    name: str,
    data: str,
    options: dict[str, Any],
    epochs: int | None,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Train in this process, which is why TensorFlow comes in here and only here."""
    options = options | ({} if epochs is None else {"epochs": epochs})
    place = _place(name, data, out)
    # What can go wrong at once is told before TensorFlow's seconds of import.
    artifacts.require_replaceable(place)
    load(data)
    place.parent.mkdir(parents=True, exist_ok=True)
    # TensorFlow's notes on CPU features would stand between the lines.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _shown(as_json) as on_event:
        from sslrec.learning.train import train as run

        command = _command(task, data, options, seed)
        manifest = run(task, data=data, out=place, command=command, seed=seed, options=options, on_event=on_event)
    if not as_json:
        print(f"{manifest.name}: {place}")


def _place(name: str, data: str, out: Path | None) -> Path:
    """The artefact's folder: what the user says, the shipped model's, or one in SSLREC_HOME."""
    if out is not None:
        return out
    if data == "mnist" and name in artifacts.SHIPPED:
        return artifacts.folder_of(name)
    return settings().home_dir / "models" / f"{name}-{data}"


def _command(task: str, data: str, options: dict[str, Any], seed: int) -> str:
    """The command that rebuilds the artefact, without what names this machine's folders."""
    flags = [f"--{key}" if value is True else f"--{key} {value}" for key, value in options.items()]
    return " ".join(["python -m sslrec train", task, "--data", data, *flags, *([f"--seed {seed}"] if seed else [])])


@contextmanager
def _shown(as_json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show events: one JSON object a line on stdout, or a progress bar on stderr."""
    if as_json:
        yield lambda event: print_json(event, lines=True)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[loss]}"), TimeRemainingColumn())
    with Progress(*columns, console=stderr_console()) as progress:
        bar = progress.add_task("Training", total=None, loss="")

        def show(event: dict[str, Any]) -> None:
            if event["event"] == "step":
                progress.update(bar, completed=event["step"], total=event["of"], loss=f"loss {event['loss']:.4f}")
                return
            figures = ", ".join(
                f"{key} {value:.4f}" if isinstance(value, float) else f"{key} {value}"
                for key, value in event.items()
                if isinstance(value, str | int | float) and key not in ("event", "out")
            )
            progress.console.print(f"{event['event']}: {figures}", markup=False, highlight=False)

        yield show
