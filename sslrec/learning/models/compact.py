"""A model's weights in one small file: a byte for each weight of a matrix, with a scale for each output channel."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from sslrec.errors import ArtifactError

SMALL = 4096
"""Arrays with fewer numbers, such as biases and norms, are stored as they are."""
LARGEST = 127


def save_compact(model: keras.Model, path: Path) -> None:
    """Write a model's weights: good to fine-tune from, a quarter of their size.

    They are rounded symmetrically, as in dynamic range quantisation (Jacob et al. 2018, arXiv:1712.05877).

    Args:
        model: built.
        path: ends in `.npz`.
    """
    arrays: dict[str, np.ndarray] = {}
    for index, weights in enumerate(model.get_weights()):
        weights = np.asarray(weights, np.float32)
        if weights.size < SMALL:
            arrays[f"{index}"] = weights
            continue
        scale = np.abs(weights).max(axis=tuple(range(weights.ndim - 1))) / LARGEST
        scale = np.where(scale == 0, 1, scale).astype(np.float32)
        arrays[f"{index}"] = np.round(weights / scale).astype(np.int8)
        arrays[f"{index}_scale"] = scale
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load_compact(model: keras.Model, path: Path) -> None:
    """Give a model the weights that `save_compact` wrote.

    Args:
        model: built, of the same architecture.
        path: what was written.

    Raises:
        ArtifactError: the file cannot be read, or holds another architecture's weights.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = [
                file[f"{index}"].astype(np.float32) * (file[name] if (name := f"{index}_scale") in file else 1)
                for index in range(len(model.get_weights()))
            ]
        model.set_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        raise ArtifactError(
            "artifact_damaged", name=path.parent.name, file=path.name, command="python -m sslrec train --help"
        ) from error
