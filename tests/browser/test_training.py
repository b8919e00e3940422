"""Training in a real browser: a model that really learns, watched, found again and left alone."""

import json
import time

import pytest
from playwright.sync_api import expect

WORKER = 200_000  # milliseconds until a worker on two busy cores has made its first steps


@pytest.fixture
def home(tmp_path, monkeypatch, request):
    """An app of its own with its runs in here."""
    monkeypatch.setenv("SSLREC_HOME", str(tmp_path))
    monkeypatch.setenv("SSLREC_OWNER_SECONDS", "5")
    return request.getfixturevalue("cold_server"), tmp_path


@pytest.mark.timeout(400)
def test_a_preset_is_started_watched_found_again_and_stopped(open_page, home):
    page = open_page("/training", home[0])
    page.locator(".st-key-start-rebuild button").dblclick()
    expect(page.locator(".sx-strip tr").nth(1)).to_be_visible(timeout=WORKER)
    expect(page.locator("[data-testid=stEChartsChart] canvas")).to_have_count(4)
    assert "run=" in page.url
    page.reload()
    expect(page.locator(".sx-state.sx-running")).to_be_visible()
    expect(page.locator(".sx-strip")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".sx-state.sx-stopped")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_text("Download the report").click()
    assert started.value.suggested_filename.startswith("autoencoder-64-digits")
    assert len(list((home[1] / "runs").iterdir())) == 1


@pytest.mark.timeout(400)
def test_a_closed_tab_frees_the_worker_and_another_page_does_not(open_page, home):
    page = open_page("/training", home[0])
    page.locator(".st-key-start-alike button").click()
    expect(page.locator(".sx-state")).to_be_visible(timeout=WORKER)

    def status():
        (path,) = home[1].glob("runs/*/state.json")
        return json.loads(path.read_text())["status"]

    page.get_by_role("link", name="Home").first.click()
    expect(page.locator(".sx-ribbon")).to_be_visible()
    page.wait_for_timeout(9_000)
    assert status() in ("starting", "running")
    page.close()
    left = time.monotonic()
    while status() in ("starting", "running") and time.monotonic() - left < 60:
        time.sleep(0.2)
    assert status() == "interrupted"
    assert time.monotonic() - left < 15
