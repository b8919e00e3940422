"""The app without a browser."""

import gc
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from sslrec.config import ROOT, settings
from sslrec.serving.digits import shared_reader
from sslrec.ui import training_presence
from sslrec.ui.resources import painted_digits

MAIN = ROOT / "sslrec" / "ui" / "main.py"
# While `AppTest` runs a page it puts a mock in the runtime's place, which the thread that looks who is there may meet.
training_presence.runtime = SimpleNamespace(exists=lambda: False)
OpenPage = Callable[..., AppTest]


def forget() -> None:
    """What hangs on settings and models; the sample digits come with scikit-learn and stay."""
    st.cache_data.clear()
    st.cache_resource.clear()
    for kept in (shared_reader, painted_digits):
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


@pytest.fixture(autouse=True, scope="module")
def one_look_for_components() -> Iterator[None]:
    """A server looks through the installed packages once, an `AppTest` each time: a fifth of these tests' time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", installed_components)
        yield


installed_components = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture
def open_page() -> Iterator[OpenPage]:
    """A function that opens a page: its file's name, the query parameters, the browser's locale."""
    forget()

    def opened(page: str = "home", locale: str = "en-US", **query: str) -> AppTest:
        gc.freeze()  # a fixture of the test may have been the one that loaded TensorFlow
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
