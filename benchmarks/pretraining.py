"""What the pretrained text tower buys the recommender: names find pictures with it and with one from scratch.

Both learn from the same products, in the same order, with the same picture tower from scratch; they differ in where the
weights of the text tower come from. Measured on the first held-out products, whose names neither they nor the language
model ever saw. Finished trainings are kept, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.support import Cells, report
from sslrec.config import settings
from sslrec.data.catalogue import load_catalogue
from sslrec.data.near_names import near_names
from sslrec.data.products import Products, load_held_out, load_products
from sslrec.data.tokens import TextTokenizer
from sslrec.data.vocabulary import load_tokenizer
from sslrec.evaluation.ranking import hit_at_k
from sslrec.evaluation.significance import mean_interval
from sslrec.learning.encoders.image import HEIGHT, WIDTH
from sslrec.learning.loop import fit
from sslrec.learning.recipes.multimodal import NEAR, make_schedule, start_towers
from sslrec.learning.tasks.multimodal import MultimodalTask
from sslrec.runs.events import RunConfig

DATA = "fashion_products"
STARTS = ("pretrained", "scratch")
GALLERY = 1000
"""Held-out products that are searched, the first ones as in `python -m sslrec evaluate recommender`."""
KS = (1, 10)


def train(
    config: RunConfig, parts: tuple[Products, Products, Products], near: np.ndarray, tokenizer: TextTokenizer
) -> dict[str, Any]:
    """Train one pair of towers.

    Args:
        config: seed, length and start.
        parts: what to learn from, what validates, and the gallery.
        near: products of near names, as `near_names` finds them.
        tokenizer: of the names.

    Returns:
        `r@1` and `r@10` of names to pictures in the gallery.
    """
    learned, validation, gallery = parts
    keras.utils.set_random_seed(config.seed)
    towers, _ = start_towers(config.all_options, tokenizer)
    task = MultimodalTask(learned, validation, tokenizer, towers, near=near)
    fit(task, make_schedule(config), config.seed)
    scores = task.encoder.texts(gallery.token_ids) @ task.encoder.pictures(gallery.pictures).T
    same = gallery.groups[:, None] == gallery.groups[None, :]
    return {f"r@{k}": float(hit_at_k(scores, same, k).mean()) for k in KS}


def main() -> None:
    """Train what is missing, print and keep."""
    parser = argparse.ArgumentParser(description="recommender with and without a pretrained text tower")
    parser.add_argument("--items", type=int, default=12_000, help="products to learn from (default: 12000)")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cells", type=Path, default=settings().home_dir / "partial" / "pretraining.json")
    options = parser.parse_args()

    tokenizer, catalogue = load_tokenizer(), load_catalogue(DATA)
    whole, validation = load_products([catalogue], tokenizer, HEIGHT, WIDTH)
    drawn = np.random.default_rng(0).permutation(len(whole))[: options.items]
    learned = whole.part(np.sort(drawn))
    del whole
    gallery = load_held_out(catalogue, tokenizer, HEIGHT, WIDTH).part(np.arange(GALLERY))
    near, cells = near_names(learned, NEAR), Cells(options.cells)
    found: dict[str, list[dict[str, Any]]] = {start: [] for start in STARTS}
    for seed in range(options.seeds):
        for start, each in found.items():
            config = RunConfig("multimodal", DATA, "cosine", epochs=options.epochs, seed=seed, options={"start": start})
            key = f"{options.items}/{options.epochs}/{config.policy}/{start}/{seed}"
            parts = learned, validation, gallery
            each.append(cells.get(key, lambda config=config, parts=parts: train(config, parts, near, tokenizer)))
            print(f"{key}: {each[-1]}", flush=True)
    names = [f"r@{k}" for k in KS]
    figures: dict[str, Any] = {name: getattr(options, name) for name in ("items", "epochs", "seeds")}
    figures["gallery"] = GALLERY
    for start, each in found.items():
        figures[start] = {name: mean_interval([cell[name] for cell in each]) for name in names}
    pairs = list(zip(*found.values(), strict=True))
    figures["gain"] = {name: mean_interval([one[name] - other[name] for one, other in pairs]) for name in names}
    rows = [
        [row, *(f"{one['mean']:.3f} ({one['low']:.3f} to {one['high']:.3f})" for one in figures[row].values())]
        for row in (*STARTS, "gain")
    ]
    report("pretraining", [f"text to image among {GALLERY}", *names], rows, figures)


if __name__ == "__main__":
    main()
