"""Commands on a machine with a small recommender."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sslrec.cli import main
from sslrec.serving.recommender import shared_recommender
from tests.recommenders import tiny_assets


@pytest.fixture
def run(
    set_variables: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run a command in a folder of its own, with a small recommender; returns the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    set_variables(ASSETS=tiny_assets(), HOME=tmp_path / "home", DATA=tmp_path / "data")
    shared_recommender.cache_clear()

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    yield run_it
    shared_recommender.cache_clear()
