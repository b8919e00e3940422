import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sslrec.config import ROOT
from sslrec.data.catalogue import load_catalogue
from sslrec.serving.catalogue_folder import about
from tests.data.catalogue.samples import ids_of, picture, row, table, workbook
from tests.data.catalogue.test_archive import packed
from tests.recommenders import tiny_assets

Run = Callable[..., tuple[int, str, str]]
GAUGES = ["image.decode", "image.encode", "text.tokenize", "text.encode", "join", "joined"]


@pytest.fixture
def shop(run: Run) -> None:
    """`shop.csv` with flaws, and `pictures.zip`."""
    Path("shop.csv").write_text(
        "sku;product_title;img;colour\n1;Red mug;a.png;red\n2;Blue cap;b.png;blue\n2;Twice;;\n3;;;\n4;Bag;gone.png;\n",
        "utf-8-sig",
    )
    Path("pictures.zip").write_bytes(
        packed(("a.png", picture()), ("b.png", picture((20, 40, 200))), ("notes.txt", b"x"), ("../up.png", picture()))
    )


@pytest.mark.usefixtures("shop")
def test_what_came_of_it_is_told_as_json(run: Run):
    code, out, err = run("catalog", "ingest", "shop.csv", "--images", "pictures.zip", "--out", "mine", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found) == [
        "items", "rejected", "without_picture", "pictured", "unused_pictures", "seconds", "items_per_second",
        "channels", "columns", "refused_files", "out",
    ]  # fmt: skip
    assert found["items"] == 3
    assert [(one["id"], one["line"], one["reason"]) for one in found["rejected"]] == [
        ("2", 4, "row_duplicate"),
        ("3", 5, "row_nothing"),
    ]
    assert all(one["message"].endswith(".") for one in found["rejected"] + found["without_picture"])
    assert [(one["id"], one["reason"]) for one in found["without_picture"]] == [("4", "picture_missing")]
    assert (found["pictured"], found["unused_pictures"]) == (2, 0)
    assert found["seconds"] > 0
    assert found["items_per_second"] > 0
    assert list(found["channels"]) == GAUGES
    assert found["channels"]["image.decode"]["sent"] == 2
    assert found["channels"]["text.encode"]["sent"] == 3
    assert found["columns"] == {"item_id": "sku", "title": "product_title", "image": "img"}
    assert {one["name"]: one["reason"] for one in found["refused_files"]} == {
        "notes.txt": "picture_suffix",
        "../up.png": "picture_path",
    }
    assert found["out"] == "mine"
    assert ids_of(load_catalogue("mine")) == ["1", "2", "4"]


@pytest.mark.usefixtures("shop")
def test_without_json_tables_tell_the_same(run: Run):
    code, out, _ = run("catalog", "ingest", "shop.csv", "--images", "pictures.zip", "--out", "mine")
    assert code == 0
    for said in ("product_title", "image.decode", "gone.png", "notes.txt", "3 products in", "2 rows rejected: mine"):
        assert said in out


def test_pictures_that_are_no_products_are_told(run: Run):
    Path("shop.csv").write_text("sku,name,price\nA1,Red mug,1\nA2,Blue cap,2\n", "utf-8")
    Path("pics.zip").write_bytes(packed(("SKU_1.png", picture()), ("SKU_2.png", picture())))
    code, out, err = run("catalog", "ingest", "shop.csv", "--images", "pics.zip", "--out", "mine", "--json")
    found = json.loads(out)
    assert (code, found["items"], found["pictured"], found["unused_pictures"]) == (0, 2, 0, 2)
    assert err.startswith("note: none of the pictures sent is used; call them by the products' ids")
    assert err.count("\n") == 1
    _, out, err = run("catalog", "ingest", "shop.csv", "--images", "pics.zip", "--out", "mine")
    assert "products with a picture" in out
    assert "pictures not used" in out
    assert "note: " in err


