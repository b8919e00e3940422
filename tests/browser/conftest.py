"""One server and one headless Chromium for all browser tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, Page, Request, expect

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


def download(page: Page, button: str) -> Download:
    """Click a button that leaves a file, once it stays where it is: what opens above carries it off from the mouse."""
    wanted = page.get_by_text(button)
    wanted.evaluate(
        """async element => {
            let before;
            do {
                before = element.getBoundingClientRect().top;
                await new Promise(resolve => setTimeout(resolve, 500));
            } while (element.getBoundingClientRect().top !== before);
        }"""
    )
    with page.expect_download() as started:
        wanted.click()
    return started.value


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


class Visitor:
    """A browser of its own, that is a context, and its page: what goes wrong on it, and where it may ask."""

    def __init__(self, chromium: Browser, options: dict[str, Any]):
        self.context = chromium.new_context(**{"locale": "en-US", **DESKTOP, **options})
        self.page = self.context.new_page()
        self.address, self.troubles = "", []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda said: self.troubles.append(said.text) if "ForwardMsg" in said.text else None)
        self.page.on("request", self._asked)

    def _asked(self, sent: Request) -> None:
        if not sent.url.startswith((self.address, "data:", "blob:")):
            self.troubles.append(sent.url)

    def leave(self) -> None:
        """End the visit, so that the next one is by somebody new: nothing stays but the server's scripts."""
        for other in self.context.pages:
            if other != self.page:
                other.close()
        if not self.page.is_closed():
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
            self.page.goto("about:blank")
        self.context.clear_cookies()


@pytest.fixture(scope="module")
def visitors(chromium: Browser) -> Iterator[list[tuple[dict[str, Any], Visitor]]]:
    """Visitors who left, with their options: to come again takes half the time of a new browser's first page."""
    left: list[tuple[dict[str, Any], Visitor]] = []
    yield left
    for _, visitor in left:
        visitor.context.close()


@pytest.fixture
def open_page(
    chromium: Browser, visitors: list[tuple[dict[str, Any], Visitor]], request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """A function that opens a path in a browser that nobody else of this test has, without a trace of earlier ones.

    Whatever a test does, no page may fail in its script, lose its connection or ask another host for anything.
    """
    here: list[tuple[dict[str, Any], Visitor]] = []

    def opened(path: str, address: str = "", color_scheme: Any = "light", **options) -> Page:
        address = address or request.getfixturevalue("server")
        place = next((place for place, (found, _) in enumerate(visitors) if found == options), None)
        visitor = Visitor(chromium, options) if place is None else visitors.pop(place)[1]
        here.append((options, visitor))
        visitor.address, page = address, visitor.page
        page.emulate_media(color_scheme=color_scheme)
        page.goto(address + path)
        expect(page.locator("h1")).to_be_visible()
        settled(page)
        # Parts of the page in HTML come after the heading, with a script of their own, and move what is below them.
        expect(page.locator(".sx-footer")).to_be_visible()
        return page

    yield opened
    for options, visitor in here:
        visitor.leave()
        if visitor.page.is_closed() or visitor.troubles:
            visitor.context.close()
        else:
            visitors.append((options, visitor))
    assert [trouble for _, visitor in here for trouble in visitor.troubles] == []
