"""How much the final loss depends on the initial learning rate, policy by policy.

Every policy trains every task from rates between 1e-5 and 1, one per half decade, with equal step budgets and the same
initial weights and data order for each seed. Finished cells are kept, so an interrupted run goes on where it stopped.
In full it takes hours: see the options. Prints a table per task, writes the figures and a picture of the curves.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rate_cells import TASKS, Cell, step_seconds, train_all
from benchmarks.sensitivity_plot import draw
from benchmarks.support import ROOT, Cells, report
from sslrec.config import settings
from sslrec.learning.optim.policies import POLICIES
from sslrec.runs.tasks import RATELESS

RESULTS = ROOT / "assets" / "results"
RATES = tuple(float(f"{rate:.3g}") for rate in 10 ** np.arange(-5, 0.1, 0.5))
TUNED = ("constant", "cosine")
"""Best rate and better of the two: the reference that a policy is measured against."""
LOSS_TARGET, TIME_TARGET = 1.05, 1.10
"""From any rate, the final loss as a share of the reference's; and the time of a step as a share of constant Adam's."""


def summary(curves: dict[str, dict[float, float]], seconds: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Compare the policies of one task.

    Args:
        curves: by policy and rate the mean final loss, infinite where a seed diverged.
        seconds: by policy the time of a step.

    Returns:
        By policy `best`, `worst` (None: diverged), `area`: the mean over the rates of how far the loss lies above the
        reference as a share of it, at most 1; `within`: from how many of the rates the loss is within the target;
        `time`: of a step, relative to constant Adam's.
    """
    tuned = [min(curve.values()) for name, curve in curves.items() if name in TUNED]
    reference = min(tuned) if tuned else min(min(curve.values()) for curve in curves.values())
    result = {}
    for name, curve in curves.items():
        above = [min(loss / reference - 1, 1.0) if math.isfinite(loss) else 1.0 for loss in curve.values()]
        worst = max(curve.values())
        result[name] = {
            "best": min(curve.values()) if math.isfinite(min(curve.values())) else None,
            "worst": worst if math.isfinite(worst) else None,
            "area": statistics.fmean(above),
            "within": sum(loss <= LOSS_TARGET * reference for loss in curve.values()),
            "rates": len(curve),
            "time": seconds[name] / seconds["constant"] if "constant" in seconds else None,
        }
    return result


def cells_of_table(name: str, row: dict[str, Any]) -> list[str]:
    """One policy's line as it shall be printed."""
    losses = ["diverged" if row[kind] is None else f"{row[kind]:.4f}" for kind in ("best", "worst")]
    spent = "" if row["time"] is None else f"{row['time']:.2f}"
    kept = row["within"] == row["rates"] and (row["time"] or 0) <= TIME_TARGET
    return [
        name,
        *losses,
        f"{row['area']:.3f}",
        f"{row['within']} of {row['rates']}",
        spent,
        "kept" if kept else "missed",
    ]


def key_of(cell: Cell) -> str:
    """The name that a cell is kept under: one for all rates where the policy finds its own."""
    rate = "any" if cell.policy in RATELESS else f"{cell.rate:g}"
    return f"{cell.task}/{cell.data}/{cell.steps}/{cell.policy}/{rate}/{cell.seed}"


def measured_before(path: Path) -> dict[str, dict[str, Any]]:
    """The cells that a file of results says, as far as its tasks have the batches of today."""
    if not path.is_file():
        return {}
    found: dict[str, dict[str, Any]] = {}
    for task, said in json.loads(path.read_text("utf-8"))["figures"]["tasks"].items():
        if said["batch_size"] != TASKS[task].batch_size:
            continue
        for policy, curve in said["losses"].items():
            for rate, losses in curve.items():
                for seed, loss in enumerate(losses):
                    cell = Cell(task, said["data"], policy, float(rate), seed, said["steps"])
                    found[key_of(cell)] = {"loss": loss}
    return found


def train_missing(wanted: list[Cell], cells: Cells, processes: int) -> None:
    """Train what is not kept yet."""
    missing = {key: cell for cell in wanted if (key := key_of(cell)) not in cells.found}
    for done, (cell, loss) in enumerate(train_all(missing.values(), processes), 1):
        cells.put(key_of(cell), {"loss": loss})
        print(f"{done} of {len(missing)}, {key_of(cell)}: {loss}", flush=True)


def main() -> None:
    """Train what is missing, print and keep."""
    parser = argparse.ArgumentParser(description="final loss by initial learning rate and policy")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=list(POLICIES))
    parser.add_argument("--rates", nargs="+", type=float, default=list(RATES))
    parser.add_argument("--seeds", type=int, default=5, help="seeds per cell (default: 5)")
    parser.add_argument("--steps", type=int, help="step budget instead of each task's own")
    parser.add_argument("--data", choices=("mnist", "digits"), default="mnist")
    parser.add_argument("--cells", type=Path, default=settings().home_dir / "partial" / "learning_rates.json")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that train beside each other")
    parser.add_argument("--go-on", action="store_true", help="take what the result file has, and train the rest")
    parser.add_argument("--name", default="learning_rates", help="of the result files in assets/results")
    options = parser.parse_args()

    def cell(task: str, policy: str, rate: float, seed: int) -> Cell:
        return Cell(task, options.data, policy, rate, seed, options.steps or TASKS[task].steps)

    # Seeds outermost: what a run that is cut short has done is whole.
    wanted = [
        cell(task, policy, rate, seed)
        for seed in range(options.seeds)
        for task in options.tasks
        for rate, policy in product(options.rates, options.policies)
    ]
    cells = Cells(options.cells)
    if options.go_on:
        cells.found = {**measured_before(RESULTS / f"{options.name}.json"), **cells.found}
    train_missing(wanted, cells, options.processes)

    columns = ["task, policy", "best", "worst", "area above tuned Adam", "rates within 5 %", "time of a step", "target"]
    rows: list[list[str]] = []
    figures: dict[str, Any] = {"loss_target": LOSS_TARGET, "time_target": TIME_TARGET, "tasks": {}}
    for task in options.tasks:
        losses = {
            policy: {
                rate: [cells.found[key_of(cell(task, policy, rate, seed))]["loss"] for seed in range(options.seeds)]
                for rate in options.rates
            }
            for policy in options.policies
        }
        curves = {
            policy: {rate: math.inf if None in found else statistics.fmean(found) for rate, found in curve.items()}
            for policy, curve in losses.items()
        }
        seconds = step_seconds(task, options.data, options.policies)
        compared = summary(curves, seconds)
        rows += [cells_of_table(f"{task}, {name}", row) for name, row in compared.items()]
        figures["tasks"][task] = {
            "data": options.data,
            "steps": options.steps or TASKS[task].steps,
            "seeds": options.seeds,
            "batch_size": TASKS[task].batch_size,
            "losses": {name: {f"{rate:g}": found for rate, found in curve.items()} for name, curve in losses.items()},
            "policies": compared,
            "seconds": {name: round(value, 5) for name, value in seconds.items()},
        }
        RESULTS.mkdir(parents=True, exist_ok=True)
        picture = draw(curves, f"{task}: final loss by initial rate")
        (RESULTS / f"{options.name}_{task}.svg").write_text(picture, "utf-8")
    report(options.name, columns, rows, figures)


if __name__ == "__main__":
    main()