def test_a_workbook_is_a_table(run: Run):
    Path("shop.xlsx").write_bytes(workbook(("商品编号", "商品名称", "价格"), (1, "Red mug", 2.5), (2, "Blue cap", 3)))
    Path("pics.zip").write_bytes(packed(("1.png", picture()), ("2.png", picture())))
    code, out, err = run("catalog", "ingest", "shop.xlsx", "--images", "pics.zip", "--out", "mine", "--json")
    found = json.loads(out)
    assert (code, err, found["items"], found["pictured"]) == (0, "", 2, 2)
    product = load_catalogue("mine").product(0)
    assert (product.item_id, product.title, product.price) == ("1", "Red mug", 2.5)


@pytest.mark.usefixtures("shop")
def test_recommend_takes_the_folder_and_encodes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch):
    run("catalog", "ingest", "shop.csv", "--images", "pictures.zip", "--out", "mine", "--json")

    def never(*_: object) -> None:
        raise AssertionError("the vectors lie beside the table")

    monkeypatch.setattr("sslrec.serving.recommender.encode_catalogue", never)
    Path("red.png").write_bytes(picture())
    for catalogue in ("mine", "mine/catalogue.parquet"):
        code, out, err = run("recommend", "--catalog", catalogue, "--text", "red mug", "--image", "red.png", "--json")
        assert (code, err) == (0, "")
        found = json.loads(out)
        assert found[0]["item_id"] == "1"
        assert len(found) == 3
        assert list(found[0]) == ["item_id", "title", "score", "text_score", "image_score", "contributions"]
    assert not Path("home").exists()


@pytest.mark.usefixtures("shop")
def test_a_table_that_was_changed_since_is_encoded_anew(run: Run):
    run("catalog", "ingest", "shop.csv", "--out", "mine", "--json")
    pq.write_table(table(row(item_id="x", title="Green hat", image=None)), "mine/catalogue.parquet")
    code, out, _ = run("recommend", "--catalog", "mine", "--text", "green hat", "--json")
    assert code == 0
    assert [item["item_id"] for item in json.loads(out)] == ["x"]
    assert len(list(Path("home").rglob("*.npy"))) == 1


@pytest.mark.usefixtures("shop")
def test_columns_encoding_separator_and_the_first_rows_can_be_named(run: Run):
    Path("odd.txt").write_bytes("nom#bild#wert\nTasse – groß#a.png#3\nMütze##4\nHut##5\n".encode("cp1252"))
    options = ["--column", "title=nom", "--column", "image=bild", "--column", "price = wert", "--column", "category="]
    options += ["--separator", "#", "--encoding", "cp1252", "--first", "2", "--images", "pictures.zip"]
    code, out, _ = run("catalog", "ingest", "odd.txt", "--out", "mine", "--json", *options)
    assert code == 0
    assert json.loads(out)["columns"] == {"title": "nom", "image": "bild", "price": "wert"}
    first, second = load_catalogue("mine")
    assert (first.title, first.price, first.image is None) == ("Tasse – groß", 3.0, False)
    assert second.title == "Mütze"


