import math
from typing import Any

import keras
import numpy as np
import pytest

from sslrec.learning.optim.range_test import keras_range_test, range_test, smooth


class Valley:
    """SGD on `curvature / 2 * x^2` in many directions: it diverges beyond a rate of 2 / curvature.

    The gradients are noisy, as those of mini-batches: a direction never comes to rest, so that it shows at once when
    the steps get too long for it.
    """

    def __init__(self, curvature: float, noise: float, seed: int = 0, floor: float = 0.1) -> None:
        self.rng = np.random.default_rng(seed)
        self.curvatures = curvature * np.linspace(0.05, 1, 20)
        self.weights = np.ones(20)
        self.noise, self.floor = noise, floor

    def step(self, rate: float) -> float:
        loss = self.floor + 0.5 * float(np.sum(self.curvatures * self.weights**2)) / self.curvatures.sum()
        gradients = self.curvatures * (self.weights + 0.3 * self.rng.normal(size=20))
        self.weights = self.weights - rate * gradients
        return loss * (1 + self.noise * self.rng.normal())


@pytest.mark.parametrize("curvature", [2.0, 20.0, 2000.0])
@pytest.mark.parametrize("noise", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_the_suggestion_lies_below_the_edge_of_stability_and_not_far_below(curvature: float, noise: float, seed: int):
    result: Any = range_test(Valley(curvature, noise, seed).step, lowest=1e-6, highest=10.0, steps=150)
    edge = 2 / curvature
    assert edge / 100 < result.suggested < edge
    assert result.diverged
    assert result.rates[-1] < 30 * edge  # it stopped soon after the edge
    assert len(result.rates) == len(result.losses) == len(result.smoothed)
    assert result.suggested == pytest.approx(result.best / 3)


def test_the_rates_rise_exponentially_from_lowest_to_highest():
    rates = []
    result = range_test(lambda rate: rates.append(rate) or 1.0, lowest=1e-4, highest=1.0, steps=9 + 4)
    np.testing.assert_allclose(rates, np.geomspace(1e-4, 1, 13))
    np.testing.assert_allclose(result.rates, rates)
    assert not result.diverged


@pytest.mark.parametrize("seed", range(5))
def test_a_loss_that_never_falls_suggests_nothing(seed: int):
    rng = np.random.default_rng(seed)
    result = range_test(lambda rate: 2 + 0.1 * rng.normal())
    assert result.suggested is None
    assert result.best is None


def test_a_loss_that_is_no_number_ends_the_test():
    losses = iter([3.0 - 0.05 * step for step in range(40)] + [math.nan] * 60)
    result = range_test(lambda rate: next(losses), steps=100)
    assert result.diverged
    assert len(result.losses) == 41
    assert result.suggested == pytest.approx(result.rates[39] / 3, rel=0.5)


def test_single_outliers_do_not_end_the_test():
    losses = [3.0 - 0.02 * step for step in range(100)]
    losses[30] = losses[60] = 50.0
    ends = iter(losses)
    result = range_test(lambda rate: next(ends), steps=100)
    assert not result.diverged
    assert len(result.losses) == 100


def test_smoothing_by_hand():
    np.testing.assert_allclose(smooth([1, 1, 1, 1, 1, 9, 1, 1, 1, 1]), 1.0)
    np.testing.assert_allclose(smooth([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])[4:6], [4, 5])


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match=r"the rates must rise from above 0, not from 1\.0 to 0\.1"):
        range_test(lambda rate: 1.0, lowest=1.0, highest=0.1)
    with pytest.raises(ValueError, match="a range test needs at least 10 steps, not 5"):
        range_test(lambda rate: 1.0, steps=5)


def test_a_keras_model_is_left_as_it_was():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse")
    rng = np.random.default_rng(0)

    def batch():
        inputs = rng.normal(size=(32, 3)).astype(np.float32)
        return inputs, inputs @ np.array([[2.0], [-1.0], [0.5]], np.float32)

    model.train_on_batch(*batch())
    before = [np.array(variable.numpy()) for variable in [*model.variables, *model.optimizer.variables]]
    result: Any = keras_range_test(model, batch, lowest=1e-4, highest=100.0, steps=80)
    assert 0.01 < result.suggested < 1.0  # the loss is quadratic with a curvature near 2
    assert result.diverged
    after = [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
