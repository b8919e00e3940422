"""Adapt the recommender to a catalogue of somebody's own, by its pictures and names alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import logsumexp

from sslrec import artifacts
from sslrec.data import shops
from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.data.markup import plain_text
from sslrec.data.near_names import near_names
from sslrec.data.products import OWN_SHARE, Products, load_held_out, load_products, require_enough
from sslrec.data.same_pictures import keep_apart
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import DataError
from sslrec.learning.encoders.image import HEIGHT, WIDTH
from sslrec.learning.loop import Schedule, fit
from sslrec.learning.models.from_litert import load_head, load_towers
from sslrec.learning.models.recommender import FusionHead
from sslrec.learning.precision import mixed_precision
from sslrec.learning.recipes.fusion import CALIBRATED
from sslrec.learning.recipes.language import SIZES
from sslrec.learning.recipes.multimodal import NEAR, MultimodalRecipe
from sslrec.learning.tasks.fusion import FusionData, FusionTask
from sslrec.learning.tasks.multimodal import GALLERY, PIECES, MultimodalTask, measure_retrieval
from sslrec.runs.events import RunConfig

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
LOW_SCALES = (1.0, 2.5, 5.0)
"""Those that weights are compared at too, where they find hardly more than chance does."""
ERRORS = 2.0
"""How many standard errors better what was trained has to be to be kept."""
MIXTURES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How much of the way from the shipped weights to the trained ones is tried."""


