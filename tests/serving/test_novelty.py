import math

import numpy as np
import pytest

from sslrec.serving.novelty import NoveltyModel, fit_novelty, signals

Signals = tuple[np.ndarray, np.ndarray, np.ndarray]


def pictures(seed: int, count: int, error: float, sureness: float) -> Signals:
    """Pictures rebuilt with noise of the given strength and read with the given sureness."""
    rng = np.random.default_rng(seed)
    images = rng.uniform(size=(count, 28, 28)) * (rng.uniform(size=(count, 28, 28)) < 0.2)
    rebuilt = np.clip(images + rng.normal(0, error, images.shape), 0, 1)
    logits = rng.normal(size=(count, 10)) * sureness
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return images, rebuilt, powers / powers.sum(axis=1, keepdims=True)


def test_signals_by_hand():
    images = np.full((1, 28, 28), 0.5)
    rebuilt = np.full((1, 28, 28), 0.25)
    probabilities = np.array([[0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0]])
    error, entropy = signals(images, rebuilt, probabilities)
    excess = -0.5 * (math.log(0.25) + math.log(0.75)) - math.log(2)
    assert error[0] == pytest.approx(math.log(excess / 0.52), rel=1e-5)
    assert entropy[0] == pytest.approx(math.log(2))


def test_a_worse_copy_and_a_less_sure_reading_are_more_novel():
    model = NoveltyModel(error_weight=2.0, entropy_weight=1.0, bias=0.5)
    good = model.score(*pictures(0, 50, error=0.01, sureness=30))
    bad_copy = model.score(*pictures(0, 50, error=0.3, sureness=30))
    unsure = model.score(*pictures(0, 50, error=0.01, sureness=0.5))
    assert (bad_copy > good).all()
    assert (unsure > good).all()
    for scores in (good, bad_copy, unsure):
        assert ((scores >= 0) & (scores <= 1)).all()


def test_blank_and_perfectly_copied_pictures_keep_the_score_finite():
    blank = np.zeros((2, 28, 28)), np.zeros((2, 28, 28)), np.full((2, 10), 0.1)
    assert np.isfinite(NoveltyModel(2.0, 1.0, 0.0).score(*blank)).all()


@pytest.mark.parametrize("turned_away", [0.005, 0.05])
def test_the_fit_separates_and_turns_away_the_asked_share_of_digits(turned_away: float):
    digits, others = pictures(1, 400, 0.02, 20), pictures(2, 400, 0.2, 2)
    model = fit_novelty(digits, others, turned_away)
    assert (model.score(*digits) > 0.5).mean() == pytest.approx(turned_away, abs=0.003)
    assert (model.score(*others) > 0.5).mean() > 0.95
