"""Fetching MNIST and Fashion-MNIST, from a server that the tests make up."""

import gzip
import hashlib
import io
from dataclasses import replace
from http.client import BadStatusLine, IncompleteRead
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from sslrec.config import settings
from sslrec.data import digits, download
from sslrec.errors import DataError

FILE = b"MNIST as far as these tests go"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSLREC_HOME", str(tmp_path))
    monkeypatch.delenv("SSLREC_DATA", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "nobody")
    known = replace(download.FILES["mnist"][0], digest=hashlib.sha256(FILE).hexdigest())
    monkeypatch.setitem(download.FILES, "mnist", (known,))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


def serve(monkeypatch: pytest.MonkeyPatch, answer: bytes | Exception) -> list[str]:
    asked: list[str] = []

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        asked.append(url)
        if isinstance(answer, Exception):
            raise answer
        return io.BytesIO(answer)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    return asked


def test_the_file_is_fetched_once_and_then_found(monkeypatch: pytest.MonkeyPatch):
    asked = serve(monkeypatch, FILE)
    assert digits.find("mnist") is None
    place = download.download("mnist")
    assert place.read_bytes() == FILE
    assert digits.find("mnist") == place
    assert download.download("mnist") == place
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<html>Sign in to this network</html>", "36 bytes came that are not the file"),
        (URLError("no route to host"), "no route to host"),
        (TimeoutError("timed out"), "timed out"),
        (BadStatusLine("SSH-2.0"), "SSH-2.0"),
        (IncompleteRead(b"half"), "IncompleteRead"),
    ],
)
def test_what_is_not_the_file_is_not_kept(answer: bytes | Exception, reason: str, monkeypatch, home: Path):
    serve(monkeypatch, answer)
    with pytest.raises(DataError, match=reason):
        download.download("mnist")
    assert digits.find("mnist") is None
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_four_files_become_one_set(monkeypatch: pytest.MonkeyPatch, home: Path):
    rng = np.random.default_rng(0)
    made = {
        "x_train": rng.integers(0, 256, (30, 28, 28), np.uint8),
        "y_train": np.arange(30, dtype=np.uint8) % 10,
        "x_test": rng.integers(0, 256, (20, 28, 28), np.uint8),
        "y_test": np.arange(20, dtype=np.uint8) % 10,
    }
    served = {}
    for file, array in zip(download.FILES["fashion_mnist"], made.values(), strict=True):
        head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        served[file.name] = gzip.compress(head + array.tobytes())
    monkeypatch.setitem(
        download.FILES,
        "fashion_mnist",
        tuple(
            replace(file, size=len(served[file.name]), digest=hashlib.md5(served[file.name]).hexdigest())
            for file in download.FILES["fashion_mnist"]
        ),
    )
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: io.BytesIO(served[url.split("/")[-1]]))
    download.download("fashion_mnist")
    found = digits.load("fashion_mnist")
    for name, array in made.items():
        assert np.array_equal(getattr(found, name), array)
    served["t10k-labels-idx1-ubyte.gz"] += b"more"
    digits.downloaded("fashion_mnist").unlink()
    with pytest.raises(DataError, match="bytes came that are not the file"):
        download.download("fashion_mnist")
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_what_is_told_before_is_what_is_fetched():
    assert (download.megabytes("mnist"), download.megabytes("fashion_mnist")) == (11, 31)
