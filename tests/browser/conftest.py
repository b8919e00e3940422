"""One server and one headless Chromium for all browser tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks import support
from sslrec.config import ROOT

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PATIENCE = 20_000  # milliseconds; a first page on two busy cores takes a few seconds

expect.set_options(timeout=PATIENCE)
OpenPage = Callable[..., Page]


@contextmanager
def running_app() -> Iterator[str]:
    """`streamlit run app.py` in a process of its own; yields its address when it answers."""
    with support.server(ROOT / "app.py") as (address, _):
        support.wait_until_healthy(address)
        yield address


def settled(page: Page) -> None:
    """Wait until the server has finished the page's run."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_attached()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without one the tests are skipped, and fail in CI."""
    if support.chromium_path() is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("no Chromium on this machine; install it with the system's package manager")
    with support.browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(chromium: Browser) -> Iterator[str]:
    """Address of the app that all tests share."""
    with running_app() as address:
        yield address


@pytest.fixture
def cold_server(chromium: Browser) -> Iterator[str]:
    """Address of an app that nobody has visited yet."""
    with running_app() as address:
        yield address


@pytest.fixture
def phone() -> dict[str, Any]:
    """Options of a browser on a phone."""
    return {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    }


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """A function that opens a path in a browser of its own.

    Whatever a test does, no page may fail in its script, lose its connection or ask another host for anything.
    """
    contexts, troubles = [], []

    def opened(path: str, address: str = "", **options) -> Page:
        address = address or request.getfixturevalue("server")
        context = chromium.new_context(**{"locale": "en-US", **DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "ForwardMsg" in said.text else None)
        page.on(
            "request",
            lambda sent: None if sent.url.startswith((address, "data:", "blob:")) else troubles.append(sent.url),
        )
        page.goto(address + path)
        expect(page.locator("h1")).to_be_visible()
        settled(page)
        # Parts of the page in HTML come after the heading, with a script of their own, and move what is below them.
        expect(page.locator(".sx-footer")).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []
