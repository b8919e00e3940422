"""Who keeps a training alive."""

import time

import pytest

from sslrec.ui import training_presence
from sslrec.ui.training_presence import Presence, is_mine, new_owner


def quiet(connected, **given):
    """A presence that looks only when it is told to."""
    touched = []
    return Presence(touched.append, connected, tick=3600.0, **given), touched


def test_an_owner_is_touched_while_any_of_its_watchers_is_connected():
    alive = {"first", "second"}
    presence, touched = quiet(alive.__contains__)
    presence.watch("first", "first")
    presence.watch("first", "second")  # the same run after a reload, or in another tab
    alive.discard("first")
    touched.clear()
    assert presence.look()
    assert touched == ["first"]
    alive.clear()
    presence.look()
    assert touched == ["first"]


def test_a_browser_that_comes_back_holds_its_run_again():
    alive = {"one"}
    presence, touched = quiet(alive.__contains__)
    presence.watch("one", "one")
    alive.clear()
    presence.look()
    alive.add("one")
    touched.clear()
    presence.look()
    assert touched == ["one"]


def test_whoever_stays_away_is_forgotten():
    presence, _ = quiet(lambda session: False, memory=0.0)
    presence.watch("one", "one")
    time.sleep(0.01)
    assert not presence.look()


def test_an_owner_is_held_until_the_last_watcher_is_forgotten():
    presence, _ = quiet(lambda session: False, memory=0.0)
    assert not presence.is_held("one")
    presence.watch("one", "after a reload")
    assert presence.is_held("one")
    time.sleep(0.01)
    presence.look()
    assert not presence.is_held("one")


def test_it_looks_by_itself():
    touched = []
    presence = Presence(touched.append, lambda session: True, tick=0.01)
    presence.watch("one", "one")
    limit = time.monotonic() + 10
    while len(touched) < 3 and time.monotonic() < limit:
        time.sleep(0.01)
    assert len(touched) >= 3


def test_an_owner_is_one_start_of_one_session(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training_presence, "session_id", lambda: "me")
    assert new_owner("me") != new_owner("me")
    assert is_mine(new_owner("me"))
    assert is_mine("me")  # of a run from before starts had owners of their own
    assert not is_mine(new_owner("me too"))
