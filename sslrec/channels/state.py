"""What the ends of a channel share: its items, and the threads that wait at it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ChannelStatistics:
    """A channel at one moment.

    Attributes:
        buffer_used: items that were sent and that nobody has received yet.
        limit: how many there may be.
        waiting_senders: threads that wait for room.
        waiting_receivers: threads that wait for an item.
        open_senders: send ends that are not closed.
        open_receivers: receive ends that are not closed.
        sent: items sent so far.
        received: items received so far.
        send_seconds: how long senders have waited for room, all of them together.
        receive_seconds: how long receivers have waited for items, all of them together.
    """

    buffer_used: int
    limit: int
    waiting_senders: int
    waiting_receivers: int
    open_senders: int
    open_receivers: int
    sent: int
    received: int
    send_seconds: float
    receive_seconds: float


class Waiter:
    """A thread that waits at a channel.

    Attributes:
        end: the end that it waits at.
        item: what it sends, or what it was given.
        settled: whether the item has changed hands.
        error: why it never will.
        since: when the wait began.
    """

    __slots__ = ("_gate", "end", "error", "item", "settled", "since")

    def __init__(self, end: object, item: Any = None) -> None:
        self.end = end
        self.item = item
        self.settled = False
        self.error: type[Exception] | None = None
        self.since = time.monotonic()
        self._gate = threading.Lock()
        self._gate.acquire()

    def settle(self, item: Any = None) -> None:
        """The item has changed hands."""
        self.item, self.settled = item, True
        self._gate.release()

    def fail(self, error: type[Exception]) -> None:
        """The item will never change hands."""
        self.error = error
        self._gate.release()

    def wait(self, timeout: float | None) -> None:
        """Return once it is settled or has failed, or after `timeout` seconds."""
        self._gate.acquire(timeout=-1 if timeout is None else min(max(timeout, 0.0), threading.TIMEOUT_MAX))


Line = OrderedDict[Waiter, None]
"""Waiting threads, the first to come first."""


class State:
    """What the ends of a channel share; whoever touches it holds its lock."""

    def __init__(self, limit: int) -> None:
        self.lock = threading.Lock()
        self.limit = limit
        self.buffer: deque[Any] = deque()
        self.senders: Line = OrderedDict()
        self.receivers: Line = OrderedDict()
        self.open_senders = 0
        self.open_receivers = 0
        self.sent = 0
        self.received = 0
        self.send_seconds = 0.0
        self.receive_seconds = 0.0

    def put(self, item: Any) -> bool:
        """Take an item in where there is room, or a receiver that waits for it."""
        if self.receivers:
            self.receivers.popitem(last=False)[0].settle(item)
            self.received += 1
        elif len(self.buffer) < self.limit:
            self.buffer.append(item)
        else:
            return False
        self.sent += 1
        return True

    def take(self) -> tuple[bool, Any]:
        """Whether there is an item, and the oldest one; the first waiting sender gets its room."""
        if self.buffer:
            item = self.buffer.popleft()
            if self.senders:
                self.buffer.append(self._from_sender())
        elif self.senders:
            item = self._from_sender()
        else:
            return False, None
        self.received += 1
        return True, item

    def _from_sender(self) -> Any:
        sender, _ = self.senders.popitem(last=False)
        item = sender.item
        sender.settle()
        self.sent += 1
        return item

    def give_back(self, item: Any) -> None:
        """Take back what a receiver was given that was interrupted; it is the oldest."""
        self.received -= 1
        if self.receivers:
            self.receivers.popitem(last=False)[0].settle(item)
            self.received += 1
        else:
            self.buffer.appendleft(item)

    def statistics(self) -> ChannelStatistics:
        """The channel at this moment; waits that go on count as far as they went."""
        now = time.monotonic()
        return ChannelStatistics(
            len(self.buffer),
            self.limit,
            len(self.senders),
            len(self.receivers),
            self.open_senders,
            self.open_receivers,
            self.sent,
            self.received,
            self.send_seconds + sum(now - waiter.since for waiter in self.senders),
            self.receive_seconds + sum(now - waiter.since for waiter in self.receivers),
        )


def turn_away(line: Line, error: type[Exception], end: object = None) -> None:
    """Let waiting threads fail: all of them, or those at one end."""
    for waiter in [waiter for waiter in line if end is None or waiter.end is end]:
        del line[waiter]
        waiter.fail(error)
