"""The rows of the README that tell times and memory, each from the figures that a benchmark has kept."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.support import ROOT

RESULTS = ROOT / "assets" / "results"


def speed_figures() -> str:
    """The figures of the benchmarks that have been run, as Markdown."""
    rows, cores = [], 0
    for name, words in {
        "answer": "server's answer for one picture file: {median_milliseconds:.1f} ms",
        "answer_training": "the same by HTTP: {answer_idle_median_milliseconds:.1f} ms, "
        "{answer_training_median_milliseconds:.1f} ms while a training runs; end of a stroke to the new result then "
        "{stroke_ratio:.2f} times that of a quiet server",
        "stop": "a click on Stop to the page that says so, while a training is at work: {median_seconds:.2f} s, at "
        "most {longest_seconds:.2f} s of {stops}",
        "training": "steps of a training with live metrics and checkpoints: {share:.2f} times those of "
        "`keras.Model.fit` without callbacks",
        "stroke_latency": "end of a stroke to the new result in the browser: {median_milliseconds_studio:.0f} ms, "
        "{ratio:.2f} times an empty canvas",
        "startup": "`streamlit run` to the first page: {ratio:.2f} times a trivial app",
        "recommend": "text and picture to a ranked result of {products:,} products: "
        "{answer_median_milliseconds:.1f} ms, with likes, a filter and diversity {personal_median_milliseconds:.1f} "
        "ms; exact search alone {search_median_milliseconds:.1f} ms",
        "channels": "a catalogue through channels, towers and index: {products_per_second_through_channels:,.0f} "
        "products a second, {speedup:.2f} times the same stages one after another and {to_tensorflow_data:.2f} times "
        "`tf.data`; peak memory beyond the result {peak_beyond_result_megabytes_5000:.0f} MB with 5,000 products, "
        "{peak_beyond_result_megabytes_44110:.0f} MB with 44,110",
        "adapt": "the recommender adapted to a catalogue, and how often the right one of its held-out pictures is "
        "among the best 10 for its name: {fashion_products:,} fashion products in {fashion_adapt_seconds:.0f} s, "
        "{fashion_before_recall_at_10:.1%} before and {fashion_after_recall_at_10:.1%} after (of {fashion_held_out}); "
        "{films_products:,} films and their posters in {films_adapt_seconds:.0f} s, "
        "{films_before_recall_at_10:.1%} before and {films_after_recall_at_10:.1%} after (of {films_held_out})",
        "memory": "server's memory with the digits page in use: {digits_page_in_use_megabytes:.0f} MB",
        "recommend_memory": "server's memory with the recommend page in use: {builtin_in_use_megabytes:.0f} MB with "
        "the built-in catalogue, {products_in_use_megabytes:.0f} MB with 44,110 products",
        "language_memory": "what the language page adds to an idle server: {language_page_adds_megabytes:.0f} MB",
    }.items():
        path = RESULTS / f"{name}.json"
        if path.is_file():
            result = json.loads(path.read_text("utf-8"))
            figures, cores = result["figures"], result["machine"]["cores"]
            rows.append("- " + words.format(**figures, **_within(figures)))
    return "\n".join([f"Median times and memory on {cores} cores:", "", *rows]) if rows else ""


def _within(figures: dict[str, Any]) -> dict[str, float]:
    """Figures of groups, each under the groups' names and its own."""
    groups = {name: {**group, **_within(group)} for name, group in figures.items() if isinstance(group, dict)}
    return {f"{name}_{key}": figure for name, group in groups.items() for key, figure in group.items()}
