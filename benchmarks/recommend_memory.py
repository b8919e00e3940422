"""The server's resident memory while a visitor uses the Recommend page with 44,110 products. Linux only."""

from __future__ import annotations

import argparse
import sys

from playwright.sync_api import Page
from rich.progress import Progress

from benchmarks.memory import resident, settle
from benchmarks.support import ROOT, against, browser, report, server, wait_until_healthy
from sslrec.data.catalogue import load_catalogue
from sslrec.serving.recommender import Recommender

TARGET = 300.0
"""Megabytes (10^6 bytes)."""
VIEWS = ("q=red+shoes", "q=black+watch&view=compare", "q=blue+shirt&p=3", "q=green+bag&variety=80", "q=jeans&view=map")


def prepare() -> None:
    """Encode the catalogue, so that the server finds its vectors kept."""
    with Progress(transient=True) as bar:
        encoding = bar.add_task("Encoding", total=None)
        Recommender().open_catalogue(
            load_catalogue("fashion_products"), lambda done, total: bar.update(encoding, completed=done, total=total)
        )


def use_page(page: Page, address: str, catalogue: str) -> None:
    """Ask in every view of the page."""
    for view in VIEWS:
        page.goto(f"{address}/recommend?catalog={catalogue}&{view}")
        page.wait_for_timeout(1500)
        settle(page)


def main() -> None:
    """Measure, print and keep."""
    argparse.ArgumentParser(description="the server's memory with the Recommend page in use").parse_args()
    if not sys.platform.startswith("linux"):
        sys.exit("This reads /proc, which only Linux has.")
    prepare()
    stages: dict[str, float] = {}
    with server(ROOT / "app.py") as (address, process), browser() as chromium:
        wait_until_healthy(address)
        page = chromium.new_page()
        page.goto(address)
        settle(page)
        stages["home page open"] = resident(process)
        use_page(page, address, "builtin")
        stages["built-in catalogue in use"] = resident(process)
        use_page(page, address, "fashion_products")
        stages["44,110 products in use"] = resident(process)
        stages["peak"] = resident(process, peak=True)
    names = ("home_page_open", "builtin_in_use", "products_in_use", "peak")
    figures = {f"{name}_megabytes": round(value, 1) for name, value in zip(names, stages.values(), strict=True)}
    rows = [[name, f"{value:.0f} MB"] for name, value in stages.items()]
    rows[2][1] += f" (target {TARGET:.0f}: {against(stages['44,110 products in use'], TARGET)})"
    report("recommend_memory", ["server", "resident"], rows, {**figures, "products_in_use_megabytes_target": TARGET})


if __name__ == "__main__":
    main()
