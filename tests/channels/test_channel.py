"""One channel: what a call does, what it waits for, and who is woken."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sslrec.channels import (
    BrokenResourceError,
    ClosedResourceError,
    EndOfStream,
    ReceiveStream,
    SendStream,
    WouldBlock,
    create_channel,
)

pytestmark = pytest.mark.timeout(60)


class Call(threading.Thread):
    """A call in a thread of its own."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        super().__init__(daemon=True)
        self.outcome: Any = None
        self._call = lambda: function(*arguments)
        self.start()

    def run(self) -> None:
        try:
            self.outcome = self._call()
        except Exception as error:
            self.outcome = type(error)

    def result(self) -> Any:
        self.join(10)
        assert not self.is_alive()
        return self.outcome


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.001)


@contextmanager
def waiting(end: SendStream | ReceiveStream, *calls: tuple[Any, ...]) -> Iterator[list[Call]]:
    """Calls that all wait at a channel when the block begins, and have come back when it ends."""
    started = []
    for call in calls:
        started.append(Call(*call))
        until(lambda: _waiting(end) == len(started) or not started[-1].is_alive())
    yield started
    for call in started:
        call.result()


def _waiting(end: SendStream | ReceiveStream) -> int:
    found = end.statistics()
    return found.waiting_senders + found.waiting_receivers


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["send", "receive", "clone", "close"]), st.booleans(), st.integers(0, 5)), max_size=60
)


