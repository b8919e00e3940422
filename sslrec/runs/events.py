"""The language that a training run and its watchers speak: configuration, commands, events, states.

Everything is plain JSON on the way. Events are dictionaries with a key `event`; those that belong to a
moment of the training carry its `step` (steps made so far).

| event | further keys |
|---|---|
| `started` | `task data policy learning_rate epochs batch_size seed of per_epoch examples` |
| `step` | `step of epoch loss learning_rate gradient_norm examples_per_second seconds`, scalars of the task |
| `epoch` | `step epoch loss seconds`, figures of the validation; `validation_loss` where there is one |
| `exhibit` | `step epoch kind inputs outputs`: what the model makes of the same examples, see `Exhibit` |
| `learning_rate` | `step before after reason params`: changed outside the schedule |
| `checkpoint` | `step` |
| `snapshot` | `step folder`: the present weights were exported into a folder inside the run |
| `status` | `status message`: see `Status` and `Message` |
| `resumed` | `step`: later events than this step are void, the training goes on from it |
| `finishing` | `step`: trained; now it is measured and exported |
| `finished` | `metrics` |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sslrec.errors import MESSAGES, PolicyError, RunError
from sslrec.runs.tasks import POLICIES, TASKS, Option, TaskSpec

Event = dict[str, Any]


class Status(StrEnum):
    """What a run is doing."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHING = "finishing"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def alive(self) -> bool:
        """Whether a process trains this run or will."""
        return self not in ENDED

    @property
    def resumable(self) -> bool:
        """Whether the run can go on from its last checkpoint."""
        return self in (Status.STOPPED, Status.FAILED, Status.INTERRUPTED)


ENDED = frozenset({Status.FINISHED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED})


class Command(StrEnum):
    """What can be asked of a running training."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    SET_RATE = "set_rate"
    SNAPSHOT = "snapshot"
    INTERRUPT = "interrupt"
    KEEP = "keep"


DIVERGED = ("run_diverged", "run_not_finite")
"""Codes of the trainings that went wrong for good, at a step whose weights are of no use."""
HOPELESS = ("run_changed", "run_damaged", *DIVERGED, "run_foreign")
"""Codes of the errors that tell to start anew: from their checkpoints a run comes to the same end again."""
METRICS = frozenset({"step"})
"""Events of which newer ones replace older ones; all others change a state and are never dropped."""

LIMITS: dict[str, tuple[int, int]] = {
    "epochs": (1, 10_000),
    "batch_size": (1, 16_384),
    # Some trainings count on from their seed, which TensorFlow takes as an int32.
    "seed": (0, 2**31 - 1001),
}
RATE_LIMITS = (1e-30, 1e30)
"""Learning rates that stay numbers beside 0 in an optimizer's arithmetic, which is that of float32."""


