from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sslrec.data.catalogue import SCHEMA, load_catalogue
from sslrec.data.catalogue.drafts import Draft
from sslrec.errors import CatalogueError
from sslrec.serving.catalogue_folder import ROWS, vectors_beside
from sslrec.serving.ingest.sinks import FolderSink, MemorySink, as_table
from tests.data.catalogue.samples import ids_of, picture

DIM = 4


def draft(number: int, **changes) -> Draft:
    made = {"line": number, "item_id": f"p{number}", "has_id": True, "title": f"Mug {number}", "description": None,
            "category": None, "price": None, "attributes": (), "picture": None}  # fmt: skip
    return Draft(**{**made, **changes})


def batch(start: int, count: int):
    vectors = np.arange(start * DIM, (start + count) * DIM, dtype=np.float32).reshape(count, DIM)
    return as_table([draft(number) for number in range(start, start + count)], [None] * count), vectors


def test_products_become_rows_of_the_format():
    full = draft(1, description="Two", category="家", price=9.5, attributes=(("colour", "red"), ("size", "L")))
    table = as_table([full, draft(2)], [picture(), None])
    assert table.schema.equals(SCHEMA)
    first, second = table.to_pylist()
    assert first == {
        "item_id": "p1", "title": "Mug 1", "description": "Two", "image": picture(), "category": "家", "price": 9.5,
        "attributes": [("colour", "red"), ("size", "L")],
    }  # fmt: skip
    assert [second[name] for name in ("description", "image", "category", "price")] == [None] * 4
    assert second["attributes"] == []


@pytest.mark.parametrize("sizes", [(1,), (3, 1), (700, 700, 700)])
def test_a_folder_is_there_when_all_is_and_holds_what_was_added(sizes: tuple[int, ...], tmp_path: Path):
    folder = tmp_path / "mine"
    sink, start = FolderSink(folder, DIM), 0
    for size in sizes:
        sink.add(*batch(start, size))
        start += size
        assert not folder.exists()
    sink.finish({"name": "mine", "model": "digest"})
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    catalogue = load_catalogue(folder)
    assert ids_of(catalogue) == [f"p{number}" for number in range(start)]
    vectors = vectors_beside(catalogue, "digest", DIM)
    np.testing.assert_array_equal(vectors, np.arange(start * DIM, dtype=np.float32).reshape(start, DIM))
    assert sum(sizes) < 10 or sum(sizes) > ROWS


def test_what_is_given_up_leaves_nothing_even_where_it_cannot_be_closed(tmp_path: Path, monkeypatch):
    sink = FolderSink(tmp_path / "mine", DIM)
    sink.add(*batch(0, 2000))

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sink._writer, "close", full)
    sink.abort()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_even_begin_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sslrec.serving.ingest.sinks.parquet_writer", full)
    with pytest.raises(OSError, match="No space"):
        FolderSink(tmp_path / "mine", DIM)
    assert list(tmp_path.iterdir()) == []


def test_memory_is_bounded_and_given_back(set_variables: Callable[..., None]):
    table, vectors = batch(0, 100)
    set_variables(MAX_VISITOR_BYTES=2 * (table.nbytes + vectors.nbytes))
    sink = MemorySink("mine")
    sink.add(table, vectors)
    sink.add(*batch(100, 90))
    catalogue, kept = sink.finish()
    assert len(catalogue) == len(kept) == 190
    with pytest.raises(CatalogueError) as caught:
        sink.add(*batch(190, 100))
    assert caught.value.code == "catalogue_memory"
    assert "mine" in str(caught.value)
