"""`train`: rebuild a shipped model, train one on other data, go on with an interrupted training."""

from __future__ import annotations

import inspect
import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from sslrec import artifacts
from sslrec.cli.output import Json, fail, print_json
from sslrec.cli.own import data_of, text_number
from sslrec.cli.progress import shown
from sslrec.cli.quiet import import_quietly
from sslrec.config import settings
from sslrec.data.digits import load
from sslrec.errors import RunError
from sslrec.runs.events import LIMITS, Message, RunConfig, Status, can_go_on
from sslrec.runs.store import RunFolder, RunRecord, RunState, RunStore
from sslrec.runs.tasks import DEFAULT_POLICY, POLICIES, RATED_POLICY, TASKS, Option, TaskSpec

train = typer.Typer(
    invoke_without_command=True,
    epilog="The command that rebuilds each model of the app: python -m sslrec doctor --json",
)

WRONG_INPUT = ("artifact_", "catalogue_", "data_", "policy_", "run_changed", "run_damaged", "run_foreign", "run_size")
"""How the codes of errors begin that end a training and that a user has caused."""
ADAPT = "adapt"
"""The task that has a command of its own, which knows the catalogue: `catalog adapt`."""
RANGED = tuple(name for name in TASKS if name != ADAPT)
"""The tasks whose learning rate can be looked for."""

Data = Annotated[str, typer.Option(help="Data set: mnist, fashion_mnist or digits.")]
TaskData = Annotated[
    str | None,
    typer.Option(
        help="Data set, one of those that the task's own --help names; by default the one that the app's own models "
        "learned from.",
        show_default=False,
    ),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over the data; by default the task's own number.")]
FullEpochs = Annotated[
    int | None,
    typer.Option(min=1, help="Passes over the data where every digit has its label; the other budgets have their own."),
]
Seed = Annotated[int, typer.Option(min=0, max=LIMITS["seed"][1], help="Decides weights, order and augmentation.")]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder of run and model; by default the run lies in SSLREC_HOME/runs, and the model is copied to assets/ "
        "if it is a shipped one, else to SSLREC_HOME/models.",
    ),
]
Policy = Annotated[
    str,
    typer.Option(
        help=f"What decides the learning rate: {', '.join(POLICIES)}; by default {DEFAULT_POLICY}, or "
        f"{RATED_POLICY} where a rate is given or a classifier starts from an encoder. The app's own models were "
        f"trained under {RATED_POLICY}.",
        show_default=False,
    ),
]
Rate = Annotated[
    float | None,
    typer.Option("--learning-rate", help="The initial rate, the peak for schedules; by default the task's."),
]
Batch = Annotated[int | None, typer.Option("--batch-size", min=1, help="Examples per step; by default the task's own.")]
Steps = Annotated[int, typer.Option(min=10, max=10_000, help="How many rates, from 1e-6 to 1.")]
Resume = Annotated[
    Path | None, typer.Option("--resume", metavar="FOLDER", help="Go on with the training in this folder.")
]


@train.callback()
def task(context: typer.Context, resume: Resume = None, as_json: Json = False) -> int | None:
    """Train a model and leave it as an artefact: LiteRT files and a manifest."""
    if context.invoked_subcommand is not None:
        if resume is not None:
            raise typer.BadParameter("--resume goes without a task: the folder knows it")
        if as_json:
            raise typer.BadParameter("--json goes after the task")
        return None
    if resume is None:
        print(context.get_help())
        return 2
    folder = RunFolder(resume)
    record, state = folder.record(), folder.recovered_state()
    if not state.status.resumable:
        raise RunError("run_ended", folder=str(resume), status=str(state.status))
    if record.publish:
        # Where models lie now: the run, or the repository, may have been moved since.
        place = _place(record.config.name, record.config.data, None)
        artifacts.require_replaceable(place)
        folder.write_record(replace(record, publish=str(place)))
    return _train(folder, as_json)


