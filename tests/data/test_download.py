"""Fetching MNIST, from a server that the tests make up."""

import hashlib
import io
from http.client import BadStatusLine, IncompleteRead
from pathlib import Path
from urllib.error import URLError

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
    monkeypatch.setattr(download, "SHA256", hashlib.sha256(FILE).hexdigest())
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
    place = download.download_mnist()
    assert place.read_bytes() == FILE
    assert digits.find("mnist") == place
    assert download.download_mnist() == place
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
        download.download_mnist()
    assert digits.find("mnist") is None
    assert not [path for path in home.rglob("*") if path.is_file()]
