"""Fetching MNIST, for machines that do not have it: one file, checked before it is kept."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import tempfile
import urllib.request
from pathlib import Path

from sslrec.data import digits
from sslrec.errors import DataError

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
"""The file that `keras.datasets.mnist` fetches."""
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
MEGABYTES = 11
TIMEOUT = 20  # seconds without a byte


def download_mnist() -> Path:
    """Fetch MNIST and keep it; a file that is there already is not fetched again.

    Raises:
        DataError: there is no network, the server does not answer, or what came is another file.
    """
    place = digits.downloaded("mnist")
    if place.is_file():
        return place
    temporary: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with (
            urllib.request.urlopen(URL, timeout=TIMEOUT) as answer,
            tempfile.NamedTemporaryFile(dir=place.parent, prefix=".mnist-", delete=False) as stream,
        ):
            temporary = Path(stream.name)
            # One byte more than there should be is enough to know.
            data = answer.read((MEGABYTES + 1) * 1_000_000)
            stream.write(data)
        if hashlib.sha256(data).hexdigest() != SHA256:
            raise ValueError(f"{len(data):,} bytes came that are not the file")
        temporary.replace(place)
    except (OSError, ValueError, http.client.HTTPException) as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise DataError("data_download", name="mnist", reason=str(error) or type(error).__name__) from error
    return place
