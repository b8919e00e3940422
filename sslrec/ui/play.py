"""What a visitor may do to a digit: damage it, or walk from its code to another's."""

from __future__ import annotations

from typing import Protocol

import numpy as np

SIDES = ("left", "right", "top", "bottom", "middle")
"""The parts of a picture that can be hidden."""


class Coder(Protocol):
    """What makes a code of a picture and a picture of a code, such as `DigitReader`."""

    def encode(self, images: np.ndarray) -> np.ndarray:
        """`(n, 28, 28)` to `(n, d)`."""
        ...

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """`(n, d)` to `(n, 28, 28)`."""
        ...


def hide(image: np.ndarray, side: str, share: float) -> np.ndarray:
    """Blank a part of a picture.

    Args:
        image: `(height, width)` float32; 0 is the ground.
        side: one of `SIDES`.
        share: how much of the height or width is hidden, 0 to 1.

    Returns:
        The damaged copy.
    """
    height, width = image.shape
    rows, columns = round(height * share), round(width * share)
    top, left = (height - rows) // 2, (width - columns) // 2
    boxes = {
        "left": (slice(None), slice(0, columns)),
        "right": (slice(None), slice(width - columns, width)),
        "top": (slice(0, rows), slice(None)),
        "bottom": (slice(height - rows, height), slice(None)),
        "middle": (slice(top, top + rows), slice(left, left + columns)),
    }
    damaged = image.copy()
    damaged[boxes[side]] = 0
    return damaged


def add_noise(image: np.ndarray, strength: float, seed: int) -> np.ndarray:
    """Add Gaussian noise.

    Args:
        image: `(height, width)` float32 in [0, 1].
        strength: the noise's standard deviation.
        seed: which noise.

    Returns:
        The damaged copy, in [0, 1].
    """
    noise = np.random.default_rng(seed).normal(0, strength, image.shape)
    return np.clip(image + noise, 0, 1).astype(np.float32)


def walk(coder: Coder, start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
    """Walk the code from one digit to another in a straight line.

    Args:
        coder: the autoencoder.
        start: `(28, 28)` float32 in [0, 1].
        end: the same.
        steps: number of pictures, both ends included.

    Returns:
        `(steps, 28, 28)` float32 in [0, 1], decoded along the way.
    """
    codes = coder.encode(np.stack([start, end]))
    shares = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return coder.decode(codes[0] * (1 - shares) + codes[1] * shares)
