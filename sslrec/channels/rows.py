"""What goes into a pipeline and what comes out: rows, stages, batches, rejected rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sslrec.errors import SslrecError


class Reject(Exception):  # noqa: N818 - named as anyio names EndOfStream
    """What a stage raises for an item that it cannot use; the message is the reason.

    A `SslrecError` means the same. Any other exception is a mistake in the stage and stops the pipeline.
    """


class Cancelled(Exception):  # noqa: N818
    """The pipeline was cancelled before its end; what it has delivered is not the whole."""


FAILURES = (Reject, SslrecError)
"""What rejects an item and lets the others go on."""


@dataclass(frozen=True)
class Row:
    """An item of the source.

    Attributes:
        key: its id; what it is rejected under.
        parts: by modality what the first stage gets. One that is None or not there is absent; one that is a `Reject`
            or a `SslrecError` could not be read, and counts as failed in the stage `source`.
        extra: goes along untouched, such as a price.
    """

    key: Hashable
    parts: Mapping[str, Any] = field(repr=False)
    extra: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Stage:
    """One step of a modality, done by threads of its own.

    Attributes:
        name: unique within its modality.
        function: gets one value and returns what the next stage gets. With `batch` above 1 it gets a list of values and
            returns as many, in their order; where that raises a rejection, each value is tried alone.
        workers: how many threads call it.
        batch: how many values it gets at once, at most; fewer where no more come within 50 ms.
        per_worker: `function` takes nothing, is called once in each thread, and returns the function to use there: for
            what threads must not share, such as a model's interpreter.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    workers: int = 1
    batch: int = 1
    per_worker: bool = False

    def __post_init__(self) -> None:
        for name in ("workers", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of the stage '{self.name}' is {getattr(self, name)}; it must be at least 1")


@dataclass(frozen=True, eq=False)
class Batch:
    """Joined items.

    Attributes:
        keys: `(n,)` the items' ids.
        parts: by modality the `n` values that its last stage returned, None where an item lacks it.
        extras: `(n,)` what the rows had as `extra`.
    """

    keys: tuple[Hashable, ...]
    parts: dict[str, list[Any]] = field(repr=False)
    extras: tuple[Any, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Rejected:
    """A part that failed.

    Attributes:
        key: the item's id.
        modality: of the part; empty where the item has no part at all.
        stage: the stage that failed, or `source`.
        error: why. It has no traceback, which would keep the part's data in memory.
        whole: whether the item left with it, rather than going on without this part.
    """

    key: Hashable
    modality: str
    stage: str
    error: Exception
    whole: bool


@dataclass(frozen=True)
class Counts:
    """How far a pipeline is, in items.

    Attributes:
        read: taken from the source.
        delivered: handed over in batches.
        rejected: left without being delivered.
        impaired: went on without a part that failed.
    """

    read: int
    delivered: int
    rejected: int
    impaired: int