def _task_command(name: str, spec: TaskSpec) -> Callable[..., int]:
    """The command of one task: the options that all have, and its own."""

    def command(**given: Any) -> int:
        out, as_json = given.pop("out"), given.pop("as_json")
        asked = {key: given.pop(key) for key in spec.options}
        given["data"] = data_of(name, given["data"], asked)
        own: dict[str, Any] = {
            key: spec.options[key].default if value is None else value for key, value in asked.items()
        }
        if file := own.get("text"):
            own["text"] = text_number(file)
        options = {key: value for key, value in own.items() if value != spec.options[key].default}
        # The code's length is part of the shipped models' names, so their commands say it.
        options |= {key: own[key] for key in ("code",) if key in own}
        return _start(RunConfig(name, options=_sorted_like(spec.options, options), **given), out, as_json)

    own = [_parameter(key, option) for key, option in spec.options.items()]
    common = {"policy": (Policy, ""), "learning_rate": (Rate, None), "epochs": (Epochs, None)}
    common |= {"batch_size": (Batch, None), "seed": (Seed, 0), "out": (Out, None), "as_json": (Json, False)}
    # A text stands for its data set, so that there is no telling the default before.
    usual = f"; by default {spec.shipped}, or own where a text is given" if "text" in spec.options else ""
    about = typer.Option(help=f"Data set: {', '.join(spec.data)}{usual}.")
    data = ("data", (Annotated[str | None, about], None if usual else spec.shipped))
    parameters = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for key, (annotation, default) in [data, *own, *common.items()]
    ]
    command.__doc__ = spec.about
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _parameter(name: str, option: Option) -> tuple[str, tuple[Any, Any]]:
    kind = type(option.default)
    if kind is bool:
        declared = typer.Option(f"--{name}", help=option.help)
    elif kind is int:
        declared = typer.Option(min=option.low, max=option.high, help=option.help)
    else:
        known = f" One of: {', '.join(option.choices)}." if option.choices else ""
        declared = typer.Option(help=option.help + known)
    if option.default == "":  # None tells that it was not given from a name that is empty
        return name, (Annotated[kind | None, declared], None)
    return name, (Annotated[kind, declared], option.default)


def _sorted_like(known: Any, options: dict[str, Any]) -> dict[str, Any]:
    return {key: options[key] for key in known if key in options}


for _name, _spec in TASKS.items():
    train.command(_name, hidden=_name == ADAPT)(_task_command(_name, _spec))


@train.command()
def classifiers(
    data: Data = "mnist", epochs: FullEpochs = None, seed: Seed = 0, out: Out = None, as_json: Json = False
) -> int:
    """The classifiers of every label budget, from the encoder and from scratch, each at its own rate under cosine."""
    options = {} if epochs is None else {"epochs": epochs}
    place = _place(_named("digit-classifiers", data), data, out)
    artifacts.require_replaceable(place)
    load(data)
    learning, command = _learning(), _command("classifiers", data, options, seed)
    with shown(as_json) as on_event:
        try:
            manifest = learning.train_battery(
                "classifiers", data=data, out=place, command=command, seed=seed, options=options, on_event=on_event
            )
        except KeyboardInterrupt:
            return fail("interrupted; the same command goes on with the classifier that it was at", 130)
    if not as_json:
        print(f"{manifest.name}: {place}")
    return 0


@train.command()
def novelty(data: Data = "mnist", seed: Seed = 0, out: Out = None, as_json: Json = False) -> None:
    """The not-a-digit score, fitted to the trained autoencoder and classifier."""
    from sslrec.serving.calibration import calibrate_novelty

    place = _place(_named("digit-novelty", data), data, out)
    artifacts.require_replaceable(place)
    manifest = calibrate_novelty(load(data), place, _command("novelty", data, {}, seed), seed)
    if as_json:
        print_json({"event": "finished", "out": str(place), "metrics": manifest.metrics}, lines=True)
    else:
        print(f"{manifest.name}: {place}")


