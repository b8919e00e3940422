"""The server's resident memory while a visitor uses everything on the digits page. Linux only."""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from benchmarks.drawing import clear, draw_stroke
from benchmarks.support import ROOT, against, browser, report, server, wait_until_healthy
from sslrec.data import digits

TARGET = 200.0
"""Megabytes (10^6 bytes)."""

VIEWS = ("", "?input=samples", "?play=repair", "?play=walk", "?labels=all")


def resident(process: int, peak: bool = False) -> float:
    """Resident memory of a process and its children, in megabytes.

    Args:
        process: the process id.
        peak: the highest value so far instead of the present one.
    """
    field = "VmHWM" if peak else "VmRSS"
    found = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    own = int(found.group(1)) * 1024 / 1e6 if found else 0.0
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return own + sum(resident(int(child), peak) for child in children)


def watch(visits: Mapping[str, Callable[[Page, str], None]]) -> dict[str, float]:
    """Start a server, open the home page, then make the visits one after another.

    Args:
        visits: by name, what a visitor does, given the page and the server's address.

    Returns:
        Megabytes: `started`, `home page open`, after each visit by its name, and `peak`.
    """
    if not sys.platform.startswith("linux"):
        sys.exit("This reads /proc, which only Linux has.")
    stages: dict[str, float] = {}
    with server(ROOT / "app.py") as (address, process), browser() as chromium:
        wait_until_healthy(address)
        stages["started"] = resident(process)
        page = chromium.new_page()
        page.goto(address)
        settle(page)
        stages["home page open"] = resident(process)
        for name, visit in visits.items():
            visit(page, address)
            stages[name] = resident(process)
        stages["peak"] = resident(process, peak=True)
    return stages


def told(stages: Mapping[str, float]) -> tuple[dict[str, float], list[list[str]]]:
    """What `watch` gave, as figures to keep and as rows of a table."""
    figures = {name.replace(" ", "_") + "_megabytes": round(value, 1) for name, value in stages.items()}
    return figures, [[name, f"{value:.0f} MB"] for name, value in stages.items()]


def settle(page: Page) -> None:
    """Wait until the page's script has ended."""
    page.wait_for_timeout(500)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def use_page(page: Page, address: str) -> None:
    """Draw in every view of the page, then upload twenty pictures."""
    for view in VIEWS:
        page.goto(f"{address}/digits{view}")
        settle(page)
        if "samples" in view:
            continue
        page.locator("canvas[role=application]").wait_for()
        for stroke in range(6):
            if stroke % 3 == 0:
                clear(page)
            draw_stroke(page, stroke)
            settle(page)
    page.goto(f"{address}/digits?input=upload")
    settle(page)
    files = []
    for index, image in enumerate(digits.load("digits").x_test[:20]):
        buffer = io.BytesIO()
        Image.fromarray(image).resize((560, 560)).save(buffer, "PNG")
        files.append({"name": f"{index}.png", "mimeType": "image/png", "buffer": buffer.getvalue()})
    page.locator("input[type=file]").set_input_files(files)
    page.wait_for_timeout(2000)
    settle(page)


def main() -> None:
    """Measure, print and keep."""
    argparse.ArgumentParser(description="the server's memory with the digits page in use").parse_args()
    stages = watch({"digits page in use": use_page})
    figures, rows = told(stages)
    rows[2][1] += f" (target {TARGET:.0f}: {against(stages['digits page in use'], TARGET)})"
    report("memory", ["server", "resident"], rows, {**figures, "digits_page_in_use_megabytes_target": TARGET})


if __name__ == "__main__":
    main()
