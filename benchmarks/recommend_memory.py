"""The server's resident memory while a visitor uses the Recommend page with 44,110 products. Linux only."""

from __future__ import annotations

import argparse
from functools import partial

from playwright.sync_api import Page
from rich.progress import Progress

from benchmarks.memory import settle, told, watch
from benchmarks.support import against, report
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
    prepare()
    visits = {
        "builtin in use": partial(use_page, catalogue="builtin"),
        "products in use": partial(use_page, catalogue="fashion_products"),
    }
    stages = watch(visits)
    figures, rows = told(stages)
    rows[3][1] += f" (target {TARGET:.0f}: {against(stages['products in use'], TARGET)})"
    report("recommend_memory", ["server", "resident"], rows, {**figures, "products_in_use_megabytes_target": TARGET})


if __name__ == "__main__":
    main()
