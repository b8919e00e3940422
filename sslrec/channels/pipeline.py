"""A pipeline of threads over channels: a source, the stages of each modality, the join, batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any

from anyio import ClosedResourceError, EndOfStream

from sslrec.channels.channel import ReceiveStream, SendStream, create_channel
from sslrec.channels.join import Item, Join, OnReject, Policy
from sslrec.channels.rows import FAILURES, Batch, Cancelled, Counts, Rejected, Row, Stage
from sslrec.channels.state import ChannelStatistics
from sslrec.channels.worker import work

SOURCE = "source"


class Pipeline:
    """Rows in, batches of joined items out; every buffer on the way is bounded.

    The threads run between entering and leaving the `with` block; leaving it stops them all, also early. Values wait
    in one channel before each stage, so the slowest stage sets the pace of the others and of the source. A stage's call
    is not interrupted: stopping takes as long as the longest one under way.

    Args:
        source: gives the rows, in a thread of its own; a generator is closed there in the end.
        stages: by modality its stages in order; without any, its values go to the join as they are.
        batch_size: items in a batch; the last one may be shorter.
        capacity: values that may wait before each stage, and joined items that may wait for the batches.
        ordered: whether items come in the source's order, rather than as they are ready.
        window: items that may be under way between source and join; by default what the longest modality's channels
            and threads can hold.
        reject: whether a part that fails rejects its whole item, or is left out of it while there is another `part`.
        on_reject: called for every failed part, by one thread at a time; it should be quick.
        keep_rejected: how many failed parts `rejected` keeps.

    Raises:
        ValueError: a number is below 1, or two stages of a modality have one name.
    """

    def __init__(
        self,
        source: Iterable[Row],
        stages: Mapping[str, Sequence[Stage]],
        *,
        batch_size: int = 64,
        capacity: int = 64,
        ordered: bool = False,
        window: int | None = None,
        reject: Policy = "item",
        on_reject: OnReject | None = None,
        keep_rejected: int = 1000,
    ) -> None:
        held = [sum(capacity + stage.workers * stage.batch for stage in line) for line in stages.values()]
        window = max(held, default=1) or capacity if window is None else window
        for name, value in {"batch_size": batch_size, "capacity": capacity, "window": window}.items():
            if value < 1:
                raise ValueError(f"{name} is {value}; it must be at least 1")
        self._source = source
        self._batch_size = batch_size
        self._modalities = tuple(stages)
        self._join = Join(window, capacity, ordered, reject, on_reject, keep_rejected)
        self._channels: dict[str, ReceiveStream[Any]] = {}
        self._ends: list[SendStream[Any] | ReceiveStream[Any]] = []
        self._lock = threading.Lock()
        self._stopped = self._cancelled = self._finished = False
        self._error: BaseException | None = None
        self.in_flight_limit = window + capacity + batch_size
        """How many items there can be at most that were read and not yet delivered or rejected."""
        self._threads: list[threading.Thread] = []
        entries = {
            modality: self._line(modality, stages[modality], capacity) for modality in reversed(self._modalities)
        }
        self._thread(SOURCE, partial(self._feed, entries), [entry for entry in entries.values() if entry], joins=True)
        join = self._join
        self._channels |= {"join": join.free_slot, "joined": join.joined}
        self._ends += [join.joined, join.free_slot, join.take_slot, join.out]

    @property
    def rejected(self) -> list[Rejected]:
        """The parts that failed, the first `keep_rejected` of them; `counts` counts all items."""
        return self._join.kept()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called before the end."""
        return self._cancelled

    def counts(self) -> Counts:
        """How many items were read, delivered and rejected so far; may be asked from any thread."""
        return self._join.counts()

    def statistics(self) -> dict[str, ChannelStatistics]:
        """Every channel at this moment, in the order of the way through; may be asked from any thread.

        Returns:
            By `modality.stage` the channel before that stage; `join` counts the items that are under way, of the
            window; `joined` those that wait to be taken in batches.
        """
        return {name: channel.statistics() for name, channel in self._channels.items()}

    def cancel(self) -> None:
        """Stop; may be called from any thread, does not wait. Who iterates gets `Cancelled`."""
        self._stop(cancelled=True)

    def __enter__(self) -> Pipeline:
        if self._cancelled:
            raise Cancelled("the pipeline was cancelled before it began")
        if self._stopped or any(thread.ident for thread in self._threads):
            raise RuntimeError("a pipeline runs once; make a new one")
        try:
            for thread in self._threads:
                thread.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()
        for thread in self._threads:
            if thread.ident:
                thread.join()

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches.

        Raises:
            Cancelled: `cancel` was called.
            Exception: whatever the source, a stage or `on_reject` raised, with its traceback.
        """
        if not any(thread.ident for thread in self._threads):
            raise RuntimeError("the pipeline does not run yet; iterate over it in its 'with' block")
        while not self._finished:
            batch = self._next_batch()
            if batch:
                self._join.count_delivered(len(batch))
                yield batch
            del batch

    def _next_batch(self) -> Batch:
        items: list[Item] = []
        try:
            while len(items) < self._batch_size:
                items += self._join.joined.receive_many(self._batch_size - len(items))
        except EndOfStream:
            self._finished = not self._stopped
        except ClosedResourceError:
            pass
        if self._error is not None:
            raise self._error
        if self._cancelled:
            raise Cancelled("the pipeline was cancelled")
        if self._stopped and not self._finished:
            raise RuntimeError("the pipeline was left before its end")
        parts = {modality: [item.parts.get(modality) for item in items] for modality in self._modalities}
        return Batch(tuple(item.key for item in items), parts, tuple(item.extra for item in items))

    def _line(self, modality: str, stages: Sequence[Stage], capacity: int) -> SendStream[Any] | None:
        """Set up one modality's channels and threads; returns where its values go in."""
        entry, target = None, None
        for place in reversed(range(len(stages))):
            stage = stages[place]
            name = f"{modality}.{stage.name}"
            if name in self._channels:
                raise ValueError(f"there are two stages '{name}'")
            entry, receive = create_channel(capacity)
            self._channels = {name: receive, **self._channels}
            for number in range(stage.workers):
                ends = [receive.clone(), *([target.clone()] if target else [])]
                run = partial(work, self._join, modality, stage, *ends)
                self._thread(f"{name}-{number + 1}", run, ends, joins=target is None)
            # The threads' clones decide when a channel ends.
            receive.close()
            if target:
                target.close()
            target = entry
        return entry

    def _thread(self, name: str, run: Callable[[], None], ends: Sequence[Any], joins: bool) -> None:
        self._ends += ends
        self._join.producers += joins
        self._threads.append(
            threading.Thread(target=self._run, args=(run, ends, joins), name=f"pipeline {name}", daemon=True)
        )

    def _run(self, run: Callable[[], None], ends: Sequence[Any], joins: bool) -> None:
        try:
            run()
        except BaseException as error:  # a thread has nobody above it; once stopped, closed channels are its end
            self._stop(error)
        for end in ends:
            end.close()
        if joins:
            self._join.leave()

    def _stop(self, error: BaseException | None = None, cancelled: bool = False) -> None:
        with self._lock:
            if not self._stopped and not self._finished:
                self._error, self._cancelled = error, cancelled
            self._stopped = True
        for end in self._ends:
            end.close()

    def _feed(self, entries: Mapping[str, SendStream[Any] | None]) -> None:
        rows = iter(self._source)
        try:
            while True:
                # The slot comes first: a row that was read has a place.
                self._join.take_slot.send(None)
                try:
                    row = next(rows)
                except StopIteration:
                    self._join.free_slot.receive_nowait()
                    return
                self._feed_row(row, entries)
                del row
        finally:
            if isinstance(rows, Generator):
                rows.close()

    def _feed_row(self, row: Row, entries: Mapping[str, SendStream[Any] | None]) -> None:
        unknown = row.parts.keys() - entries.keys()
        if unknown:
            raise ValueError(f"the row {row.key!r} has parts without stages: {', '.join(sorted(unknown))}")
        item = self._join.admit(row)
        for modality in self._modalities:
            value = row.parts.get(modality)
            if value is None:
                continue
            self._join.expect(item)
            if isinstance(value, FAILURES):
                self._join.fail(item, modality, SOURCE, value)
            elif entry := entries[modality]:
                entry.send((item, value))
            else:
                self._join.arrive(item, modality, value)
        self._join.arrive(item)
