"""Train the recommender: towers for pictures and names, the fusion head on top, probabilities from cosines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sslrec import artifacts
from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.data.products import Products, load_products
from sslrec.data.swaps import find_swaps
from sslrec.data.tokens import TextTokenizer
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import ArtifactError
from sslrec.evaluation.matching import fit_match_probability, match_pairs
from sslrec.learning.encoders.image import HEIGHT, STAGES, WIDTH
from sslrec.learning.encoders.text import TextConfig, count_weights
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule, fit, mixed_precision
from sslrec.learning.models.hub import load_folder
from sslrec.learning.models.recommender import FusionHead, TwoTowers, build_fusion, build_image_tower, build_text_tower
from sslrec.learning.recipes.exhibits import exhibit, png
from sslrec.learning.recipes.fusion_data import Encoders, make_fusion_data
from sslrec.learning.recipes.language import SIZES
from sslrec.learning.tasks.fusion import FusionData, FusionTask, item_vectors
from sslrec.learning.tasks.multimodal import MultimodalTask
from sslrec.runs.events import Item, RunConfig

EPOCHS = {"fashion_products": 18, "builtin": 30}
TEXT_LENGTH = 32
"""Pieces of a query that the app reads at most."""
FUSED = 20_000
"""Products at most that the fusion head learns from."""
FUSION = Schedule(epochs=30, batch_size=512, learning_rate=1e-3, weight_decay=1e-2, validate_every=5)
SHOWN, NEAREST, GALLERY = 6, 3, 300
"""Names that watchers see, how many pictures are found for each, and among how many."""


def catalogues_of(data: str) -> list[Catalogue]:
    """What a run reads: the built-in catalogue always, so that the app's own pictures are known too."""
    return [load_catalogue(name) for name in dict.fromkeys((data, "builtin"))]


