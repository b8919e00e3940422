"""A training on a text of one's own: how long it takes, and where nothing can be written."""

from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from sslrec.data.packing import ROW, pack
from sslrec.data.vocabulary import load_tokenizer
from sslrec.ui.fill_own import EXAMPLES, own_config


def page():
    from sslrec.ui.fill_own import own_text

    own_text()


def test_a_text_that_cannot_be_kept_is_told(set_variables, tmp_path):
    home = tmp_path / "a file"
    home.write_text("and no folder", "utf-8")
    set_variables(HOME=home)
    app = AppTest.from_function(page, default_timeout=30).run()
    text = "\n".join(f"A red shoe, size {size}." for size in range(60))
    app.text_area(key="own.text").set_value(text)
    app.button(key="own.start").click().run()
    assert not app.exception
    assert f"Nothing can be written to '{home}'" in unescape("".join(element.value for element in app.html))
    assert app.text_area(key="own.text").value == text


@pytest.mark.parametrize(
    "line", ["A red shoe, size {}.", "https://example.org/shop/item-{}/red-shoes?size=4&colour=red"]
)
def test_a_text_without_blanks_takes_no_longer_than_others(set_variables, tmp_path, line):
    set_variables(HOME=tmp_path)
    text = "\n".join(line.format(number) for number in range(1000))
    config = own_config(text)
    tokenizer = load_tokenizer()
    rows = pack(tokenizer.encode_lines(text.splitlines()), ROW, 0, 1, 2, tokenizer.continues, seed=0)
    assert (config.epochs or 0) * len(rows.token_ids) == pytest.approx(EXAMPLES, rel=0.1)