def build(config: RunConfig) -> AdaptRecipe:
    """Put the task together.

    Args:
        config: its option `catalogue` is the number that `shops.keep_own` gave.

    Raises:
        ArtifactError: there is no sound recommender.
        DataError: there is no catalogue of this number any more (`catalogue_gone`).
        CatalogueError: the catalogue has too few products with picture and name, or too few different names or
            pictures.
    """
    recommender, tokenizer = artifacts.load("recommender"), load_tokenizer()
    folder = shops.own_folder(config.all_options["catalogue"])
    if not config.all_options["catalogue"] or not folder.is_dir():
        raise DataError("catalogue_gone")
    catalogue = load_catalogue(str(folder))
    require_enough(catalogue, catalogue.name)
    described = is_described(catalogue)
    parts = load_products([catalogue], tokenizer, HEIGHT, WIDTH, OWN_SHARE, described)
    train, *measured = keep_apart(*parts, load_held_out(catalogue, tokenizer, HEIGHT, WIDTH))
    validation, held_out = map(shuffled, measured)
    # As many as the head's probabilities are fitted on: what its queries are compared with grows with their square.
    validation = validation.part(np.arange(min(CALIBRATED, len(validation))))
    with mixed_precision():
        towers = load_towers(recommender, SIZES, dropout=0.1)
    near = near_names(train, NEAR, config.seed)
    task = MultimodalTask(
        train,
        validation.by_name(tokenizer),
        tokenizer,
        towers,
        near=near,
        pieces=DESCRIBED_PIECES if described else PIECES,
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
        task,
        schedule,
        train,
        [catalogue],
        tokenizer,
        config.seed,
        None,
        shipped=recommender,
        validation=validation,
        held_out=held_out,
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


def surely_best(losses: Mapping[float, np.ndarray]) -> float:
    """The mixture of least loss, or none of what was trained, 0, where chance could have made that one better.

    It has to be better by more than two standard errors of the products' differences: a few hundred validation products
    tell small differences by chance, and what the shipped weights find in a catalogue is not to be lost for that.

    Args:
        losses: of the validation products, `(n,)` for each mixture, 0 among them.
    """
    best = min(losses, key=lambda mixture: losses[mixture].mean())
    gain = losses[0.0] - losses[best]
    return best if gain.mean() > ERRORS * gain.std() / np.sqrt(len(gain)) else 0.0


class AdaptRecipe(MultimodalRecipe):
    """Leaves a recommender for the catalogue, with what the held-out tenth of it says before and after.

    Whatever is learned from, it is names alone that ask for pictures: of the validation part, while it learns and in
    the end, and of the held-out part, before and after.

    Args:
        shipped: the recommender that the towers come from.
        validation: what validates, with its descriptions where these are read.
        held_out: what only measures, by its names.
        *args: as of `MultimodalRecipe`; the task validates by name.
    """

    def __init__(self, *args, shipped: artifacts.Artifact, validation: Products, held_out: Products) -> None:
        super().__init__(*args)
        self._shipped, self._validation, self._held_out = shipped, validation, held_out
        self.built_on = {shipped.manifest.name: shipped.digest}
        self._start = [np.array(weights) for weights in self.task.model.get_weights()]
        self._before = self._recalls()

    def _recalls(self) -> dict[str, float]:
        """How often the right picture is among the first ones for the name of a held-out product."""
        figures = measure_retrieval(self.task.encoder, self._held_out, self.task.model.scale)
        return {name: value for name, value in figures.items() if name.startswith("recall")}

    def measure(self) -> dict[str, Any]:
        """Go back towards the shipped weights as far as the validation part wants, and measure on the held-out part.

        The mean of a model's weights before and after fine-tuning is often better than both (Wortsman et al. 2022,
        arXiv:2109.01903); a catalogue that teaches nothing for sure keeps the shipped weights (`surely_best`), and one
        whose descriptions do not help is read by its names alone.

        Returns:
            The validation figures, `mixture`, how much of the way was kept, `described`, whether descriptions are read,
            `before` and `after`, the recalls on the held-out part, and how many of its products were searched. All
            figures are of names alone.
        """
        trained = [np.array(weights) for weights in self.task.model.get_weights()]

        def go_back_to(mixture: float) -> None:
            self.task.model.set_weights([a + mixture * (b - a) for a, b in zip(self._start, trained, strict=True)])

        losses = {}
        for mixture in MIXTURES:
            go_back_to(mixture)
            losses[mixture] = self._losses()
        best = surely_best(losses)
        go_back_to(best)
        figures = self.task.validate()
        if self._train.described:
            self._choose_texts(figures["validation_loss"])
        return {
            **figures,
            "mixture": best,
            "described": self._train.described,
            "before": self._before,
            "after": self._recalls(),
            "held_out": min(GALLERY, len(self._held_out)),
            "towers": self._shipped.digest,
        }

    def _losses(self) -> np.ndarray:
        """The softmax loss of each validation product, `(n,)` float64: its picture, by its name, among all of them.

        At the scale that suits these weights best: else they would be compared by how sure they are, not by what they
        find.
        """
        products = self.task.validation.part(np.arange(min(GALLERY, len(self.task.validation))))
        encoder, own = self.task.encoder, np.arange(len(products))
        cosines = (encoder.texts(products.token_ids) @ encoder.pictures(products.pictures).T).astype(np.float64)
        # Products of one name or picture do not repel each other.
        others = (products.groups[:, None] == products.groups[None, :]) & (own[:, None] != own[None, :])

        def at(scale: float) -> np.ndarray:
            return logsumexp(np.where(others, -np.inf, scale * cosines), axis=1) - scale * cosines[own, own]

        return min(map(at, (*LOW_SCALES, *SCALES)), key=np.mean)

    def fuse(self, train: FusionData, validation: FusionData) -> FusionHead:
        """The shipped head, which has seen far more products, brought after the towers by a few careful steps."""
        head = load_head(self._shipped)
        task = FusionTask(train, validation, head)
        fit_scale(task)
        fit(task, HEAD, self._seed)
        return head

    def _choose_texts(self, by_name: float) -> None:
        """Read products by name alone, unless their descriptions say more about their pictures.

        The towers are the same and so are the pictures that are searched, those of the validation part; it is asked
        once by names, and once by names and descriptions.

        Args:
            by_name: the loss of the names.
        """
        told = measure_retrieval(self.task.encoder, self._validation, self.task.model.scale)
        if told["validation_loss"] <= by_name:
            # What follows is to see products as they will be read.
            self.task.validation = self._validation
        else:
            self._train = self._train.by_name(self._tokenizer)
