import json

import pytest

from sslrec.learning.divergence import PATIENCE, DivergenceError, DivergenceGuard

LONG = 100 * PATIENCE


def watch(guard: DivergenceGuard, losses: list[float], begin: int = 1) -> None:
    for step, loss in enumerate(losses, begin):
        guard.watch(step, loss)


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_ends_a_training_at_once(loss: float):
    guard = DivergenceGuard(LONG)
    guard.watch(1, 0.7)
    with pytest.raises(DivergenceError) as caught:
        guard.watch(2, loss)
    assert caught.value.code == "run_not_finite"
    assert caught.value.params == {"step": 2, "loss": str(loss)}
    assert str(caught.value) == f"the loss is {loss} at step 2; try a lower learning rate"


def test_a_loss_that_stays_far_above_its_start_ends_a_training():
    guard = DivergenceGuard(LONG)
    for step in range(1, 21):
        guard.watch(step, 0.7)
    for step in range(21, 20 + PATIENCE):
        guard.watch(step, 50.0)
        assert not guard.calm
    with pytest.raises(DivergenceError) as caught:
        guard.watch(20 + PATIENCE, 50.0)
    assert caught.value.code == "run_diverged"
    assert caught.value.params == {"step": 20 + PATIENCE, "loss": 50.0, "first": pytest.approx(0.7)}


def test_a_training_that_explodes_in_its_second_step_is_measured_by_its_first():
    guard = DivergenceGuard(LONG)
    guard.watch(1, 0.7)
    assert guard.calm
    with pytest.raises(DivergenceError) as caught:
        watch(guard, [20681.0, 65.0, 433.0, *[700.0] * PATIENCE], begin=2)
    assert not guard.calm
    assert caught.value.params == {"step": 1 + PATIENCE, "loss": 700.0, "first": 0.7}


@pytest.mark.parametrize(("total", "rises"), [(100, 3), (100, 85), (20, 2), (3, 2)])
def test_a_short_training_does_not_end_well_because_it_was_short(total: int, rises: int):
    calm = rises - 1
    with pytest.raises(DivergenceError) as caught:
        watch(DivergenceGuard(total), [0.7] * calm + [50.0] * (total - calm))
    assert caught.value.code == "run_diverged"


def test_one_bad_batch_at_the_end_is_no_divergence():
    guard = DivergenceGuard(200)
    watch(guard, [0.7] * 197 + [50.0] * 3)
    assert not guard.calm


def test_a_bad_start_that_is_mended_is_none():
    guard = DivergenceGuard(LONG)
    guard.watch(1, 0.7)
    for step in range(2, 2 + 10 * PATIENCE):
        guard.watch(step, 0.7 if step % PATIENCE == 0 else 90.0)


@pytest.mark.parametrize("level", [-3.0, 0.0])
def test_losses_around_and_below_zero_are_measured_by_their_size(level: float):
    guard = DivergenceGuard(LONG)
    for step in range(1, 3 * PATIENCE):
        guard.watch(step, level + 0.3 * (step % 2))


def test_a_restored_guard_goes_on_counting():
    guard, copy = DivergenceGuard(LONG), DivergenceGuard(LONG)
    for step in range(1, 30):
        guard.watch(step, 0.7 if step < 20 else 90.0)
    copy.restore(json.loads(json.dumps(guard.state())))
    assert copy.state() == guard.state()
    assert not copy.calm
    fresh = DivergenceGuard(LONG)
    fresh.restore(json.loads(json.dumps(DivergenceGuard(LONG).state())))
    fresh.watch(1, 0.7)
    assert fresh.calm
