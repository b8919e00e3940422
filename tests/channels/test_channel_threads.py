"""A channel between many threads: nothing is lost, doubled or overtaken, and the limit holds."""

import threading
import time
from itertools import chain

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
PAUSES = st.lists(st.integers(0, 3), max_size=12)
"""Tenths of a millisecond, one after each item."""
WAYS = st.sampled_from(["wait", "poll", "timeout"])


def run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def send_one(send: SendStream, item: object, way: str) -> None:
    while True:
        try:
            if way == "wait":
                return send.send(item)
            if way == "timeout":
                return send.send(item, 0.0005)
            return send.send_nowait(item)
        except (WouldBlock, TimeoutError):
            time.sleep(0.0001)


def receive_some(receive: ReceiveStream, way: str) -> list:
    while True:
        try:
            if way == "wait":
                return receive.receive_many(2)
            return [receive.receive(0.0005) if way == "timeout" else receive.receive_nowait()]
        except (WouldBlock, TimeoutError):
            time.sleep(0.0001)


@settings(max_examples=35, deadline=None)
@given(
    limit=st.integers(0, 5),
    producers=st.lists(st.tuples(st.integers(0, 25), WAYS, PAUSES), min_size=1, max_size=4),
    consumers=st.lists(st.tuples(WAYS, PAUSES), min_size=1, max_size=4),
)
def test_every_item_arrives_once_in_its_producers_order_and_the_limit_holds(
    limit: int, producers: list[tuple[int, str, list[int]]], consumers: list[tuple[str, list[int]]]
):
    # Only who waits can take part where there is no buffer.
    producers = [(count, "wait" if not limit else way, pauses) for count, way, pauses in producers]
    send, receive = create_channel(limit)
    got: list[list[tuple[int, int]]] = [[] for _ in consumers]
    most, ended = [0], threading.Event()

    def produce(number: int, end: SendStream) -> None:
        count, way, pauses = producers[number]
        with end:
            for item in range(count):
                send_one(end, (number, item), way)
                time.sleep(pauses[item % len(pauses)] / 10_000 if pauses else 0)

    def consume(number: int, end: ReceiveStream) -> None:
        way, pauses = consumers[number]
        with end:
            while True:
                try:
                    got[number] += receive_some(end, way)
                except EndOfStream:
                    return
                time.sleep(pauses[len(got[number]) % len(pauses)] / 10_000 if pauses else 0)

    def watch() -> None:
        while not ended.wait(0.0002):
            found = watched.statistics()
            most[0] = max(most[0], found.buffer_used)
            assert found.sent - found.received == found.buffer_used

    watched = receive.clone()
    watcher = threading.Thread(target=watch)
    watcher.start()
    threads = [threading.Thread(target=produce, args=(number, send.clone())) for number in range(len(producers))]
    threads += [threading.Thread(target=consume, args=(number, receive.clone())) for number in range(len(consumers))]
    send.close()
    receive.close()
    run(threads)
    ended.set()
    watcher.join(10)
    everything = list(chain.from_iterable(got))
    assert sorted(everything) == [
        (number, item) for number, (count, *_) in enumerate(producers) for item in range(count)
    ]
    for received in got:
        for number in range(len(producers)):
            mine = [item for producer, item in received if producer == number]
            assert mine == sorted(mine)
    assert most[0] <= limit
    found = watched.statistics()
    assert found.sent == found.received == len(everything)
    assert (found.open_senders, found.waiting_senders, found.waiting_receivers) == (0, 0, 0)


@settings(max_examples=30, deadline=None)
@given(limit=st.integers(0, 3), after=st.integers(0, 30), side=st.sampled_from(["send", "receive", "both"]))
def test_whoever_closes_in_the_middle_frees_everyone_and_what_was_received_is_right(limit: int, after: int, side: str):
    send, receive = create_channel(limit)
    got: list[tuple[int, int]] = []

    def produce(number: int) -> None:
        try:
            for item in range(1000):
                send.send((number, item))
        except (ClosedResourceError, BrokenResourceError):
            return

    def consume() -> None:
        try:
            for item in receive:
                got.append(item)
                if len(got) == after:
                    stop.set()
        except ClosedResourceError:
            return

    def close() -> None:
        stop.wait(0.02)
        if side != "receive":
            send.close()
        if side != "send":
            receive.close()

    stop = threading.Event()
    threads = [threading.Thread(target=produce, args=(number,)) for number in range(3)]
    run([*threads, threading.Thread(target=consume), threading.Thread(target=consume), threading.Thread(target=close)])
    assert len(got) == len(set(got))
    found = send.statistics()
    assert (found.waiting_senders, found.waiting_receivers) == (0, 0)
    if side == "send":
        assert found.received == found.sent == len(got)
