"""Training in a real browser: started, watched, found again and left alone; the workers only count."""

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks import support
from tests.browser.conftest import download

WORKER = 60_000  # milliseconds until a worker on two busy cores has made its first steps


@pytest.fixture
def home(tmp_path, monkeypatch, chromium):
    """An app of its own, with its runs in a folder of its own."""
    monkeypatch.setenv("SSLREC_HOME", str(tmp_path))
    monkeypatch.setenv("SSLREC_OWNER_SECONDS", "5")
    monkeypatch.setenv("SSLREC_FAKE", '{"steps": 100000, "pause": 0.05}')
    with support.server(Path(__file__).parent / "counting_app.py") as (address, _):
        support.wait_until_healthy(address)
        yield address, tmp_path


def test_a_preset_is_started_watched_found_again_and_stopped(open_page, home):
    address, folder = home
    page = open_page("/training", address)
    page.locator(".st-key-start-rebuild button").dblclick()
    expect(page.locator(".sx-state.sx-running")).to_be_visible(timeout=WORKER)
    expect(page.locator(".st-key-live canvas[data-zr-dom-id]")).to_have_count(4)
    assert "run=" in page.url
    page.reload()
    expect(page.locator(".sx-state.sx-running")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".sx-state.sx-stopped")).to_be_visible()
    left = download(page, "Download the report")
    assert left.suggested_filename.startswith("autoencoder-64-digits")
    assert len(list((folder / "runs").iterdir())) == 1
    page.get_by_role("button", name="Start another").click()
    expect(page.locator(".st-key-start-rebuild button")).to_be_visible()
    assert "run=" not in page.url


def test_the_slider_is_moved_by_keyboard_and_the_change_is_told(open_page, home):
    page = open_page("/training", home[0])
    page.locator(".st-key-start-rebuild button").click()
    expect(page.locator(".sx-state.sx-running")).to_be_visible(timeout=WORKER)
    slider = page.locator(".st-key-live [data-testid=stSlider] input")
    expect(slider).to_be_enabled()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sx-changes")).to_contain_text("set by hand")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".sx-state.sx-paused")).to_be_visible()


def test_a_closed_tab_frees_the_worker_and_another_page_does_not(open_page, home):
    address, folder = home
    page = open_page("/training", address)
    page.locator(".st-key-start-alike button").click()
    expect(page.locator(".sx-state")).to_be_visible()

    def status():
        (path,) = folder.glob("runs/*/state.json")
        return json.loads(path.read_text())["status"]

    page.get_by_role("link", name="Home").first.click()
    expect(page.locator(".sx-ribbon").first).to_be_visible()
    page.wait_for_timeout(8_000)
    assert status() in ("starting", "running")
    page.close()
    left = time.monotonic()
    while status() in ("starting", "running") and time.monotonic() - left < 60:
        time.sleep(0.2)
    assert status() == "interrupted"
    assert time.monotonic() - left < 15
