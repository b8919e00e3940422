"""A table and its pictures on their way into the index: what arrives, what does not and why, and what is left."""

import csv
import io
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from sslrec.data.catalogue import Columns, decode_rgb, load_catalogue
from sslrec.data.catalogue.source import open_source
from sslrec.errors import CatalogueError
from sslrec.serving.ingest import Ingested, Ingestion
from sslrec.serving.ingest.ingestion import CAPACITY
from sslrec.serving.recommendation import recommend_answer
from sslrec.serving.recommender import Recommender
from sslrec.serving.vectors import encode_catalogue
from tests.data.catalogue.samples import ids_of, picture
from tests.data.catalogue.test_archive import packed

COLOURS = {"red": (200, 30, 40), "green": (20, 160, 60), "blue": (30, 60, 200)}


def sheet(*rows: Sequence[object], header: str = "id,title,image,category,price") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header.split(","), *rows])
    return text.getvalue().encode()


def shop(count: int) -> tuple[bytes, bytes]:
    """A table with so many products, and a zip with their pictures."""
    names = [list(COLOURS)[number % 3] for number in range(count)]
    rows = [(f"p{number}", f"{name} mug", f"{number}.png", "Home", number) for number, name in enumerate(names)]
    return sheet(*rows), packed(*((f"{number}.png", picture(COLOURS[name])) for number, name in enumerate(names)))


def ingested(
    recommender: Recommender, table: bytes, pictures: Any = None, out: Path | None = None, **more: Any
) -> Ingested:
    columns = more.pop("columns", None)
    return Ingestion(open_source(table, pictures, columns, name="shop.csv"), recommender, out, **more).result(50)


def test_every_product_arrives_in_the_tables_order(recommender: Recommender, tmp_path: Path):
    table, pictures = shop(150)
    for out in (None, tmp_path / "mine"):
        done = ingested(recommender, table, pictures, out)
        catalogue = done.index.catalogue
        assert ids_of(catalogue) == [f"p{number}" for number in range(150)]
        assert (done.items, done.rejected, done.without_picture) == (150, (), ())
        assert catalogue.product(7).title == "green mug"
        assert (catalogue.product(7).category, catalogue.product(7).price) == ("Home", 7.0)
        pixel = decode_rgb(catalogue.image(7), "7", 8, 6)[4, 3].astype(int)
        assert np.abs(pixel - COLOURS["green"]).max() < 12
        assert done.items_per_second > 0
        assert (done.name, done.folder) == (("shop", None) if out is None else ("mine", out))


def test_its_vectors_are_those_of_the_catalogue_encoded_anew(recommender: Recommender, tmp_path: Path):
    table, pictures = shop(70)
    table += b"x1,,1.png,,\r\nx2,xqzvkj,,,\r\nx3,xqzvkj,2.png,,\r\n"
    done = ingested(recommender, table, pictures, tmp_path / "mine")
    assert done.items == 73
    wanted = encode_catalogue(recommender, done.index.catalogue)
    # What is kept of a picture is a JPEG file, so that the second time a pixel or two differ.
    assert np.einsum("nd,nd->n", wanted, done.index.index.vectors).min() > 0.999


def test_products_are_found_by_text_and_by_picture(recommender: Recommender):
    done = ingested(recommender, *shop(9))
    for given in ({"text": "green mug"}, {"picture": picture(COLOURS["green"])}):
        first = recommend_answer(recommender.recommend(done.index, **given, k=3))
        assert {item["item_id"] for item in first} == {"p1", "p4", "p7"}


