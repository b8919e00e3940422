import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sslrec import __version__
from sslrec.cli import main
from sslrec.cli.output import print_json, speak_utf8
from sslrec.config import ROOT
from tests.data.catalogue.samples import row, table


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["frob"], "No such command 'frob'; see --help."),
        (["digits"], "Missing argument 'FILE'; see --help."),
        (["digits", "a.png", "--yaml"], "No such option: --yaml"),
        (["evaluate", "poems"], "No such command 'poems'; see --help."),
        (["train", "autoencoder", "--code", "many"], "Invalid value for '--code'"),
        (["train", "autoencoder", "--code", "0"], "Invalid value for '--code'"),
        (["train", "encoder", "--denoise"], "No such option: --denoise"),
        (["train", "encoder", "--seed", "-1"], "Invalid value for '--seed'"),
        (
            ["train", "encoder", "--data", "nope"],
            "The task 'encoder' does not learn from 'nope'; choose one of: digits, mnist, fashion_mnist.",
        ),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"error: {line}")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("command", [[], ["digits"], ["doctor"], ["evaluate"], ["evaluate", "digits"], ["train"]])
def test_help_explains_every_option(command: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*command, "--help"]) == 0
    captured = capsys.readouterr()
    assert "Usage: python -m sslrec" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize("task", ["autoencoder", "encoder", "classifier", "novelty"])
def test_every_training_task_has_help(task: str, capsys: pytest.CaptureFixture[str]):
    assert main(["train", task, "--help"]) == 0
    out = capsys.readouterr().out
    assert "--seed" in out
    assert "[default: mnist]" in out


def test_a_bare_call_shows_the_help(capsys: pytest.CaptureFixture[str]):
    assert main([]) == 2
    assert "doctor" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_a_wrong_setting_is_one_line(set_variables: Callable[..., None], capsys: pytest.CaptureFixture[str]):
    set_variables(MAX_IMAGE_BYTES="lots")
    assert main(["doctor"]) == 2
    assert capsys.readouterr().err == (
        "error: SSLREC_MAX_IMAGE_BYTES is 'lots'; it must be a whole number above zero.\n"
    )


def test_a_setting_that_is_too_large_is_one_line(
    set_variables: Callable[..., None], capsys: pytest.CaptureFixture[str]
):
    set_variables(MAX_IMAGE_BYTES="9" * 20)
    assert main(["digits", "seven.png"]) == 2
    assert capsys.readouterr().err == f"error: SSLREC_MAX_IMAGE_BYTES is '{'9' * 20}'; it must be at most 2000000000.\n"


def test_a_home_of_nobody_is_one_line(set_variables: Callable[..., None], capsys: pytest.CaptureFixture[str]):
    set_variables(HOME="~nobodyatall/x")
    assert main(["doctor"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: SSLREC_HOME is '~nobodyatall/x'; it must be a folder's path")
    assert err.count("\n") == 1


def test_the_process_ends_with_the_exit_code():
    done = subprocess.run(
        [sys.executable, "-m", "sslrec", "digits", "gone.png"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "error: There is no file 'gone.png'; check the path.\n"


def test_json_is_utf8_where_the_machine_writes_another_encoding(tmp_path: Path):
    pq.write_table(table(row(category="红茶 ☕")), tmp_path / "shop.parquet")
    done = subprocess.run(
        [sys.executable, "-m", "sslrec", "catalog", "show", str(tmp_path / "shop.parquet"), "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout.decode("utf-8"))["categories"] == {"红茶 ☕": 1}
    assert done.stderr == b""


def test_a_name_that_is_no_text_is_escaped_and_the_json_sound(monkeypatch: pytest.MonkeyPatch):
    written = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, "cp1252"))
    monkeypatch.setattr(sys, "stderr", StringIO())  # has one encoding alone
    speak_utf8()
    print_json({"out": "茶\udc80"})
    assert json.loads(written.getvalue()) == {"out": "茶\udc80"}


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_text("")
    assert (
        main(["train", "autoencoder", "--data", "digits", "--epochs", "1", "--out", str(tmp_path / "file" / "x")]) == 2
    )
    err = capsys.readouterr().err
    assert "cannot be used" in err
    assert "Traceback" not in err
