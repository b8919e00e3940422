import json

import pytest

from sslrec.learning.divergence import PATIENCE, DivergenceError, DivergenceGuard


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_ends_a_training_at_once(loss: float):
    guard = DivergenceGuard()
    guard.watch(1, 0.7)
    with pytest.raises(DivergenceError) as caught:
        guard.watch(2, loss)
    assert caught.value.code == "run_not_finite"
    assert caught.value.params == {"step": 2, "loss": str(loss)}
    assert str(caught.value) == f"the loss is {loss} at step 2; try a lower learning rate"


def test_a_loss_that_stays_far_above_its_start_ends_a_training():
    guard = DivergenceGuard()
    for step in range(1, 21):
        guard.watch(step, 0.7)
    for step in range(21, 20 + PATIENCE):
        guard.watch(step, 50.0)
        assert not guard.calm
    with pytest.raises(DivergenceError) as caught:
        guard.watch(20 + PATIENCE, 50.0)
    assert caught.value.code == "run_diverged"
    assert caught.value.params == {"step": 20 + PATIENCE, "loss": 50.0, "first": pytest.approx(0.7)}


def test_a_bad_start_that_is_mended_is_none():
    guard = DivergenceGuard()
    guard.watch(1, 0.7)
    for step in range(2, 2 + 10 * PATIENCE):
        guard.watch(step, 0.7 if step % PATIENCE == 0 else 90.0)


@pytest.mark.parametrize("level", [-3.0, 0.0])
def test_losses_around_and_below_zero_are_measured_by_their_size(level: float):
    guard = DivergenceGuard()
    for step in range(1, 3 * PATIENCE):
        guard.watch(step, level + 0.3 * (step % 2))


def test_a_restored_guard_goes_on_counting():
    guard, copy = DivergenceGuard(), DivergenceGuard()
    for step in range(1, 30):
        guard.watch(step, 0.7 if step < 20 else 90.0)
    copy.restore(json.loads(json.dumps(guard.state())))
    assert copy.state() == guard.state()
    assert not copy.calm
