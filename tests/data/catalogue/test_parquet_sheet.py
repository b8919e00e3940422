import io
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sslrec.config import ROOT
from sslrec.data.catalogue import parquet_sheet
from sslrec.data.catalogue.source import Found, open_source
from sslrec.errors import CatalogueError
from tests.data.catalogue.samples import picture, row, table


def saved(columns: dict[str, Any] | pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), stream, **options)
    return stream.getvalue()


def found(data: bytes) -> list[Found]:
    return [one for one in open_source(data).rows() if isinstance(one, Found)]


def test_hugging_faces_pictures_come_with_the_rows():
    image = [{"bytes": picture(), "path": "a.png"}, None, {"bytes": None, "path": "b.png"}]
    rows = found(saved({"image": image, "name": ["Mug", "Cap", "Bag"]}))
    assert [one.picture for one in rows] == [picture(), None, None]
    assert [one.lacks.code if one.lacks else None for one in rows] == [None, None, "picture_missing"]


def test_a_catalogue_of_ours_is_read_back_as_it_was():
    (mug,) = found(saved(table(row())))
    assert (mug.draft.item_id, mug.draft.title, mug.draft.price, mug.picture) == ("a1", "Red mug", 9.5, picture())
    assert mug.draft.attributes == (("colour", "red"),)


def test_a_column_without_a_name_fills_no_field():
    """Such as the index that a CSV file of pandas begins with."""
    (mug,) = found(saved({"": [0], "title": ["Mug"]}))
    assert (mug.draft.item_id, mug.draft.description, mug.draft.price, mug.lacks) == ("1", None, None, None)
    assert mug.draft.attributes == (("column 1", "0"),)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_file_is_read_whatever_the_letters_of_its_name(tmp_path: Path):
    path = tmp_path / os.fsdecode(b"caf\xe9.parquet")
    path.write_bytes(saved(table(row())))
    rows = open_source(path).rows()
    assert [one.draft.title for one in rows if isinstance(one, Found)] == ["Red mug"]


def test_columns_of_one_name_are_told_apart():
    values = pa.RecordBatch.from_arrays([pa.array(["Mug"]), pa.array(["red"])], ["title", "title"])
    (mug,) = found(saved(pa.Table.from_batches([values])))
    assert (mug.draft.title, mug.draft.attributes) == ("Mug", (("title (2)", "red"),))


def test_bytes_that_are_texts_are_read_as_such():
    """Spark, Hive and Impala do not say that their strings are any."""
    columns = {
        "id": pa.array([b"a1", b"a2"], pa.binary(2)),
        "title": ["红色马克杯".encode(), b"Cap"],
        "price": [b"$9.50", None],
        "image": [picture(kind="BMP"), b"caps/2.png"],
        "tags": [[b"red", b"big"], []],
        "attributes": pa.array([[(b"colour", b"red")], []], pa.map_(pa.binary(), pa.binary())),
        "digest": [b"\xff\xfe", b"\0\1"],
    }
    mug, cap = found(saved(columns))
    assert (mug.draft.item_id, mug.draft.title, mug.draft.price) == ("a1", "红色马克杯", 9.5)
    assert mug.draft.attributes == (("tags", "red, big"), ("colour", "red"))
    assert (mug.picture, cap.draft.picture, cap.draft.attributes) == (picture(kind="BMP"), "caps/2.png", ())


def test_bytes_that_are_stored_once_are_read_as_texts_too():
    titles = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), pa.array([b"Mug", b"Cap"]))
    tags = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), titles)
    rows = found(saved(pa.table({"title": titles, "tags": tags})))
    assert [(one.draft.title, one.draft.attributes) for one in rows] == [
        ("Mug", (("tags", "Mug"),)),
        ("Cap", (("tags", "Cap"),)),
        ("Mug", (("tags", "Mug"),)),
    ]


def test_single_precision_is_read_as_it_was_written():
    columns = {"title": ["Mug"], "price": pa.array([12.99], pa.float32()), "kg": pa.array([0.1], pa.float32())}
    (mug,) = found(saved(columns))
    assert (mug.draft.price, mug.draft.attributes) == (12.99, (("kg", "0.1"),))


