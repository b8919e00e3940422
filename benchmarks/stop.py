"""From a click on Stop to the page that says so, while a training is at work.

The app, its worker and a headless browser share this machine. Each time a preset is started, watched until it has made
some steps, and stopped; the time counts from the click to the frame that shows the run as stopped.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from benchmarks.support import ROOT, against, browser, report, server, wait_until_healthy

TARGET = 1.5
"""Seconds, the longest."""
PRESETS = ("rebuild", "alike", "words")
STARTED = 120_000
"""Milliseconds that a worker may take to its first steps."""

WATCH = """
() => {
  window.clicked = window.stopped = 0;
  addEventListener("click", event => { window.clicked ||= event.timeStamp; }, true);
  new MutationObserver(() => {
    if (!window.stopped && document.querySelector(".sx-state.sx-stopped"))
      requestAnimationFrame(() => { window.stopped ||= performance.now(); });
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}
"""


@contextmanager
def app() -> Iterator[str]:
    """The app with a home of its own; its address."""
    with tempfile.TemporaryDirectory() as home:
        before = os.environ.get("SSLREC_HOME")
        os.environ["SSLREC_HOME"] = home
        try:
            with server(ROOT / "app.py") as (address, _):
                wait_until_healthy(address)
                yield address
        finally:
            os.environ.pop("SSLREC_HOME") if before is None else os.environ.update(SSLREC_HOME=before)


def stopped_after(page: Page, address: str, preset: str) -> float:
    """Start a preset, stop it at work; seconds from the click to the frame that says so."""
    page.goto(f"{address}/training")
    page.locator(f".st-key-start-{preset} button").click()
    page.locator(".sx-state.sx-running").wait_for(timeout=STARTED)
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function("window.stopped", timeout=30_000)
    return page.evaluate("window.stopped - window.clicked") / 1000


def main() -> None:
    """Measure in turns, print and keep."""
    parser = argparse.ArgumentParser(description="seconds from a click on Stop to the page that says so")
    parser.add_argument("--rounds", type=int, default=5, help="stops of each preset (default: 5)")
    arguments = parser.parse_args()
    times: dict[str, list[float]] = {preset: [] for preset in PRESETS}
    with app() as address, browser() as chromium:
        page = chromium.new_page()
        for _ in range(arguments.rounds):
            for preset, found in times.items():
                found.append(stopped_after(page, address, preset))
    every = [seconds for found in times.values() for seconds in found]
    report(
        "stop",
        ["preset", "median, s", f"longest, s (target {TARGET})"],
        [
            [preset, f"{statistics.median(found):.2f}", f"{max(found):.2f} ({against(max(found), TARGET)})"]
            for preset, found in times.items()
        ],
        {
            "median_seconds": round(statistics.median(every), 3),
            "longest_seconds": round(max(every), 3),
            "target_seconds": TARGET,
            "stops": len(every),
            "presets": {preset: [round(seconds, 3) for seconds in found] for preset, found in times.items()},
        },
    )


if __name__ == "__main__":
    main()
