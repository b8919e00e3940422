"""How far an ingest is, for whoever looks at it from another thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sslrec.channels import ChannelStatistics
from sslrec.errors import SslrecError

State = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Rejection:
    """A row that is not in the catalogue, or a product that is there without its picture.

    Attributes:
        item_id: the product's id, or None where it is not known.
        line: where the row starts in the table, from 1.
        error: why; its `code` names the reason and `str` says it in English.
    """

    item_id: str | None
    line: int
    error: SslrecError

    @property
    def reason(self) -> str:
        """The reason's code."""
        return self.error.code


@dataclass(frozen=True)
class IngestProgress:
    """An ingest at one moment.

    Attributes:
        state: `running` until it is `done`, `failed` or `cancelled`.
        done: rows that are through, kept or rejected.
        total: of how many; None until the table has been counted.
        items: products that are in the catalogue so far.
        rejected: rows that are not.
        without_picture: products whose picture the table names and nobody sent.
        seconds: since the start, or what it took.
        items_per_second: rows that are through per second.
        remaining_seconds: until the end at this pace; None where that cannot be told.
        channels: what waits before each stage, in the order of the way through.
    """

    state: State
    done: int
    total: int | None
    items: int
    rejected: int
    without_picture: int
    seconds: float
    items_per_second: float
    remaining_seconds: float | None
    channels: Mapping[str, ChannelStatistics] = field(repr=False)
