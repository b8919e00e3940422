"""The frame: the words that the style sheet puts in the place of Streamlit's own."""

import re

import pytest

from sslrec.ui import shell
from sslrec.ui.texts import CATALOGUES
from sslrec.ui.training_compare import MOST


@pytest.fixture
def sheet(monkeypatch):
    written = []
    monkeypatch.setattr(shell.st, "html", written.append)
    shell.style()
    return written[0]


def test_every_word_that_is_given_is_shown_and_every_one_that_is_shown_is_given(sheet):
    own, words = sheet.rsplit("body {", 1)
    shown, given = set(re.findall(r"content: var\((--sx-[\w-]+)\)", own)), set(re.findall(r'(--sx-[\w-]+): "', words))
    assert {"--sx-select-nothing", "--sx-select-full", "--sx-upload-failed"} < shown
    assert shown == given


@pytest.mark.parametrize(
    ("limit", "said"),
    [(10_000_000, "10 MB"), (1_500_000, "1.5 MB"), (999_999, "1 MB"), (500_000, "0.5 MB"), (64_000, "64 kB")],
)
@pytest.mark.parametrize("language", CATALOGUES)
def test_the_largest_picture_is_said_in_a_unit_that_suits_it(monkeypatch, set_variables, limit, said, language):
    set_variables(MAX_IMAGE_BYTES=limit)
    monkeypatch.setattr("sslrec.ui.language.current_language", lambda: language)
    written = []
    monkeypatch.setattr(shell.st, "html", written.append)
    shell.style()
    assert re.search(rf'--sx-upload-drop: "[^"]*[^.\d]{re.escape(said)}', written[0])


def test_words_are_given_to_what_opens_beside_the_app_too(sheet):
    assert re.search(r"(?<![.\w])body { --sx-", sheet)


def test_a_comparison_is_full_when_its_last_run_is_chosen(sheet):
    assert f'.st-key-compare [data-tag-index="{MOST - 1}"]' in sheet
