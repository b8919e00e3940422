"""A bounded channel between threads, in the words of anyio's memory object streams."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from anyio import BrokenResourceError, ClosedResourceError, EndOfStream, WouldBlock

from sslrec.channels.state import ChannelStatistics, State, Waiter, turn_away

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


class _End:
    """What both kinds of ends have in common."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._closed = False

    def close(self) -> None:
        """Close this end; closing it again does nothing."""
        raise NotImplementedError

    def statistics(self) -> ChannelStatistics:
        """The channel at this moment; may be asked from any thread, and of a closed end too."""
        with self._state.lock:
            return self._state.statistics()

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedResourceError("this end of the channel is closed")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class SendStream(_End, Generic[T_contra]):
    """The end of a channel that takes items in; made by `create_channel` or `clone`.

    An end may be shared by threads. Where several of them produce, each may have a clone of its own to close: the
    receivers' iteration ends when all are closed and all items received.
    """

    def __init__(self, state: State) -> None:
        super().__init__(state)
        state.open_senders += 1

    def send_nowait(self, item: T_contra) -> None:
        """Send an item if that needs no waiting.

        Raises:
            WouldBlock: there is no room.
            ClosedResourceError: this end is closed.
            BrokenResourceError: every receive end is closed.
        """
        with self._state.lock:
            if not self._put(item):
                raise WouldBlock

    def send(self, item: T_contra, timeout: float | None = None) -> None:
        """Send an item; waits for room. Those who wait are served in the order in which they came.

        Args:
            item: any.
            timeout: seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: there was no room in time; the item was not sent.
            ClosedResourceError: this end is closed, or was while it waited; the item was not sent.
            BrokenResourceError: every receive end is closed; the item was not sent.
        """
        state = self._state
        with state.lock:
            if self._put(item):
                return
            waiter = Waiter(self, item)
            state.senders[waiter] = None
        try:
            waiter.wait(timeout)
        finally:
            with state.lock:
                state.senders.pop(waiter, None)
                state.send_seconds += time.monotonic() - waiter.since
        if waiter.error:
            raise waiter.error("the channel was closed before there was room")
        if not waiter.settled:
            raise TimeoutError(f"there was no room within {timeout} s")

    def clone(self) -> SendStream[T_contra]:
        """Another send end of the same channel.

        Raises:
            ClosedResourceError: this end is closed.
        """
        with self._state.lock:
            self._check_open()
            return SendStream(self._state)

    def close(self) -> None:
        """Close this end: who waits at it fails, and with the last send end the receivers come to the end."""
        with self._state.lock:
            if self._closed:
                return
            self._closed = True
            self._state.open_senders -= 1
            turn_away(self._state.senders, ClosedResourceError, self)
            if not self._state.open_senders:
                turn_away(self._state.receivers, EndOfStream)

    def _put(self, item: T_contra) -> bool:
        self._check_open()
        if not self._state.open_receivers:
            raise BrokenResourceError("every receive end of the channel is closed")
        return self._state.put(item)

    def __enter__(self) -> SendStream[T_contra]:
        return self


class ReceiveStream(_End, Generic[T_co]):
    """The end of a channel that gives items out, each to one receiver, the oldest first.

    Iterating over it receives until the end. Made by `create_channel` or `clone`.
    """

    def __init__(self, state: State) -> None:
        super().__init__(state)
        state.open_receivers += 1

    def receive_nowait(self) -> T_co:
        """Receive the oldest item if one is there.

        Raises:
            WouldBlock: there is none.
            EndOfStream: there is none, and every send end is closed.
            ClosedResourceError: this end is closed.
        """
        with self._state.lock:
            found, item = self._take()
        if not found:
            raise WouldBlock
        return item

    def receive(self, timeout: float | None = None) -> T_co:
        """Receive the oldest item; waits for one. Those who wait are served in the order in which they came.

        Args:
            timeout: seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: none came in time.
            EndOfStream: there is none, and every send end is closed.
            ClosedResourceError: this end is closed, or was while it waited.
        """
        state = self._state
        with state.lock:
            found, item = self._take()
            if found:
                return item
            waiter = Waiter(self)
            state.receivers[waiter] = None
        interrupted = True
        try:
            waiter.wait(timeout)
            interrupted = False
        finally:
            with state.lock:
                state.receivers.pop(waiter, None)
                state.receive_seconds += time.monotonic() - waiter.since
                if interrupted and waiter.settled:
                    state.give_back(waiter.item)
        if waiter.error:
            raise waiter.error
        if not waiter.settled:
            raise TimeoutError(f"nothing came within {timeout} s")
        return waiter.item

    def receive_many(self, count: int, linger: float = 0.0) -> list[T_co]:
        """Receive a first item, however long that takes, and those that come right after it.

        Args:
            count: how many items at most.
            linger: how many seconds to wait for all of them once there is a first one.

        Returns:
            At least one item, at most `count`.

        Raises:
            EndOfStream: there is none, and every send end is closed.
            ClosedResourceError: this end is closed, or was while it waited for the first.
        """
        items = [self.receive()]
        limit = time.monotonic() + linger
        while len(items) < count:
            try:
                items.append(self.receive_nowait())
            except WouldBlock:
                try:
                    items.append(self.receive(limit - time.monotonic()))
                except (TimeoutError, EndOfStream, ClosedResourceError):
                    break
            except (EndOfStream, ClosedResourceError):
                break
        return items

    def clone(self) -> ReceiveStream[T_co]:
        """Another receive end of the same channel.

        Raises:
            ClosedResourceError: this end is closed.
        """
        with self._state.lock:
            self._check_open()
            return ReceiveStream(self._state)

    def close(self) -> None:
        """Close this end: who waits at it fails; with the last one senders fail, and what nobody received is gone."""
        with self._state.lock:
            if self._closed:
                return
            self._closed = True
            self._state.open_receivers -= 1
            turn_away(self._state.receivers, ClosedResourceError, self)
            if not self._state.open_receivers:
                turn_away(self._state.senders, BrokenResourceError)
                self._state.buffer.clear()

    def _take(self) -> tuple[bool, Any]:
        self._check_open()
        found, item = self._state.take()
        if not found and not self._state.open_senders:
            raise EndOfStream
        return found, item

    def __enter__(self) -> ReceiveStream[T_co]:
        return self

    def __iter__(self) -> Iterator[T_co]:
        while True:
            try:
                item = self.receive()
            except EndOfStream:
                return
            yield item
            del item  # or it would live until the next one is there


def create_channel(limit: int) -> tuple[SendStream[Any], ReceiveStream[Any]]:
    """Make a channel.

    Args:
        limit: how many items it holds at most; with 0 an item passes only from a sender to a receiver that wait for
            each other.

    Returns:
        Its first send end and its first receive end.
    """
    if limit < 0:
        raise ValueError(f"limit is {limit}; it must be at least 0")
    state = State(limit)
    return SendStream(state), ReceiveStream(state)
