import math

import numpy as np
import pytest

from sslrec.serving.novelty import NoveltyModel, Seen, fit_novelty, inputs, signals


def pictures(seed: int, count: int, error: float, sureness: float, direction: float) -> Seen:
    """Pictures rebuilt with noise of the given strength, read with the given sureness, and where their features lie."""
    rng = np.random.default_rng(seed)
    images = rng.uniform(size=(count, 28, 28)) * (rng.uniform(size=(count, 28, 28)) < 0.2)
    rebuilt = np.clip(images + rng.normal(0, error, images.shape), 0, 1)
    logits = rng.normal(size=(count, 10)) * sureness
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    features = rng.normal(size=(count, 8)) + direction * np.eye(8)[0]
    return Seen(images, rebuilt, powers / powers.sum(axis=1, keepdims=True), features)


def test_signals_by_hand():
    images = np.full((1, 28, 28), 0.5)
    rebuilt = np.full((1, 28, 28), 0.25)
    probabilities = np.array([[0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0]])
    error, entropy = signals(images, rebuilt, probabilities)
    excess = -0.5 * (math.log(0.25) + math.log(0.75)) - math.log(2)
    assert error[0] == pytest.approx(math.log(excess / 0.52), rel=1e-5)
    assert entropy[0] == pytest.approx(math.log(2))


def test_the_network_by_hand():
    seen = pictures(0, 3, 0.1, 3, 0)
    rng = np.random.default_rng(1)
    mean, scale, hidden, hidden_bias, output = (rng.uniform(0.5, 1, shape) for shape in (10, 10, (10, 4), 4, 4))
    model = NoveltyModel(mean, scale, hidden - 0.7, hidden_bias, output, np.float64(-1))
    for row, score in zip(inputs(seen), model.score(seen), strict=True):
        logit = -1.0
        for unit in range(4):
            state = hidden_bias[unit]
            for place in range(10):
                state += (row[place] - mean[place]) / scale[place] * (hidden[place, unit] - 0.7)
            logit += max(0.0, state) * output[unit]
        assert score == pytest.approx(1 / (1 + math.exp(-logit)))


def test_only_the_direction_of_features_counts():
    seen = pictures(0, 5, 0.1, 3, 0)
    np.testing.assert_allclose(inputs(seen), inputs(seen._replace(features=seen.features * 7)))


def test_blank_and_perfectly_copied_pictures_keep_the_score_finite():
    images = np.zeros((2, 28, 28))
    blank = Seen(images, images, np.full((2, 10), 0.1), np.zeros((2, 8)))
    model = fit_novelty(*(pictures(seed, 60, 0.1, 3, 2 * seed) for seed in (0, 1, 2)))
    assert np.isfinite(model.score(blank)).all()


@pytest.mark.parametrize("turned_away", [0.005, 0.05])
def test_the_fit_separates_and_turns_away_the_asked_share_of_digits(turned_away: float):
    digits, unseen = pictures(1, 400, 0.02, 20, 3), pictures(3, 400, 0.02, 20, 3)
    others = pictures(2, 400, 0.2, 2, -3)
    model = fit_novelty(digits, others, unseen, turned_away)
    assert (model.score(unseen) > 0.5).mean() == pytest.approx(turned_away, abs=0.003)
    assert (model.score(pictures(4, 400, 0.2, 2, -3)) > 0.5).mean() > 0.95


@pytest.mark.parametrize("told", ["error", "sureness", "direction"])
def test_each_of_what_is_known_tells_others_apart(told: str):
    alike = {"error": 0.05, "sureness": 20.0, "direction": 4.0}
    strange = {**alike, told: {"error": 0.3, "sureness": 0.5, "direction": -4.0}[told]}
    digits, unseen = pictures(1, 400, **alike), pictures(2, 400, **alike)
    model = fit_novelty(digits, pictures(3, 400, **strange), unseen)
    assert (model.score(pictures(4, 400, **strange)) > 0.5).mean() > 0.7


def test_the_same_seed_fits_the_same_score():
    parts = [pictures(seed, 80, 0.05, 5, direction) for seed, direction in ((1, 2), (2, -2), (3, 2))]
    first, again, other = (fit_novelty(*parts, seed=seed).score(parts[1]) for seed in (0, 0, 1))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()