def test_what_cannot_be_used_is_left_out_with_its_reason_and_the_others_go_on(recommender: Recommender):
    table = sheet(
        ("a", "Red mug", "a.png", "", ""),
        ("b", "Broken", "b.png", "", ""),
        ("a", "Twice", "", "", ""),
        ("c", "", "", "", ""),
        ("", "", "", "", "9.90"),
        ("d", "Text for a picture", "d.png", "", ""),
        ("e", "Forgotten", "gone.png", "", ""),
        ("f", "", "gone.png", "", ""),
        ("g", "Far away", "https://shop.example/g.png", "", ""),
        ("h", "In a program", "h.exe", "", ""),
        ("i", "One", "", "", "", "too", "many"),
        ("j", "Last", "", "", ""),
    )
    pictures = packed(("a.png", picture()), ("b.png", picture()[:40]), ("d.png", b"no picture"), ("h.exe", b"MZ"))
    done = ingested(recommender, table, pictures)
    assert ids_of(done.index.catalogue) == ["a", "e", "g", "j"]
    assert [(one.item_id, one.line, one.reason) for one in sorted(done.rejected, key=lambda one: one.line)] == [
        ("b", 3, "image_truncated"),
        ("a", 4, "row_duplicate"),
        ("c", 5, "row_nothing"),
        ("line-6", 6, "row_nothing"),
        ("d", 7, "image_format"),
        ("f", 9, "picture_missing"),
        ("h", 11, "picture_suffix"),
        (None, 12, "row_cells"),
    ]
    assert [(one.item_id, one.reason) for one in done.without_picture] == [
        ("e", "picture_missing"),
        ("g", "picture_url"),
    ]
    assert all("b.png" in str(one.error) for one in done.rejected if one.item_id == "b")


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_pictures_go_by_their_column_or_by_the_id(recommender: Recommender, kind: str, tmp_path: Path):
    files = {"in/red one.PNG": "red", "b.png": "green", "图/c.jpg": "blue"}
    for name, colour in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(picture(COLOURS[colour]))
    given = packed(*((name, (tmp_path / name).read_bytes()) for name in files)) if kind == "zip" else tmp_path
    table = sheet(("a", "A", "x/red%20one.png"), ("b", "B", ""), ("c", "C", "图\\C.JPG"), header="id,title,image")
    done = ingested(recommender, table, given)
    assert done.rejected == ()
    for row, colour in enumerate(files.values()):
        pixel = done.index.catalogue.picture(row, 8, 6)[4, 3].astype(int)
        assert np.abs(pixel - COLOURS[colour]).max() < 12


def test_html_and_formulas_are_texts_like_any_other(recommender: Recommender):
    table = sheet(("=1+1", "<script>alert(1)</script> mug", "", "@SUM(A1)", ""))
    (product,) = ingested(recommender, table).index.catalogue
    assert (product.item_id, product.title) == ("=1+1", "<script>alert(1)</script> mug")
    assert product.category == "@SUM(A1)"


def test_nothing_of_a_pictures_file_but_its_pixels_is_kept(recommender: Recommender):
    stream = io.BytesIO()
    Image.new("RGB", (900, 600), COLOURS["red"]).save(stream, "JPEG", comment=b"taken at home")
    done = ingested(recommender, sheet(("a", "A", "a.jpg", "", "")), packed(("a.jpg", stream.getvalue() + b"<php>")))
    kept = done.index.catalogue.image(0)
    assert kept is not None
    assert b"taken at home" not in kept
    assert b"<php>" not in kept
    assert Image.open(io.BytesIO(kept)).size == (240, 160)


def test_columns_may_be_named_and_rows_be_the_first_ones_alone(recommender: Recommender):
    table = sheet(("Mug", "Tasse"), ("Cap", "Mütze"), ("Bag", "Tasche"), header="title,nom")
    done = ingested(recommender, table, columns=Columns(title="nom"), first=2)
    assert done.index.catalogue.titles == ["Tasse", "Mütze"]
    assert dict(done.index.catalogue.product(0).attributes) == {"title": "Mug"}


class Gated:
    """A recommender that encodes pictures when it may."""

    def __init__(self, models: Recommender) -> None:
        self._models = models
        self.turns, self.reached = threading.Semaphore(0), threading.Event()
        self.fault: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._models, name)

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        self.reached.set()
        assert self.turns.acquire(timeout=30)
        if self.fault:
            raise self.fault
        return self._models.encode_pictures(pictures)


