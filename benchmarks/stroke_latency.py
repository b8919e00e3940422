"""From the end of a stroke to the updated result on the digits page, beside the same canvas with nothing behind it.

Both pages are open in one headless browser and drawn on in turn. Each watches its own result (here the
picture of what the model sees, there the echo) and notes the frame in which it last changed; the time
counts from the pointer's release. Strokes take a quarter of a second, so that earlier results come
while the stroke is still being drawn.
"""

from __future__ import annotations

import argparse
import statistics
from contextlib import suppress

import numpy as np
from playwright.sync_api import Page, TimeoutError

from benchmarks.drawing import clear, draw_stroke
from benchmarks.support import APPS, ROOT, against, browser, report, server, wait_until_healthy

TARGET = 150.0
"""Milliseconds, median."""
RATIO_TARGET = 1.5
"""Largest ratio to the empty canvas."""
QUIET = 600
"""Milliseconds without a change after which a result counts as the stroke's last."""

WATCH = """
read => {
  const value = new Function("return " + read);
  window.released = 0;
  window.changes = [];
  let last = value();
  addEventListener("pointerup", () => { window.released = performance.now(); }, true);
  new MutationObserver(() => {
    const now = value();
    if (now === last) return;
    last = now;
    requestAnimationFrame(() => window.changes.push(performance.now()));
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""
SETTLED = f"""
window.changes.some(change => change > window.released) && performance.now() - window.changes.at(-1) > {QUIET}
"""
RESULTS = {
    "empty": "document.querySelector('.echo')?.textContent",
    "studio": "document.querySelector('.sx-tiles img')?.src",
}


def open_and_watch(page: Page, address: str, name: str) -> None:
    """Open a page and begin to note the changes of its result."""
    page.goto(address)
    page.locator("canvas[role=application]").wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.evaluate(WATCH, RESULTS[name])


def stroke_to_result(page: Page, turn: float) -> float:
    """Draw a stroke; milliseconds from its end to the last change of the result.

    On a busy machine the hand may rest at the end of a stroke for so long that the last result comes
    before the pointer is released; such a stroke measures nothing, and another one is drawn.

    Raises:
        RuntimeError: the page answers no stroke any more.
    """
    page.bring_to_front()
    for attempt in range(5):
        page.evaluate("window.changes = []")
        draw_stroke(page, turn + attempt / 10)
        with suppress(TimeoutError):
            page.wait_for_function(SETTLED, timeout=5000)
            return page.evaluate("window.changes.at(-1) - window.released")
    raise RuntimeError("the page shows no new result after a stroke")


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="milliseconds from the end of a stroke to the updated result")
    parser.add_argument("--strokes", type=int, default=40, help="strokes on each page (default: 40)")
    strokes = parser.parse_args().strokes
    times: dict[str, list[float]] = {name: [] for name in RESULTS}
    with (
        server(APPS / "empty_canvas.py") as (empty, _),
        server(ROOT / "app.py") as (studio, _),
        browser() as chromium,
    ):
        pages = {}
        for name, address, path in (("empty", empty, "/"), ("studio", studio, "/digits")):
            wait_until_healthy(address)
            pages[name] = chromium.new_page()
            open_and_watch(pages[name], address + path, name)
            stroke_to_result(pages[name], 0.0)  # loads the models, and is not counted
        for stroke in range(strokes):
            for name, page in pages.items():
                if stroke % 3 == 0:
                    page.bring_to_front()
                    clear(page)
                    page.wait_for_timeout(2 * QUIET)
                times[name].append(stroke_to_result(page, stroke))
    medians = {name: round(statistics.median(values), 1) for name, values in times.items()}
    slow = {name: round(float(np.percentile(values, 90)), 1) for name, values in times.items()}
    ratio = round(medians["studio"] / medians["empty"], 3)
    rows = [[name, f"{medians[name]:.0f} ms", f"{slow[name]:.0f} ms"] for name in RESULTS]
    rows[1][1] += f" (target {TARGET:.0f}: {against(medians['studio'], TARGET)})"
    rows.append(["ratio", f"{ratio:.2f} (target {RATIO_TARGET}: {against(ratio, RATIO_TARGET)})", ""])
    report(
        "stroke_latency",
        ["page", "median", "90th percentile"],
        rows,
        {
            "median_milliseconds": medians,
            "median_milliseconds_target": TARGET,
            "p90_milliseconds": slow,
            "ratio": ratio,
            "ratio_target": RATIO_TARGET,
            "strokes": strokes,
        },
    )


if __name__ == "__main__":
    main()
