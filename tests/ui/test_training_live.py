from sslrec.runs.events import Status
from sslrec.ui.texts import CATALOGUES
from sslrec.ui.training_live import status_card
from sslrec.ui.training_words import duration
from tests.training_views import run_view

LEFT = CATALOGUES["en"]["training.left"]


def test_a_race_is_left_as_long_as_its_slowest_run():
    views = [
        run_view(name, status=Status.RUNNING, seconds_left=left) for name, left in (("cosine", 40), ("prodigy", 70))
    ]
    told = status_card(views)
    assert LEFT.format(time=duration(70)) in told
    assert LEFT.format(time=duration(110)) not in told


def test_what_is_left_is_not_told_before_it_is_known():
    assert LEFT.split("{")[0] not in status_card([run_view(status=Status.RUNNING)])
