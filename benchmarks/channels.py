"""Products a second and peak memory of the pipeline over channels, beside the same stages in other ways. Linux only.

Every figure comes from a process of its own; the ways take turns, so that a busy moment meets all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from benchmarks.channel_ways import WAYS
from benchmarks.support import ROOT, against, report
from sslrec.data.catalogue import load_catalogue

SPEEDUP_TARGET = 1.5
"""Times the stages one after another, on two cores."""
TENSORFLOW_TARGET = 1.0
"""Times `tf.data` over the same stages."""
FLAT_TARGET = 1.1
"""Largest over smallest of the peaks of memory beyond the result."""
SIZES = (5_000, 20_000)
"""Products, besides all of them, that memory is measured at."""
NAMES = {
    "one_after_another": "the stages one after another",
    "through_channels": "pipeline over channels",
    "tensorflow_data": "tf.data, same stages (map, prefetch, zip)",
    "tensorflow_data_own_decoder": "tf.data, TensorFlow's own JPEG decoder",
}


def measure(way: str, items: int, file: Path) -> dict[str, float]:
    """Run one way in a process of its own; its vectors are left in `file`."""
    command = [sys.executable, "-m", "benchmarks.channel_ways", way, str(items), str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def check_equal(file: Path, reference: Path) -> None:
    """Make sure that a way has computed the same vectors as the stages one after another."""
    found, wanted = np.load(file, mmap_mode="r"), np.load(reference, mmap_mode="r")
    worst = float((found * wanted).sum(axis=1).min())
    # Padding to another length may round in another place; a vector at another product's place is far off.
    if len(found) != len(wanted) or worst < 0.999:
        sys.exit(f"{file.stem} has other vectors than {reference.stem}: a cosine is {worst:.4f}")


def run_all(items: int, sizes: list[int], rounds: int) -> tuple[dict[str, list[dict[str, float]]], dict[int, float]]:
    """Every way's runs, and the pipeline's peaks in megabytes by number of products."""
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    peaks: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder, Progress(transient=True) as bar:
        files = {way: Path(folder) / f"{way}.npy" for way in WAYS}
        working = bar.add_task("Measuring", total=rounds * len(WAYS) + len(sizes))
        for size in sizes:
            peaks[size] = measure("through_channels", size, files["through_channels"])["peak_megabytes"]
            bar.advance(working)
        for _ in range(rounds):
            for way, file in files.items():
                runs[way].append(measure(way, items, file))
                bar.advance(working)
        for way in ("through_channels", "tensorflow_data"):
            check_equal(files[way], files["one_after_another"])
    peaks[items] = max(run["peak_megabytes"] for run in runs["through_channels"])
    return runs, peaks


def figures_of(items: int, runs: dict[str, list[dict[str, float]]], peaks: dict[int, float]) -> dict[str, Any]:
    """What is kept."""
    paces = {way: items / statistics.median(run["seconds"] for run in found) for way, found in runs.items()}
    return {
        "products": items,
        "rounds": len(runs["through_channels"]),
        "products_per_second": {way: round(pace, 1) for way, pace in paces.items()},
        "speedup": round(paces["through_channels"] / paces["one_after_another"], 3),
        "speedup_target": SPEEDUP_TARGET,
        "to_tensorflow_data": round(paces["through_channels"] / paces["tensorflow_data"], 3),
        "to_tensorflow_data_target": TENSORFLOW_TARGET,
        "peak_beyond_result_megabytes": {str(size): round(peak, 1) for size, peak in sorted(peaks.items())},
        "peak_spread": round(max(peaks.values()) / min(peaks.values()), 3),
        "peak_spread_target": FLAT_TARGET,
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="the pipeline over channels on fashion_products, beside other ways")
    parser.add_argument("--items", type=int, help="products (default: all 44,110)")
    parser.add_argument("--rounds", type=int, default=2, help="times that each way runs (default: 2)")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        sys.exit("This reads /proc, which only Linux has.")
    items = min(given.items or sys.maxsize, len(load_catalogue("fashion_products")))
    runs, peaks = run_all(items, [size for size in SIZES if size < items], given.rounds)
    figures = figures_of(items, runs, peaks)
    paces, cpu = figures["products_per_second"], {way: min(run["cpu_seconds"] for run in runs[way]) for way in WAYS}
    rows = [
        [NAMES[way], f"{pace:,.0f} products a second, {cpu[way] / items * 1e3:.2f} ms of processor each"]
        for way, pace in paces.items()
    ]
    rows += [
        ["pipeline against one after another", _times(figures["speedup"], SPEEDUP_TARGET)],
        ["pipeline against tf.data", _times(figures["to_tensorflow_data"], TENSORFLOW_TARGET)],
        *([f"pipeline's peak memory less the result, {int(size):,}", f"{peak:.0f} MB"]
          for size, peak in figures["peak_beyond_result_megabytes"].items()),
        ["largest of smallest peak", f"{figures['peak_spread']:.2f} (target {FLAT_TARGET}: "
         f"{against(figures['peak_spread'], FLAT_TARGET)})"],
    ]  # fmt: skip
    report("channels", [f"of {items:,} products", "figure"], rows, figures)


def _times(found: float, target: float) -> str:
    return f"{found:.2f} times (target {target}: {against(target, found)})"


if __name__ == "__main__":
    main()