@train.command("range-test")
def range_test(
    task: Annotated[str, typer.Argument(help=f"One of: {', '.join(RANGED)}.")],
    data: TaskData = None,
    steps: Steps = 100,
    batch_size: Batch = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> int:
    """Look for a learning rate: one short training with a rising rate (Smith 2017)."""
    if task not in TASKS:
        raise RunError("run_task", name=task, known=", ".join(RANGED))
    config = RunConfig(task, data or TASKS[task].shipped, batch_size=batch_size, seed=seed)
    # Without a text of one's own, a task that needs one cannot be tried here.
    data_of(task, data, {key: value or None for key, value in config.all_options.items()})
    config.require_data()
    learning = _learning()
    with shown(as_json) as on_event:
        found = learning.find_rate(config, steps, on_event)
        on_event({"event": "finished", "suggested": found.suggested, "best": found.best, "diverged": found.diverged})
    if not as_json:
        suggested = (
            "the loss fell at no rate" if found.suggested is None else f"try --learning-rate {found.suggested:.2g}"
        )
        print(f"{task} on {config.data}: {suggested}")
    return 0


def _start(config: RunConfig, out: Path | None, as_json: bool) -> int:
    """Make the folder of a new run and train it."""
    # What can go wrong at once is told before TensorFlow's seconds of import.
    config.require_data()
    if out is None:
        place, store = _place(config.name, config.data, None), RunStore()
        artifacts.require_replaceable(place)
        store.prune(settings().max_runs, room=1)
        record = RunRecord.new(config, publish=str(place))
        return _train(store.create(record, RunState().by(os.getpid())), as_json)
    artifacts.require_replaceable(out)
    out.mkdir(parents=True, exist_ok=True)
    folder = RunFolder(out)
    with folder.locked():
        if artifacts.is_run(out):
            state = folder.recovered_state()
            left_off = can_go_on(state.status, state.message) and folder.checkpoint_path.is_file()
            if state.status.alive or left_off:
                raise RunError("run_unfinished", folder=str(out), command=_resume_command(out))
        folder.create(RunRecord.new(config, name=out.resolve().name), RunState().by(os.getpid()))
    return _train(folder, as_json)


def _train(folder: RunFolder, as_json: bool) -> int:
    """Train in this process and say where the model is."""
    code = train_folder(folder, as_json, _resume_command(folder.path))
    if code == 0 and not as_json:
        record = folder.record()
        print(f"{record.name}: {record.publish or folder.path}")
    return code


def train_folder(folder: RunFolder, as_json: bool, again: str) -> int:
    """Train the run in a folder, in this process.

    Args:
        folder: with its record and state.
        as_json: print the events.
        again: the command that goes on where an interrupted training was.

    Returns:
        The exit code; where it is not 0, a line on stderr says why.

    Raises:
        RunError: another process trains it.
    """
    folder.claim()  # before TensorFlow's seconds of import, in which another command would find it free
    state = None
    try:
        learning = _learning()
        with shown(as_json) as on_event:
            state = learning.train_run(folder.path, on_event)
    except KeyboardInterrupt:  # before the training had begun
        folder.recovered_state()
    if state is not None and state.status is Status.FINISHED:
        return 0
    if state is not None and state.status is Status.FAILED:
        message = state.message or Message("run_crashed", {"reason": "unknown", "step": state.step})
        return fail(str(message), 2 if message.code.startswith(WRONG_INPUT) else 1)
    step = "" if state is None else f" at step {state.step}"
    return fail(f"interrupted{step}; resume with: {again}", 130)


def _learning() -> Any:
    """The module that trains; TensorFlow comes in with it, and only here."""
    return import_quietly("sslrec.learning.train")


def _resume_command(folder: Path) -> str:
    return f"python -m sslrec train --resume {shlex.quote(str(folder))}"


def _place(name: str, data: str, out: Path | None) -> Path:
    """The artefact's folder: what the user says, the shipped model's, or one in SSLREC_HOME."""
    if out is not None:
        return out
    if name in artifacts.SHIPPED:
        return artifacts.folder_of(name)
    return settings().home_dir / "models" / (name if name.endswith(f"-{data}") else f"{name}-{data}")


def _named(name: str, data: str) -> str:
    """A name as `RunConfig.name` makes it."""
    return name if data == "mnist" else f"{name}-{data}"


def _command(task: str, data: str, options: dict[str, Any], seed: int) -> str:
    """The command that rebuilds the artefact, without what names this machine's folders."""
    flags = [f"--{key} {value}" for key, value in options.items()]
    return " ".join(["python -m sslrec train", task, "--data", data, *flags, *([f"--seed {seed}"] if seed else [])])
