import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from scipy import ndimage

from sslrec.data.ink import ink_of, label_parts
from tests.pictures import seven


@given(hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_parts_are_those_of_scipy(mask: np.ndarray):
    labels, count = label_parts(mask)
    known = np.zeros(mask.shape, int)
    assert count == ndimage.label(mask, np.ones((3, 3)), output=known)
    np.testing.assert_array_equal(labels > 0, mask)
    # The numbers may differ, not what they hold together.
    assert len({*zip(labels[mask].tolist(), known[mask].tolist(), strict=True)}) == count


def test_ink_of_a_drawing_keeps_its_greys():
    drawing = seven(ink=255, ground=0)
    ink = ink_of(drawing)
    assert ink is not None
    np.testing.assert_allclose(ink, np.asarray(drawing) / 255, atol=0.01)


def test_half_as_much_contrast_is_the_same_ink():
    strong, faint = ink_of(seven()), ink_of(seven(ink=128))
    assert strong is not None
    assert faint is not None
    np.testing.assert_allclose(strong, faint, atol=0.02)


def test_an_even_picture_has_no_ink():
    assert ink_of(Image.new("RGB", (90, 60), "pink")) is None
