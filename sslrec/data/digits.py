"""The digit data sets, MNIST and scikit-learn's, and Fashion-MNIST: no digits, to measure by or to train on."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from sslrec.config import settings
from sslrec.errors import DataError

VALIDATION_SIZE = 5_000
"""How many of the last training images serve as the validation part; the test set chooses nothing."""


BUDGETS: dict[str, int | None] = {"1": 1, "10": 10, "100": 100, "all": None}
"""Label budgets by name: labels per class, None for every label."""


@dataclass(frozen=True)
class DigitData:
    """Images `(n, 28, 28)` uint8 (0 ground, 255 ink) with labels `(n,)` uint8 and where they came from.

    Attributes:
        name: the data set's name, such as `mnist`.
        source: the folder or library that the images were read from.
        sha256: hash of the file (or of the array, where there is no file).
    """

    name: str
    source: str
    sha256: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def x_fit(self) -> np.ndarray:
        """The training images without the validation part."""
        return self.x_train[: -self.validation_size]

    @property
    def y_fit(self) -> np.ndarray:
        """The training labels without the validation part."""
        return self.y_train[: -self.validation_size]

    @property
    def x_validation(self) -> np.ndarray:
        """The last training images, held back for choosing and early looks."""
        return self.x_train[-self.validation_size :]

    @property
    def y_validation(self) -> np.ndarray:
        """The labels of `x_validation`."""
        return self.y_train[-self.validation_size :]

    @property
    def validation_size(self) -> int:
        """Number of validation images: 5,000 of MNIST, a tenth of a small set."""
        return min(VALIDATION_SIZE, len(self.x_train) // 10)


def find(name: str) -> Path | None:
    """Return the `.npz` of `mnist` or `fashion_mnist` if it is on this machine, without downloading.

    Looks in `SSLREC_DATA/<name>/<name>.npz`, then in what `sslrec.data.download` kept and in Keras's cache.
    """
    data_dir = settings().data_dir
    candidates = [data_dir / name / f"{name}.npz"] if data_dir else []
    candidates.append(downloaded(name))
    candidates.append(Path.home() / ".keras" / "datasets" / f"{name}.npz")
    return next((path for path in candidates if path.is_file()), None)


def downloaded(name: str) -> Path:
    """Where a fetched set is kept: under `SSLREC_HOME`."""
    return settings().home_dir / "data" / name / f"{name}.npz"


def load(name: str) -> DigitData:
    """Load `digits`, `mnist` or `fashion_mnist`.

    Raises:
        DataError: the name is unknown, or the files are not on this machine.
    """
    if name == "digits":
        return _load_sklearn()
    if name not in ("mnist", "fashion_mnist"):
        raise DataError("data_unknown", name=name, known="digits, mnist, fashion_mnist")
    path = find(name)
    if path is None:
        raise DataError("data_missing", name=name, path=f"SSLREC_DATA/{name}/{name}.npz")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            parts = {key: arrays[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    except Exception as error:
        raise DataError("data_damaged", name=name, path=str(path), reason=str(error)) from error
    return DigitData(name, str(path), hashlib.sha256(path.read_bytes()).hexdigest(), **parts)


def _load_sklearn() -> DigitData:
    """scikit-learn's 1,797 real 8x8 digits, brought to MNIST's framing: a 20x20 box in 28x28.

    The file is read straight from the installed package: importing scikit-learn would cost the app
    120 MB of memory and a second for 57 kB of digits.
    """
    package = importlib.util.find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise DataError("data_missing", name="digits", path="pip install scikit-learn")
    path = Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    rows = np.loadtxt(path, delimiter=",")
    images = np.zeros((len(rows), 28, 28), np.uint8)
    for index, image in enumerate(rows[:, :64].reshape(-1, 8, 8)):
        small = Image.fromarray((image / 16 * 255).astype(np.uint8))
        images[index, 4:24, 4:24] = np.asarray(small.resize((20, 20), Image.Resampling.BICUBIC))
    labels = rows[:, 64].astype(np.uint8)
    digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    # The set is ordered by writer; the last fifth are other writers than the first four.
    cut = len(images) * 4 // 5
    return DigitData("digits", "scikit-learn", digest, images[:cut], labels[:cut], images[cut:], labels[cut:])


def draw_labelled(labels: np.ndarray, per_class: int, seed: int) -> np.ndarray:
    """Draw a class-balanced labelled subset.

    Args:
        labels: `(n,)` integers.
        per_class: how many of each class.
        seed: the draw's seed.

    Returns:
        `(classes * per_class,)` indices into `labels`, grouped by class.
    """
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return np.concatenate([rng.choice(group, per_class, replace=False) for group in groups])
