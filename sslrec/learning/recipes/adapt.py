"""Adapt the recommender to a catalogue of somebody's own, by its pictures and names alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sslrec import artifacts
from sslrec.data import shops
from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.data.markup import plain_text
from sslrec.data.near_names import near_names
from sslrec.data.products import Products, load_held_out, load_products, require_enough
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import CatalogueError, DataError
from sslrec.learning.encoders.image import HEIGHT, WIDTH
from sslrec.learning.loop import Schedule, fit
from sslrec.learning.models.from_litert import load_head, load_towers
from sslrec.learning.models.recommender import FusionHead
from sslrec.learning.precision import mixed_precision
from sslrec.learning.recipes.language import SIZES
from sslrec.learning.recipes.multimodal import NEAR, MultimodalRecipe
from sslrec.learning.tasks.fusion import FusionData, FusionTask
from sslrec.learning.tasks.multimodal import GALLERY, PIECES, MultimodalTask, measure_retrieval
from sslrec.runs.events import RunConfig

VALIDATION_SHARE = 9
"""One of so many names that are not held out decides how far to go: a tenth of all."""
EXAMPLES = 16_000
"""Products that a training sees in all, each as often as that makes: some three minutes on two cores."""
DESCRIBED_EXAMPLES = 12_000
"""The same where descriptions are read, which take longer."""
DESCRIBED_PIECES = 24
"""Pieces of a name and description that a step reads, after words were left out."""
WORDS = 5
"""Of a description that is worth to be read."""
BATCH = 128
HEAD = Schedule(epochs=5, batch_size=512, learning_rate=1e-4, weight_decay=1e-2, validate_every=5)
"""Of the fusion head. From scratch, two hundred products teach it no "but in red"."""
SCALES = (10.0, 14.0, 20.0, 28.0, 40.0, 56.0, 80.0)
"""What the cosines may be multiplied by at first."""
MIXTURES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How much of the way from the shipped weights to the trained ones is tried."""


