"""Train the recommender: towers for pictures and names, the fusion head on top, probabilities from cosines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sslrec import artifacts
from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.data.near_names import near_names
from sslrec.data.products import Products, hash_of, load_products
from sslrec.data.swaps import find_swaps
from sslrec.data.tokens import TextTokenizer
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import ArtifactError, RunError
from sslrec.learning.encoders.image import HEIGHT, STAGES, WIDTH
from sslrec.learning.encoders.text import TextConfig, count_weights
from sslrec.learning.export import as_float32, export_litert
from sslrec.learning.loop import Event, Schedule, fit
from sslrec.learning.models.hub import load_folder
from sslrec.learning.models.recommender import FusionHead, TwoTowers, build_image_tower, build_text_tower
from sslrec.learning.precision import mixed_precision
from sslrec.learning.recipes.exhibits import exhibit, png
from sslrec.learning.recipes.fusion import FUSION, leave_head
from sslrec.learning.recipes.fusion_data import Encoders, make_fusion_data
from sslrec.learning.recipes.language import SIZES
from sslrec.learning.tasks.fusion import FusionData, FusionTask
from sslrec.learning.tasks.multimodal import MultimodalTask, TowerEncoder
from sslrec.runs.events import Item, RunConfig

EPOCHS = {"fashion_products": 18, "builtin": 30}
RATES = {"fashion_products": 1.5e-3, "builtin": 1e-3}
"""The initial rates: the language model's weights are large, and small steps would hardly turn them in time."""
GROWTH = ((0.375, 40, 30), (0.75, 56, 42))
"""Until which share of all steps pictures are seen how small: share, height, width."""
LONG = 1000
"""Steps from which on a training begins with small pictures, and holds the towers back from learning names by heart:
in fewer it cannot get used to three sizes, and learns nothing by heart."""
DROPOUT, DECAY = 0.1, 5e-2
"""Of the text tower's states and of all weights, in a long training."""
OWN = 4
"""How many times a long training's pass sees each product of the built-in catalogue, which visitors see first: a few
drawings among tens of thousands of photographs."""
NEAR = 24
"""Products of near names that may stand beside one in a batch."""
FUSED = 20_000
"""Products at most that the fusion head learns from."""
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
        config: `options` are `objective`, `start`, where the text tower's weights come from, and `size`, a key of
            `SIZES`. A language model of another size is none to start from.
        catalogues: what to read; by default those that the configuration names.
        tokenizer: by default the shipped one.

    Raises:
        ArtifactError: `start` is `pretrained` and there is no sound language model.
        RunError: `start` is `pretrained` and the language model is of another size.
    """
    catalogues = catalogues or catalogues_of(config.data)
    tokenizer = tokenizer or load_tokenizer()
    train, validation = load_products(catalogues, tokenizer, HEIGHT, WIDTH)
    schedule, growth, repeats = make_schedule(config), [], None
    if schedule.steps_of(len(train)) >= LONG:
        own = {title for one in catalogues[1:] for title in one.titles}
        repeats = np.array([OWN if title in own else 1 for title in train.titles])
        steps = schedule.steps_of(int(repeats.sum()))
        growth = [(round(share * steps), height, width) for share, height, width in GROWTH]
        # Running statistics begin anew with whole pictures; after 500 steps 0.7 % of them are still of smaller ones.
        settled = max(schedule.settled, growth[-1][0] + 500)
        schedule = replace(schedule, weight_decay=DECAY, settled=settled)
    towers, language = start_towers(config.all_options, tokenizer, DROPOUT if growth else 0.0)
    task = MultimodalTask(
        train,
        validation,
        tokenizer,
        towers,
        near=near_names(train, NEAR, config.seed),
        growth=growth,
        repeats=repeats,
    )
    return MultimodalRecipe(task, schedule, train, catalogues, tokenizer, config.seed, language)


def start_towers(
    options: Mapping[str, Any], tokenizer: TextTokenizer, dropout: float = 0.0
) -> tuple[TwoTowers, artifacts.Artifact | None]:
    """Towers before their first step, and the language model that the text tower starts from, if any.

    Args:
        options: see `build`.
        tokenizer: of the names.
        dropout: share of the text tower's states that a step leaves out.

    Raises:
        ArtifactError: see `build`.
        RunError: see `build`.
    """
    language = _pretrained(options["start"], options["size"])
    text = TextConfig(tokenizer.vocab_size, **SIZES[options["size"]], dropout=dropout, attention_dropout=0.0)
    with mixed_precision():
        towers = TwoTowers(text, stages=STAGES, biased=options["objective"] == "sigmoid")
    if language:
        towers.text_encoder.set_weights(load_folder(language.folder).encoder.get_weights())
    return towers, language


def make_schedule(config: RunConfig) -> Schedule:
    """Length and rates that a run has, where its configuration says nothing else."""
    epochs = config.epochs or EPOCHS[config.data]
    return Schedule(
        epochs,
        config.batch_size or 256,
        config.learning_rate or RATES[config.data],
        weight_decay=2e-2,
        validate_every=max(1, epochs // 6),
        policy=config.policy,
    )


def _pretrained(wanted: str, size: str) -> artifacts.Artifact | None:
    if wanted == "scratch":
        return None
    try:
        language = artifacts.load("language")
    except ArtifactError:
        if wanted == "pretrained":
            raise
        return None
    found = language.manifest.config.get("size", "small")
    if found != size and wanted == "pretrained":
        raise RunError("run_size", size=size, found=found)
    return language if found == size else None


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
        self.source = (catalogues[0].name, hash_of(train))
        self._train, self._catalogues, self._tokenizer, self._seed = train, catalogues, tokenizer, seed
        self._language = language
        self.built_on = {language.manifest.name: language.digest} if language else {}
        visible = np.flatnonzero(task.validation.shown)
        # Spread over the catalogues, the built-in one's at the end.
        count = min(GALLERY, len(visible))
        self._gallery = task.validation.part(visible[np.linspace(0, len(visible) - 1, count).astype(int)])
        self._asked = np.linspace(0, len(self._gallery) - 1, SHOWN).astype(int)
        self._inputs = [Item(text=self._gallery.titles[row]) for row in self._asked]
        self._png: dict[int, str] = {}

    def show(self, step: int, epoch: int) -> dict[str, Any]:
        """The pictures nearest to the same names."""
        gallery = self._gallery
        texts = self.task.encoder.texts(gallery.token_ids[self._asked])
        nearest = np.argsort(-texts @ self.task.encoder.pictures(gallery.pictures).T, axis=1, kind="stable")[
            :, :NEAREST
        ]
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

    def _float32(self) -> TwoTowers:
        trained = self.task.model
        return as_float32(
            lambda: TwoTowers(trained.text_encoder.config, stages=STAGES, biased=trained.bias is not None), trained
        )

    def export(self, folder: Path) -> None:
        """Leave `text.tflite` and `image.tflite`, their weights a byte each: vectors stay alike to 0.9998."""
        self._export(self._float32(), folder)

    def _export(self, towers: TwoTowers, folder: Path) -> None:
        export_litert(build_text_tower(towers), folder / "text.tflite", "int8")
        export_litert(build_image_tower(towers), folder / "image.tflite", "int8")

    def finish(self, folder: Path, on_event: Callable[[Event], None]) -> dict[str, Any]:
        """Train the fusion head on the towers as they are, fit the probabilities, export, measure.

        Leaves what `export` does and `fusion.tflite`, `recommender.json` and `builtin.npz` (vectors of the built-in
        catalogue's products).

        Returns:
            Validation figures of the towers and of the head, and how many products there were.
        """
        figures = self.measure()
        towers = self._float32()
        encoders = Encoders(TowerEncoder(towers, self._tokenizer.pad_id), self._tokenizer)
        some = np.sort(np.random.default_rng(self._seed).permutation(self.task.drawn)[:FUSED])
        swaps = find_swaps(self._train.titles)
        train = make_fusion_data(self._train.part(some), swaps, encoders, self._seed)
        validation = make_fusion_data(self.task.validation, swaps, encoders, self._seed + 1)
        head = self.fuse(train, validation)
        self._export(towers, folder)
        leave_head(folder, head, validation, self._seed, self._train.described)
        self._leave_builtin(folder, encoders)
        return {
            **figures,
            "fusion": FusionTask(train, validation, head).validate(),
            "products": len(self._train),
            "swaps": len(swaps.partners),
            "weights": count_weights(towers) + count_weights(head),
            "batch_size": self.schedule.batch_size,
            "text": self._language.digest if self._language else "scratch",
        }

    def measure(self) -> dict[str, Any]:
        """The figures of the towers as they are."""
        return self.task.validate()

    def fuse(self, train: FusionData, validation: FusionData) -> FusionHead:
        """A fusion head for the towers as they are."""
        head = FusionHead(dim=train.texts.shape[-1])
        fit(FusionTask(train, validation, head), FUSION, self._seed)
        return head

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
