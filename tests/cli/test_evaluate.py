import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sslrec import artifacts
from sslrec.cli import main
from sslrec.data import digits, text
from sslrec.evaluation import digits as measured
from sslrec.serving.recommender import shared_recommender
from tests.recommenders import tiny_assets

FIGURES = {"data": {"mnist": {"test_images": 10000}}, "canvas": {"value": 0.98, "interval": [0.97, 0.99]}}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Stands in for the measuring, which takes minutes; holds what it was given."""
    given: list[Any] = []

    def evaluate(models: object, mnist: object, fashion: object, progress: Callable[[str], None]) -> dict[str, Any]:
        given.extend([mnist, fashion, "measured"])
        progress("canvas")
        return FIGURES

    monkeypatch.setattr(measured, "evaluate", evaluate)
    monkeypatch.setattr(measured, "MODELS", ())
    monkeypatch.setattr(digits, "load", lambda name: name)
    return given


def test_json_is_the_figures_and_nothing_else(told: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "new" / "digits.json"
    assert main(["evaluate", "digits", "--json", "--out", str(out)]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert told == ["mnist", "fashion_mnist", "measured"]
    assert found == {"command": "python -m sslrec evaluate digits", "models": {}, **FIGURES}
    assert json.loads(out.read_text("utf-8")) == found


def test_the_figures_are_kept_among_the_results(
    told: list[Any], set_variables: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    set_variables(ASSETS=tmp_path)
    assert main(["evaluate", "digits"]) == 0
    assert json.loads((tmp_path / "results" / "digits.json").read_text("utf-8"))["canvas"] == FIGURES["canvas"]
    out = capsys.readouterr().out
    assert "canvas / interval" in out
    assert "0.9700, 0.9900" in out


def test_without_the_data_nothing_is_written(
    set_variables: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    set_variables(ASSETS=tmp_path, DATA=tmp_path)
    assert main(["evaluate", "digits", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: The data set 'mnist' is not on this machine; set SSLREC_DATA")
    assert not (tmp_path / "results").exists()


def test_a_place_that_cannot_be_written_is_told_before_the_measuring(
    told: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["evaluate", "digits", "--out", str(tmp_path)]) == 2
    assert "cannot be used" in capsys.readouterr().err
    assert "measured" not in told


@pytest.mark.parametrize("before", ["the old figures\n", None])
def test_what_is_interrupted_leaves_the_old_figures(
    told: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "digits.json"
    if before is not None:
        out.write_text(before)
    monkeypatch.setattr(measured, "evaluate", interrupted)
    assert main(["evaluate", "digits", "--out", str(out)]) != 0
    assert [path.name for path in tmp_path.iterdir()] == ([] if before is None else ["digits.json"])
    assert before is None or out.read_text() == before


def test_a_writing_that_fails_leaves_the_old_figures(
    told: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "digits.json"
    out.write_text("the old figures")
    monkeypatch.setattr("os.fsync", full)
    assert main(["evaluate", "digits", "--out", str(out)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"digits.json": "the old figures"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_device_is_written_to_and_not_replaced(told: list[Any], tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert main(["evaluate", "digits", "--json", "--out", str(pipe)]) == 0
        assert json.loads(os.read(descriptor, 1 << 16))["canvas"] == FIGURES["canvas"]
    finally:
        os.close(descriptor)
    assert pipe.is_fifo()


def test_the_recommender_is_measured_with_the_digest_of_its_artefact(
    set_variables: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def evaluate(models: object, catalogue: object, progress: Callable[[str], None]) -> dict[str, Any]:
        progress("retrieval")
        assert catalogue == "fashion_products"
        return FIGURES

    set_variables(ASSETS=tiny_assets())
    shared_recommender.cache_clear()
    monkeypatch.setattr("sslrec.evaluation.recommender.evaluate", evaluate)
    monkeypatch.setattr("sslrec.data.catalogue.load_catalogue", lambda name: name)
    out = tmp_path / "recommender.json"
    assert main(["evaluate", "recommender", "--json", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    digest = artifacts.load("recommender").digest
    shared_recommender.cache_clear()
    assert found == {
        "command": "python -m sslrec evaluate recommender",
        "models": {"recommender": digest},
        **FIGURES,
    }
    assert json.loads(out.read_text("utf-8")) == found


def test_the_recommender_is_measured_on_real_products_alone(
    set_variables: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    set_variables(ASSETS=tmp_path, DATA=tmp_path)
    assert main(["evaluate", "recommender", "--json"]) == 2
    assert capsys.readouterr().err.startswith("error: The data set 'fashion_products' is not on this machine")
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(("data", "file"), [("text", "language.json"), ("builtin", "language-builtin.json")])
def test_other_corpora_leave_the_figures_that_are_shown_as_they_are(
    data: str, file: str, set_variables: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    artifact = SimpleNamespace(manifest=SimpleNamespace(name="language"), digest="0")
    corpus = SimpleNamespace(name=data, sha256="1")
    monkeypatch.setattr("sslrec.serving.language.shared_language", lambda: SimpleNamespace(artifact=artifact))
    monkeypatch.setattr("sslrec.evaluation.gaps.evaluate", lambda *_: FIGURES)
    monkeypatch.setattr("sslrec.cli.evaluate._genres", lambda *_: None)
    monkeypatch.setattr("sslrec.data.corpora.require", lambda name: None)
    monkeypatch.setattr(text, "load_all", lambda: (corpus,))
    monkeypatch.setattr(text, "load", lambda name: corpus)
    set_variables(ASSETS=tmp_path)
    assert main(["evaluate", "language", "--data", data, "--json"]) == 0
    assert [path.name for path in (tmp_path / "results").iterdir()] == [file]
    assert json.loads((tmp_path / "results" / file).read_text("utf-8"))["canvas"] == FIGURES["canvas"]
