"""What a training costs those who use the app meanwhile: answers of the server, strokes on the digits page.

The app, a headless browser and a training worker, as the app starts it, share this machine. In turns the worker
trains and is paused, so that what else the machine does falls on both alike.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Page

from benchmarks.drawing import clear
from benchmarks.stroke_latency import QUIET, open_and_watch, stroke_to_result
from benchmarks.support import ROOT, against, browser, report, server, wait_until_healthy
from sslrec.data import digits
from sslrec.runs.control import Controller
from sslrec.runs.events import Command, RunConfig, Status

TARGET = 2.0
"""Largest ratio of the median while a training runs to the median while none does."""
STATES = ("idle", "training")
SECONDS = 120.0
"""How long the worker may take to do what it is told."""


def files() -> list[bytes]:
    """Fifty digits as PNG files."""
    found = []
    for image in digits.load("digits").x_test[:50]:
        buffer = io.BytesIO()
        Image.fromarray(image).resize((280, 280)).save(buffer, "PNG")
        found.append(buffer.getvalue())
    return found


def answers(address: str, pictures: list[bytes], count: int) -> list[float]:
    """Milliseconds that a client waits for the answer to a picture, time after time."""
    times = []
    with httpx.Client(base_url=address) as client:
        for number in range(count):
            began = time.perf_counter()
            client.post("/api/digits", content=pictures[number % len(pictures)]).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
    return times


def strokes(page: Page, count: int, turn: int) -> list[float]:
    """Milliseconds from the ends of strokes to their results."""
    clear(page)
    page.wait_for_timeout(2 * QUIET)
    return [stroke_to_result(page, turn + number) for number in range(count)]


def bring_to(controller: Controller, run_id: str, status: Status) -> int:
    """Wait until a run is in a state; returns the steps that it has made."""
    limit = time.monotonic() + SECONDS
    while (view := controller.view(run_id)).status is not status or not view.step:
        if time.monotonic() > limit or not view.status.alive:
            raise RuntimeError(f"the training is {view.status} ({view.message}), not {status}")
        time.sleep(0.05)
    return view.step


def main() -> None:
    """Measure in turns, print and keep."""
    parser = argparse.ArgumentParser(description="milliseconds of answers while a training runs and while none does")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default: 5)")
    parser.add_argument("--answers", type=int, default=100, help="answers of a turn (default: 100)")
    parser.add_argument("--strokes", type=int, default=4, help="strokes of a turn (default: 4)")
    arguments = parser.parse_args()
    pictures, data = files(), "mnist" if digits.find("mnist") else "digits"
    times: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in STATES} for kind in ("answer", "stroke")}
    steps = 0
    with tempfile.TemporaryDirectory() as home, server(ROOT / "app.py") as (address, _), browser() as chromium:
        controller = Controller(Path(home), owner_seconds=3600)
        try:
            run_id = controller.start(RunConfig("autoencoder", data, epochs=1000), "benchmark")
            wait_until_healthy(address)
            page = chromium.new_page()
            open_and_watch(page, f"{address}/digits", "studio")
            stroke_to_result(page, 0.0)  # loads the models, and is not counted
            answers(address, pictures, 10)
            bring_to(controller, run_id, Status.RUNNING)
            for turn in range(arguments.rounds):
                for name, command, status in zip(
                    STATES, (Command.PAUSE, Command.RESUME), (Status.PAUSED, Status.RUNNING), strict=True
                ):
                    controller.command(run_id, command)
                    before = bring_to(controller, run_id, status)
                    times["answer"][name] += answers(address, pictures, arguments.answers)
                    times["stroke"][name] += strokes(page, arguments.strokes, turn)
                    steps += controller.view(run_id).step - before
            controller.command(run_id, Command.STOP)
        finally:
            controller.close()
    if not steps:
        raise RuntimeError("the training made no step")
    medians = {kind: {name: statistics.median(found) for name, found in by.items()} for kind, by in times.items()}
    ratios = {kind: found["training"] / found["idle"] for kind, found in medians.items()}
    words = {"answer": "answer to a picture file, by HTTP", "stroke": "end of a stroke to its result, in the browser"}
    report(
        "answer_training",
        ["milliseconds, median", *STATES, f"ratio (target {TARGET:.0f})"],
        [
            [
                words[kind],
                *(f"{found[name]:.1f}" for name in STATES),
                f"{ratios[kind]:.2f} ({against(ratios[kind], TARGET)})",
            ]
            for kind, found in medians.items()
        ],
        {
            **{
                f"{kind}_{name}_median_milliseconds": round(found[name], 2)
                for kind, found in medians.items()
                for name in STATES
            },
            **{f"{kind}_ratio": round(ratio, 3) for kind, ratio in ratios.items()},
            "ratio_target": TARGET,
            "answers": len(times["answer"]["idle"]),
            "strokes": len(times["stroke"]["idle"]),
            "training_steps": steps,
            "data": data,
        },
    )


if __name__ == "__main__":
    main()
