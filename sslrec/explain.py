"""Explanations that need nothing but a callable: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def occlusion_map(
    score: Callable[[np.ndarray], np.ndarray], image: np.ndarray, patch: int = 6, stride: int = 2
) -> np.ndarray:
    """Show what mattered: the fall of a score when a patch of the picture is blanked.

    Zeiler and Fergus 2013, "Visualizing and Understanding Convolutional Networks" (arXiv:1311.2901),
    section 4.2. Every pixel gets the mean over the patches that covered it.

    Args:
        score: `(n, height, width)` float32 to `(n,)`, such as one class's probability.
        image: `(height, width)` float32; 0 is the blank ground.
        patch: side of the square patch, in pixels.
        stride: distance of neighbouring patches, in pixels.

    Returns:
        `(height, width)` float32; positive where hiding lowers the score.
    """
    height, width = image.shape
    tops = list(range(1 - patch // 2, height, stride))
    lefts = list(range(1 - patch // 2, width, stride))
    boxes = [(slice(max(0, top), top + patch), slice(max(0, left), left + patch)) for top in tops for left in lefts]
    hidden = np.repeat(image[None], len(boxes), axis=0)
    for index, (rows, columns) in enumerate(boxes):
        hidden[index, rows, columns] = 0
    falls = score(image[None])[0] - score(hidden)
    total = np.zeros((height, width), np.float32)
    covered = np.zeros((height, width), np.float32)
    for (rows, columns), fall in zip(boxes, falls, strict=True):
        total[rows, columns] += fall
        covered[rows, columns] += 1
    return total / np.maximum(covered, 1)