def build(config: RunConfig) -> AdaptRecipe:
    """Put the task together.

    Args:
        config: its option `catalogue` is the number that `shops.keep_own` gave.

    Raises:
        ArtifactError: there is no sound recommender.
        DataError: there is no catalogue of this number.
        CatalogueError: the catalogue has too few products with picture and name.
    """
    recommender, tokenizer = artifacts.load("recommender"), load_tokenizer()
    folder = shops.own_folder(config.all_options["catalogue"])
    if not config.all_options["catalogue"] or not folder.is_dir():
        raise DataError("data_missing", name=shops.OWN, path=f"SSLREC_HOME/adapt/{folder.name}")
    catalogue = load_catalogue(str(folder))
    require_enough(catalogue, catalogue.name)
    described = is_described(catalogue)
    train, validation = load_products([catalogue], tokenizer, HEIGHT, WIDTH, VALIDATION_SHARE, described)
    validation, held_out = map(shuffled, (validation, load_held_out(catalogue, tokenizer, HEIGHT, WIDTH, described)))
    if not (len(train) and len(validation) and len(held_out)):
        raise CatalogueError("catalogue_alike", name=catalogue.name)
    with mixed_precision():
        towers = load_towers(recommender, SIZES, dropout=0.1)
    near = near_names(train, NEAR, config.seed)
    task = MultimodalTask(
        train, validation, tokenizer, towers, near=near, pieces=DESCRIBED_PIECES if described else PIECES
    )
    batch = config.batch_size or min(BATCH, max(2, len(train) // 4))
    schedule = Schedule(
        config.epochs or max(3, min(60, (DESCRIBED_EXAMPLES if described else EXAMPLES) // len(train))),
        batch,
        config.learning_rate or 3e-4,
        weight_decay=5e-2,
        policy=config.policy,
    )
    fit_scale(task)
    return AdaptRecipe(
        task, schedule, train, [catalogue], tokenizer, config.seed, None, shipped=recommender, held_out=held_out
    )


def is_described(catalogue: Catalogue) -> bool:
    """Whether most products have a description that says more than a word or two; its HTML says nothing."""
    descriptions = catalogue.table.column("description").to_pylist()
    return sum(len(plain_text(text or "").split()) >= WORDS for text in descriptions) > len(descriptions) / 2


def shuffled(products: Products) -> Products:
    """Products in an order of chance, always the same, where there are more than are searched.

    A shop's file is sorted as a rule, and the first ones alone would be of a kind.
    """
    if len(products) <= GALLERY:
        return products
    return products.part(np.random.default_rng(0).permutation(len(products)))


def fit_scale(task: MultimodalTask | FusionTask) -> None:
    """Give towers or a head the scale that suits the validation part best; their files do not keep it."""

    def loss(scale: float) -> float:
        task.model.log_scale.assign(math.log(scale))
        return task.validate()["validation_loss"]

    task.model.log_scale.assign(math.log(min(SCALES, key=loss)))


class AdaptRecipe(MultimodalRecipe):
    """Leaves a recommender for the catalogue, with what the held-out tenth of it says before and after.

    Args:
        shipped: the recommender that the towers come from.
        held_out: what only measures.
        *args: as of `MultimodalRecipe`.
    """

    def __init__(self, *args, shipped: artifacts.Artifact, held_out: Products) -> None:
        super().__init__(*args)
        self._shipped, self._held_out = shipped, held_out
        self.built_on = {shipped.manifest.name: shipped.digest}
        self._validation = self.task.validation
        self._start = [np.array(weights) for weights in self.task.model.get_weights()]
        # As the shipped recommender is used: it reads names alone.
        self._before = self._retrieval(held_out.by_name(self._tokenizer))

    def _retrieval(self, products: Products) -> dict[str, float]:
        figures = measure_retrieval(self.task.encoder, products, self.task.model.scale)
        return {name: value for name, value in figures.items() if name.startswith("recall")}

    def measure(self) -> dict[str, Any]:
        """Go back towards the shipped weights as far as the validation part wants, and measure on the held-out part.

        The mean of a model's weights before and after fine-tuning is often better than both (Wortsman et al. 2022,
        arXiv:2109.01903); a catalogue that teaches nothing keeps the shipped weights, and one whose descriptions do not
        help is read by its names alone.

        Returns:
            The validation figures, `mixture`, how much of the way was kept, `described`, whether descriptions are read,
            `before` and `after`, the recalls on the held-out part, and how many of its products were searched.
        """
        trained = [np.array(weights) for weights in self.task.model.get_weights()]

        def go_back_to(mixture: float) -> None:
            self.task.model.set_weights([a + mixture * (b - a) for a, b in zip(self._start, trained, strict=True)])

        figures = {}
        for mixture in MIXTURES:
            go_back_to(mixture)
            figures[mixture] = self.task.validate()
        best = min(figures, key=lambda mixture: figures[mixture]["validation_loss"])
        go_back_to(best)
        if self._train.described:
            figures, best = self._or_by_name(figures, best)
        return {
            **figures[best],
            "mixture": best,
            "described": self._train.described,
            "before": self._before,
            "after": self._retrieval(self._held_out),
            "held_out": min(GALLERY, len(self._held_out)),
            "towers": self._shipped.digest,
        }

    def fuse(self, train: FusionData, validation: FusionData) -> FusionHead:
        """The shipped head, which has seen far more products, brought after the towers by a few careful steps."""
        head = load_head(self._shipped)
        task = FusionTask(train, validation, head)
        fit_scale(task)
        fit(task, HEAD, self._seed)
        return head

    def _or_by_name(self, figures: dict[float, dict[str, float]], best: float) -> tuple[dict, float]:
        """Go back to the shipped weights and to names alone where the validation part is found better with those."""
        model, task = self.task.model, self.task
        adapted = [np.array(weights) for weights in model.get_weights()]
        model.set_weights(self._start)
        by_name = task.validation.by_name(self._tokenizer)
        plain = measure_retrieval(task.encoder, by_name, model.scale)
        if plain["validation_loss"] < figures[best]["validation_loss"]:
            task.validation, self._train = by_name, self._train.by_name(self._tokenizer)
            self._held_out = self._held_out.by_name(self._tokenizer)
            return {0.0: plain}, 0.0
        model.set_weights(adapted)
        return figures, best