@settings(max_examples=100, deadline=None)
@given(limit=st.integers(0, 3), operations=OPERATIONS)
def test_without_waiting_it_does_what_anyio_does(limit: int, operations: list[tuple[str, bool, int]]):
    def outcome(call: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except (WouldBlock, EndOfStream, ClosedResourceError, BrokenResourceError) as error:
            return type(error)

    theirs, ours = anyio.create_memory_object_stream[int](limit), create_channel(limit)
    pairs: dict[bool, list[Any]] = {True: [(theirs[0], ours[0])], False: [(theirs[1], ours[1])]}
    for number, (name, sends, which) in enumerate(operations):
        side = pairs[sends if name in ("clone", "close") else name == "send"]
        their, our = side[which % len(side)]
        if name == "send":
            assert outcome(their.send_nowait, number) == outcome(our.send_nowait, number)
        elif name == "receive":
            assert outcome(their.receive_nowait) == outcome(our.receive_nowait)
        elif name == "close":
            their.close()
            our.close()
        else:
            clones = outcome(their.clone), outcome(our.clone)
            if ClosedResourceError in clones:
                assert clones == (ClosedResourceError, ClosedResourceError)
            else:
                side.append(clones)
        their, our = their.statistics(), our.statistics()
        assert (our.open_senders, our.open_receivers) == (their.open_send_streams, their.open_receive_streams)
        if our.open_receivers:
            assert our.buffer_used == their.current_buffer_used <= limit == our.limit
            assert our.sent - our.received == our.buffer_used
        else:
            assert our.buffer_used == 0, "what nobody can receive takes no memory"
    for pair in pairs[True] + pairs[False]:
        pair[0].close()


def test_a_send_without_room_waits_for_it_and_the_first_to_wait_is_the_first_to_go_on():
    send, receive = create_channel(1)
    send.send("a")
    with waiting(send, (send.send, "b"), (send.send, "c")):
        assert send.statistics().waiting_senders == 2
        assert [receive.receive(1) for _ in range(3)] == ["a", "b", "c"]
    found = send.statistics()
    assert (found.sent, found.received, found.buffer_used) == (3, 3, 0)
    assert 0 < found.send_seconds < 20
    assert found.receive_seconds == 0


def test_a_receive_waits_for_an_item_and_the_first_to_wait_gets_the_first():
    send, receive = create_channel(1)
    with waiting(receive, (receive.receive,), (receive.clone().receive,)) as calls:
        assert receive.statistics().waiting_receivers == 2
        send.send_nowait("a")
        send.send_nowait("b")
        send.send_nowait("c")
    assert [call.outcome for call in calls] == ["a", "b"]
    assert receive.receive() == "c"
    assert receive.statistics().receive_seconds > 0


def test_without_any_room_an_item_passes_from_hand_to_hand():
    send, receive = create_channel(0)
    with pytest.raises(WouldBlock):
        send.send_nowait(1)
    with waiting(send, (send.send, 1)):
        assert receive.receive_nowait() == 1
    with waiting(receive, (receive.receive,)) as calls:
        send.send_nowait(2)
    assert calls[0].outcome == 2


@pytest.mark.parametrize("timeout", [0, 0.02, -1])
def test_a_timeout_ends_a_wait_and_nothing_is_sent_or_lost(timeout: float):
    send, receive = create_channel(1)
    with pytest.raises(TimeoutError, match=f"^nothing came within {timeout} s$"):
        receive.receive(timeout)
    send.send("a", timeout)
    with pytest.raises(TimeoutError, match=f"^there was no room within {timeout} s$"):
        send.send("b", timeout)
    assert receive.receive(timeout) == "a"
    found = send.statistics()
    assert (found.sent, found.waiting_senders, found.waiting_receivers) == (1, 0, 0)
    with pytest.raises(WouldBlock):
        receive.receive_nowait()


def test_an_endless_timeout_is_none():
    send, receive = create_channel(1)
    with waiting(receive, (receive.receive, float("inf"))) as calls:
        send.send(1)
    assert calls[0].outcome == 1


def test_with_the_last_send_end_the_receivers_come_to_the_end_after_what_was_sent():
    send, receive = create_channel(4)
    with waiting(receive, (receive.receive,), (receive.receive,)) as calls, send, send.clone() as clone:
        clone.send(1)
    assert [call.outcome for call in calls] == [1, EndOfStream]
    send, receive = create_channel(4)
    with send:
        send.send(1)
        send.send(2)
    assert list(receive) == [1, 2]
    with pytest.raises(EndOfStream):
        receive.receive(0)


def test_with_the_last_receive_end_the_senders_fail():
    send, receive = create_channel(1)
    other = receive.clone()
    send.send("kept while somebody could receive it")
    with waiting(send, (send.send, 2), (send.clone().send, 3)) as calls:
        receive.close()
        assert send.statistics().waiting_senders == 2
        other.close()
    assert [call.outcome for call in calls] == [BrokenResourceError] * 2
    with pytest.raises(BrokenResourceError, match="every receive end"):
        send.send_nowait(4)
    assert send.statistics().sent == 1


def test_closing_an_end_wakes_who_waits_at_it_and_nobody_else():
    send, receive = create_channel(1)
    other = receive.clone()
    with waiting(receive, (receive.receive,), (other.receive,)) as calls:
        receive.close()
        receive.close()
        assert calls[0].result() is ClosedResourceError
        assert calls[1].is_alive()
        send.send("b")
    assert calls[1].outcome == "b"
    send.send("c")
    elsewhere = send.clone()
    with waiting(send, (send.send, "lost"), (elsewhere.send, "d")) as calls:
        send.close()
        assert calls[0].result() is ClosedResourceError
        assert other.receive_many(5) == ["c", "d"]
    for closed in (send.send, send.send_nowait):
        with pytest.raises(ClosedResourceError):
            closed("e")
    for closed in (receive.receive, receive.receive_nowait, receive.clone, send.clone):
        with pytest.raises(ClosedResourceError, match="this end of the channel is closed"):
            closed()


def test_several_at_once_are_those_that_are_there_or_come_soon():
    send, receive = create_channel(9)
    for number in range(5):
        send.send(number)
    assert receive.receive_many(3) == [0, 1, 2]
    assert receive.receive_many(3) == [3, 4]
    send.send(5)
    with waiting(receive, (receive.receive_many, 3, 30)) as calls:
        until(lambda: receive.statistics().waiting_receivers == 1)
        send.send(6)
        send.send(7)
    assert calls[0].outcome == [5, 6, 7]
    send.send(8)
    began = time.monotonic()
    assert receive.receive_many(3, linger=0.05) == [8]
    assert time.monotonic() - began >= 0.05
    send.send(9)
    send.close()
    assert receive.receive_many(3, linger=30) == [9]
    with pytest.raises(EndOfStream):
        receive.receive_many(3, linger=30)


def test_an_item_given_to_a_receiver_that_is_interrupted_is_the_next_one_out(monkeypatch: pytest.MonkeyPatch):
    from sslrec.channels import channel

    send, receive = create_channel(1)

    class Interrupted(channel.Waiter):
        def wait(self, timeout: float | None) -> None:
            send.send("a")
            send.send("b")
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(channel, "Waiter", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            receive.receive()
    found = receive.statistics()
    assert (found.sent, found.received, found.waiting_receivers) == (2, 0, 0)
    assert receive.receive_many(2) == ["a", "b"]


def test_a_wait_that_goes_on_counts_already():
    send, receive = create_channel(0)
    with waiting(receive, (receive.receive,)):
        until(lambda: receive.statistics().receive_seconds > 0.01)
        send.send(1)


def test_no_room_below_none_is_refused():
    with pytest.raises(ValueError, match="limit is -1; it must be at least 0"):
        create_channel(-1)
