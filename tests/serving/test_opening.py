import os
import threading
from pathlib import Path
from typing import Any

import pytest

from sslrec.errors import CatalogueError
from sslrec.serving import opening
from sslrec.serving.opening import OpenCatalogues


class StandIn:
    """A recommender that opens a catalogue when it is told to go on."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.go_on = threading.Event()
        self.fails = self.is_warm = False

    def warm_up(self) -> None:
        self.is_warm = True

    def open_catalogue(self, catalogue: str, progress: Any) -> str:
        assert self.is_warm  # the first visitor would wait for it, and be told that ranking took a second
        progress(64, 128)
        self.go_on.wait(20)
        if self.fails:
            raise CatalogueError("catalogue_empty", name=catalogue)
        self.opened.append(catalogue)
        return f"{catalogue} is open"


@pytest.fixture
def recommender(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setattr(opening, "load_catalogue", lambda name: name)
    monkeypatch.setattr(opening, "adapted_to", lambda catalogue: None)
    return StandIn()


def test_who_comes_meanwhile_waits_for_the_same_opening(recommender: StandIn):
    catalogues = OpenCatalogues(recommender)
    first, second = catalogues.open("mine"), catalogues.open("mine")
    assert first is second
    assert not first.is_ready
    with pytest.raises(CatalogueError, match=r"'mine' is being made ready \(64 of 128 products\)"):
        first.index(0.2)
    recommender.go_on.set()
    assert first.index() == "mine is open"
    assert first.is_ready
    assert catalogues.open("mine").index(0) == "mine is open"
    assert recommender.opened == ["mine"]
    assert (first.done, first.total) == (64, 128)


def test_each_name_is_a_catalogue_of_its_own(recommender: StandIn):
    recommender.go_on.set()
    catalogues = OpenCatalogues(recommender)
    assert {catalogues.open(name).index() for name in "ab"} == {"a is open", "b is open"}


def test_one_that_failed_says_why_and_is_tried_again(recommender: StandIn):
    recommender.go_on.set()
    recommender.fails = True
    catalogues = OpenCatalogues(recommender)
    failed = catalogues.open("mine")
    for _ in range(2):
        with pytest.raises(CatalogueError, match="holds no products"):
            failed.index()
    assert failed.failed
    recommender.fails = False
    assert catalogues.open("mine").index() == "mine is open"


def test_a_few_of_those_without_a_name_of_their_own_stay_open(recommender: StandIn):
    recommender.go_on.set()
    catalogues = OpenCatalogues(recommender)
    for name in ("builtin", "a", "b", "c", "a", "d"):
        catalogues.open(name).index()
    assert recommender.opened == ["builtin", "a", "b", "c", "d"]
    for name in ("builtin", "a", "c", "d", "b"):
        catalogues.open(name).index()
    assert recommender.opened[5:] == ["b"]


def test_one_that_was_written_anew_or_removed_is_opened_again(recommender: StandIn, tmp_path: Path):
    recommender.go_on.set()
    catalogues, file = OpenCatalogues(recommender), tmp_path / "catalogue.parquet"
    file.write_bytes(b"one")
    for name in (str(tmp_path), str(file)):
        first = catalogues.open(name)
        assert catalogues.open(name) is first
        os.utime(file, ns=(0, file.stat().st_mtime_ns + 10))
        second = catalogues.open(name)
        assert second is not first
        catalogues.forget(name)
        assert catalogues.open(name) is not second
    catalogues.forget("never opened")
