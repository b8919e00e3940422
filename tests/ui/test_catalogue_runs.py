"""One ingest for each visitor, and none without its visitor."""

import threading
import time
from typing import Any

import pytest

from sslrec.errors import CatalogueError
from sslrec.ui.catalogue_runs import Ingests


class StandIn:
    """An ingest that ends when it is told to."""

    def __init__(self):
        self.ended = threading.Event()
        self.is_cancelled = False

    @property
    def is_ready(self):
        return self.ended.is_set()

    def wait(self, seconds=None):
        return self.ended.wait(seconds)

    def cancel(self):
        self.is_cancelled = True
        self.ended.set()


def made(*given: Any, **named: Any) -> Any:
    """What takes stand-ins, too."""
    return Ingests(*given, **named)


def until(condition):
    limit = time.monotonic() + 20
    while not condition() and time.monotonic() < limit:
        time.sleep(0.005)
    assert condition()


def test_a_second_click_finds_the_ingest_that_runs():
    ingests = made(lambda session: True, tick=0.01)
    first = ingests.start("mine", StandIn)
    assert ingests.start("mine", StandIn) is first
    other = ingests.start("another's", StandIn)
    assert other is not first
    assert ingests.running() == 2
    first.ended.set()
    assert ingests.start("mine", StandIn) is not first
    assert not first.is_cancelled


def test_an_ingest_whose_visitor_has_left_is_cancelled_and_forgotten():
    present = {"mine", "another's"}
    ingests = made(present.__contains__, patience=0.05, tick=0.01)
    mine, other = ingests.start("mine", StandIn), ingests.start("another's", StandIn)
    present.discard("mine")
    until(lambda: mine.is_cancelled)
    until(lambda: ingests.running() == 1)
    assert not other.is_cancelled
    other.ended.set()
    until(lambda: ingests.running() == 0)


def test_a_browser_that_comes_back_in_time_keeps_its_ingest():
    present = {"mine"}
    looks = []

    def connected(session):
        looks.append(session)
        # Away at every second look.
        return len(looks) % 2 == 0 and session in present

    ingests = made(connected, patience=5.0, tick=0.005)
    mine = ingests.start("mine", StandIn)
    until(lambda: len(looks) > 10)
    assert not mine.is_cancelled
    mine.ended.set()


def test_a_start_that_takes_long_keeps_nobody_else_waiting():
    ingests = made(lambda session: True, tick=0.01)
    earlier = ingests.start("earlier", StandIn)
    begins, opened, clicks = threading.Semaphore(0), threading.Event(), []

    def slow():
        begins.release()
        assert opened.wait(20)
        return StandIn()

    threads = [threading.Thread(target=lambda: clicks.append(ingests.start("mine", slow))) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert begins.acquire(timeout=20)
        other = threading.Thread(target=ingests.start, args=("another's", StandIn), daemon=True)
        other.start()
        other.join(20)
        assert not other.is_alive()
        earlier.ended.set()
        until(lambda: ingests.running() == 1)
    finally:
        opened.set()
        for thread in threads:
            thread.join(20)
    # A double click, all the same, is one start.
    assert clicks[0] is clicks[1]
    assert not begins.acquire(blocking=False)
    assert ingests.running() == 2


def test_what_cannot_begin_is_told_and_tried_again():
    ingests = made(lambda session: True, tick=0.01)

    def fails():
        raise CatalogueError("catalogue_empty", name="shop.csv")

    with pytest.raises(CatalogueError, match=r"shop\.csv"):
        ingests.start("mine", fails)
    assert ingests.running() == 0
    ingests.start("mine", StandIn).ended.set()
