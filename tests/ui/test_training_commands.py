"""What a visitor tells runs, and what becomes of it where a run is gone."""

from types import SimpleNamespace

from sslrec.errors import RunError
from sslrec.ui import training_commands


class Controller:
    """One whose run was tidied away a moment ago."""

    def view(self, run_id):
        raise RunError("run_missing", run=run_id)

    def command(self, run_id, name):
        self.view(run_id)


def test_a_run_that_is_gone_when_it_is_to_stop_is_told(monkeypatch):
    session = {}
    monkeypatch.setattr(training_commands, "st", SimpleNamespace(session_state=session))
    monkeypatch.setattr(training_commands, "shared", Controller)
    training_commands.stop(["20260101-000000-00000000"])
    error, _ = session[training_commands.KEY]
    assert error.code == "run_missing"