def test_a_tab_can_be_named(run: Run):
    Path("odd.txt").write_text("title\tmade, where\nMug\tBerlin, Mitte, east\n")
    for name in ("tab", "\\t"):
        assert run("catalog", "ingest", "odd.txt", "--out", "mine", "--separator", name, "--json")[0] == 0
    assert dict(load_catalogue("mine").product(0).attributes) == {"made, where": "Berlin, Mitte, east"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gone.csv", "--out", "mine"), "There is no file 'gone.csv'"),
        ((".", "--out", "mine"), "'.' is a folder, where one file is wanted"),
        (("shop.csv", "--out", "mine", "--images", "gone.zip"), "There is no file 'gone.zip'"),
        (("shop.csv", "--out", "mine", "--images", "shop.csv"), "'shop.csv' cannot be read as a zip archive"),
        (("pictures.zip", "--out", "mine"), "'pictures.zip' is a zip, where a table is wanted"),
        (("shop.csv", "--out", "shop.csv"), "'shop.csv' "),
        (("shop.csv", "--out", "."), "'.' "),
        (("shop.csv", "--out", "mine", "--column", "title=nonsense"), "'shop.csv' has no column 'nonsense'"),
        (("shop.csv", "--out", "mine", "--column", "size=img"), "A catalogue has no field 'size'"),
        (("shop.csv", "--out", "mine", "--column", "title"), "Invalid value for '--column'"),
        (("shop.csv", "--out", "mine", "--column", "title=", "--column", "image="), "No column of 'shop.csv' looks"),
        (("shop.csv", "--out", "mine", "--encoding", "nonsense"), "'shop.csv' is not encoded as nonsense"),
        (("shop.csv", "--out", "mine", "--encoding", "ascii"), "'shop.csv' is not encoded as ascii"),
        (("shop.csv", "--out", "mine", "--separator", "::"), "Invalid value for '--separator'"),
        (("shop.csv", "--out", "mine", "--separator", '"'), "Invalid value for '--separator'"),
        (("shop.csv", "--out", "mine", "--separator", "\\"), "Invalid value for '--separator'"),
        (("shop.csv", "--out", "mine", "--first", "0"), "Invalid value for '--first'"),
        (("shop.csv",), "Missing option '--out'"),
        (("untitled.csv", "--out", "mine"), "No column of 'untitled.csv' looks like a title or a picture"),
        (("unusable.csv", "--out", "mine"), "None of the 2 rows"),
        (("header.csv", "--out", "mine"), "The catalogue 'header.csv' holds no products"),
        (("empty.csv", "--out", "mine"), "The catalogue 'empty.csv' holds no products"),
        (("cut.parquet", "--out", "mine"), "'cut.parquet' cannot be read as Parquet"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_wrong_input_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...], said: str):
    Path("untitled.csv").write_text("a,b\n1,2\n")
    Path("unusable.csv").write_text("id,title\n1,\n2,\n")
    Path("header.csv").write_text("id,title\n")
    Path("empty.csv").write_text("")
    pq.write_table(table(row()), "whole.parquet")
    Path("cut.parquet").write_bytes(Path("whole.parquet").read_bytes()[:-50])
    before = sorted(Path().rglob("*"))
    code, out, err = run("catalog", "ingest", *arguments, "--json")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert len(err.splitlines()) == 1
    assert sorted(Path().rglob("*")) == before


def test_a_catalogue_beyond_the_limit_says_so(run: Run, set_variables: Callable[..., None]):
    Path("shop.csv").write_text("title\nMug\nCap\nHat\n")
    set_variables(MAX_CATALOGUE_ROWS=2)
    code, _, err = run("catalog", "ingest", "shop.csv", "--out", "mine")
    assert code == 2
    assert "3" in err
    assert run("catalog", "ingest", "shop.csv", "--out", "mine", "--first", "2", "--json")[0] == 0