@dataclass(frozen=True)
class Message:
    """A sentence for people, as a code of `sslrec.errors.MESSAGES` with its parameters."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return MESSAGES[self.code].format(**self.params)


def can_go_on(status: Status, message: Message | None) -> bool:
    """Whether a run that ended like this may come to another end when it goes on from its last checkpoint."""
    return status.resumable and (message is None or message.code not in HOPELESS)


@dataclass(frozen=True)
class Item:
    """One example of an exhibit.

    Attributes:
        images: PNG pictures as data URIs.
        text: a word or a sentence.
        value: a figure of it, such as a probability.
        right: whether it is what it should be, where that is known.
    """

    images: tuple[str, ...] = ()
    text: str = ""
    value: float | None = None
    right: bool | None = None


@dataclass(frozen=True)
class Exhibit:
    """What the model makes of the same few examples, at one moment of the training.

    Attributes:
        step: steps made so far; 0 is before the training.
        epoch: epochs made so far.
        kind: `reconstruction` (a picture each), `neighbours` (some pictures each), `classes` (text, value, right),
            `gaps` (a sentence each; text, value, right), `retrieved` (a name each; some pictures, right), `composed`
            (a picture and a wish each; some pictures, right).
        inputs: the examples; the same at every step of a run.
        outputs: one for each input.
    """

    step: int
    epoch: int
    kind: str
    inputs: tuple[Item, ...]
    outputs: tuple[Item, ...]

    def to_json(self) -> dict[str, Any]:
        """The event without its name."""
        return asdict(self)

    @classmethod
    def from_json(cls, event: Mapping[str, Any]) -> Exhibit:
        """Read what `to_json` gave."""
        inputs, outputs = (
            tuple(Item(**{**item, "images": tuple(item["images"])}) for item in event[part])
            for part in ("inputs", "outputs")
        )
        return cls(event["step"], event["epoch"], event["kind"], inputs, outputs)


@dataclass(frozen=True)
class RunConfig:
    """What to train and how.

    Attributes:
        task: a key of `sslrec.runs.tasks.TASKS`.
        data: one of the task's data sets.
        policy: what decides the learning rate, one of `POLICIES`; by default see `TaskSpec.policy`.
        learning_rate: the initial rate (the peak for schedules); None takes the task's own.
        epochs: passes over the data; None takes the task's own number.
        batch_size: examples per step; None takes the task's own.
        seed: decides weights, order and augmentation.
        options: the task's settings that differ from their defaults, such as `{"code": 32}`.

    Raises:
        RunError: a value is not one of those above; the message says which and what it may be.
        PolicyError: there is no such policy.
    """

    task: str
    data: str
    policy: str = ""
    learning_rate: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise RunError("run_task", name=self.task, known=", ".join(TASKS))
        if self.data not in self.spec.data:
            raise RunError("run_data", task=self.task, name=self.data, known=", ".join(self.spec.data))
        if not self.policy:
            object.__setattr__(self, "policy", self._usual_policy)
        if self.policy not in POLICIES:
            raise PolicyError("policy_unknown", name=self.policy, known=", ".join(POLICIES))
        if self.learning_rate is not None:
            require_rate(self.learning_rate)
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if (value is not None or name == "seed") and not _integer(value, low, high):
                raise RunError("run_number", name=name, value=value, low=low, high=high)
        for name, value in self.options.items():
            self._check_option(name, value)

    def _check_option(self, name: str, value: Any) -> None:
        known = self.spec.options
        if name not in known:
            raise RunError("run_option", task=self.task, name=name, known=", ".join(known) or "none")
        option = known[name]
        if isinstance(option.default, bool):
            if not isinstance(value, bool):
                raise RunError("run_choice", name=name, value=value, known="true, false")
        elif isinstance(option.default, int):
            if not _integer(value, option.low, option.high):
                raise RunError("run_number", name=name, value=value, low=option.low, high=option.high)
        elif option.pattern:
            if not isinstance(value, str) or not re.fullmatch(option.pattern, value):
                raise RunError("run_choice", name=name, value=value, known=option.pattern)
        elif value not in option.choices:
            raise RunError("run_choice", name=name, value=value, known=", ".join(option.choices))

    @property
    def spec(self) -> TaskSpec:
        """The task's line in the registry."""
        return TASKS[self.task]

    @property
    def _usual_policy(self) -> str:
        return self.spec.policy(self.learning_rate, self.all_options)

    @property
    def all_options(self) -> dict[str, Any]:
        """The options with the defaults of those that were not given."""
        defaults: Mapping[str, Option] = self.spec.options
        return {name: self.options.get(name, option.default) for name, option in defaults.items()}

    @property
    def name(self) -> str:
        """What the model is called: as the shipped one where it learned from the same data, else with its set."""
        name = self.spec.name(self.all_options)
        return name if self.data == self.spec.shipped else f"{name}-{self.data}"

    def require_data(self) -> None:
        """Make sure that the data set is on this machine.

        Raises:
            DataError: it is not.
        """
        self.spec.require(self.data)

    @property
    def command(self) -> str:
        """The command that trains the same model again."""
        words = ["python -m sslrec train", self.task, "--data", self.data]
        for key, value in self.options.items():
            words += [f"--{key}"] if value is True else [f"--{key} {value}"] if value is not False else []
        given = {
            "policy": None if self.policy == self._usual_policy else self.policy,
            "learning-rate": self.learning_rate,
            "epochs": self.epochs,
            "batch-size": self.batch_size,
            "seed": self.seed or None,
        }
        words += [f"--{key} {value}" for key, value in given.items() if value is not None]
        return " ".join(words)

    def to_json(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return {**asdict(self), "options": dict(self.options)}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> RunConfig:
        """Read what `to_json` gave.

        Raises:
            RunError: the fields are not those of a configuration.
        """
        try:
            return cls(**fields)
        except TypeError as error:
            raise RunError("run_config", reason=str(error)) from error


def needed_catalogues(runs: Iterable[tuple[RunConfig, Status]]) -> set[str]:
    """The numbers of own catalogues that some trainings have yet to read, or may read again when they go on."""
    return {
        str(config.options["catalogue"])
        for config, status in runs
        if "catalogue" in config.options and status is not Status.FINISHED
    }


def require_rate(value: Any) -> None:
    """Make sure that a value is a learning rate.

    Raises:
        PolicyError: it is no number within `RATE_LIMITS`.
    """
    low, high = RATE_LIMITS
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise PolicyError("policy_rate", rate=value)


def _integer(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
