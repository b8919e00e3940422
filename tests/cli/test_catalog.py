import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sslrec.cli import main
from sslrec.data.drawn.kinds import KINDS
from tests.data.catalogue.samples import row, table


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.parquet"
    pq.write_table(table(row(), row(item_id="b", category=None, price=None, image=None)), path)
    return path


def test_show_counts_what_is_there(small: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["catalog", "show", str(small), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["name"] == "small"
    assert found["source"] == str(small)
    assert (found["items"], found["pictures"], found["shown"]) == (2, 1, 2)
    assert found["price_range"] == [9.5, 9.5]
    assert found["categories"] == {"Home": 1, "": 1}


def test_show_prints_a_table_without_json(small: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["catalog", "show", str(small)]) == 0
    out = capsys.readouterr().out
    assert "items" in out
    assert "Home" in out


def test_a_catalogue_that_is_not_there_is_one_line_and_2(capsys: pytest.CaptureFixture[str]):
    assert main(["catalog", "show", "nonsense"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: There is no catalogue 'nonsense'; name builtin, ")


def test_a_table_that_is_no_catalogue_yet_is_to_be_ingested(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "shop.csv").write_text("id,title\n1,Mug\n", "utf-8")
    assert main(["catalog", "show", str(tmp_path / "shop.csv")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("python -m sslrec catalog ingest SRC --out DIR\n")
    assert captured.err.count("\n") == 1


def test_build_writes_a_catalogue_that_show_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sslrec.data.drawn.generate.KINDS", KINDS[30:32])
    arguments = ["catalog", "build", "--out", str(tmp_path / "made"), "--per-kind", "2", "--processes", "1", "--json"]
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert (json.loads(said.out)["items"], said.err) == (4, "")
    assert main(["catalog", "show", str(tmp_path / "made"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == 4


@pytest.mark.parametrize("wrong", [["--per-kind", "41"], ["--seed", "-1"], ["--processes", "0"]])
def test_impossible_numbers_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(["catalog", "build", *wrong]) == 2
    assert "error: " in capsys.readouterr().err
