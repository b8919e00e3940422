"""The memory that the Language page adds to an idle server. Linux only."""

from __future__ import annotations

import argparse

from playwright.sync_api import Page

from benchmarks.memory import settle, told, watch
from benchmarks.support import against, report

TARGET = 60.0
"""Megabytes (10^6 bytes) above the server with its home page open."""
VIEWS = ("show=attention", "show=likeness", "show=pieces", "show=model")
EXAMPLES = 5
LONG = "The old captain looked at the [MASK] for a long time and said nothing. " * 12


def use_page(page: Page, address: str) -> None:
    """Fill the gaps of every example in every view, then those of a text too long to be read whole."""
    for view in VIEWS:
        page.goto(f"{address}/language?{view}")
        settle(page)
        examples = page.locator(".st-key-examples button")
        examples.first.wait_for()
        for number in range(EXAMPLES):
            examples.nth(number).click()
            settle(page)
    box = page.locator("textarea").first
    box.fill(LONG)
    box.press("Control+Enter")
    settle(page)


def main() -> None:
    """Measure, print and keep."""
    argparse.ArgumentParser(description="the memory that the Language page adds to an idle server").parse_args()
    stages = watch({"language page in use": use_page})
    added = stages["language page in use"] - stages["home page open"]
    figures, rows = told(stages)
    figures |= {"language_page_adds_megabytes": round(added, 1), "language_page_adds_megabytes_target": TARGET}
    rows.append(["added by the page", f"{added:.0f} MB (target {TARGET:.0f}: {against(added, TARGET)})"])
    report("language_memory", ["server", "resident"], rows, figures)


if __name__ == "__main__":
    main()
