import json
import math

import keras
import numpy as np
import pytest

from sslrec.learning.optim.adaptive import AdaptiveLearningRate, AdaptiveLearningRateCallback
from sslrec.learning.optim.policy import Change


def rates(rule: AdaptiveLearningRate, figures) -> list[float]:
    """The rate after each figure."""
    course = []
    for figure in figures:
        rule.update(figure)
        course.append(rule.rate)
    return course


def test_patience_counts_figures_without_improvement():
    rule = AdaptiveLearningRate(0.1, patience=2, factor=0.5, cooldown=0, steady=0)
    assert rates(rule, [1.0, 1.0, 1.0, 1.0, 1.0]) == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.025])


def test_a_fall_is_told_with_its_figures():
    rule = AdaptiveLearningRate(0.1, patience=1, steady=0)
    rule.update(2.0)
    assert rule.update(2.0) == Change(0.1, 0.05, "plateau", {"figures": 1.0, "best": 2.0})


def test_improvement_is_relative_and_its_sign_does_not_matter():
    for sign, scale in ((1, 1.0), (1, 1e-4), (-1, 100.0)):
        rule = AdaptiveLearningRate(0.1, patience=1, threshold=0.01, cooldown=0, steady=0)
        rule.update(sign * scale)
        assert rule.update(sign * scale - 0.02 * scale) is None
        assert rule.update(sign * scale - 0.021 * scale).reason == "plateau"


def test_the_current_rate_is_multiplied_not_the_initial_one():
    rule = AdaptiveLearningRate(0.1, patience=1, factor=0.5, cooldown=0, steady=0)
    rule.update(1.0)
    rule.rate = 0.8  # a hand, or a schedule
    assert rule.update(1.0).after == pytest.approx(0.4)


def test_cooldown_rests_after_a_fall():
    rule = AdaptiveLearningRate(1.0, patience=1, factor=0.5, cooldown=2, steady=0)
    assert rates(rule, [1.0] * 7) == pytest.approx([1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25])


def test_floor_and_ceiling_hold_and_nothing_is_told_at_them():
    rule = AdaptiveLearningRate(0.1, patience=1, factor=0.1, cooldown=0, floor=0.02, steady=0)
    assert rates(rule, [1.0, 1.0, 1.0]) == pytest.approx([0.1, 0.02, 0.02])
    assert rule.update(1.0) is None
    rule = AdaptiveLearningRate(0.1, steady=1, growth=4.0, ceiling=0.2)
    assert rates(rule, [1.0, 0.9, 0.8]) == pytest.approx([0.1, 0.2, 0.2])
    # A rate that a hand set beyond the bounds is not pulled to them.
    rule = AdaptiveLearningRate(2.0, steady=1, ceiling=0.2)
    assert rates(rule, [1.0, 0.9]) == [2.0, 2.0]


def test_warm_up_only_sets_the_best():
    rule = AdaptiveLearningRate(0.1, patience=1, factor=0.5, warmup=4, steady=1, cooldown=0)
    assert rates(rule, [5.0, 9.0, 4.0, 50.0]) == [0.1] * 4
    assert rule.update(4.0).reason == "plateau"


def test_steady_progress_raises_the_rate():
    rule = AdaptiveLearningRate(0.1, steady=2, growth=2.0)
    assert rates(rule, [1.0, 0.9, 0.8, 0.7, 0.6]) == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.4])


def test_an_interrupted_streak_raises_nothing():
    rule = AdaptiveLearningRate(0.1, steady=2, growth=2.0)
    assert rates(rule, [1.0, 0.9, 0.9, 0.8, 0.8, 0.7]) == [0.1] * 6


def test_a_growth_that_fails_is_taken_back_and_the_next_takes_longer():
    rule = AdaptiveLearningRate(0.1, patience=2, factor=0.5, cooldown=0, steady=1, growth=4.0)
    rule.update(1.0)
    assert rule.update(0.9).after == pytest.approx(0.4)
    rule.update(0.9)
    change = rule.update(0.9)
    assert (change.reason, change.after) == ("plateau", pytest.approx(0.1))
    assert rule.update(0.8) is None  # one improvement was enough before
    assert rule.update(0.7).reason == "steady"


def test_a_spike_and_a_figure_that_is_no_number_lower_the_rate_at_once():
    rule = AdaptiveLearningRate(0.1, patience=9, factor=0.5, spike=1.0)
    rule.update(1.0)
    assert rule.update(1.9) is None
    assert rule.update(2.1) == Change(0.1, 0.05, "spike", {"figure": 2.1, "best": 1.0})
    assert rule.update(math.nan).reason == "not_finite"
    assert rule.update(math.inf).after == pytest.approx(0.0125)


