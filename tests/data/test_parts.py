import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from sslrec.data.parts import enclosed_by, label_parts


@given(hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_parts_are_those_of_scipy(mask: np.ndarray):
    labels, count = label_parts(mask)
    known = np.zeros(mask.shape, int)
    assert count == ndimage.label(mask, np.ones((3, 3)), output=known)
    np.testing.assert_array_equal(labels > 0, mask)
    # The numbers may differ, not what they hold together.
    assert len({*zip(labels[mask].tolist(), known[mask].tolist(), strict=True)}) == count


@given(hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_is_enclosed_are_the_holes_of_scipy(mask: np.ndarray):
    np.testing.assert_array_equal(enclosed_by(mask), ndimage.binary_fill_holes(mask) & ~mask)
