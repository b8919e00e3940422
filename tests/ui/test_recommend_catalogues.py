"""Opening a catalogue on the page: what is told where that fails after a while."""

import logging
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from sslrec.errors import ArtifactError
from sslrec.ui import recommend_catalogues


class Failing:
    """An opening that fails while it is watched: at the fourth look at it, as the page takes them."""

    name, done, total, failed = "mine", 64, 128, True

    def __init__(self, error):
        self.error, self.looks = error, 0

    @property
    def is_ready(self):
        self.looks += 1
        return self.looks > 3

    def index(self):
        raise self.error


class Catalogues:
    """Open a catalogue anew whenever they are asked: the last time failed."""

    def __init__(self, error):
        self.error, self.opened = error, 0

    def open(self, name):
        self.opened += 1
        opening = Failing(self.error)
        if self.opened > 1:
            opening.looks = -1_000  # at work as long as the test looks
        return opening


def page():
    from sslrec.ui.recommend_catalogues import opened
    from sslrec.ui.shell import told

    with told():
        opened("builtin")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ArtifactError("artifact_missing", name="recommender", folder="there", command="make"), "is not in there"),
        (MemoryError(), "the catalogue “Drawn products” did not open"),
    ],
    ids=["ours", "another"],
)
def test_an_opening_that_fails_is_told_and_not_begun_anew_before_a_click(monkeypatch, caplog, error, said):
    catalogues = Catalogues(error)
    monkeypatch.setattr(recommend_catalogues, "visitor_catalogues", lambda: catalogues)
    with caplog.at_level(logging.CRITICAL):
        app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert catalogues.opened == 1
    assert said in unescape("".join(element.value for element in app.html))
    app.run()  # as a click does
    assert catalogues.opened == 2
    assert said not in unescape("".join(element.value for element in app.html))
