"""Pictures of a run: the same ten digits, and what the model makes of them."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from sslrec.data.digits import DigitData
from sslrec.runs.events import Exhibit, Item


def png(image: np.ndarray) -> str:
    """A grey `(height, width)` uint8 picture as a PNG data URI."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def to_uint8(image: np.ndarray) -> np.ndarray:
    """A picture in [0, 1] as bytes; whatever lies outside is clipped."""
    return np.round(np.clip(np.nan_to_num(image), 0, 1) * 255).astype(np.uint8)


def ten_digits(data: DigitData) -> np.ndarray:
    """Indices into the validation part: the first of each class, in the classes' order, ten at most."""
    _, first = np.unique(data.y_validation, return_index=True)
    return first[:10]


def exhibit(step: int, epoch: int, kind: str, inputs: list[Item], outputs: list[Item]) -> dict[str, Any]:
    """An exhibit as JSON."""
    return Exhibit(step, epoch, kind, tuple(inputs), tuple(outputs)).to_json()
