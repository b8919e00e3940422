"""Going back, and coming back to a server that was started anew meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import support
from tests.browser.conftest import PATIENCE, running_app, settled
from tests.browser.test_canvas import ANSWER, draw


def test_back_takes_choices_back_one_by_one(open_page):
    page = open_page("/digits")
    page.get_by_text("Samples", exact=True).click()
    page.wait_for_url("**input=samples**")
    page.get_by_text("Upload", exact=True).click()
    page.wait_for_url("**input=upload**")
    settled(page)
    page.go_back()
    expect(page.get_by_role("radiogroup", name="Handwritten digits to try")).to_be_visible()
    settled(page)
    page.go_back()
    expect(page.locator("canvas[role=application]")).to_be_visible()
    assert "input" not in page.url


@contextmanager
def run_anew(page: Page) -> Iterator[None]:
    """Start the server anew, and wait until the page has found it and it has run the page."""
    received: set[str | None] = set()

    def hear(frame: str | bytes) -> None:
        received.add(ForwardMsg.FromString(frame).WhichOneof("type") if isinstance(frame, bytes) else None)

    page.once("websocket", lambda socket: socket.on("framereceived", hear))
    waited = 0
    with running_app():
        while "script_finished" not in received and waited < PATIENCE:
            page.wait_for_timeout(100)
            waited += 100
        settled(page)
        yield


def test_a_page_answers_after_its_server_was_started_anew(open_page, chromium, monkeypatch):
    port = support.free_port()
    monkeypatch.setattr(support, "free_port", lambda: port)
    with running_app() as address:
        page = open_page("/digits", address)
    with run_anew(page):
        draw(page)
        expect(page.locator(ANSWER)).to_be_visible()
    with run_anew(page):
        expect(page.locator(ANSWER)).to_be_visible()  # of what is still drawn
