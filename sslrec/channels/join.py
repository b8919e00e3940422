"""The join: an item waits here until all its parts have come through their stages, in whatever order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, Literal

from sslrec.channels.channel import ReceiveStream, create_channel
from sslrec.channels.rows import Counts, Reject, Rejected, Row

OnReject = Callable[[Rejected], object]
Policy = Literal["item", "part"]


class Item:
    """A row on its way; the values that travel point to it, so that equal keys cannot be mixed up."""

    __slots__ = ("extra", "failures", "key", "number", "parts", "pending")

    def __init__(self, number: int, row: Row) -> None:
        self.number = number
        self.key: Hashable = row.key
        self.extra = row.extra
        self.parts: dict[str, Any] = {}
        self.failures: list[tuple[str, str, Exception]] = []
        self.pending = 1  # the source's own: all parts are counted before the first can be the last


class Join:
    """Bounded, and never the cause of a deadlock.

    An item takes one of `window` slots before it is read and gives it back when it has left for the batches. So a
    modality can be ahead of another by no more than that, and the parts that wait here never keep a late part from
    arriving: the source alone waits for slots.

    Args:
        window: how many items may be under way.
        capacity: how many joined items may wait to be received.
        ordered: whether items leave in the order in which they came, also bounded by the window.
        policy: whether a part that fails rejects its item, or is left out of it while there is another part.
        on_reject: told of every failed part, by one thread at a time.
        keep: how many failed parts to keep.
    """

    def __init__(
        self, window: int, capacity: int, ordered: bool, policy: Policy, on_reject: OnReject | None, keep: int
    ) -> None:
        self.take_slot, self.free_slot = create_channel(window)
        self.out, joined = create_channel(capacity)
        self.joined: ReceiveStream[Item] = joined
        self.producers = 0
        """Threads that may bring parts; with the last of them the joined items end."""
        self._ordered, self._policy, self._on_reject, self._keep = ordered, policy, on_reject, keep
        self._lock = threading.Lock()
        self._order = threading.Lock()
        self._telling = threading.Lock()
        self._early: dict[int, Item] = {}
        self._next = 0
        self._read = self._delivered = self._rejected = self._impaired = 0
        self._kept: list[Rejected] = []

    def admit(self, row: Row) -> Item:
        """Begin an item; it already has its slot."""
        with self._lock:
            self._read += 1
            return Item(self._read - 1, row)

    def expect(self, item: Item) -> None:
        """One part more will arrive or fail."""
        with self._lock:
            item.pending += 1

    def arrive(self, item: Item, modality: str | None = None, value: Any = None) -> None:
        """A part is through; without a modality it is the source that has no more parts, or a part given up."""
        with self._lock:
            if modality is not None:
                item.parts[modality] = value
            item.pending -= 1
            complete = not item.pending
        if complete:
            self._complete(item)

    def fail(self, item: Item, modality: str, stage: str, error: Exception) -> None:
        """A part cannot be used."""
        with self._lock:
            item.failures.append((modality, stage, without_traceback(error)))
        self.arrive(item)

    def is_lost(self, item: Item) -> bool:
        """Whether work on an item's other parts would be for nothing."""
        return self._policy == "item" and bool(item.failures)

    def leave(self) -> None:
        """A thread brings no more parts."""
        with self._lock:
            self.producers -= 1
            last = not self.producers
        if last:
            self.out.close()

    def count_delivered(self, count: int) -> None:
        """So many items went to the one who iterates."""
        with self._lock:
            self._delivered += count

    def counts(self) -> Counts:
        """How far it is."""
        with self._lock:
            return Counts(self._read, self._delivered, self._rejected, self._impaired)

    def kept(self) -> list[Rejected]:
        """The first failed parts."""
        with self._lock:
            return list(self._kept)

    def _complete(self, item: Item) -> None:
        whole = self.is_lost(item) or not item.parts
        if not item.parts and not item.failures:
            item.failures.append(("", "source", Reject("the item has no parts")))
        if item.failures:
            self._tell(item, whole)
        if whole:
            item.parts.clear()
        if not self._ordered:
            self._release(item, whole)
            return
        # The lock is held while the send waits for room, so that nobody overtakes; who receives never needs it.
        with self._order:
            self._early[item.number] = item
            while self._next in self._early:
                ready = self._early.pop(self._next)
                self._next += 1
                self._release(ready, not ready.parts)

    def _release(self, item: Item, whole: bool) -> None:
        if not whole:
            self.out.send(item)
        self.free_slot.receive_nowait()

    def _tell(self, item: Item, whole: bool) -> None:
        failures = item.failures[:1] if self._policy == "item" else item.failures
        rejected = [Rejected(item.key, modality, stage, error, whole) for modality, stage, error in failures]
        with self._lock:
            self._rejected += whole
            self._impaired += not whole
            self._kept += rejected[: max(0, self._keep - len(self._kept))]
        if self._on_reject:
            with self._telling:
                for one in rejected:
                    self._on_reject(one)


def without_traceback(error: Exception) -> Exception:
    """The same error, without the frames that would keep the failed part's data in memory."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and id(found) not in seen:
            seen.add(id(found))
            found.__traceback__ = None
            waiting += [found.__cause__, found.__context__]
    return error
