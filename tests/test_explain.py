import numpy as np
import pytest

from sslrec.explain import occlusion_map


def score_of_spot(images: np.ndarray) -> np.ndarray:
    """A model that looks at one spot only."""
    return images[:, 8:11, 4:7].mean(axis=(1, 2))


def test_only_the_spot_that_was_looked_at_matters():
    image = np.ones((20, 20), np.float32)
    found = occlusion_map(score_of_spot, image, patch=3, stride=1)
    assert found.shape == (20, 20)
    assert found.dtype == np.float32
    assert np.unravel_index(found.argmax(), found.shape) == (9, 5)
    assert found[9, 5] == pytest.approx(
        # A patch of 3 x 3 around the centre hides 9, 6, 6, 6, 6 and 4 x 4 of its nine pixels.
        (9 + 4 * 6 + 4 * 4) / 9 / 9
    )
    assert found[0, 0] == found[15, 15] == 0


def test_hiding_what_speaks_against_a_class_raises_its_score():
    image = np.ones((12, 12), np.float32)
    found = occlusion_map(lambda images: -images[:, 6, 6], image, patch=3, stride=1)
    assert found.min() == found[6, 6] == -1
    assert found.max() == 0


def test_a_blank_picture_explains_nothing():
    assert not occlusion_map(lambda images: images.sum(axis=(1, 2)), np.zeros((28, 28), np.float32)).any()


def test_every_pixel_is_covered_and_the_picture_left_alone():
    image = np.random.default_rng(0).random((28, 28)).astype(np.float32)
    before = image.copy()
    found = occlusion_map(lambda images: images.sum(axis=(1, 2)), image)
    assert (found > 0).all()
    np.testing.assert_array_equal(image, before)


def test_the_model_is_asked_twice_however_many_patches_there_are():
    asked: list[int] = []

    def score(images: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return images.mean(axis=(1, 2))

    occlusion_map(score, np.ones((28, 28), np.float32), patch=6, stride=2)
    assert asked == [1, 15 * 15]
