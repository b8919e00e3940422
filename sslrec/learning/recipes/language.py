"""Pretrain the text encoder on hidden words, and measure it beside counts of neighbours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from sslrec.data import text
from sslrec.data.corpora import BUILTIN, require
from sslrec.data.tokens import TextTokenizer
from sslrec.data.vocabulary import load_tokenizer
from sslrec.evaluation.language import NeighbourCounts, count_neighbours, top_k_accuracy
from sslrec.learning.encoders.text import TextConfig, count_weights
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule, mixed_precision
from sslrec.learning.models.hub import save_folder
from sslrec.learning.models.language import MaskedLanguageModel, build_fill_in
from sslrec.learning.recipes.exhibits import exhibit
from sslrec.learning.tasks.language import LanguageTask
from sslrec.runs.events import Item, RunConfig

LENGTH = 64
"""Pieces of a training row; nine of ten lines fit."""
SIZES = {
    "small": {"dim": 256, "n_layers": 4, "n_heads": 4, "hidden_dim": 1024},
    "tiny": {"dim": 128, "n_layers": 2, "n_heads": 2, "hidden_dim": 512},
}
"""The model that the app ships, and one that shows something after a minute."""
WEIGHTS = {"product_names": 2.0}
"""Product names are few pieces beside the books, and what the recommender reads."""
EPOCHS = {"text": 8, BUILTIN: 30}
SHOWN = 8
"""Held-out lines that watchers see being filled."""
BASELINE_BATCH = 250


def build(
    config: RunConfig, corpora: Sequence[text.Corpus] | None = None, tokenizer: TextTokenizer | None = None
) -> LanguageRecipe:
    """Put the task together.

    Args:
        config: `options` are `size`, a key of `SIZES`; `data` is `text` or `builtin`.
        corpora: what to read; by default those that the configuration names.
        tokenizer: by default the shipped one.
    """
    if corpora is None:
        require(config.data)
        corpora = text.load_all() if config.data == "text" else (text.load(BUILTIN),)
    tokenizer = tokenizer or load_tokenizer()
    # Not one of these corpora is read often enough for dropout to pay.
    size = TextConfig(tokenizer.vocab_size, **SIZES[config.all_options["size"]], dropout=0.0, attention_dropout=0.0)
    with mixed_precision():
        task = LanguageTask(corpora, tokenizer, size, LENGTH, WEIGHTS)
    schedule = Schedule(
        config.epochs or EPOCHS[config.data],
        config.batch_size or 64,
        config.learning_rate or 1e-3,
        weight_decay=1e-2,
        policy=config.policy,
    )
    return LanguageRecipe(task, schedule, tokenizer, config.data)


class LanguageRecipe:
    """Fills gaps in held-out lines for the watchers; leaves the model for the app, for training and for others.

    Args:
        task: the task.
        schedule: its schedule.
        tokenizer: the task's.
        name: of the data set.
    """

    def __init__(self, task: LanguageTask, schedule: Schedule, tokenizer: TextTokenizer, name: str) -> None:
        self.task = task
        self.schedule = schedule
        self.source = (name, hashlib.sha256("".join(corpus.sha256 for corpus in task.corpora).encode()).hexdigest())
        self._tokenizer = tokenizer
        self._gaps = [gap for gap in map(self._gap, self._lines()) if gap]
        self._inputs = [Item(text=shown) for shown, _, _, _ in self._gaps]

    def _lines(self) -> list[str]:
        """The first held-out lines of each corpus, in turn."""
        each = -(-SHOWN // len(self.task.corpora))
        firsts = [list(islice(corpus.held_out(), each)) for corpus in self.task.corpora]
        return [lines[turn] for turn in range(each) for lines in firsts if turn < len(lines)][:SHOWN]

    def _gap(self, line: str) -> tuple[str, np.ndarray, int, int] | None:
        """Hide the middle one of a line's words that are one piece: the words shown, ids, place and right piece."""
        pieces = self._tokenizer.encode(line, limit=32)
        words = list(pieces.words)
        single = [place for place, word in enumerate(words) if word is not None and words.count(word) == 1]
        if not single:
            return None
        place = single[len(single) // 2]
        ids = pieces.ids.copy()
        right, ids[place] = int(ids[place]), self._tokenizer.mask_id
        start, end = pieces.spans[place]
        return f"{line[:start]}[MASK]{line[end : pieces.spans[-2][1]]}", ids, place, right

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """The likeliest piece for each gap with its probability."""
        outputs = []
        for _, ids, place, right in self._gaps:
            states, _ = self.task.model.encoder(ids[None])
            logits = np.asarray(self.task.model.logits(states[-1][:, place]))[0].astype(np.float64)
            probabilities = np.exp(logits - logits.max())
            best = int(logits.argmax())
            share = float(probabilities[best] / probabilities.sum())
            outputs.append(Item(text=self._tokenizer.token(best), value=share, right=best == right))
        return exhibit(step, epoch, "gaps", self._inputs, outputs)

    def export(self, folder: Path) -> None:
        """Leave `fill-in.tflite` for the app, and the weights, configuration and tokenizer in Hugging Face's layout."""
        model = as_float32(lambda: MaskedLanguageModel(self.task.model.config), self.task.model)
        export_litert(build_fill_in(model), folder / "fill-in.tflite")
        save_folder(model, folder, self._tokenizer, half=True)

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Measure on hidden words of the held-out lines, beside counting neighbours, and export.

        Returns:
            `corpora`: for each `loss`, `top_1`, `top_5` and the same accuracies of the baselines, such as
            `trigram_top_1`; `weights`: how many; `rows` of each corpus.
        """
        figures = self.task.validate()
        counts = count_neighbours(self._training_texts(), self._tokenizer.special)
        corpora = {}
        for corpus in self.task.corpora:
            left, right, target = self.task.hidden_words(corpus.name)
            found = {kind: figures[f"validation_{kind}_{corpus.name}"] for kind in ("loss", "top_1", "top_5")}
            corpora[corpus.name] = {**found, **_baselines(counts, left, right, target), "hidden": len(target)}
        self.export(folder)
        return {"corpora": corpora, "weights": count_weights(self.task.model), "rows": self.task.rows}

    def _training_texts(self) -> list[np.ndarray]:
        start, end = self._tokenizer.start_id, self._tokenizer.end_id
        return [
            np.array([start, *ids, end])
            for corpus in self.task.corpora
            for ids in self._tokenizer.encode_lines(corpus.train())
        ]


def _baselines(counts: NeighbourCounts, left: np.ndarray, right: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Accuracies of the counts, in batches: the scores of all gaps at once would fill the memory."""
    hits: dict[str, float] = {f"{kind}_top_{k}": 0.0 for kind in ("unigram", "trigram") for k in (1, 5)}
    for start in range(0, len(target), BASELINE_BATCH):
        rows = slice(start, start + BASELINE_BATCH)
        wanted = target[rows]
        scores = {"unigram": counts.unigram(len(wanted)), "trigram": counts.trigram(left[rows], right[rows])}
        for kind, found in scores.items():
            for k in (1, 5):
                hits[f"{kind}_top_{k}"] += top_k_accuracy(found, wanted, k) * len(wanted) / len(target)
    return hits
