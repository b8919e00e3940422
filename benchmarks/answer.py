"""The server's whole answer for one digit: decode a PNG, prepare, encode, decode, classify, novelty."""

from __future__ import annotations

import argparse
import io
import statistics
import time

import numpy as np
from PIL import Image

from benchmarks.support import against, report
from sslrec.data import digits
from sslrec.serving.digits import DigitReader

TARGET = 3.0
"""Milliseconds, median."""


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="milliseconds of the server's answer for one digit")
    parser.add_argument("--answers", type=int, default=500, help="answers to measure (default: 500)")
    answers = parser.parse_args().answers
    files = []
    for image in digits.load("digits").x_test[:50]:
        buffer = io.BytesIO()
        Image.fromarray(image).resize((280, 280)).save(buffer, "PNG")
        files.append(buffer.getvalue())
    reader = DigitReader()
    reader.warm_up()
    times = []
    for index in range(answers):
        began = time.perf_counter()
        reader.read_bytes(files[index % len(files)], "digit.png")
        times.append((time.perf_counter() - began) * 1000)
    median, slow = statistics.median(times), float(np.percentile(times, 95))
    report(
        "answer",
        ["280x280 PNG to result", "milliseconds"],
        [
            ["median", f"{median:.2f} (target {TARGET:.0f}: {against(median, TARGET)})"],
            ["95th percentile", f"{slow:.2f}"],
        ],
        {
            "median_milliseconds": round(median, 3),
            "median_milliseconds_target": TARGET,
            "p95_milliseconds": round(slow, 3),
            "answers": answers,
        },
    )


if __name__ == "__main__":
    main()
