"""What a visitor tells runs, and what becomes of it where a run is gone."""

from types import SimpleNamespace

import pytest

from sslrec.errors import RunError
from sslrec.runs.events import Status
from sslrec.ui import training_commands

RUN, OTHER = "20260101-000000-00000000", "20260101-000000-00000001"


class Controller:
    """One that cannot pass commands on; by default its runs were tidied away a moment ago."""

    def __init__(self, **statuses):
        self.statuses = statuses

    def view(self, run_id):
        if run_id not in self.statuses:
            raise RunError("run_missing", run=run_id)
        return SimpleNamespace(status=self.statuses[run_id])

    def command(self, run_id, name, **params) -> None:
        status = self.view(run_id).status
        raise RunError("run_busy", run=run_id, status=str(status), command=name)


@pytest.fixture
def session(monkeypatch):
    found = {}
    monkeypatch.setattr(training_commands, "st", SimpleNamespace(session_state=found))
    monkeypatch.setattr(training_commands, "STOP_SECONDS", 0.1)
    return found


def problem(session):
    error, _ = session.get(training_commands.KEY, (None, 0.0))
    return error and error.code


class Listening(Controller):
    """One whose runs take everything."""

    def __init__(self):
        self.told = []

    def command(self, run_id, name, **params):
        self.told.append(params["rate"])


@pytest.fixture
def listening(session, monkeypatch):
    controller = Listening()
    monkeypatch.setattr(training_commands, "shared", lambda: controller)
    return controller


def move(session, rate, now):
    """What a browser sends, where the rate in force is shown at the position `now`."""
    session["rate"] = rate
    training_commands.set_rate([RUN], "rate", now)


def test_the_slider_follows_the_rate_until_its_visitor_moves_it(session, listening):
    for rate in (0.1, 0.05):
        training_commands.place_rate("rate", rate)
        assert session["rate"] == rate
        training_commands.set_rate([RUN], "rate", rate)
    assert listening.told == []
    move(session, 0.2, 0.05)
    training_commands.place_rate("rate", 0.01)
    assert session["rate"] == 0.2
    assert listening.told == [0.2]


def test_every_position_can_be_chosen_that_is_not_in_force(session, listening, monkeypatch):
    monkeypatch.setattr(training_commands, "ECHO_SECONDS", 0.0)
    for rate in (0.1, 0.05):
        training_commands.place_rate("rate", rate)
    for rate in (0.1, 0.05, 0.1):
        move(session, rate, 0.05)
    assert listening.told == [0.1, 0.05, 0.1]


def test_the_first_position_of_a_run_without_a_rate_can_be_chosen_again(session, listening, monkeypatch):
    monkeypatch.setattr(training_commands, "ECHO_SECONDS", 0.0)
    training_commands.place_rate("rate", 0.1)
    move(session, 0.1, None)
    assert listening.told == [0.1]


def test_a_position_that_comes_back_from_the_browser_is_no_command(session, listening):
    for rate in (0.1, 0.05):
        training_commands.place_rate("rate", rate)
    move(session, 0.1, 0.05)  # on its way when the slider was moved on
    assert listening.told == []
    assert session["rate"] == 0.05
    move(session, 0.2, 0.05)
    move(session, 0.05, 0.05)  # where the slider was moved to while its visitor dragged it
    assert listening.told == [0.2]
    assert session["rate"] == 0.2


@pytest.fixture
def runs(monkeypatch):
    """Runs by their ids that the controller has."""

    def have(**statuses):
        monkeypatch.setattr(training_commands, "shared", lambda: Controller(**statuses))

    return have


def test_a_run_that_is_gone_when_it_is_to_stop_is_told(session, runs):
    runs()
    training_commands.stop([RUN])
    assert problem(session) == "run_missing"


@pytest.mark.parametrize("status", [Status.STOPPED, Status.FINISHED])
def test_a_run_that_has_ended_already_when_it_is_to_stop_is_no_news(session, runs, status):
    runs(**{RUN: status, OTHER: Status.STOPPED})
    training_commands.stop([RUN, OTHER])
    assert problem(session) is None


def test_a_run_that_cannot_be_stopped_is_told(session, runs):
    runs(**{RUN: Status.QUEUED, OTHER: Status.STOPPED})
    training_commands.stop([RUN, OTHER])
    assert problem(session) == "run_busy"


@pytest.mark.parametrize(("status", "told"), [(Status.RUNNING, "run_busy"), (Status.FINISHED, None)])
def test_a_rate_that_a_run_at_work_does_not_take_is_told(session, runs, status, told):
    runs(**{RUN: status})
    session["rate"] = 0.1
    training_commands.set_rate([RUN], "rate", 0.01)
    assert problem(session) == told
