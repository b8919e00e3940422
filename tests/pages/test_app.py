"""The launcher."""

from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

from sslrec.config import ROOT
from sslrec.ui.texts import CATALOGUES


def test_streamlit_finds_the_app_with_its_routes():
    found = discover_asgi_app(ROOT / "app.py")
    assert found.is_asgi_app
    assert found.import_string == "app:app"


def test_a_host_that_executes_it_as_a_plain_script_shows_the_pages():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not app.exception
    assert app.title[0].value == CATALOGUES["en"]["home.title"]
