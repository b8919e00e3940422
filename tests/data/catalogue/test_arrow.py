import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from sslrec.config import ROOT
from sslrec.data.catalogue import arrow

TEXTS = ["red", None, "", "杯子 ☕", "a" * 300]


def sliced(values: list[object], kind: pa.DataType) -> pa.ChunkedArray:
    """The values in three chunks, one of them empty and one that begins within its buffers."""
    whole = pa.array([*values, *values], kind)
    return pa.chunked_array([whole[:2], whole[:0], whole[len(values) + 2 :]])


@pytest.mark.parametrize("values", [TEXTS, [], [None], ["a", "b"]])
def test_texts_are_arrows_own(values: list[str | None]):
    made = arrow.texts(values)
    made.validate(full=True)
    assert made.equals(pa.array(values, pa.string()))


@pytest.mark.parametrize(
    "values", [np.array([1.5, np.nan, -2]), np.arange(9, dtype=np.int32), np.arange(8)[::2], np.empty(0)]
)
def test_numbers_are_arrows_own_with_nan_as_null(values: np.ndarray):
    made = arrow.numbers(values)
    made.validate(full=True)
    assert made.equals(pa.array(values, from_pandas=True))


@pytest.mark.parametrize("values", [np.array([True, False, True] * 5), np.empty(0, bool)])
def test_flags_are_arrows_own(values: np.ndarray):
    made = arrow.flags(values)
    made.validate(full=True)
    assert made.equals(pa.array(values))


@pytest.mark.parametrize("rows", [[[("colour", "red"), ("size", "")], [], [("colour", "blue")]], [[]], []])
def test_maps_are_arrows_own(rows: list[list[tuple[str, str]]]):
    made = arrow.maps(rows)
    made.validate(full=True)
    assert made.equals(pa.array(rows, pa.map_(pa.string(), pa.string())))


def test_scalars_are_arrows_own():
    assert arrow.scalar("杯子").equals(pa.scalar("杯子"))
    assert arrow.null(pa.float64()).equals(pa.scalar(None, pa.float64()))


def test_columns_come_as_arrays_whatever_their_chunks():
    floats, flags, integers = [1.5, None, -2.0, 0.0, None], [True, None, False, True, False], [3, None, -7, 0, 9]
    np.testing.assert_array_equal(arrow.to_floats(sliced(floats, pa.float64())), [1.5, np.nan, -2, 0, np.nan])
    np.testing.assert_array_equal(arrow.to_flags(sliced(flags, pa.bool_())), [True, False, False, True, False])
    np.testing.assert_array_equal(arrow.to_integers(sliced(integers, pa.int32())), [3, -1, -7, 0, 9])
    assert arrow.to_floats(pa.chunked_array([], pa.float64())).dtype == np.float64
    assert arrow.to_floats(pa.nulls(3, pa.float64())).tolist() == pytest.approx([np.nan] * 3, nan_ok=True)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()])
def test_sizes_are_the_values_lengths(kind: pa.DataType):
    values = [b"abc", None, b"", b"x" * 40, b"yz"]
    assert arrow.to_sizes(sliced(values, kind)).tolist() == [3, -1, 0, 40, 2]


def test_nothing_here_imports_pandas():
    pytest.importorskip("pandas", reason="without it there is nothing to see")
    script = (
        "import sys, numpy as np, pyarrow as pa\n"
        "from sslrec.data.catalogue import arrow\n"
        "texts, numbers = arrow.texts(['a', None]), arrow.numbers(np.array([1.5, np.nan]))\n"
        "arrow.maps([[('a', 'b')], []]), arrow.scalar('a'), arrow.null(pa.string())\n"
        "arrow.to_floats(numbers), arrow.to_flags(texts.is_null()), arrow.to_sizes(pa.nulls(2, pa.binary()))\n"
        "arrow.to_integers(texts.dictionary_encode().indices)\n"
        "assert 'pandas' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
