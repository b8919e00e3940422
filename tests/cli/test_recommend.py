import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sslrec.config import ROOT
from tests.data.catalogue.samples import picture, row, table
from tests.recommenders import tiny_assets

Run = Callable[..., tuple[int, str, str]]


def test_text_and_picture_give_the_contract(run: Run):
    Path("red.png").write_bytes(picture())
    code, out, err = run("recommend", "--text", "red mug", "--image", "red.png", "-k", "5", "--json")
    assert code == 0
    assert err == ""
    found = json.loads(out)
    assert len(found) == 5
    for item in found:
        assert list(item) == ["item_id", "title", "score", "text_score", "image_score", "contributions"]
        assert all(0 <= item[name] <= 1 for name in ("score", "text_score", "image_score"))
        assert set(item["contributions"]) == {"text", "image"}
    assert [item["score"] for item in found] == sorted((item["score"] for item in found), reverse=True)


def test_either_may_be_missing(run: Run):
    Path("red.png").write_bytes(picture())
    for given, missing in ((("--text", "red mug"), "image_score"), (("--image", "red.png"), "text_score")):
        code, out, _ = run("recommend", *given, "--json")
        found = json.loads(out)
        assert code == 0
        assert len(found) == 10
        assert all(item[missing] is None for item in found)


def test_the_table_shows_titles_and_scores(run: Run):
    code, out, _ = run("recommend", "--text", "red mug", "-k", "2")
    assert code == 0
    assert "%" in out
    assert "by picture" not in out
    Path("red.png").write_bytes(picture())
    assert "by" in run("recommend", "--text", "red mug", "--image", "red.png", "-k", "2")[1]


def test_a_catalogue_of_ones_own_is_encoded_and_ranked(run: Run):
    rows = [row(item_id="a", title="Blue shirt", image=picture((0, 0, 255))), row(item_id="b", title="Red mug")]
    pq.write_table(table(*rows), "mine.parquet")
    for _ in range(2):
        code, out, _ = run("recommend", "--catalog", "mine.parquet", "--text", "Red mug", "--json")
        assert code == 0
        assert [item["item_id"] for item in json.loads(out)] == ["b", "a"]
    assert len(list(Path("home").rglob("*.npy"))) == 1


def test_a_home_that_cannot_be_written_is_one_line_beside_the_answer(run: Run, tmp_path: Path):
    pq.write_table(table(row(item_id="a", title="Red mug", image=None)), "mine.parquet")
    Path("home").write_text("and no folder", "utf-8")
    # In a process of its own: pytest's has handlers for what is logged.
    command = [sys.executable, "-m", "sslrec", "recommend", "--catalog", "mine.parquet", "--text", "red mug", "--json"]
    places = {"SSLREC_ASSETS": str(tiny_assets()), "SSLREC_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env={**os.environ, **places}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert [item["item_id"] for item in json.loads(done.stdout)] == ["a"]
    said = [line for line in done.stderr.splitlines() if "not kept" in line]
    assert said == [f"the vectors of 'mine' are not kept in {tmp_path / 'home' / 'vectors'}: Not a directory"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "There is neither a text nor a picture to go by"),
        (("--text", " "), "There is neither a text nor a picture to go by"),
        (("--text", "红色运动鞋"), "The text model knows English alone and cannot read '红色运动鞋'"),
        (("--text", "\udcff"), "The text model knows no word of"),
        (("--text", "xqzvkj"), "The text model knows no word of 'xqzvkj'"),
        (("--image", "gone.png"), "There is no file 'gone.png'"),
        (("--image", "text.png"), "'text.png' is not a picture this reads"),
        (("--text", "mug", "--catalog", "gone.parquet"), "There is no catalogue 'gone.parquet'"),
        (
            ("--text", "mug", "--catalog", "text.png"),
            "'text.png' is no Parquet file and so no catalogue; make one of a table with: ",
        ),
        (("--text", "mug", "--catalog", "fashion_products"), "The data set 'fashion_products' is not on this machine"),
        (("--text", "mug", "--category", "Boats"), "The catalogue 'builtin' has no category 'Boats' to show"),
        (("--text", "mug", "-k", "0"), "Invalid value for '-k'"),
        (("--text", "mug", "--trust", "3"), "Invalid value for '--trust'"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...], said: str):
    Path("text.png").write_text("no picture")
    for more in ((), ("--json",)):
        code, out, err = run("recommend", *arguments, *more)
        assert code == 2
        assert out == ""
        assert err.startswith(f"error: {said}")
        assert len(err.splitlines()) == 1


def test_what_could_not_be_read_is_said_beside_the_result(run: Run):
    Path("red.png").write_bytes(picture())
    code, out, err = run("recommend", "--text", "红色", "--image", "red.png", "--json")
    assert code == 0
    assert json.loads(out)
    assert err == "note: the text model knows English alone and cannot read '红色'; the picture alone was asked.\n"
    assert "does not know 'xqzvkj'; the other words" in run("recommend", "--text", "mug xqzvkj", "--json")[2]
    assert "its end was left out" in run("recommend", "--text", "red mug " * 2000, "--json")[2]


def test_options_reach_the_ranking(run: Run):
    code, out, _ = run("recommend", "--text", "red mug", "--category", "Shoes", "-k", "50", "--json")
    assert code == 0
    shoes = [item["item_id"] for item in json.loads(out)]
    assert 0 < len(shoes) < 50
    varied = json.loads(run("recommend", "--text", "red mug", "--diversity", "1", "-k", "8", "--json")[1])
    plain = json.loads(run("recommend", "--text", "red mug", "-k", "8", "--json")[1])
    assert varied[0] == plain[0]
    assert varied != plain


def test_without_the_model_the_exit_code_is_2(run: Run, set_variables: Callable[..., None], tmp_path: Path):
    set_variables(ASSETS=tmp_path)
    code, _, err = run("recommend", "--text", "mug")
    assert code == 2
    assert err.startswith("error: The model '")
