"""What adapting to a catalogue gains, and how long it takes: films with their posters, a part of the fashion products.

Each is ingested and adapted to by the commands that a user types; `python -m sslrec catalog adapt --help` says what is
measured. The films' weights are thrown away.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from benchmarks.support import ROOT, against, report
from sslrec.config import settings
from sslrec.data.shops import FASHION_FILES

ITEMS = 2000
SECONDS = 300.0
"""The target for `ITEMS` products on two cores."""


def films(folder: Path, data: Path) -> tuple[Path, Path]:
    """A table of the films that have a poster, with their plots, and the posters."""
    with gzip.open(data / "movielens" / "items.csv.gz", "rt", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["has_poster"] == "1"]
    return _table(
        folder, ((row["movieId"], row["title"], row["plot"]) for row in rows)
    ), data / "movielens" / "posters.zip"


def fashion(folder: Path, data: Path, seed: int) -> tuple[Path, Path]:
    """A table of `ITEMS` fashion products, and their pictures."""
    styles, images = (data / "fashion_products" / name for name in FASHION_FILES)
    with styles.open(encoding="utf-8") as stream:
        rows = random.Random(seed).sample(list(csv.DictReader(stream)), ITEMS)
    with zipfile.ZipFile(images) as source, zipfile.ZipFile(folder / "pictures.zip", "w") as part:
        names = {Path(name).name: name for name in source.namelist()}
        for row in rows:
            part.writestr(f"{row['id']}.jpg", source.read(names[f"{row['id']}.jpg"]))
    return _table(folder, ((row["id"], row["productDisplayName"], "") for row in rows)), folder / "pictures.zip"


def _table(folder: Path, rows: Any) -> Path:
    path = folder / "items.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "title", "description", "picture"))
        writer.writerows((*row, f"{row[0]}.jpg") for row in rows)
    return path


def measure(table: Path, pictures: Path, folder: Path, seed: int) -> dict[str, Any]:
    """Ingest and adapt; the last line of the command's JSON, and the seconds of both commands."""
    environment = {**os.environ, "SSLREC_HOME": str(folder / "home")}

    def run(*words: str) -> tuple[str, float]:
        began = time.perf_counter()
        command = [sys.executable, "-m", "sslrec", "catalog", *words, "--json"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        return done.stdout, time.perf_counter() - began

    _, ingested = run("ingest", str(table), "--images", str(pictures), "--out", str(folder / "shop"))
    said, adapted = run("adapt", str(folder / "shop"), "--seed", str(seed))
    found = json.loads(said.splitlines()[-1])
    del found["event"], found["out"]
    return {**found, "ingest_seconds": round(ingested, 1), "adapt_seconds": round(adapted, 1)}


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="what adapting to a catalogue gains")
    parser.add_argument("--seed", type=int, default=0, help="draws the fashion products and decides the training")
    seed, data = parser.parse_args().seed, settings().data_dir
    if data is None:
        sys.exit("SSLREC_DATA names no folder; this needs its movielens and fashion_products.")
    figures: dict[str, Any] = {}
    for name, make in (
        ("fashion", lambda folder: fashion(folder, data, seed)),
        ("films", lambda folder: films(folder, data)),
    ):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            figures[name] = measure(*make(folder), folder, seed)
    rows = [
        [f"{name}: {found['products']:,} taught, {found['held_out']} held out", *(
            f"{found['before'][f'recall_at_{k}']:.3f} to {found['after'][f'recall_at_{k}']:.3f}" for k in (1, 5, 10)
        ), f"{found['kept']:.0%}", f"{found['adapt_seconds']:.0f} s"]
        for name, found in figures.items()
    ]  # fmt: skip
    rows[0][-1] += f" (target {SECONDS:.0f}: {against(figures['fashion']['adapt_seconds'], SECONDS)})"
    columns = ["catalogue", "R@1", "R@5", "R@10", "kept", "time"]
    report("adapt", columns, rows, {**figures, "seed": seed, "fashion_seconds_target": SECONDS})


if __name__ == "__main__":
    main()
