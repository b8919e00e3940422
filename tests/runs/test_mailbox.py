import threading
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslrec.runs.mailbox import Mailbox

ITEMS = st.lists(st.booleans(), max_size=60)
"""Whether each item is a metric."""


@given(items=ITEMS, capacity=st.integers(1, 8))
def test_order_is_kept_states_all_arrive_and_the_latest_metrics_stay(items: list[bool], capacity: int):
    states = [number for number, metric in enumerate(items) if not metric]
    metrics = [number for number, metric in enumerate(items) if metric]
    box: Mailbox[int] = Mailbox(max(capacity, len(states)))
    for number, metric in enumerate(items):
        box.put(number, metric=metric)
    kept = metrics[-max(capacity, len(states)) :]
    assert box.take(timeout=0) == sorted(states + kept)
    assert box.take(timeout=0) == []


@given(items=ITEMS, capacity=st.integers(1, 4), pauses=st.lists(st.integers(0, 3), max_size=10))
def test_with_a_reader_beside_it_no_state_is_lost_or_overtaken(items: list[bool], capacity: int, pauses: list[int]):
    box: Mailbox[tuple[int, bool]] = Mailbox(capacity)
    got: list[tuple[int, bool]] = []

    def read() -> None:
        waits = iter(pauses)
        while batch := box.take(timeout=10):
            threading.Event().wait(next(waits, 0) / 10_000)
            got.extend(batch)

    reader = threading.Thread(target=read)
    reader.start()
    for number, metric in enumerate(items):
        box.put((number, metric), metric=metric)
    box.close()
    reader.join(10)
    assert [number for number, _ in got] == sorted(number for number, _ in got)
    assert [number for number, metric in got if not metric] == [n for n, metric in enumerate(items) if not metric]


def test_a_state_too_many_waits_until_there_is_room():
    box: Mailbox[str] = Mailbox(1)
    box.put("first")
    passed = threading.Event()

    def put() -> None:
        box.put("second")
        passed.set()

    thread = threading.Thread(target=put)
    thread.start()
    assert not passed.wait(0.1)
    assert box.take() == ["first"]
    assert passed.wait(10)
    thread.join()
    assert box.take() == ["second"]


def test_a_closed_mailbox_takes_nothing_gives_what_it_has_and_lets_waiting_ones_go():
    box: Mailbox[int] = Mailbox(1)
    box.put(1)
    errors = []

    def put() -> None:
        try:
            box.put(2)
        except ValueError as error:
            errors.append(str(error))

    thread = threading.Thread(target=put)
    thread.start()
    box.close()
    thread.join(10)
    assert errors == ["the mailbox is closed"]
    assert box.take() == [1]
    assert box.take() == []
    with pytest.raises(ValueError, match=r"^the mailbox is closed$"):
        box.put(3, metric=True)


def test_take_waits_for_the_first_item():
    box: Mailbox[int] = Mailbox(1)
    threading.Timer(0.05, box.put, [7]).start()
    assert box.take(timeout=10) == [7]


def test_memory_stays_bounded():
    box: Mailbox[int] = Mailbox(10)
    for number in count():
        box.put(number, metric=True)
        if number == 10_000:
            break
    assert box.take() == list(range(9_991, 10_001))


def test_no_room_at_all_is_refused():
    with pytest.raises(ValueError, match="capacity is 0; it must be at least 1"):
        Mailbox(0)
