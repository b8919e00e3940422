"""A bounded mailbox between two threads: under pressure stale metrics go, state changes never."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Items in the order in which they were put, at most `capacity` metrics and `capacity` state changes.

    Args:
        capacity: how many of each kind may wait. A metric too many pushes out the oldest metric; a state
            change too many makes `put` wait, so that none is ever lost.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity is {capacity}; it must be at least 1")
        self._capacity = capacity
        self._items: OrderedDict[int, T] = OrderedDict()
        self._metrics: deque[int] = deque()
        self._number = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: T, metric: bool = False) -> None:
        """Add an item.

        Args:
            item: what the other side shall get.
            metric: whether a newer item may push this one out.

        Raises:
            ValueError: the mailbox is closed.
        """
        with self._changed:
            if metric:
                if len(self._metrics) >= self._capacity:
                    del self._items[self._metrics.popleft()]
            else:
                while not self._closed and len(self._items) - len(self._metrics) >= self._capacity:
                    self._changed.wait()
            if self._closed:
                raise ValueError("the mailbox is closed")
            self._number += 1
            self._items[self._number] = item
            if metric:
                self._metrics.append(self._number)
            self._changed.notify_all()

    def take(self, timeout: float | None = None) -> list[T]:
        """Take everything that waits, oldest first; waits for a first item.

        Args:
            timeout: seconds to wait at most; None waits as long as it takes.

        Returns:
            The items; empty after the timeout, and for ever once the mailbox is closed and empty.
        """
        limit = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self._items and not self._closed:
                left = None if limit is None else limit - time.monotonic()
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            taken = list(self._items.values())
            self._items.clear()
            self._metrics.clear()
            self._changed.notify_all()
            return taken

    def close(self) -> None:
        """Take no more items; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