def build(
    config: RunConfig, catalogues: Sequence[Catalogue] | None = None, tokenizer: TextTokenizer | None = None
) -> MultimodalRecipe:
    """Put the task together.

    Args:
        config: `options` are `objective`, `text`, where the text tower's weights come from, and `size`, a key of
            `SIZES` for one that starts from scratch.
        catalogues: what to read; by default those that the configuration names.
        tokenizer: by default the shipped one.

    Raises:
        ArtifactError: `text` is `pretrained` and there is no sound language model.
    """
    catalogues = catalogues or catalogues_of(config.data)
    tokenizer = tokenizer or load_tokenizer()
    train, validation = load_products(catalogues, tokenizer, HEIGHT, WIDTH)
    options = config.all_options
    language = _pretrained(options["text"])
    size = language.manifest.config.get("size", "small") if language else options["size"]
    text = TextConfig(tokenizer.vocab_size, **SIZES[size], dropout=0.0, attention_dropout=0.0)
    with mixed_precision():
        towers = TwoTowers(text, biased=options["objective"] == "sigmoid")
    if language:
        towers.text_encoder.set_weights(load_folder(language.folder).encoder.get_weights())
    task = MultimodalTask(train, validation, tokenizer, towers)
    epochs = config.epochs or EPOCHS[config.data]
    schedule = Schedule(
        epochs,
        config.batch_size or 256,
        config.learning_rate or 1e-3,
        weight_decay=2e-2,
        validate_every=max(1, epochs // 10),
        policy=config.policy,
    )
    return MultimodalRecipe(task, schedule, train, catalogues, tokenizer, config.seed, language)


def _pretrained(wanted: str) -> artifacts.Artifact | None:
    if wanted == "scratch":
        return None
    try:
        return artifacts.load("language")
    except ArtifactError:
        if wanted == "pretrained":
            raise
        return None


class MultimodalRecipe:
    """Finds pictures for names before the watchers' eyes; leaves everything that the recommender runs on.

    Args:
        task: the task.
        schedule: its schedule.
        train: what it learns from.
        catalogues: where that comes from.
        tokenizer: of the names.
        seed: decides the queries that the fusion head learns from.
        language: the pretrained language model that the text tower started from, if any.
    """

    def __init__(
        self,
        task: MultimodalTask,
        schedule: Schedule,
        train: Products,
        catalogues: Sequence[Catalogue],
        tokenizer: TextTokenizer,
        seed: int,
        language: artifacts.Artifact | None,
    ) -> None:
        self.task = task
        self.schedule = schedule
        self.source = (catalogues[0].name, _hash_of(train))
        self._train, self._catalogues, self._tokenizer, self._seed = train, catalogues, tokenizer, seed
        self._language = language
        visible = np.flatnonzero(task.validation.shown)
        # Spread over the catalogues, the built-in one's at the end.
        self._gallery = task.validation.part(visible[np.linspace(0, len(visible) - 1, GALLERY).astype(int)])
        self._asked = np.linspace(0, len(self._gallery) - 1, SHOWN).astype(int)
        self._inputs = [Item(text=self._gallery.titles[row]) for row in self._asked]
        self._png: dict[int, str] = {}

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """The pictures nearest to the same names."""
        gallery = self._gallery
        texts = self.task.text_vectors(gallery.token_ids[self._asked])
        nearest = np.argsort(-texts @ self.task.picture_vectors(gallery.pictures).T, axis=1, kind="stable")[:, :NEAREST]
        outputs = [
            Item(
                tuple(self._picture(int(row)) for row in rows),
                text=gallery.titles[rows[0]],
                right=bool(gallery.groups[rows[0]] == gallery.groups[asked]),
            )
            for asked, rows in zip(self._asked, nearest, strict=True)
        ]
        return exhibit(step, epoch, "retrieved", self._inputs, outputs)

    def _picture(self, row: int) -> str:
        if row not in self._png:
            self._png[row] = png(self._gallery.pictures[row])
        return self._png[row]

    def export(self, folder: Path) -> None:
        """Leave `text.tflite` and `image.tflite`."""
        trained = self.task.model
        towers = as_float32(lambda: TwoTowers(trained.text_encoder.config, biased=trained.bias is not None), trained)
        export_litert(build_text_tower(towers), folder / "text.tflite")
        export_litert(build_image_tower(towers), folder / "image.tflite")

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Train the fusion head on the towers as they are, fit the probabilities, export, measure.

        Leaves what `export` does and `fusion.tflite`, `recommender.json`, `builtin.npz` (vectors of the built-in
        catalogue's products) and `image.npz` (the image tower's weights to go on from, float16).

        Returns:
            Validation figures of the towers and of the head, and how many products there were.
        """
        figures = self.task.validate()
        encoders = Encoders(self.task.text_vectors, self.task.picture_vectors, self._tokenizer)
        swaps = find_swaps(self._train.titles)
        some = np.sort(np.random.default_rng(self._seed).permutation(len(self._train))[:FUSED])
        train = make_fusion_data(self._train.part(some), swaps, encoders, self._seed)
        validation = make_fusion_data(self.task.validation, swaps, encoders, self._seed + 1)
        head = FusionHead(dim=train.texts.shape[-1])
        epochs = fit(FusionTask(train, validation, head), FUSION, self._seed)
        self.export(folder)
        export_litert(build_fusion(head), folder / "fusion.tflite")
        self._leave_settings(folder, head, validation)
        self._leave_builtin(folder, encoders)
        self._leave_image_weights(folder)
        return {
            **figures,
            "fusion": {name: value for name, value in epochs[-1].items() if name.startswith("validation")},
            "products": len(self._train),
            "swaps": len(swaps.partners),
            "weights": count_weights(self.task.model) + count_weights(head),
            "batch_size": self.schedule.batch_size,
            "text": self._language.digest if self._language else "scratch",
        }

    def _leave_settings(self, folder: Path, head: FusionHead, validation: FusionData) -> None:
        text, picture = validation.texts[:, 1], validation.pictures[:, 1]
        items = np.asarray(item_vectors(validation.texts[:, 0], validation.pictures[:, 0]))
        vectors = np.stack([text, picture], axis=1)
        calibration = {}
        for name, here in (("text", (1, 0)), ("image", (0, 1)), ("fused", (1, 1))):
            present = np.tile(np.array([here], np.float32), (len(text), 1))
            parts, _ = head(vectors, present, 0 * present)
            pairs = match_pairs(np.asarray(parts).sum(axis=1), items, validation.groups, self._seed)
            calibration[name] = vars(fit_match_probability(*pairs))
        settings = {
            "modalities": ["text", "image"],
            "height": HEIGHT,
            "width": WIDTH,
            "dim": int(text.shape[1]),
            "text_length": TEXT_LENGTH,
            "calibration": calibration,
            "stages": list(STAGES),
        }
        (folder / "recommender.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")

    def _leave_image_weights(self, folder: Path) -> None:
        weights = self.task.model.image_encoder.get_weights()
        arrays = {f"{index:03d}": value.astype(np.float16) for index, value in enumerate(weights)}
        np.savez_compressed(folder / "image.npz", allow_pickle=False, **arrays)

    def _leave_builtin(self, folder: Path, encoders: Encoders) -> None:
        builtin = next((one for one in self._catalogues if one.name == "builtin"), None)
        if builtin is None:
            return
        np.savez(
            folder / "builtin.npz",
            allow_pickle=False,
            text=encoders.texts(builtin.titles).astype(np.float16),
            image=encoders.pictures(builtin.pictures(range(len(builtin)), HEIGHT, WIDTH)).astype(np.float16),
            sha256=np.array(artifacts.sha256_of(Path(builtin.source))),
        )


def _hash_of(products: Products) -> str:
    digest = hashlib.sha256("\n".join(products.titles).encode())
    digest.update(products.pictures)
    return digest.hexdigest()
