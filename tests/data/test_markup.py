"""What a text says without its HTML."""

import time

import pytest

from sslrec.data.catalogue import Catalogue
from sslrec.data.markup import plain_text
from tests.data.catalogue.samples import row, table

DESCRIPTION = (
    '<div class="d"><p style="x: left;"><b>Red dress</b></p><p>With a belt.<br/>Good&nbsp;for R&amp;D.</p></div>'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  two  blanks ", "  two  blanks "),
        (DESCRIPTION, "Red dress With a belt. Good for R&D."),
        ('<p style="text-align: left; color: red; margin: 0 0 0 0"></p>', ""),
        ("&lt;p&gt;A soft shirt&lt;/p&gt;", "A soft shirt"),
        ("<STYLE type=a>p { margin: 0 }</STYLE><script>run(1)</script>Red<!-- old -->", "Red old"),
        ("size < 10 and > 5", "size < 10 and > 5"),
        ("size &lt; 10", "size < 10"),
        ("a <new> shirt & I <3 it", "a <new> shirt & I <3 it"),
        ("H&M", "H&M"),
        ("<b>Pen&notebook</b>, cotton&microfiber &copy 2024 &#39s", "Pen&notebook , cotton&microfiber © 2024 's"),
    ],
)
def test_tags_and_entities_are_taken_out_and_signs_stay(text, said):
    assert plain_text(text) == said


@pytest.mark.parametrize(
    "text", ["<p " * 100_000, "<!--" * 100_000, "<style>" * 50_000, "<" * 300_000, "&lt;p" * 50_000]
)
def test_unclosed_tags_take_no_more_time_than_their_length(text):
    began = time.monotonic()
    plain_text(text)
    assert time.monotonic() - began < 2


def test_a_product_is_worded_without_html():
    rows = (
        row(item_id="a", title="Size < 10", description=DESCRIPTION),
        row(item_id="b", title="Mug", description="<p>"),
    )
    catalogue = Catalogue("mine", "here", table(*rows))
    assert catalogue.wordings([0, 1]) == ["Size < 10. Red dress With a belt. Good for R&D", "Mug"]
