"""What a table of anybody's texts does to a terminal."""

import math

import pytest

from sslrec.cli.output import print_json, print_table


def test_nothing_in_a_table_commands_the_terminal(capsys: pytest.CaptureFixture[str]):
    hostile = "red \x1b]0;PWNED\x07\x1b[2Jmug\x9b1m \u202egnp"
    print_table(hostile, (hostile, "n"), [(hostile, 1)])
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\x9b\u202e")
    assert "�" in out
    assert "mug" in out


def test_json_is_json_whatever_was_measured(capsys: pytest.CaptureFixture[str]):
    print_json({"loss": math.nan, "rates": [math.inf, 0.5]}, lines=True)
    assert capsys.readouterr().out == '{"loss": null, "rates": [null, 0.5]}\n'


def test_lines_and_brackets_of_a_cell_stay(capsys: pytest.CaptureFixture[str]):
    print_table(None, ("a",), [("[red]one\ntwo",)])
    assert "[red]one" in capsys.readouterr().out
