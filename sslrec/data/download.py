"""Fetching MNIST and Fashion-MNIST, for machines that do not have them: each file is checked before it is kept."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sslrec.data import digits
from sslrec.errors import DataError

BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
"""Where `keras.datasets` fetches its files."""
TIMEOUT = 20  # seconds without a byte


@dataclass(frozen=True)
class Remote:
    """A file to fetch.

    Attributes:
        name: below `BASE`.
        size: in bytes.
        digest: SHA-256, or where its publisher gives no other, MD5; in hexadecimal.
    """

    name: str
    size: int
    digest: str


FILES = {
    "mnist": (Remote("mnist.npz", 11_490_434, "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"),),
    # The MD5 sums of github.com/zalandoresearch/fashion-mnist.
    "fashion_mnist": (
        Remote("train-images-idx3-ubyte.gz", 26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        Remote("train-labels-idx1-ubyte.gz", 29_515, "25c81989df183df01b3e8a0aad5dffbe"),
        Remote("t10k-images-idx3-ubyte.gz", 4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
        Remote("t10k-labels-idx1-ubyte.gz", 5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
    ),
}
"""The files of each data set; one is the set as it is kept, four are its arrays."""
ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def megabytes(name: str) -> int:
    """How much `download` fetches, in MB."""
    return round(sum(file.size for file in FILES[name]) / 1e6)


def download(name: str) -> Path:
    """Fetch a data set, a key of `FILES`, and keep it; one that is there already is not fetched again.

    Raises:
        DataError: there is no network, the server does not answer, or what came is another file.
    """
    place = digits.downloaded(name)
    if place.is_file():
        return place
    temporary: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        parts = [_fetch(file) for file in FILES[name]]
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{name}-", delete=False) as stream:
            temporary = Path(stream.name)
            stream.write(parts[0] if len(parts) == 1 else _packed(parts))
        temporary.replace(place)
    except (OSError, ValueError, EOFError, http.client.HTTPException) as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise DataError("data_download", name=name, reason=str(error) or type(error).__name__) from error
    return place


def _fetch(file: Remote) -> bytes:
    with urllib.request.urlopen(BASE + file.name, timeout=TIMEOUT) as answer:
        # One byte more than there should be is enough to know.
        data = answer.read(file.size + 1)
    known = hashlib.sha256(data) if len(file.digest) == 64 else hashlib.md5(data, usedforsecurity=False)
    if known.hexdigest() != file.digest:
        raise ValueError(f"{len(data):,} bytes came that are not the file")
    return data


def _packed(parts: list[bytes]) -> bytes:
    """The `.npz` of the four files, images and labels in turn, in the IDX format of yann.lecun.com/exdb/mnist."""
    arrays = {}
    for name, part in zip(ARRAYS, parts, strict=True):
        data = gzip.decompress(part)
        shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
        arrays[name] = np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
