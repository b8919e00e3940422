"""The multimodal task: pictures and names of products into one space, without a label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import tensorflow as tf

from sslrec.data.products import Products
from sslrec.data.tokens import TextTokenizer
from sslrec.evaluation.ranking import hit_at_k
from sslrec.learning.augment_names import NameViews
from sslrec.learning.augment_pictures import CLOSEUP, PictureAugmentation, augment_pictures
from sslrec.learning.encoders.text import reseed_dropout
from sslrec.learning.models.recommender import TwoTowers
from sslrec.learning.objectives.contrastive import (
    cross_modal_sigmoid,
    cross_modal_softmax,
    multi_positive,
    nt_xent,
    same_groups,
)

PIECES = 13
"""Pieces of a name that training reads, `[CLS]` and `[SEP]` among them; 95 of 100 names are no longer."""
GALLERY = 1000
"""Validation products among which the right one is looked for."""
PACE = 128
"""Products per call outside of training."""
PARTS = 4
"""Of a batch of names, by length: a fifth less to compute than with all of them as long as the longest."""
Change = Callable[[tf.Tensor, int], tf.Tensor]


class TowerEncoder:
    """Towers outside of training: many products in, arrays out.

    Args:
        model: the towers.
        pad_id: what fills the ends of short names.
    """

    def __init__(self, model: TwoTowers, pad_id: int) -> None:
        self._pad_id = pad_id
        self._encode_text = tf.function(model.encode_text, reduce_retracing=True)
        self._encode_pictures = tf.function(model.encode_pictures, reduce_retracing=True)

    def texts(self, token_ids: np.ndarray) -> np.ndarray:
        """`(n, length)` int32 padded pieces to `(n, dim)` float32 vectors."""
        return _in_parts(
            lambda ids: self._encode_text(tf.constant(ids), tf.constant((ids != self._pad_id).astype(np.int32))),
            token_ids,
        )

    def pictures(self, pictures: np.ndarray, change: Change = lambda views, start: views) -> np.ndarray:
        """`(n, height, width, 3)` uint8 pictures to `(n, dim)` float32 vectors.

        Args:
            pictures: to encode.
            change: makes views of a part's `(k, height, width, 3)` float32 pictures, the first of which is number
                `start` of all.
        """
        starts = iter(range(0, len(pictures), PACE))
        return _in_parts(
            lambda part: self._encode_pictures(change(tf.constant(part, tf.float32) / 255, next(starts))), pictures
        )


class MultimodalTask:
    """Image-text contrastive learning, with a second, close-up view of some pictures.

    Words of a name are left out at random, so that half a name is enough to find a product by. A word or two of a name
    should find every product of which they are true, its picture and its name alike. A batch is hard: beside
    each of its first products stand some of nearly the same name, for in-batch negatives teach most where they
    are near (Yuksekgonul et al. 2022, arXiv:2210.01936, section 4).

    Args:
        train: what to learn from.
        validation: what validates.
        tokenizer: of the names.
        model: the towers; trained in place.
            Where they have a bias, the sigmoid objective tells pictures and names apart, else the softmax.
        augmentation: of the pictures.
        temperature: of the loss between two views of a picture.
        near: `(n, k)` int32 rows of products with near names; without it, a batch is what the loop draws.
        kin: products of a batch for each one drawn: itself and its near ones.
        second_views: share of a batch that is seen twice.
        two_view: weight of that loss.
        pieces: of a text that training reads, after words were left out of it.
        growth: until which step pictures are seen how small: steps, height and width, in order. Small ones teach the
            towers to find each other at a fraction of the cost (progressive resizing: Tan and Le 2021,
            arXiv:2104.00298).
        repeats: `(n,)` integers, how many times a pass sees each product; without it, once.
        wishes: weight of the loss of names of which a word or two are left, as people type them.
    """

    def __init__(
        self,
        train: Products,
        validation: Products,
        tokenizer: TextTokenizer,
        model: TwoTowers,
        augmentation: PictureAugmentation | None = None,
        near: np.ndarray | None = None,
        kin: int = 2,
        temperature: float = 0.2,
        second_views: float = 0.25,
        two_view: float = 0.2,
        pieces: int = PIECES,
        growth: Sequence[tuple[int, int, int]] = (),
        repeats: np.ndarray | None = None,
        wishes: float = 0.3,
    ) -> None:
        self.model = model
        self.drawn = np.repeat(np.arange(len(train), dtype=np.int32), 1 if repeats is None else repeats)
        self.size = len(self.drawn)
        self.validation = validation
        self.augmentation = augmentation or PictureAugmentation()
        self._temperature, self._second_views, self._two_view = temperature, second_views, two_view
        self._wishes = wishes
        # Bytes, on the host: as a tensor of a graph the pictures would be copied.
        self._pictures = tf.Variable(train.pictures, trainable=False)
        self._token_ids = tf.constant(train.token_ids)
        self._groups = tf.constant(train.groups)
        self.names = NameViews(tokenizer, pieces)
        self._near = None if near is None else tf.constant(near)
        self._kin, self._growth = kin, tuple(growth)
        self.encoder = TowerEncoder(model, tokenizer.pad_id)

    def gather_kin(self, indices: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Keep the first of some products and put products of near names in the others' place, drawn at random.

        Args:
            indices: `(batch,)` int32.
            seed: `(2,)` int32.

        Returns:
            `(batch,)` int32.
        """
        if self._near is None:
            return indices
        batch = tf.shape(indices)[0]
        kept = (batch + self._kin - 1) // self._kin
        near = tf.gather(self._near, indices[:kept])
        # Different ones of each product's near ones: a random order's first.
        order = tf.argsort(tf.random.stateless_uniform(tf.shape(near), seed), axis=1)[:, : self._kin - 1]
        chosen = tf.gather(near, order, batch_dims=1)
        return tf.concat([indices[:kept], tf.reshape(chosen, [-1])], axis=0)[:batch]

    def loss(self, indices, seed):
        reseed_dropout(self.model, tf.random.fold_in(seed, 500))
        indices = self.gather_kin(tf.gather(self.drawn, indices), tf.random.fold_in(seed, 400))
        pictures = tf.cast(tf.gather(self._pictures, indices), tf.float32) / 255
        size = self.size_at(seed[1])
        views = augment_pictures(pictures, tf.random.fold_in(seed, 100), self.augmentation, size)
        again = pictures[: self._twice(indices)]
        views = tf.concat([views, augment_pictures(again, tf.random.fold_in(seed, 200), CLOSEUP, size)], axis=0)
        images = self.model.encode_pictures(views, training=True)
        names = tf.gather(self._token_ids, indices)
        token_ids, few = self._fewer(names, tf.random.fold_in(seed, 300))
        texts = self.encode_names(tf.concat([token_ids, few], axis=0))
        count = tf.shape(indices)[0]
        first, second, texts, asked = images[:count], images[count:], texts[:count], texts[count:]
        scale, hits = self.model.scale, same_groups(tf.gather(self._groups, indices))
        if self.model.bias is not None:
            matching = cross_modal_sigmoid(texts, first, scale, tf.convert_to_tensor(self.model.bias), hits)
        else:
            matching = cross_modal_softmax(texts, first, scale, hits)
        twice = nt_xent(first[: tf.shape(second)[0]], second, self._temperature)
        loss = matching + self._two_view * twice
        parts = {"matching": matching, "two_view": twice, "scale": scale}
        if self._wishes:
            fixed = tf.stop_gradient(scale)  # many right answers would make it small
            found = [
                multi_positive(asked, those, fixed, self.names.true_of(few, called))
                for those, called in ((first, names), (texts, token_ids))
            ]
            parts["wishes"] = tf.reduce_mean(tf.stack(found))
            loss += self._wishes * parts["wishes"]
        return loss, parts

    def _fewer(self, names: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """A batch's names with words left out, and a word or two of each of the first half, as wishes."""
        wished = (tf.shape(names)[0] + 1) // 2 if self._wishes else 0
        return self.names.shortened(names, seed), self.names.few_words(names[:wished], tf.random.fold_in(seed, 2))

    def size_at(self, step: tf.Tensor) -> tf.Tensor:
        """Height and width of the pictures that a step, an int32 scalar, learns from: `(2,)` int32.

        The steps below zero, of which BatchNormalization has its statistics, see whole ones.
        """
        size = tf.shape(self._pictures)[1:3]
        for until, height, width in reversed(self._growth):
            size = tf.where((step >= 0) & (step < until), tf.constant([height, width]), size)
        return size

    def _twice(self, indices: tf.Tensor) -> tf.Tensor:
        share = self._second_views * tf.cast(tf.shape(indices)[0], tf.float32)
        return tf.maximum(2, tf.cast(share, tf.int32))

    def encode_names(self, token_ids: tf.Tensor) -> tf.Tensor:
        """Vectors of a batch of names, those of like length side by side, so that little padding is computed.

        Args:
            token_ids: `(batch, length)` int32, padded at the end.

        Returns:
            `(batch, dim)` float32, in the order of the names.
        """
        mask = self.names.mask(token_ids)
        lengths = tf.reduce_sum(mask, axis=1)
        order = tf.argsort(lengths, stable=True)
        bounds = [tf.shape(order)[0] * part // PARTS for part in range(PARTS + 1)]
        vectors = []
        for start, end in pairwise(bounds):
            rows = order[start:end]
            longest = tf.maximum(1, tf.reduce_max(tf.gather(lengths, rows)))  # a batch of three leaves a part empty
            ids, seen = (tf.gather(each, rows)[:, :longest] for each in (token_ids, mask))
            vectors.append(self.model.encode_text(ids, seen, training=True))
        return tf.gather(tf.concat(vectors, axis=0), tf.argsort(order))

    def validate(self) -> dict[str, float]:
        """Retrieval among the validation products: see `measure_retrieval`."""
        return measure_retrieval(self.encoder, self.validation, self.model.scale)


def measure_retrieval(encoder: TowerEncoder, products: Products, scale: tf.Tensor) -> dict[str, float]:
    """Recall of the right product among the first 1,000 at most, from its name; products of one name count as one.

    Args:
        encoder: the towers.
        products: what to find; one at least.
        scale: what the loss multiplies cosines by.

    Returns:
        `recall_at_1`, `recall_at_5`, `recall_at_10`, and as `validation_loss` the softmax loss over that gallery,
        part by part.
    """
    gallery = products.part(np.arange(min(GALLERY, len(products))))
    texts, pictures = encoder.texts(gallery.token_ids), encoder.pictures(gallery.pictures)
    relevant = gallery.groups[:, None] == gallery.groups[None, :]
    losses = []
    for start in range(0, len(texts), PACE):
        part = slice(start, start + PACE)
        hits = same_groups(tf.constant(gallery.groups[part]))
        losses.append(cross_modal_softmax(tf.constant(texts[part]), tf.constant(pictures[part]), scale, hits))
    similarity = texts @ pictures.T
    recalls = {f"recall_at_{k}": float(hit_at_k(similarity, relevant, k).mean()) for k in (1, 5, 10)}
    return {"validation_loss": float(np.mean(losses)), **recalls}


def _in_parts(encode: Callable[[np.ndarray], tf.Tensor], inputs: np.ndarray) -> np.ndarray:
    return np.concatenate(
        [np.asarray(encode(inputs[start : start + PACE]), np.float32) for start in range(0, len(inputs), PACE)]
    )
