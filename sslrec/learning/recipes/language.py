"""Pretrain the text encoder on hidden words, and measure it beside counts of neighbours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from sslrec.data import text
from sslrec.data.corpora import BUILTIN, OWN, read_own, require
from sslrec.data.packing import ROW
from sslrec.data.tokens import TextTokenizer, pad
from sslrec.data.vocabulary import load_tokenizer
from sslrec.evaluation.gaps import first_guesses
from sslrec.evaluation.language import NeighbourCounts, count_neighbours, top_k_accuracy
from sslrec.evaluation.softmax import softmax
from sslrec.learning.encoders.text import TextConfig, count_weights
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule
from sslrec.learning.models.hub import save_folder
from sslrec.learning.models.language import MaskedLanguageModel, build_fill_in
from sslrec.learning.precision import mixed_precision
from sslrec.learning.recipes.exhibits import exhibit
from sslrec.learning.tasks.language import LanguageTask
from sslrec.litert import NamedLiteModel
from sslrec.runs.events import Item, RunConfig

SIZES = {
    "small": {"dim": 256, "n_layers": 4, "n_heads": 4, "hidden_dim": 1024},
    "tiny": {"dim": 128, "n_layers": 2, "n_heads": 2, "hidden_dim": 512},
}
"""The model that the app ships, and one that shows something after a minute."""
WEIGHTS = {"product_names": 2.0}
"""Product names are few pieces beside the books, and what the recommender reads."""
RATE = 0.25
"""Of the words that are hidden in training: a model this small learns more from more guesses (Wettig et al. 2022,
arXiv:2202.08005)."""
ADAM, MUON = 1e-3, 2.5e-3
"""The initial rates: of the tiny model and of policies without Muon, and of the small model with it."""
EPOCHS = {"text": 16, BUILTIN: 30, OWN: 30}
SHOWN = 8
"""Held-out lines that watchers see being filled."""
BASELINE_BATCH = 250
FILL_IN = "fill-in.tflite"
COMPARED = 300
"""Held-out lines of each corpus on which two ways to store the weights are compared."""
TOLERATED = 0.005
"""The share of first guesses that storing the weights in a byte each may cost."""


def build(
    config: RunConfig, corpora: Sequence[text.Corpus] | None = None, tokenizer: TextTokenizer | None = None
) -> LanguageRecipe:
    """Put the task together.

    Args:
        config: `options` are `size`, a key of `SIZES`; `data` is `text`, `builtin` or `own`.
        corpora: what to read; by default those that the configuration names.
        tokenizer: by default the shipped one.
    """
    if corpora is None:
        require(config.data)
        corpora = _load(config)
    tokenizer = tokenizer or load_tokenizer()
    # Not one of these corpora is read often enough for dropout to pay.
    size = TextConfig(tokenizer.vocab_size, **SIZES[config.all_options["size"]], dropout=0.0, attention_dropout=0.0)
    with mixed_precision():
        task = LanguageTask(corpora, tokenizer, size, ROW, WEIGHTS, rate=RATE)
    # Beside a batch of the tiny model Muon's own matrix products would be the most of a step.
    muon = config.policy == "cosine" and config.all_options["size"] == "small"
    schedule = Schedule(
        config.epochs or EPOCHS[config.data],
        config.batch_size or 32,
        config.learning_rate or (MUON if muon else ADAM),
        weight_decay=1e-2,
        policy=config.policy,
        options={"muon": True} if muon else {},
    )
    return LanguageRecipe(task, schedule, tokenizer, config.data, choose=config.all_options["size"] == "small")


def _load(config: RunConfig) -> Sequence[text.Corpus]:
    if config.data == OWN:
        return (text.from_lines(OWN, read_own(config.all_options["text"]), "somebody's own text"),)
    return text.load_all() if config.data == "text" else (text.load(BUILTIN),)


class LanguageRecipe:
    """Fills gaps in held-out lines for the watchers; leaves the model for the app, for training and for others.

    Args:
        task: the task.
        schedule: its schedule.
        tokenizer: the task's.
        name: of the data set.
        choose: whether the finished model's weights are stored in a byte each where that costs little.
    """

    def __init__(
        self, task: LanguageTask, schedule: Schedule, tokenizer: TextTokenizer, name: str, choose: bool = False
    ) -> None:
        self.task = task
        self.schedule = schedule
        self.source = (name, hashlib.sha256("".join(corpus.sha256 for corpus in task.corpora).encode()).hexdigest())
        self.settings = {"row": ROW}
        self._tokenizer = tokenizer
        self._choose = choose
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
            best = int(logits.argmax())
            share = float(softmax(logits)[best])
            outputs.append(Item(text=self._tokenizer.token(best), value=share, right=best == right))
        return exhibit(step, epoch, "gaps", self._inputs, outputs)

    def export(self, folder: Path) -> None:
        """Leave `fill-in.tflite` for the app, and the weights, configuration and tokenizer in Hugging Face's layout."""
        model = self._exact()
        export_litert(build_fill_in(model), folder / FILL_IN)
        save_folder(model, folder, self._tokenizer, half=True)

    def _exact(self) -> MaskedLanguageModel:
        return as_float32(lambda: MaskedLanguageModel(self.task.model.config), self.task.model)

    def _store_small(self, folder: Path) -> dict[str, Any]:
        """Store the weights in a byte each if fewer than `TOLERATED` of the first guesses are lost by it.

        Returns:
            How the weights are stored, and the share of first guesses that are right either way.
        """
        small = folder / "int8.tflite"
        export_litert(build_fill_in(self._exact()), small, "int8")
        lines = [line for corpus in self.task.corpora for line in islice(corpus.held_out(), COMPARED)]
        exact, rounded = (first_guesses(_Exported(path, self._tokenizer), lines) for path in (folder / FILL_IN, small))
        better = exact - rounded < TOLERATED
        if better:
            small.replace(folder / FILL_IN)
        small.unlink(missing_ok=True)
        return {"weights": "int8" if better else "float16", "float16_top_1": exact, "int8_top_1": rounded}

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Measure on hidden words of the held-out lines, beside counting neighbours, and export.

        Returns:
            `corpora`: for each `loss`, `top_1`, `top_5` and the same accuracies of the baselines, such as
            `trigram_top_1`; `weights`: how many; `rows` of each corpus; `stored`: see `_store_small`.
        """
        figures = self.task.validate()
        counts = count_neighbours(self._training_texts(), self._tokenizer.special)
        corpora = {}
        for corpus in self.task.corpora:
            left, right, target = self.task.hidden_words(corpus.name)
            found = {kind: figures[f"validation_{kind}_{corpus.name}"] for kind in ("loss", "top_1", "top_5")}
            corpora[corpus.name] = {**found, **_baselines(counts, left, right, target), "hidden": len(target)}
        self.export(folder)
        stored = {"stored": self._store_small(folder)} if self._choose else {}
        return {"corpora": corpora, "weights": count_weights(self.task.model), "rows": self.task.rows, **stored}

    def _training_texts(self) -> list[np.ndarray]:
        start, end = self._tokenizer.start_id, self._tokenizer.end_id
        return [
            np.array([start, *ids, end])
            for corpus in self.task.corpora
            for ids in self._tokenizer.encode_lines(corpus.train())
        ]


class _Exported:
    """A file that was exported, as `first_guesses` asks for it."""

    def __init__(self, path: Path, tokenizer: TextTokenizer) -> None:
        self._model = NamedLiteModel(path, threads=2)
        self.tokenizer = tokenizer

    def logits(self, ids: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
        """`(n_i,)` ids of each text and `(texts, count)` places to `(texts, count, vocab_size)`."""
        token_ids, attention_mask = pad(ids, self.tokenizer.pad_id)
        return self._model(token_ids=token_ids, attention_mask=attention_mask, gaps=places)["logits"]


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
