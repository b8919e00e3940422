"""A click on Start, and the next one."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from sslrec.data import shops
from sslrec.errors import RunError
from sslrec.runs.events import RunConfig, Status
from sslrec.ui.training_start import Starts

CONFIG = RunConfig("autoencoder", "digits")


class Controller:
    """Starts runs as slowly as a disk does."""

    def __init__(self):
        self.runs = {}
        self.lock = threading.Lock()

    def start(self, config, owner, keep_running):
        time.sleep(0.05)
        with self.lock:
            run_id = f"{owner}-{len(self.runs)}"
            self.runs[run_id] = Status.QUEUED
        return run_id

    def start_race(self, configs, owner, keep_running):
        return tuple(self.start(config, owner, keep_running) for config in configs)

    def view(self, run_id):
        if run_id not in self.runs:
            raise RunError("run_missing", run=run_id)
        return SimpleNamespace(status=self.runs[run_id])


def test_clicks_that_come_while_the_first_one_starts_its_run_find_that_run():
    starts, controller = Starts(), Controller()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: starts.start(controller, "run", [CONFIG], "me", False), range(8)))
    assert len(controller.runs) == 1
    assert len(set(found)) == 1


def test_each_start_has_an_owner_of_its_own_and_the_runs_of_a_race_share_one():
    starts, controller = Starts(), Controller()
    first = starts.start(controller, "run", [CONFIG], "me", False)
    race = starts.start(controller, "race", [CONFIG, CONFIG], "me", False)
    owners = [run.rpartition("-")[0] for run in (*first, *race)]
    assert owners[1] == owners[2] != owners[0]
    assert all(owner.startswith("me/") for owner in owners)


def test_ten_visitors_get_a_run_each():
    starts, controller = Starts(), Controller()
    with ThreadPoolExecutor(10) as pool:
        found = set(pool.map(lambda n: starts.start(controller, "run", [CONFIG], f"visitor-{n}", False), range(10)))
    assert len(found) == len(controller.runs) == 10


@pytest.mark.parametrize("end", [Status.FINISHED, Status.STOPPED, None], ids=str)
def test_after_its_end_the_next_click_starts_another(end):
    starts, controller = Starts(), Controller()
    (first,) = starts.start(controller, "run", [CONFIG], "me", False)
    if end is None:
        del controller.runs[first]  # tidied away
    else:
        controller.runs[first] = end
    assert len(controller.runs) == (0 if end is None else 1)
    starts.start(controller, "run", [CONFIG], "me", False)
    assert Status.QUEUED in controller.runs.values()


def test_a_race_and_a_run_do_not_keep_each_other_from_starting():
    starts, controller = Starts(), Controller()
    assert len(starts.start(controller, "race", [CONFIG, CONFIG], "me", False)) == 2
    assert len(starts.start(controller, "run", [CONFIG], "me", False)) == 1


def test_who_asks_for_something_else_gets_it_though_a_run_is_at_work():
    starts, controller = Starts(), Controller()
    other = RunConfig("adapt", shops.OWN, options={"catalogue": "0" * 16})
    first = starts.start(controller, "run", [CONFIG], "me", False)
    second = starts.start(controller, "run", [other], "me", False)
    assert first != second
    assert starts.start(controller, "run", [other], "me", False) == second