def started(recommender: Recommender, count: int, out: Path | None = None) -> tuple[Ingestion, Gated]:
    """An ingest that waits in the middle of its way."""
    gated = Gated(recommender)
    ingestion = Ingestion(open_source(*shop(count), name="shop.csv"), gated, out)
    assert gated.reached.wait(30)
    return ingestion, gated


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_slow_encoder_slows_the_reading_and_nothing_piles_up(recommender: Recommender):
    ingestion, gated = started(recommender, 600)
    until(lambda: ingestion.progress().channels["image.decode"].buffer_used == CAPACITY)
    now = ingestion.progress()
    assert now.channels["join"].sent < 300
    assert all(channel.buffer_used <= channel.limit for channel in now.channels.values())
    assert (now.state, now.total, now.done, now.remaining_seconds) == ("running", 600, 0, None)
    gated.turns.release(3)
    until(lambda: ingestion.progress().done > 0)
    now = ingestion.progress()
    assert now.items == now.done <= 96
    assert now.remaining_seconds
    with pytest.raises(CatalogueError) as caught:
        ingestion.result(0.01)
    assert caught.value.code == "catalogue_opening"
    gated.turns.release(100)
    done, last = ingestion.result(30), ingestion.progress()
    assert (last.state, last.done, last.total, last.items, last.remaining_seconds) == ("done", 600, 600, 600, None)
    assert [done.channels[name].sent for name in ("image.decode", "image.encode", "text.tokenize")] == [600] * 3


def test_pictures_within_a_table_wait_in_bounded_room(recommender: Recommender, monkeypatch: pytest.MonkeyPatch):
    """A large picture that is stored once and is every row's is small as a file."""
    data = picture(size=(500, 400), kind="BMP")
    monkeypatch.setattr("sslrec.serving.ingest.stages.WAITING", 4 * len(data))
    monkeypatch.setattr("sslrec.data.catalogue.parquet_sheet._BATCH_BYTES", 2 * len(data))
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 150, pa.int32()), pa.array([data]))
    stream = io.BytesIO()
    pq.write_table(pa.table({"title": ["Mug"] * 150, "image": values}), stream)
    tracemalloc.start()
    try:
        gated = Gated(recommender)
        ingestion = Ingestion(open_source(stream.getvalue()), gated)
        assert gated.reached.wait(30)
        until(lambda: ingestion.progress().channels["image.encode"].buffer_used == CAPACITY)
        until(lambda: ingestion.progress().channels["image.decode"].buffer_used >= 4)
        time.sleep(0.2)
        used, _ = tracemalloc.get_traced_memory()
        assert used < 25 * len(data)
        gated.turns.release(100)
        done = ingestion.result(50)
    finally:
        tracemalloc.stop()
    assert (done.items, done.pictured, done.unused_pictures) == (150, 150, 0)


def test_an_ingest_whose_pictures_wait_can_be_cancelled(recommender: Recommender, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sslrec.serving.ingest.stages.WAITING", 0)
    stream = io.BytesIO()
    pq.write_table(pa.table({"title": ["Mug"] * 300, "image": [picture()] * 300}), stream)
    gated = Gated(recommender)
    ingestion = Ingestion(open_source(stream.getvalue()), gated)
    assert gated.reached.wait(30)
    ingestion.cancel()
    gated.turns.release(100)
    assert ingestion.wait(20)
    assert ingestion.progress().state == "cancelled"


def test_pictures_that_nobody_uses_are_counted(recommender: Recommender):
    done = ingested(
        recommender,
        sheet(("A1", "Mug"), ("A2", "Cap"), header="id,title"),
        packed(("A1.png", picture()), ("SKU_1.png", picture()), ("SKU_2.png", picture())),
    )
    assert (done.items, done.pictured, done.unused_pictures) == (2, 1, 2)


def test_cancelling_leaves_neither_thread_nor_folder(recommender: Recommender, tmp_path: Path):
    ingestion, gated = started(recommender, 300, tmp_path / "mine")
    assert [path.suffix for path in tmp_path.iterdir()] == [".unfinished"]
    ingestion.cancel()
    gated.turns.release(100)
    with pytest.raises(CatalogueError) as caught:
        ingestion.result(20)
    assert caught.value.code == "catalogue_cancelled"
    assert ingestion.progress().state == "cancelled"
    assert list(tmp_path.iterdir()) == []
    ingestion.cancel()  # once more does nothing


def test_cancelling_while_the_rows_are_counted_waits_for_no_count(recommender: Recommender, monkeypatch):
    source = open_source(sheet(("a", "A", "", "", "")))
    counting, go_on = threading.Event(), threading.Event()

    def marks() -> Iterator[int]:
        for number in range(10**9):
            if number == 1000:
                counting.set()
                assert go_on.wait(30)
            yield number

    monkeypatch.setattr(source.sheet, "_marks", marks)
    ingestion = Ingestion(source, recommender)
    assert counting.wait(30)
    ingestion.cancel()
    go_on.set()
    assert ingestion.wait(30)
    assert ingestion.progress().state == "cancelled"


def test_what_fails_in_the_middle_leaves_neither_thread_nor_folder(recommender: Recommender, tmp_path: Path):
    ingestion, gated = started(recommender, 300, tmp_path / "mine")
    gated.fault = ArithmeticError("one of ours")
    gated.turns.release(100)
    with pytest.raises(ArithmeticError, match="one of ours"):
        ingestion.result(20)
    assert ingestion.progress().state == "failed"
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_catalogue_stays_until_the_new_one_is_whole(recommender: Recommender, tmp_path: Path):
    out = tmp_path / "mine"
    ingested(recommender, *shop(3), out)
    ingestion, gated = started(recommender, 300, out)
    assert len(load_catalogue(out)) == 3
    ingestion.cancel()
    gated.turns.release(100)
    ingestion.wait(20)
    assert len(load_catalogue(out)) == 3
    ingested(recommender, *shop(5), out)
    assert len(load_catalogue(out)) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["builtin", "fashion_products", "my shop [1]", "商店"])
