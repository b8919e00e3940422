"""The bar of a training on the terminal."""

import io

import pytest
from rich.console import Console

from sslrec.cli import progress


def test_the_next_of_several_trainings_is_not_said_to_be_over(monkeypatch: pytest.MonkeyPatch):
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=100)
    monkeypatch.setattr(progress, "stderr_console", lambda: console)
    with progress.shown(False) as show:
        for step in (1, 2, 3, 4, 1):
            show({"event": "step", "step": step, "of": 4, "loss": 0.5})
    last = written.getvalue().rpartition("Training")[2]
    assert "loss 0.5000" in last
    assert "0:00:00" not in last
