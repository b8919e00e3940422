import numpy as np
import pytest

from sslrec.evaluation.baselines import (
    TfIdf,
    colour_histogram,
    hand_made,
    in_parts,
    oriented_gradients,
    random_encoder,
    raw_pixels,
    same_width,
)

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 80, 60, 3)).astype(np.uint8)


def test_texts_are_near_by_rare_words_they_share():
    words = TfIdf(["red cotton shirt", "blue cotton shirt", "red leather bag", "green cotton shirt"])
    texts = ["red cotton shirt", "leather shirt", "green bag"]
    cosines = words.cosines(["leather bag", "RED COTTON SHIRT!", "nothing known"], texts)
    assert cosines[0, 0] == 0
    assert cosines[0, 1] > 0
    assert cosines[1, 0] == pytest.approx(1, abs=1e-6)
    assert not cosines[2].any()


def test_the_histogram_is_that_of_a_slow_count():
    found = colour_histogram(PICTURES)
    for picture, row in zip(PICTURES, found, strict=True):
        counts = np.zeros((4, 4, 4))
        for red, green, blue in picture.reshape(-1, 3).tolist():
            counts[red // 64, green // 64, blue // 64] += 1
        np.testing.assert_allclose(row, np.sqrt(counts.ravel() / 4800), rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)


def test_raw_pixels_are_means_of_blocks():
    found = raw_pixels(PICTURES)
    assert found.shape == (3, 20 * 15 * 3)
    assert found[1].reshape(20, 15, 3)[2, 3, 1] == pytest.approx(PICTURES[1, 8:12, 12:16, 1].mean() / 255, rel=1e-5)


def test_gradients_tell_where_an_edge_is_and_how_it_runs():
    upright, level = np.zeros((2, 80, 60, 3), np.uint8)
    upright[:, 25:] = 255
    level[45:] = 255
    found = oriented_gradients(np.stack([upright, level])).reshape(2, 8, 6, 9)
    assert set(zip(*np.nonzero(found[0])[1:], strict=True)) == {(2, 0)}
    assert set(zip(np.nonzero(found[1])[0], np.nonzero(found[1])[2], strict=True)) == {(4, 4)}
    np.testing.assert_allclose(np.linalg.norm(found.reshape(2, -1), axis=1), 1, rtol=1e-5)


def test_an_even_picture_has_no_gradients_and_no_error():
    assert not oriented_gradients(np.full((1, 80, 60, 3), 200, np.uint8)).any()


def test_hand_made_features_count_colour_and_shape_alike():
    found = hand_made(PICTURES)
    np.testing.assert_allclose((found**2)[:, :64].sum(axis=1), 0.5, rtol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-4)


def test_a_random_encoder_is_the_same_for_the_same_seed():
    first = random_encoder(3)(PICTURES)
    assert first.shape == (3, 12 * 64)
    np.testing.assert_array_equal(first, random_encoder(3)(PICTURES))
    assert not np.allclose(first, random_encoder(4)(PICTURES))


def test_in_parts_is_the_whole():
    many = np.repeat(PICTURES, 200, axis=0)
    np.testing.assert_allclose(in_parts(colour_histogram, many), np.repeat(colour_histogram(PICTURES), 200, axis=0))


def test_wide_features_are_narrowed_and_narrow_ones_kept():
    random = np.random.default_rng(1)
    train, test = random.normal(5, 3, (50, 40)), random.normal(5, 3, (10, 40))
    narrow = same_width(train, test, 8, 0)
    assert [part.shape for part in narrow] == [(50, 8), (10, 8)]
    kept = same_width(train, test, 40, 0)
    np.testing.assert_allclose(kept[0].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(kept[1], (test - train.mean(axis=0)) / train.std(), rtol=1e-4, atol=1e-5)
