"""What all visitors share: the models, their states and the sample digits."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from sslrec import artifacts
from sslrec.artifacts import Manifest
from sslrec.config import settings
from sslrec.data import digits
from sslrec.data.images import prepare_digit
from sslrec.data.sets import DATA_SETS, source_of
from sslrec.serving.digits import shared_reader


@st.cache_data(show_spinner=False, ttl=60, max_entries=1)
def model_states() -> dict[str, tuple[str, Manifest | None]]:
    """State of every shipped model; looked at again after a minute, since it hashes every file."""
    return artifacts.states()


@st.cache_data(show_spinner=False, ttl=60, max_entries=1)
def data_states() -> dict[str, bool]:
    """Whether each data set is on this machine; scikit-learn's digits come with the package."""
    return {name: source_of(name) is not None for name in DATA_SETS}


@st.cache_data(show_spinner=False, ttl=60, max_entries=1)
def measured(task: str) -> dict[str, Any]:
    """The kept results of `python -m sslrec evaluate <task>`; empty where there are none."""
    path = settings().assets_dir / "results" / f"{task}.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@cache
def sample_digits() -> tuple[np.ndarray, np.ndarray]:
    """Two handwritten digits of each class from scikit-learn's test writers.

    Returns:
        `(20, 28, 28)` float32 in [0, 1] and `(20,)` labels, in the order 0 to 9 twice.
    """
    found = digits.load("digits")
    order = [np.flatnonzero(found.y_test == label)[turn] for turn in (0, 7) for label in range(10)]
    images = [prepare_digit(Image.fromarray(found.x_test[index]), "digits") for index in order]
    return np.stack(images), found.y_test[order]


@cache
def painted_digits() -> np.ndarray:
    """The way from 0 to 9 through the code, as the decoder paints it: `(19, 28, 28)` float32 in [0, 1].

    Made once for all visitors and never changed, by the launcher's warm-up if that comes first: no cache of
    Streamlit's, which belongs to script runs.
    """
    images, _ = sample_digits()
    reader = shared_reader()
    codes = reader.encode(images[:10])
    between = (codes[:-1] + codes[1:]) / 2
    order = np.empty((19, codes.shape[1]), np.float32)
    order[0::2], order[1::2] = codes, between
    return reader.decode(order)
