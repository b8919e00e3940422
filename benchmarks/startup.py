"""From `streamlit run` to the first page rendered in a browser, beside a trivial app.

Both are started in turn, each round in a fresh process and a browser context without a cache; the
figures are medians. A page counts as rendered when its main heading is visible and its script has ended.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.support import APPS, ROOT, against, browser, report, server, wait_until_healthy

TARGET = 1.3
"""Largest ratio to the trivial app."""

SCRIPTS = {"trivial": APPS / "trivial.py", "studio": ROOT / "app.py"}


def seconds_to_first_page(script: Path, chromium: Browser) -> tuple[float, float]:
    """Start a script once; seconds until its server is healthy and until its page is rendered."""
    began = time.perf_counter()
    with server(script) as (address, _):
        wait_until_healthy(address)
        healthy = time.perf_counter() - began
        page = chromium.new_page()
        page.goto(address)
        page.locator("h1").first.wait_for(state="visible", timeout=60_000)
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=60_000)
        rendered = time.perf_counter() - began
        page.close()
    return healthy, rendered


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="from `streamlit run` to the first page, beside a trivial app")
    parser.add_argument("--rounds", type=int, default=7, help="starts of each app (default: 7)")
    rounds = parser.parse_args().rounds
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in SCRIPTS}
    with browser() as chromium:
        for script in SCRIPTS.values():
            seconds_to_first_page(script, chromium)  # fills the disk cache, and is not counted
        for _ in range(rounds):
            for name, script in SCRIPTS.items():
                times[name].append(seconds_to_first_page(script, chromium))
    medians = {
        name: {
            "healthy_seconds": round(statistics.median(healthy for healthy, _ in pairs), 3),
            "rendered_seconds": round(statistics.median(rendered for _, rendered in pairs), 3),
        }
        for name, pairs in times.items()
    }
    ratio = round(medians["studio"]["rendered_seconds"] / medians["trivial"]["rendered_seconds"], 3)
    rows = [
        [name, f"{median['healthy_seconds']:.2f} s", f"{median['rendered_seconds']:.2f} s"]
        for name, median in medians.items()
    ]
    rows.append(["ratio", "", f"{ratio:.2f} (target {TARGET}: {against(ratio, TARGET)})"])
    report(
        "startup",
        ["app", "server healthy", "first page rendered"],
        rows,
        {**medians, "ratio": ratio, "ratio_target": TARGET, "rounds": rounds},
    )


if __name__ == "__main__":
    main()
