"""A training on a text of one's own, where nothing can be written."""

from html import unescape

from streamlit.testing.v1 import AppTest


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
