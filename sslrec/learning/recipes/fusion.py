"""Train the fusion head alone, on the towers of the recommender that is there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from sslrec import artifacts
from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.data.products import Products, hash_of, load_products
from sslrec.data.swaps import find_swaps, normalised
from sslrec.data.vocabulary import load_tokenizer
from sslrec.evaluation.matching import fit_match_probability, match_pairs
from sslrec.learning.encoders.image import HEIGHT, WIDTH
from sslrec.learning.encoders.text import count_weights
from sslrec.learning.export import export_litert
from sslrec.learning.loop import Event, Schedule
from sslrec.learning.models.recommender import FusionHead, build_fusion
from sslrec.learning.recipes.exhibits import exhibit, png
from sslrec.learning.recipes.fusion_data import Encoders, make_fusion_data
from sslrec.learning.tasks.fusion import FusionData, FusionTask, item_vectors
from sslrec.learning.tasks.multimodal import PACE, Change
from sslrec.litert import NamedLiteModel
from sslrec.runs.events import Item, RunConfig

FUSION = Schedule(epochs=30, batch_size=512, learning_rate=1e-3, weight_decay=1e-2, validate_every=5)
PRODUCTS = 4_000
"""Products at most that a head is trained on by itself; encoding more would take minutes."""
TEXT_LENGTH = 32
"""Pieces of a query that the app reads at most."""
FROZEN = ("text.tflite", "image.tflite", "builtin.npz")
"""Files of the recommender that a new head leaves as they are."""
CALIBRATED = 2_000
"""Validation products at most that the probabilities are fitted on: each is compared with all others."""
THREADS = 2
"""Of the towers; nobody else waits for an answer while queries are encoded."""
SHOWN, NEAREST = 6, 3
"""Pictures with a wish that watchers see, and how many products are found for each."""


def build(config: RunConfig, catalogue: Catalogue | None = None) -> FusionRecipe:
    """Put the task together.

    Args:
        config: this task has no options.
        catalogue: what to learn from; by default the one that the configuration names.

    Raises:
        ArtifactError: there is no sound recommender.
    """
    recommender = artifacts.load("recommender")
    tokenizer = load_tokenizer()
    train, validation = load_products([catalogue or load_catalogue(config.data)], tokenizer, HEIGHT, WIDTH)
    some = np.sort(np.random.default_rng(config.seed).permutation(len(train))[:PRODUCTS])
    train = train.part(some)
    encoders = Encoders(LiteTowers(recommender, tokenizer.pad_id), tokenizer)
    swaps = find_swaps(train.titles)
    known = make_fusion_data(train, swaps, encoders, config.seed)
    unknown = make_fusion_data(validation, swaps, encoders, config.seed + 1)
    task = FusionTask(known, unknown, FusionHead(dim=known.texts.shape[-1]))
    schedule = Schedule(
        config.epochs or FUSION.epochs,
        config.batch_size or min(FUSION.batch_size, max(16, len(train) // 8)),
        config.learning_rate or FUSION.learning_rate,
        weight_decay=FUSION.weight_decay,
        policy=config.policy,
    )
    return FusionRecipe(task, schedule, validation, unknown, encoders, recommender, (config.data, hash_of(train)))


class LiteTowers:
    """The towers of an artefact as the app runs them, behind what queries are encoded with.

    Args:
        recommender: the artefact.
        pad_id: what fills the ends of short names.
    """

    def __init__(self, recommender: artifacts.Artifact, pad_id: int) -> None:
        self._pad_id = pad_id
        self._text, self._image = (
            NamedLiteModel(recommender.file(name), THREADS) for name in ("text.tflite", "image.tflite")
        )

    def texts(self, token_ids: np.ndarray) -> np.ndarray:
        """See `FrozenTowers`."""
        mask = token_ids != self._pad_id
        return self._text(token_ids=token_ids, attention_mask=mask)["vector"]

    def pictures(self, pictures: np.ndarray, change: Change = lambda views, start: views) -> np.ndarray:
        """See `FrozenTowers`."""
        vectors = []
        for start in range(0, len(pictures), PACE):
            part = change(tf.constant(pictures[start : start + PACE], tf.float32) / 255, start)
            vectors.append(self._image(image=np.asarray(part))["vector"])
        return np.concatenate(vectors)


class FusionRecipe:
    """Finds products for pictures with a wish; leaves a recommender with the new head.

    Args:
        task: the task.
        schedule: its schedule.
        validation: the products that watchers see.
        data: their vectors.
        encoders: the frozen towers.
        recommender: the artefact that the towers come from.
        source: name and hash of the data.
    """

    def __init__(
        self,
        task: FusionTask,
        schedule: Schedule,
        validation: Products,
        data: FusionData,
        encoders: Encoders,
        recommender: artifacts.Artifact,
        source: tuple[str, str],
    ) -> None:
        self.task, self.schedule, self.source = task, schedule, source
        self.built_on = {recommender.manifest.name: recommender.digest}
        self._products, self._data, self._recommender = validation, data, recommender
        self._visible = np.flatnonzero(validation.shown)
        self._asked = self._visible[np.linspace(0, len(self._visible) - 1, SHOWN).astype(int)]
        self._wishes = [f"in {colour}" for colour in _common(validation.titles)]
        self._wish_vectors = encoders.texts([self._wishes[turn % len(self._wishes)] for turn in range(SHOWN)])
        self._inputs = [
            Item((png(validation.pictures[row]),), text=self._wishes[turn % len(self._wishes)])
            for turn, row in enumerate(self._asked)
        ]

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """The products nearest to the same pictures with the same wishes, the pictures' own left out."""
        data, visible = self._data, self._visible
        vectors = np.stack([self._wish_vectors, data.pictures[self._asked, 0]], axis=1)
        present = np.ones((len(vectors), 2), np.float32)
        parts, _ = self.task.model(vectors, present, 0 * present)
        items = np.asarray(item_vectors(data.texts[visible, 0], data.pictures[visible, 0]))
        cosines = np.asarray(parts).sum(axis=1) @ items.T
        cosines[visible[None, :] == self._asked[:, None]] = -np.inf
        outputs = []
        for wish, row in zip(self._inputs, np.argsort(-cosines, axis=1, kind="stable")[:, :NEAREST], strict=True):
            titles = [self._products.titles[visible[place]] for place in row]
            said = wish.text.removeprefix("in ")
            outputs.append(
                Item(
                    tuple(png(self._products.pictures[visible[place]]) for place in row),
                    text=titles[0],
                    right=said in normalised(titles[0]),
                )
            )
        return exhibit(step, epoch, "composed", self._inputs, outputs)

    def export(self, folder: Path) -> None:
        """Leave the recommender's files with the new head among them."""
        for name in FROZEN:
            shutil.copyfile(self._recommender.file(name), folder / name)
        leave_head(folder, self.task.model, self._data, 0)

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Measure on the validation part and export.

        Returns:
            `validation_loss`, `validation_accuracy`, and the digest of the recommender that the towers come from.
        """
        self.export(folder)
        return {
            **self.task.validate(),
            "products": self.task.size,
            "weights": count_weights(self.task.model),
            "batch_size": self.schedule.batch_size,
            "towers": self._recommender.digest,
        }


def _common(titles: Sequence[str], count: int = 6) -> list[str]:
    """The words that names exchange most often, which are colours as a rule."""
    partners = find_swaps(titles, at_least=1).partners
    ranked = sorted(partners, key=lambda phrase: (-sum(partners[phrase].values()), phrase))
    return ranked[:count] or ["red"]


def leave_head(folder: Path, head: FusionHead, validation: FusionData, seed: int, described: bool = False) -> None:
    """Leave `fusion.tflite`, and `recommender.json` with the probabilities of a match fitted on validation products.

    Args:
        folder: where to.
        head: the trained head.
        validation: queries that it did not learn from: half names and close-ups.
        seed: draws the products, where there are more than `CALIBRATED`, and the pairs that do not match.
        described: whether products' texts are to be their names and descriptions.
    """
    export_litert(build_fusion(head), folder / "fusion.tflite")
    some = np.sort(np.random.default_rng(seed).permutation(len(validation.groups))[:CALIBRATED])
    texts, pictures, groups = (part[some] for part in (validation.texts, validation.pictures, validation.groups))
    vectors = np.stack([texts[:, 1], pictures[:, 1]], axis=1)
    items = np.asarray(item_vectors(texts[:, 0], pictures[:, 0]))
    calibration = {}
    for name, here in (("text", (1, 0)), ("image", (0, 1)), ("fused", (1, 1))):
        present = np.tile(np.array([here], np.float32), (len(vectors), 1))
        parts, _ = head(vectors, present, 0 * present)
        pairs = match_pairs(np.asarray(parts).sum(axis=1), items, groups, seed)
        calibration[name] = vars(fit_match_probability(*pairs))
    settings = {
        "modalities": ["text", "image"],
        "height": HEIGHT,
        "width": WIDTH,
        "dim": head.dim,
        "text_length": TEXT_LENGTH,
        "descriptions": described,
        "calibration": calibration,
    }
    (folder / "recommender.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
