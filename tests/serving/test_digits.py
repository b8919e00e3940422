import time
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sslrec.data.digits import BUDGETS
from sslrec.data.images import prepare_digit
from sslrec.errors import ArtifactError, ImageError
from sslrec.serving.digits import METHODS, DigitReader, binary_cross_entropy
from tests.pictures import encoded, seven, two_digits

SEVEN = prepare_digit(seven(), "seven")


def test_cross_entropy_is_a_mean_over_pixels_in_nats():
    image = np.zeros((2, 28, 28), np.float32)
    image[1, 0, 0] = 1
    half = np.full_like(image, 0.5)
    np.testing.assert_allclose(binary_cross_entropy(image, half), np.log(2), rtol=1e-6)
    confident = np.zeros_like(image)
    # One of 784 pixels wrong, and certainty is cut at a millionth.
    assert binary_cross_entropy(image, confident)[1] == pytest.approx(-np.log(1e-6) / 784, rel=1e-3)


def test_a_reader_without_models_says_which_and_recovers(set_variables, tmp_path):
    from sslrec.config import ROOT

    set_variables(ASSETS=tmp_path)
    reader = DigitReader()
    with pytest.raises(ArtifactError, match="'autoencoder-64' is not in"):
        reader.read(SEVEN)
    set_variables(ASSETS=ROOT / "assets")
    try:
        assert reader.encode(SEVEN[None]).shape == (1, 64)
    except ArtifactError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def reader(shipped_models: None) -> DigitReader:
    """The models of the repository."""
    return DigitReader()


def test_the_digit_is_read(reader: DigitReader):
    reading = reader.read(SEVEN)
    assert reading.label == 7
    assert reading.is_digit
    assert 0 <= reading.novelty <= 0.5
    assert reading.probabilities.shape == (10,)
    assert reading.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert reading.code.shape == (64,)
    assert 0 < reading.reconstruction_bce < 0.3
    np.testing.assert_array_equal(reading.image, SEVEN)
    np.testing.assert_allclose(reading.error, reading.reconstruction - SEVEN)
    with pytest.raises(FrozenInstanceError):
        reading.label = 3  # pyright: ignore[reportAttributeAccessIssue]


def test_the_reconstruction_is_the_decoded_code(reader: DigitReader):
    reading = reader.read(SEVEN)
    assert np.abs(reading.error).mean() < 0.05
    np.testing.assert_allclose(reader.decode(reading.code[None])[0], reading.reconstruction, atol=1e-4)
    np.testing.assert_allclose(reader.encode(SEVEN[None])[0], reading.code, rtol=1e-3, atol=1e-4)


def test_bytes_are_the_same_as_the_prepared_picture(reader: DigitReader):
    began = time.perf_counter()
    from_bytes = reader.read_bytes(encoded(seven()), "seven.png")
    assert 0 < from_bytes.milliseconds <= (time.perf_counter() - began) * 1000
    np.testing.assert_allclose(from_bytes.probabilities, reader.read(SEVEN).probabilities, atol=1e-5)


def test_of_several_shapes_the_largest_is_read_and_that_is_told(reader: DigitReader):
    reading = reader.read_bytes(encoded(two_digits()), "two.png")
    assert reading.label == 7
    assert reading.several_shapes
    assert not reader.read_bytes(encoded(seven()), "seven.png").several_shapes


def test_a_blank_canvas_is_an_error_and_never_a_class(reader: DigitReader):
    with pytest.raises(ImageError, match="'canvas' shows no ink"):
        reader.read_bytes(encoded(seven(ink=255)), "canvas")


def test_what_is_no_digit_gets_no_label(reader: DigitReader):
    blocks = np.kron(np.random.default_rng(0).integers(0, 2, (5, 5)), np.ones((4, 4))).astype(np.float32)
    reading = reader.read(np.pad(blocks, 4))
    assert reading.novelty > 0.5
    assert not reading.is_digit
    assert reading.label is None


@pytest.mark.parametrize(
    "strokes",
    [
        [(140, 140)],
        [(60, 140), (220, 140)],
        [(140, 60, 60, 220), (60, 220, 220, 220), (220, 220, 140, 60)],
        [(60, 230, 140, 50), (140, 50, 220, 230), (95, 160, 185, 160)],
        [(70, 50, 70, 230), (210, 50, 210, 230), (70, 140, 210, 140)],
        [(60, 60, 220, 60), (220, 60, 220, 220), (220, 220, 60, 220), (60, 220, 60, 60)],
        [(140, 60, 140, 220), (60, 140, 220, 140)],
    ],
    ids=["dot", "bar", "triangle", "A", "H", "square", "plus"],
)
def test_the_first_signs_that_a_sceptic_draws_are_no_digits(reader: DigitReader, strokes):
    picture = Image.new("L", (360, 360))
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        points = [(x + 40, y + 40) for x, y in zip(stroke[::2], stroke[1::2], strict=True)]
        pen.line(points, 255, 22)
        for x, y in points:
            pen.ellipse((x - 11, y - 11, x + 11, y + 11), 255)
    assert not reader.read(prepare_digit(picture, "canvas")).is_digit


def test_a_damaged_digit_is_rebuilt(reader: DigitReader):
    damaged = SEVEN.copy()
    damaged[10:15, 10:18] = 0
    restored = reader.restore(damaged)
    assert np.abs(restored - SEVEN).mean() < np.abs(damaged - SEVEN).mean() * 1.5
    assert restored[10:15, 10:18].max() > 0.5


def test_every_budget_and_method_answers(reader: DigitReader):
    readings = reader.compare(SEVEN)
    assert [(reading.budget, reading.method) for reading in readings] == [
        (budget, method) for budget in BUDGETS for method in METHODS
    ]
    for reading in readings:
        assert reading.probabilities.sum() == pytest.approx(1, abs=1e-4)
        assert 0.1 < reading.accuracy <= 1
    assert readings[-1].probabilities.argmax() == 7


def test_pretraining_helps_most_where_labels_are_few(reader: DigitReader):
    accuracy = {(reading.budget, reading.method): reading.accuracy for reading in reader.compare(SEVEN)}
    gains = [accuracy[budget, "finetuned"] - accuracy[budget, "scratch"] for budget in BUDGETS]
    assert gains[0] > 0.2
    assert gains[0] > gains[-1] >= -0.002


def test_the_nearest_prototypes_come_first(reader: DigitReader):
    found = reader.prototypes(SEVEN, count=4)
    similarities = [prototype.similarity for prototype in found]
    assert similarities == sorted(similarities, reverse=True)
    assert -1 <= similarities[-1] <= similarities[0] <= 1 + 1e-5
    assert all(prototype.image.shape == (28, 28) for prototype in found)
    assert all(0 < prototype.share < 1 for prototype in found)
    assert reader.classify(np.stack([found[0].image]))[0].argmax() == 7


def test_hiding_ink_is_what_matters(reader: DigitReader):
    found = reader.occlusion(SEVEN, 7)
    assert found.shape == (28, 28)
    assert found.max() > 0
    near = SEVEN > 0.1
    assert found[near].mean() > found[~near].mean()
