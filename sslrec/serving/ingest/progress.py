"""How far an ingest is, for whoever looks at it from another thread, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sslrec.channels import ChannelStatistics
from sslrec.errors import SslrecError
from sslrec.serving.catalogues import CatalogueIndex

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


@dataclass(frozen=True, eq=False)
class Ingested:
    """A finished ingest.

    Attributes:
        name: what the catalogue is called.
        folder: where it lies, or None where it is in memory alone.
        items: how many products it has.
        rejected: rows that gave none, in the order of their failing.
        without_picture: products whose picture the table names and nobody sent.
        pictured: products that have a picture.
        unused_pictures: pictures among those sent that no row goes with.
        seconds: what it took.
        items_per_second: rows per second, rejected ones too.
        channels: the channels at the end, in the order of the way through.
        index: the catalogue ready to be searched.
    """

    name: str
    folder: Path | None
    items: int
    rejected: tuple[Rejection, ...] = field(repr=False)
    without_picture: tuple[Rejection, ...] = field(repr=False)
    pictured: int
    unused_pictures: int
    seconds: float
    items_per_second: float
    channels: Mapping[str, ChannelStatistics] = field(repr=False)
    index: CatalogueIndex = field(repr=False)