def test_every_row_comes_once_whatever_the_row_groups():
    names = [f"Mug {number}" for number in range(700)]
    for size in (1, 3, 300, 700):
        assert [one.draft.title for one in found(saved({"title": names}, row_group_size=size))] == names


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2**62], pa.timestamp("us")),
        pa.array([1], pa.timestamp("ns")),
        pa.array([2**31 - 1], pa.int32()).cast(pa.date32()),
        pa.array([2**62], pa.duration("us")),
        pa.array([1], pa.timestamp("us", "Nowhere/Land")),
        pa.array([[2**62]], pa.list_(pa.timestamp("us"))),
        pa.array([[2**62]], pa.large_list(pa.timestamp("us"))),
        pa.array([[2**62]], pa.list_(pa.timestamp("us"), 1)),
        pa.array([[("a", 2**62)]], pa.map_(pa.string(), pa.timestamp("us"))),
        pa.array([{"a": 2**62}], pa.struct([("a", pa.timestamp("us"))])),
    ],
    ids=lambda values: str(values.type),
)
def test_times_beyond_pythons_own_are_texts_or_nothing(values: pa.Array):
    (mug,) = found(saved({"title": ["Mug"], "made": values}))
    assert mug.draft.title == "Mug"


def test_times_do_not_bring_pandas():
    script = (
        "import sys, pathlib\n"
        "from sslrec.data.catalogue.source import open_source\n"
        "(row,) = open_source(sys.stdin.buffer.read()).rows()\n"
        "print(dict(row.draft.attributes)['made'], 'pandas' in sys.modules)\n"
    )
    data = saved({"title": ["Mug"], "made": pa.array([1_700_000_000_000_000_001], pa.timestamp("ns"))})
    done = subprocess.run([sys.executable, "-c", script], input=data, cwd=ROOT, capture_output=True, timeout=60)
    assert done.stdout.decode().strip() == "2023-11-14 22:13:20.000000001 False", done.stderr


def test_a_file_that_unpacks_to_many_times_its_size_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parquet_sheet, "_SMALL", 100_000)
    bomb = saved({"title": ["x" * 1_000_000]}, compression="zstd", use_dictionary=False)
    assert len(bomb) < 10_000
    with pytest.raises(CatalogueError) as caught:
        open_source(bomb)
    assert caught.value.code == "table_unpacked"


def test_a_long_value_that_is_stored_once_is_not_all_rows_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parquet_sheet, "_BATCH_BYTES", 4_000_000)
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 128, pa.int32()), pa.array(["y" * 1_000_000]))
    data = saved({"title": ["Mug"] * 128, "text": values}, compression="zstd")
    before, most, count = pa.total_allocated_bytes(), 0, 0
    for _ in open_source(data).rows():
        most, count = max(most, pa.total_allocated_bytes() - before), count + 1
    assert count == 128
    assert most < 32_000_000


@pytest.mark.parametrize("cut", [8, 200, -200, -1])
def test_a_damaged_file_is_one_error(cut: int):
    with pytest.raises(CatalogueError) as caught:
        found(saved(table(row()))[:cut])
    assert caught.value.code == "table_damaged"


def test_a_file_beyond_the_limit_is_refused(set_variables: Callable[..., None]):
    set_variables(MAX_ARCHIVE_UNPACKED=100)
    with pytest.raises(CatalogueError) as caught:
        found(saved(table(row())))
    assert caught.value.code == "table_unpacked"


def test_a_file_without_rows_is_refused():
    with pytest.raises(CatalogueError) as caught:
        found(saved({"title": pa.array([], pa.string())}))
    assert caught.value.code == "catalogue_empty"


def test_large_pictures_are_read_a_few_at_a_time():
    data = picture(size=(2_000, 1_600), kind="BMP")
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 30, pa.int32()), pa.array([data]))
    source = open_source(saved(pa.table({"title": ["Mug"] * 30, "image": values})))
    tracemalloc.start()
    try:
        assert sum(1 for _ in source.rows()) == 30
        assert tracemalloc.get_traced_memory()[1] < 10 * len(data)
    finally:
        tracemalloc.stop()
