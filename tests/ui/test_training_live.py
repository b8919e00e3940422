import re

import pytest

from sslrec.runs.events import Message, Status
from sslrec.runs.view import RateChange
from sslrec.ui.texts import CATALOGUES
from sslrec.ui.training_live import changes_list, race_table, status_card
from sslrec.ui.training_words import duration, policy_name
from tests.training_views import run_view

LEFT = CATALOGUES["en"]["training.left"]


def test_a_race_is_left_as_long_as_its_slowest_run():
    views = [
        run_view(name, status=Status.RUNNING, seconds_left=left) for name, left in (("cosine", 40), ("prodigy", 70))
    ]
    told = status_card(views)
    assert LEFT.format(time=duration(70)) in told
    assert LEFT.format(time=duration(110)) not in told


def test_the_bar_of_a_race_is_full_when_it_is_over_and_that_of_a_stopped_run_is_not():
    def bar(*views):
        return int(re.search(r'aria-valuenow="(\d+)"', status_card(views)).group(1))

    fallen = run_view("constant", (0.9,), Status.FAILED, total=30, id="a")
    assert bar(fallen, run_view("cosine", id="b")) == 100
    assert bar(fallen, run_view("cosine", status=Status.RUNNING, step=15, id="b")) == 75
    assert bar(fallen) == 33
    assert bar(fallen, run_view("cosine", status=Status.STOPPED, step=20, id="b")) == 50


@pytest.mark.parametrize("kind", ["reconstruction", "neighbours", "classes"])
def test_the_pictures_of_the_digit_tasks_may_be_of_clothes(kind):
    for language, digit in (("en", "digit"), ("zh-CN", "数字")):
        for key in (f"exhibit.{kind}", f"exhibit.{kind}_note"):
            assert digit not in CATALOGUES[language][key]


def test_among_how_many_pictures_a_name_is_looked_for_is_not_promised():
    for texts in CATALOGUES.values():
        assert not re.search(r"\d", texts["exhibit.retrieved_note"])


def test_steps_are_read_like_other_counts():
    told = status_card([run_view(status=Status.RUNNING, step=12_600, total=30_000)])
    assert "step 12,600 of 30,000" in told


def test_of_a_race_it_is_told_whose_loss_it_was():
    lost = Message("run_not_finite", {"loss": "nan", "step": 3})
    views = [
        run_view("constant", (), Status.FAILED, id="a", message=lost),
        run_view("adaptive", (), Status.FAILED, id="b", message=lost),
        run_view("cosine", status=Status.RUNNING, id="c"),
    ]
    told = status_card(views)
    assert told.count('role="alert"') == 2
    for view in views[:2]:
        assert f"{policy_name(view.config)} fell out: The loss became nan at step 3" in told
    # The verdict of an ended race says so below.
    assert 'role="alert"' not in status_card([*views[:2], run_view("cosine", id="c")])
    assert status_card(views[:1]).count('role="alert"') == 1


def test_of_changes_at_one_step_the_last_is_told_first_and_never_left_out():
    changes = tuple(RateChange(20, 0.001 * n, 0.001 * (n + 1), "hand", {}) for n in range(1, 9))
    told = re.findall(r"<li>(.*?)</li>", changes_list([run_view(changes=changes)]))
    assert len(told) == 5
    assert "0.009" in told[0]
    assert "0.008" in told[1]


def test_what_is_left_is_not_told_before_it_is_known():
    assert LEFT.split("{")[0] not in status_card([run_view(status=Status.RUNNING)])


def test_an_ended_race_is_headed_by_its_winner_whoever_fell_out():
    views = [
        run_view("constant", (0.9,), Status.FAILED, id="a"),
        run_view("cosine", (0.5, 0.3, 0.3), id="b"),
        run_view("auto", (0.5, 0.2), id="c"),
    ]
    told = status_card(views)
    assert "sx-finished" in told
    assert "sx-failed" not in told
    assert CATALOGUES["en"]["training.epoch"].format(epoch=2, epochs=2) in told
    assert "sx-failed" in status_card(views[:1])


def test_the_run_that_stands_out_in_a_race_is_the_one_that_the_verdict_names():
    views = [
        run_view("constant", (0.1,), Status.STOPPED, id="a"),
        run_view("cosine", (0.2,), id="b"),
        run_view("auto", (0.3,), id="c"),
    ]
    (row,) = [row for row in race_table(views).split("<tr") if "sx-won" in row]
    assert "Cosine" in row
    assert "sx-won" not in race_table(views[:1])
