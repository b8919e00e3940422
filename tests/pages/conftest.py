"""The app without a browser."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sslrec.config import ROOT, settings
from sslrec.serving.digits import shared_reader
from sslrec.ui.resources import painted_digits, sample_digits

MAIN = ROOT / "sslrec" / "ui" / "main.py"
OpenPage = Callable[..., AppTest]


def forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
    for kept in (shared_reader, sample_digits, painted_digits):
        kept.cache_clear()


def go(app: AppTest, page: str) -> AppTest:
    """Follow the navigation to a page, by its file's name."""
    return app.switch_page(f"../../pages/{page}.py").run()


@pytest.fixture(autouse=True, scope="module")
def short_collections() -> Iterator[None]:
    """Streamlit collects garbage after each run of a page; with TensorFlow in the process that took a second."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def open_page() -> Iterator[OpenPage]:
    """A function that opens a page: its file's name, the query parameters, the browser's locale."""
    forget()

    def opened(page: str = "home", locale: str = "en-US", **query: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=30)
        app.context["locale"] = locale
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if page != "home":
            go(app, page)
        assert not app.exception
        return app

    yield opened
    forget()


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An assets folder with nothing in it."""
    monkeypatch.setenv("SSLREC_ASSETS", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()