def test_state_goes_on_where_it_was():
    figures = [1.0, 0.9, 0.8, 0.8, 0.8, 0.7, 0.7, 0.7, 0.7, 0.6, 0.5, 3.0, 0.5, 0.4, 0.3]
    options = {"patience": 2, "steady": 2, "cooldown": 1}
    whole = rates(AdaptiveLearningRate(0.1, **options), figures)
    for cut in range(len(figures)):
        first, second = AdaptiveLearningRate(0.1, **options), AdaptiveLearningRate(9.0, **options)
        start = rates(first, figures[:cut])
        second.restore(json.loads(json.dumps(first.state())))
        assert start + rates(second, figures[cut:]) == whole


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"factor": 1.0}, "factor must lie between 0 and 1, not at 1.0"),
        ({"growth": 1.0}, "growth must be above 1, not 1.0"),
        ({"patience": 0}, "patience must be at least 1, not 0"),
        ({"floor": 2.0}, "floor 2.0 must not be above ceiling 1.0"),
    ],
)
def test_what_makes_no_sense_is_refused(options, text):
    with pytest.raises(ValueError, match=text):
        AdaptiveLearningRate(0.1, **options)


class Kernel(keras.callbacks.Callback):
    """Notes the kernel after every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.course: list[float] = []

    def on_train_begin(self, logs=None):
        self.course.append(float(self.model.get_weights()[0][0, 0]))

    def on_epoch_end(self, epoch, logs=None):
        self.course.append(float(self.model.get_weights()[0][0, 0]))


def fit(callback, optimizer, epochs=6) -> np.ndarray:
    """One update per epoch with a gradient of exactly 1; returns the size of each update."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=optimizer, loss=lambda targets, outputs: keras.ops.mean(outputs))
    kernel = Kernel()
    ones = np.ones((8, 1), np.float32)
    model.fit(ones, ones, batch_size=8, epochs=epochs, callbacks=[callback, kernel], verbose=0)
    return -np.diff(kernel.course)


@pytest.mark.parametrize("kind", [keras.optimizers.SGD, keras.optimizers.Adam])
def test_in_fit_the_size_of_the_following_update_changes(kind):
    # No improvement is ever large enough: the rate falls after the second figure and each that follows.
    falls = AdaptiveLearningRateCallback("loss", patience=1, cooldown=0, threshold=1e9, factor=0.5, spike=0)
    np.testing.assert_allclose(fit(falls, kind(0.08)), [0.08, 0.08, 0.04, 0.02, 0.01, 0.005], rtol=1e-3)
    assert [(epoch, change.reason) for epoch, change in falls.changes] == [(n, "plateau") for n in range(1, 6)]
    # The loss falls without end: the rate rises.
    rises = AdaptiveLearningRateCallback("loss", steady=2, growth=2.0, threshold=0.0, spike=0)
    np.testing.assert_allclose(fit(rises, kind(0.01)), [0.01, 0.01, 0.01, 0.02, 0.02, 0.04], rtol=1e-3)


def test_a_schedule_is_refused_with_what_to_do():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    text = "learning rate comes from a ExponentialDecay and cannot be set; give the optimizer a number"
    with pytest.raises(TypeError, match=text):
        fit(AdaptiveLearningRateCallback("loss"), keras.optimizers.SGD(schedule))


def test_a_figure_that_fit_does_not_give_is_named():
    with pytest.raises(KeyError, match="no figure 'bce' to follow, fit gives loss; set monitor"):
        fit(AdaptiveLearningRateCallback("bce"), keras.optimizers.SGD(0.1))
    callback = AdaptiveLearningRateCallback()
    for _ in range(2):
        with pytest.warns(UserWarning, match="no figure 'val_loss' to follow, fit gives loss; set monitor") as told:
            fit(callback, keras.optimizers.SGD(0.1))
        assert len(told) == 1


def test_epochs_without_validation_change_nothing():
    """As `validation_freq` makes them."""
    callback = AdaptiveLearningRateCallback(patience=1)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    ones = np.ones((8, 1), np.float32)
    with pytest.warns(UserWarning, match="no figure"):
        model.fit(
            ones, ones, epochs=4, validation_data=(ones, ones), validation_freq=2, callbacks=[callback], verbose=0
        )
    assert callback.rule.state()["seen"] == 2


def test_a_rate_that_was_lowered_by_hand_after_a_rise_falls_from_there():
    rule = AdaptiveLearningRate(1e-3, steady=2, growth=1.5, patience=2, cooldown=0, spike=0)
    for figure in (5.0, 4.0, 3.0):
        rule.update(figure)
    assert rule.rate == pytest.approx(1.5e-3)
    rule.rate = 1e-5
    change = [rule.update(3.0) for _ in range(2)][-1]
    assert change is not None
    assert change.after == pytest.approx(5e-6)
