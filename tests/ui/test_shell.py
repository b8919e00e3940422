"""The frame: the words that the style sheet puts in the place of Streamlit's own."""

import re

import pytest

from sslrec.ui import shell
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


def test_words_are_given_to_what_opens_beside_the_app_too(sheet):
    assert re.search(r"(?<![.\w])body { --sx-", sheet)


def test_a_comparison_is_full_when_its_last_run_is_chosen(sheet):
    assert f'.st-key-compare [data-tag-index="{MOST - 1}"]' in sheet