def test_any_folder_name_will_do(recommender: Recommender, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for count in (2, 3):
        done = ingested(recommender, *shop(count), Path(name))
        assert len(done.index) == count
        assert done.name == name
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_folder_one_stands_in_is_not_replaced(
    recommender: Recommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ingested(recommender, *shop(2), tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    with pytest.raises(CatalogueError) as caught:
        Ingestion(open_source(shop(3)[0]), recommender, Path())
    assert caught.value.code == "catalogue_within"
    assert len(load_catalogue(".")) == 2
    # From there another one can be replaced.
    assert ingested(recommender, *shop(3), Path("../other")).name == "other"


def test_a_folder_with_other_files_is_refused_before_anything_is_read(recommender: Recommender, tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CatalogueError) as caught:
        Ingestion(open_source(sheet(("a", "A", "", "", ""))), recommender, tmp_path)
    assert caught.value.code == "catalogue_place"
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (sheet(("a", "", "gone.png", "", "")), "catalogue_nothing"),
        (sheet(), "catalogue_empty"),
        (b'id,title\n1,"never closed' + b"x" * 200_000, "catalogue_nothing"),
    ],
)
def test_a_table_without_anything_usable_is_one_error_and_leaves_nothing(
    recommender: Recommender, table: bytes, code: str, tmp_path: Path
):
    with pytest.raises(CatalogueError) as caught:
        ingested(recommender, table, out=tmp_path / "mine")
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_table_whose_end_is_damaged_is_one_error_and_leaves_nothing(recommender: Recommender, tmp_path: Path):
    table = shop(200)[0] + b"p999,caf\xff,,,\n"
    with pytest.raises(CatalogueError) as caught:
        Ingestion(open_source(table, encoding="utf-8"), recommender, tmp_path / "mine").result(30)
    assert caught.value.code == "table_encoding"
    assert list(tmp_path.iterdir()) == []


def test_rows_are_bounded_in_memory_more_than_on_disk(
    recommender: Recommender, set_variables: Callable[..., None], tmp_path: Path
):
    set_variables(MAX_VISITOR_ITEMS=10, MAX_CATALOGUE_ROWS=20)
    for count, out in ((11, None), (21, tmp_path / "mine")):
        with pytest.raises(CatalogueError) as caught:
            ingested(recommender, *shop(count), out)
        assert caught.value.code == "table_rows"
        assert ingested(recommender, *shop(count), out, first=count - 1).items == count - 1


def test_bytes_are_bounded_in_memory(recommender: Recommender, set_variables: Callable[..., None]):
    set_variables(MAX_VISITOR_BYTES=20_000)
    with pytest.raises(CatalogueError) as caught:
        ingested(recommender, *shop(200))
    assert caught.value.code == "catalogue_memory"


def test_two_at_once_do_not_mix(recommender: Recommender):
    one, two = (
        Ingestion(open_source(sheet(*((f"{name}{n}", f"{name} mug", "", "", "") for n in range(80)))), recommender)
        for name in ("red", "blue")
    )
    assert {title for done in (one.result(30),) for title in done.index.catalogue.titles} == {"red mug"}
    assert {title for done in (two.result(30),) for title in done.index.catalogue.titles} == {"blue mug"}
