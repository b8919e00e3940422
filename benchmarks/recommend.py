"""The recommender's whole answer on 44,110 products: read a text, decode a picture, encode, fuse, search, rank."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from rich.progress import Progress

from benchmarks.support import against, report
from sslrec.data.catalogue import load_catalogue
from sslrec.serving.profile import Profile
from sslrec.serving.recommender import Recommender

ANSWER_TARGET = 25.0
"""Milliseconds, median, from a query of text and picture to the ranked result."""
SEARCH_TARGET = 5.0
"""Milliseconds, median, of the search alone."""
QUERIES = 50
LIKED, DISLIKED = 20, 5
"""Products that a visitor has an opinion on, in the answer that asks for everything at once."""


def milliseconds(task: Callable[[int], object], rounds: int) -> list[float]:
    """How long a task takes, round by round."""
    times = []
    for number in range(rounds):
        began = time.perf_counter()
        task(number)
        times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="milliseconds of the recommender's answer on fashion_products")
    parser.add_argument("--answers", type=int, default=500, help="answers to measure (default: 500)")
    rounds = parser.parse_args().answers
    recommender, catalogue = Recommender(), load_catalogue("fashion_products")
    with Progress(transient=True) as bar:
        encoding = bar.add_task("Encoding", total=None)
        index = recommender.open_catalogue(
            catalogue, lambda done, total: bar.update(encoding, completed=done, total=total)
        )
    rows = np.random.default_rng(0).permutation(len(index))[:QUERIES]
    titles = catalogue.titles
    texts = [titles[row] for row in rows]
    pictures = [catalogue.image(int(row)) for row in rows]
    queries = recommender.encode_texts(texts)

    def answer(number: int) -> object:
        return recommender.recommend(index, texts[number % QUERIES], pictures[number % QUERIES])

    liked = Profile(tuple(map(int, rows[:LIKED])), tuple(map(int, rows[LIKED : LIKED + DISLIKED])))
    some = index.categories[::2]

    def everything(number: int) -> object:
        text, picture = texts[number % QUERIES], pictures[number % QUERIES]
        return recommender.recommend(index, text, picture, k=24, category=some, diversity=0.5, profile=liked)

    def search(number: int) -> object:
        return index.index.search(queries[number % QUERIES], 12)

    for task in (answer, everything, search):
        milliseconds(task, 10)
    answers, searches = milliseconds(answer, rounds), milliseconds(search, rounds)
    personal = statistics.median(milliseconds(everything, rounds))
    found = [recommender.recommend(index, texts[number], pictures[number]) for number in range(10)]
    reasons = milliseconds(lambda number: recommender.reasons(index, found[number % 10]), 50)
    median, alone = statistics.median(answers), statistics.median(searches)
    report(
        "recommend",
        [f"of {len(index):,} products", "milliseconds"],
        [
            ["text and picture to ranked result, median", f"{median:.1f} (target {ANSWER_TARGET:.0f}: "
             f"{against(median, ANSWER_TARGET)})"],
            ["the same, 95th percentile", f"{np.percentile(answers, 95):.1f}"],
            [f"with {LIKED} likes, {DISLIKED} dislikes, a filter and diversity, median", f"{personal:.1f}"],
            ["search alone, median", f"{alone:.2f} (target {SEARCH_TARGET:.0f}: {against(alone, SEARCH_TARGET)})"],
            ["reasons of a page, median", f"{statistics.median(reasons):.1f}"],
        ],
        {
            "answer_median_milliseconds": round(median, 2),
            "answer_median_milliseconds_target": ANSWER_TARGET,
            "answer_p95_milliseconds": round(float(np.percentile(answers, 95)), 2),
            "personal_median_milliseconds": round(personal, 2),
            "search_median_milliseconds": round(alone, 3),
            "search_median_milliseconds_target": SEARCH_TARGET,
            "reasons_median_milliseconds": round(statistics.median(reasons), 2),
            "products": len(index),
            "answers": rounds,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
