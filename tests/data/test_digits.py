from pathlib import Path

import numpy as np
import pytest

from sslrec import config
from sslrec.data import digits
from sslrec.errors import DataError


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A machine without data sets: neither in SSLREC_DATA nor in the download cache of Keras."""
    monkeypatch.setenv("SSLREC_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    config.settings.cache_clear()
    yield tmp_path
    config.settings.cache_clear()


@pytest.fixture(scope="module")
def small() -> digits.DigitData:
    return digits.load("digits")


def test_scikit_learns_digits_come_in_mnists_framing(small: digits.DigitData):
    images = np.concatenate([small.x_train, small.x_test])
    assert images.shape == (1797, 28, 28)
    assert images.dtype == np.uint8
    assert images[:, 4:24, 4:24].max() == 255
    outside = images.copy()
    outside[:, 4:24, 4:24] = 0
    assert outside.max() == 0
    assert set(small.y_train.tolist()) == set(small.y_test.tolist()) == set(range(10))


def test_the_validation_part_is_the_end_of_the_training_part(small: digits.DigitData):
    assert small.validation_size == len(small.x_train) // 10
    np.testing.assert_array_equal(np.concatenate([small.x_fit, small.x_validation]), small.x_train)
    np.testing.assert_array_equal(np.concatenate([small.y_fit, small.y_validation]), small.y_train)


@pytest.mark.parametrize("per_class", [1, 10])
def test_draw_labelled_is_balanced_without_repeats_and_repeats_for_its_seed(small: digits.DigitData, per_class: int):
    chosen = digits.draw_labelled(small.y_fit, per_class, seed=4)
    assert np.bincount(small.y_fit[chosen]).tolist() == [per_class] * 10
    assert len(set(chosen.tolist())) == len(chosen)
    np.testing.assert_array_equal(digits.draw_labelled(small.y_fit, per_class, seed=4), chosen)
    assert not np.array_equal(digits.draw_labelled(small.y_fit, per_class, seed=5), chosen)


def test_an_unknown_set_is_named_with_the_known_ones():
    with pytest.raises(DataError, match=r"^There is no data set named 'mnst' here; choose one of: .*mnist") as caught:
        digits.load("mnst")
    assert caught.value.code == "data_unknown"


def test_a_missing_set_says_where_it_is_looked_for(no_data: Path):
    assert digits.find("mnist") is None
    with pytest.raises(DataError, match="set SSLREC_DATA to the folder that holds it") as caught:
        digits.load("mnist")
    assert caught.value.code == "data_missing"


def test_a_damaged_set_says_which_file_it_is(no_data: Path):
    folder = no_data / "data" / "mnist"
    folder.mkdir(parents=True)
    (folder / "mnist.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DataError, match=r"mnist\.npz cannot be read") as caught:
        digits.load("mnist")
    assert caught.value.code == "data_damaged"


def test_a_set_in_the_data_folder_is_read_with_its_hash(no_data: Path):
    folder = no_data / "data" / "mnist"
    folder.mkdir(parents=True)
    images, labels = np.zeros((20, 28, 28), np.uint8), np.arange(20, dtype=np.uint8) % 10
    np.savez(folder / "mnist.npz", x_train=images, y_train=labels, x_test=images[:5], y_test=labels[:5])
    loaded = digits.load("mnist")
    assert loaded.source == str(folder / "mnist.npz")
    assert len(loaded.sha256) == 64
    assert loaded.x_test.shape == (5, 28, 28)


def test_the_real_mnist_has_its_published_counts():
    if digits.find("mnist") is None:
        pytest.skip("needs MNIST: set SSLREC_DATA")
    mnist = digits.load("mnist")
    assert (len(mnist.x_train), len(mnist.x_test), mnist.validation_size) == (60_000, 10_000, 5_000)
    assert np.bincount(mnist.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