def begun(out: Path) -> subprocess.Popen[str]:
    """An ingest in a process of its own, in the middle of its way."""
    with (out.parent / "long.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["title"], *([f"red mug {number}"] for number in range(40_000))])
    environment = {**os.environ, "SSLREC_ASSETS": str(tiny_assets())}
    command = [sys.executable, "-m", "sslrec", "catalog", "ingest", "long.csv", "--out", out.name, "--json"]
    process = subprocess.Popen(
        command, cwd=out.parent, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        # What runs in the background of a shell ignores Ctrl-C, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    end = time.monotonic() + 60
    while not list(out.parent.glob(f".{out.name}.*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    return process


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("signals", [("SIGKILL",), ("SIGINT", "SIGINT")], ids=", ".join)
def test_an_interrupted_ingest_leaves_the_old_catalogue_and_can_be_started_again(
    run: Run, signals: tuple[str, ...], tmp_path: Path
):
    Path("small.csv").write_text("title\nGreen hat\n")
    run("catalog", "ingest", "small.csv", "--out", "mine", "--json")
    process = begun(tmp_path / "mine")
    for name in signals:
        process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=60)
    assert out == ""
    assert load_catalogue("mine").titles == ["Green hat"]
    if signals[0] == "SIGINT":
        said = [line for line in err.splitlines() if not line.startswith("INFO: ")]  # LiteRT's own
        assert (process.returncode, len(said)) == (130, 1), err
        assert said[0].startswith("error: The catalogue 'mine' was cancelled and nothing was kept")
        assert list(Path().glob(".*")) == []
    code, out, _ = run("catalog", "ingest", "long.csv", "--out", "mine", "--first", "50", "--json")
    assert (code, json.loads(out)["items"]) == (0, 50)
    assert len(load_catalogue("mine")) == 50
    assert list(Path().glob(".*")) == []


@pytest.mark.usefixtures("shop")
def test_a_disk_that_is_full_is_one_line_and_leaves_nothing(run: Run, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sslrec.serving.ingest.sinks.FolderSink.add", full)
    code, out, err = run("catalog", "ingest", "shop.csv", "--out", "mine", "--json")
    assert (code, out, err) == (2, "", "error: mine cannot be used (No space left on device).\n")
    assert not list(Path().glob("*mine*"))


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("why", ["stood in", "mount point"])
def test_a_place_that_cannot_be_replaced_is_told_before_anything_is_read(
    run: Run, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    Path("mine").mkdir()
    before = Path("mine").stat().st_ino
    if why == "stood in":
        monkeypatch.chdir("mine")
    else:
        monkeypatch.setattr(os.path, "ismount", lambda place: True)
    monkeypatch.setattr("sslrec.data.catalogue.sheets.open_sheet", lambda *_, **__: pytest.fail("it was read"))
    out, table = (".", "../shop.csv") if why == "stood in" else ("mine", "shop.csv")
    code, said, err = run("catalog", "ingest", table, "--out", out, "--json")
    assert (code, said, len(err.splitlines())) == (2, "", 1)
    assert ("go one folder up" if why == "stood in" else "name a new folder inside it") in err
    assert (tmp_path / "mine").stat().st_ino == before


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names are text there")
@pytest.mark.usefixtures("shop")
def test_names_that_are_no_text_are_read_or_told_in_one_line(run: Run):
    odd = os.fsdecode(b"caf\xe9")
    shutil.copyfile("shop.csv", f"{odd}.csv")
    code, out, err = run("catalog", "ingest", f"{odd}.csv", "--images", "pictures.zip", "--out", "mine", "--json")
    assert (code, json.loads(out)["items"], err) == (0, 3, "")
    assert about(Path("mine"))["table"] == "caf?.csv"
    shutil.copytree("mine", odd)
    before = sorted(Path().rglob("*"))
    for command in (
        ("catalog", "ingest", "shop.csv", "--out", odd),
        ("catalog", "ingest", "shop.csv", "--out", f"new {odd}"),
        ("catalog", "adapt", odd),
        ("catalog", "show", odd),
        ("recommend", "--catalog", odd, "--text", "mug"),
    ):
        code, out, err = run(*command)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert "caf\N{REPLACEMENT CHARACTER}" in err
        assert "is not UTF-8" in err
    assert sorted(Path().rglob("*")) == before


@pytest.mark.usefixtures("shop")
def test_a_parent_in_which_nothing_can_be_made_is_told_by_the_name_that_was_given(
    run: Run, monkeypatch: pytest.MonkeyPatch
):
    def refuse(suffix: str, prefix: str, dir: Path) -> str:
        raise PermissionError(13, "Permission denied", f"{dir}/{prefix}abc{suffix}")

    monkeypatch.setattr("sslrec.serving.catalogue_folder.tempfile.mkdtemp", refuse)
    code, out, err = run("catalog", "ingest", "shop.csv", "--out", "mine", "--json")
    assert (code, out, err) == (2, "", "error: mine cannot be used (Permission denied).\n")


def test_ctrl_c_once_all_is_written_still_tells_what_came_of_it(run: Run, monkeypatch: pytest.MonkeyPatch):
    from sslrec.cli import ingest

    def interrupted(ingestion) -> None:
        ingestion.wait()
        raise KeyboardInterrupt

    monkeypatch.setattr(ingest, "_watch", interrupted)
    Path("small.csv").write_text("title\nGreen hat\n")
    code, out, _ = run("catalog", "ingest", "small.csv", "--out", "mine", "--json")
    assert (code, json.loads(out)["items"]) == (0, 1)


def test_ctrl_c_before_it_began_ends_it_quietly(run: Run, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sslrec.data.catalogue.sheets.open_sheet", interrupted)
    code, out, err = run("catalog", "ingest", "small.csv", "--out", "mine", "--json")
    assert (code, out, err) == (130, "", "")
