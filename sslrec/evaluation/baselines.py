"""What a recommender has to beat: word statistics for texts, hand-made and untrained features for pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer

from sslrec.evaluation.probes import unit_length

BATCH = 512
CELL = 10
"""Pixels on a side of a cell of gradients."""
ORIENTATIONS = 9
LEVELS = 4
"""Shades of each colour that the histogram tells apart."""
GREY = np.array([0.299, 0.587, 0.114], np.float32)


class TfIdf:
    """Texts as weighted words and word pairs, compared by cosine.

    Args:
        texts: what the weights are counted on.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b").fit(texts)

    def __call__(self, texts: Sequence[str]) -> Any:
        """Sparse `(n, words)` rows of length 1, of zeros where no word is known."""
        return self._words.transform(texts)

    def cosines(self, queries: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """`(q, n)` float32 cosines."""
        return (self(queries) @ self(texts).T).toarray().astype(np.float32)


def raw_pixels(pictures: np.ndarray) -> np.ndarray:
    """Pictures at a quarter of their size: `(n, h, w, 3)` uint8 to `(n, h / 4 * w / 4 * 3)` float32."""
    count, height, width, _ = pictures.shape
    small = pictures.reshape(count, height // 4, 4, width // 4, 4, 3).mean(axis=(2, 4), dtype=np.float32)
    return small.reshape(count, -1) / 255


def colour_histogram(pictures: np.ndarray) -> np.ndarray:
    """Joint histogram of red, green and blue, 4 levels each, square-rooted: `(n, h, w, 3)` uint8 to `(n, 64)` float32.

    The square root of shares makes a dot product the Bhattacharyya coefficient, and each row of length 1.
    """
    levels = (pictures // (256 // LEVELS)).astype(np.int64)
    codes = ((levels[..., 0] * LEVELS + levels[..., 1]) * LEVELS + levels[..., 2]).reshape(len(pictures), -1)
    bins = LEVELS**3
    flat = codes + bins * np.arange(len(codes))[:, None]
    counts = np.bincount(flat.ravel(), minlength=bins * len(codes)).reshape(len(codes), bins)
    return np.sqrt(counts / codes.shape[1]).astype(np.float32)


def oriented_gradients(pictures: np.ndarray) -> np.ndarray:
    """Histograms of oriented gradients in cells of 10 x 10 pixels, as in Dalal and Triggs 2005.

    Simplified: unsigned orientation in 9 bins without interpolation, one normalisation of the whole picture.

    Args:
        pictures: `(n, height, width, 3)` uint8; sides are multiples of 10.

    Returns:
        `(n, height / 10 * width / 10 * 9)` float32 of length 1.
    """
    grey = pictures.astype(np.float32) @ GREY
    down, across = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(down, across)
    bins = (np.arctan2(down, across) % np.pi / np.pi * ORIENTATIONS).astype(int) % ORIENTATIONS
    count, height, width = grey.shape
    cells = (count, height // CELL, CELL, width // CELL, CELL)
    found = [(strength * (bins == place)).reshape(cells).sum(axis=(2, 4)) for place in range(ORIENTATIONS)]
    features = np.sqrt(np.stack(found, axis=-1).reshape(count, -1))
    return unit_length(features).astype(np.float32)


def hand_made(pictures: np.ndarray) -> np.ndarray:
    """Colours and shapes side by side, each counting half: `(n, h, w, 3)` uint8 to `(n, d)` float32 of length 1."""
    return np.concatenate([colour_histogram(pictures), oriented_gradients(pictures)], axis=1) / np.float32(np.sqrt(2))


def random_encoder(seed: int, filters: int = 64, size: int = 8, stride: int = 4) -> Callable[[np.ndarray], np.ndarray]:
    """A convolutional encoder that has learned nothing: random filters, rectified, averaged over a 4 x 3 grid.

    Args:
        seed: draws the filters.
        filters: how many.
        size: pixels on a side of each.
        stride: pixels between their places.

    Returns:
        `(n, h, w, 3)` uint8 to `(n, 12 * filters)` float32.
    """
    weights = np.random.default_rng(seed).normal(0, 1 / size, (size * size * 3, filters)).astype(np.float32)

    def encode(pictures: np.ndarray) -> np.ndarray:
        images = pictures.astype(np.float32) / 255 - 0.5
        windows = sliding_window_view(images, (size, size), axis=(1, 2))[:, ::stride, ::stride]
        rows, columns = windows.shape[1:3]
        seen = np.maximum(windows.reshape(len(images), rows, columns, -1) @ weights, 0)
        bands = np.array_split(np.arange(rows), 4), np.array_split(np.arange(columns), 3)
        parts = [seen[:, band][:, :, side].mean(axis=(1, 2)) for band in bands[0] for side in bands[1]]
        return np.concatenate(parts, axis=1)

    return encode


def in_parts(encode: Callable[[np.ndarray], np.ndarray], pictures: np.ndarray) -> np.ndarray:
    """`encode` of many pictures, in bounded memory."""
    return np.concatenate([encode(pictures[start : start + BATCH]) for start in range(0, len(pictures), BATCH)])


def same_width(train: np.ndarray, test: np.ndarray, width: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features brought to at most `width` numbers by the principal components of the training part, then scaled alike.

    A linear probe's size then says nothing about the features.

    Args:
        train: `(n, d)` float32.
        test: `(m, d)` float32.
        width: how many numbers.
        seed: of the approximate decomposition.

    Returns:
        `(n, w)` and `(m, w)` float32, `w` being `width` at most.
    """
    if train.shape[1] > width:
        components = PCA(min(width, len(train)), random_state=seed, svd_solver="randomized").fit(train)
        train, test = components.transform(train), components.transform(test)
    middle, spread = train.mean(axis=0), max(float(train.std()), 1e-9)
    return ((train - middle) / spread).astype(np.float32), ((test - middle) / spread).astype(np.float32)
