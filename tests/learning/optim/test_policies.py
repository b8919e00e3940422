import json
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import pytest

from sslrec.errors import PolicyError
from sslrec.learning.optim.policies import POLICIES, make_policy
from sslrec.runs.events import RATE_LIMITS
from tests.learning.optim.problems import LeastSquares, traced_apply

TOTAL = 80
KINDS = [pytest.param(name, {}, id=name) for name in POLICIES] + [pytest.param("cosine", {"muon": True}, id="muon")]
SETTINGS = {"weight_decay": 0.01, "average": 0.9}


class Run:
    """A training of the least-squares problem under a policy; an epoch has four steps."""

    def __init__(self, name: str, rate: float = 0.03, **options) -> None:
        self.problem = LeastSquares(steps=TOTAL)
        self.policy = make_policy(name, rate, **{**SETTINGS, **options})
        self.variables = self.problem.variables()
        self.policy.optimizer.build(self.variables)
        self._apply = traced_apply(self.policy.optimizer, self.variables)
        self.changes = []

    def train(self, first: int, last: int) -> None:
        for step in range(first, last):
            self.policy.before_step(step, TOTAL)
            weights = [variable.numpy() for variable in self.variables]
            gradients = self.problem.gradients(step, weights)
            self._apply(gradients)
            self._note(self.policy.after_step(self.problem.loss(step, weights)))
            if step % 4 == 3:
                self._note(self.policy.after_epoch(self.problem.loss(step, self.weights())))

    def _note(self, change) -> None:
        if change is not None:
            self.changes.append(change)

    def weights(self) -> list[np.ndarray]:
        return [np.array(variable.numpy()) for variable in self.variables]

    def measured(self) -> list[np.ndarray]:
        with self.policy.evaluation_weights(self.variables):
            return self.weights()

    def saved(self):
        arrays = [np.array(variable.numpy()) for variable in self.policy.optimizer.variables]
        return self.weights(), arrays, json.dumps(self.policy.state(), allow_nan=False)

    def load(self, saved) -> None:
        weights, arrays, state = saved
        for variable, value in zip(self.variables, weights, strict=True):
            variable.assign(value)
        for variable, value in zip(self.policy.optimizer.variables, arrays, strict=True):
            variable.assign(value)
        self.policy.restore(json.loads(state))


def test_the_names():
    listed = "adaptive auto constant cosine hypergradient hypergradient_sgd plateau prodigy schedule_free"
    assert " ".join(POLICIES) == listed
    for name in POLICIES:
        assert make_policy(name, 0.01).name == name


@pytest.mark.parametrize(("name", "options"), KINDS)
def test_a_resumed_run_goes_on_bit_for_bit(name: str, options: dict[str, Any]):
    whole = Run(name, **options)
    whole.train(0, 10)
    saved = whole.saved()
    resumed = Run(name, **options)
    resumed.load(saved)
    for run in (whole, resumed):
        run.policy.set_rate(run.policy.rate * 0.7)
        run.train(10, 20)
    for one, two in zip(whole.weights(), resumed.weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    for one, two in zip(whole.measured(), resumed.measured(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert resumed.policy.rate == whole.policy.rate
    assert resumed.policy.state() == whole.policy.state()


@pytest.mark.parametrize(("name", "options"), KINDS)
def test_every_policy_learns_and_measures_averaged_weights(name: str, options: dict[str, Any]):
    run = Run(name, **options)
    before = run.problem.loss(TOTAL - 1, run.problem.start)
    with run.policy.evaluation_weights(run.variables) as differ:
        assert not differ  # no step was made
    run.train(0, TOTAL)
    trained = run.weights()
    with run.policy.evaluation_weights(run.variables) as differ:
        assert differ
        assert not np.array_equal(run.weights()[0], trained[0])
        measured = run.problem.loss(TOTAL - 1, run.weights())
    assert measured < 0.9 * before
    for one, two in zip(run.weights(), trained, strict=True):
        np.testing.assert_array_equal(one, two)


def test_the_average_is_the_exponential_moving_average_of_the_weights():
    run = Run("cosine", average=0.7)
    average = np.zeros(0)
    for step in range(6):
        run.train(step, step + 1)
        now = run.weights()[0]
        average = now if step == 0 else 0.7 * average + 0.3 * now
    np.testing.assert_allclose(run.measured()[0], average, rtol=1e-5)


@pytest.mark.parametrize("name", sorted(set(POLICIES) - {"schedule_free"}))
def test_without_an_average_the_trained_weights_are_measured(name: str):
    run = Run(name, average=0.0)
    run.train(0, 3)
    with run.policy.evaluation_weights(run.variables) as differ:
        assert not differ
        np.testing.assert_array_equal(run.weights()[0], run.variables[0].numpy())


@pytest.mark.parametrize(("name", "options"), KINDS)
def test_weight_decay_shrinks_kernels_and_spares_biases_gammas_and_betas(name: str, options: dict[str, Any]):
    layers = [
        keras.Input((2,)),
        keras.layers.Dense(2, name="beta_block", bias_initializer="ones"),
        keras.layers.BatchNormalization(beta_initializer="ones"),
    ]
    variables = keras.Sequential(layers).trainable_variables
    before = [np.array(variable.numpy()) for variable in variables]
    policy = make_policy(name, 0.1, weight_decay=0.5, **options)
    policy.optimizer.build(variables)
    for step in range(3):
        policy.before_step(step, 10)
        policy.optimizer.apply([keras.ops.zeros_like(variable) for variable in variables], variables)
    kernel = [i for i, variable in enumerate(variables) if variable.name == "kernel"]
    for index, (variable, value) in enumerate(zip(variables, before, strict=True)):
        if index in kernel:
            assert np.all(np.abs(variable.numpy()) < np.abs(value))
        else:
            np.testing.assert_array_equal(variable.numpy(), value)


def update_size(policy, variable) -> float:
    """How far one step with a gradient of 1 moves the weights; schedule-free training steps elsewhere, at `z`."""
    moved = policy.optimizer._momentums[0] if policy.name == "schedule_free" else variable
    before = moved.numpy().copy()
    policy.optimizer.apply([keras.ops.ones_like(variable)], [variable])
    return float(np.abs(moved.numpy() - before).max())


@pytest.mark.parametrize("name", POLICIES)
def test_a_rate_set_by_hand_counts_from_the_next_step(name: str):
    sizes = []
    for factor in (1.0, 0.25):
        variable = keras.Variable(np.zeros(4, np.float32), name="kernel")
        # The rate of a hypergradient would go on moving by itself; here the hand alone counts.
        options = {"hyper_rate": 0.0} if name.startswith("hypergradient") else {}
        policy = make_policy(name, 0.01, warmup=0.0, **options)
        policy.optimizer.build([variable])
        for step in range(8):
            policy.before_step(step, 100)
            update_size(policy, variable)
            policy.after_step(1.0)
        wanted = 0.01 * factor
        change = policy.set_rate(wanted)
        assert (change.after, change.reason) == (wanted, "hand")
        assert policy.rate == pytest.approx(wanted, rel=1e-5)
        policy.before_step(8, 100)
        assert policy.rate == pytest.approx(wanted, rel=0.05)  # a schedule goes on from it
        sizes.append(update_size(policy, variable))
    assert sizes[1] == pytest.approx(0.25 * sizes[0], rel=0.05)


def test_a_hand_scales_the_rest_of_the_cosine():
    run = Run("cosine", rate=0.1)
    run.train(0, 40)
    run.policy.set_rate(run.policy.rate * 3)
    run.policy.before_step(60, TOTAL)
    other = Run("cosine", rate=0.1)
    other.policy.before_step(60, TOTAL)
    assert run.policy.rate == pytest.approx(3 * other.policy.rate, rel=1e-5)


def test_muon_turns_a_matrix_in_all_directions_alike_and_adam_moves_the_rest():
    layers = [keras.Input((6,), dtype="int32"), keras.layers.Embedding(5, 24), keras.layers.Dense(40, name="wide")]
    variables = keras.Sequential(layers).trainable_variables
    before = {variable.path: np.array(variable.numpy()) for variable in variables}
    policy = make_policy("cosine", 0.01, warmup=0.0, muon=True)
    policy.optimizer.build(variables)
    rng = np.random.default_rng(0)
    # One direction of the gradient is a thousand times as strong as the others.
    gradients = [rng.normal(size=variable.shape) * np.geomspace(1, 1e-3, variable.shape[-1]) for variable in variables]
    policy.before_step(0, 100)
    policy.optimizer.apply([keras.ops.convert_to_tensor(one, "float32") for one in gradients], variables)
    moved = {path: before[path] - variable.numpy() for path, variable in zip(before, variables, strict=True)}
    embedding, kernel, bias = moved.values()
    # Newton and Schulz's five steps bring the singular values near 1; 0.2 sqrt(40) makes it as long as Adam's.
    singular = np.linalg.svd(kernel, compute_uv=False) / (0.01 * 0.2 * np.sqrt(40))
    assert np.all((singular > 0.5) & (singular < 1.3))
    for adams in (embedding, bias):
        assert np.median(np.abs(adams)) == pytest.approx(0.8 * 0.01, rel=0.01)


def warming(name: str):
    """A policy with a peak rate and a warm-up of a fifth."""
    policy = make_policy(name, 0.01, warmup=0.2)
    policy.optimizer.build([keras.Variable(np.ones((2, 2), np.float32), name="kernel")])
    return policy


def scheduled(policy, first: int, last: int) -> list[float]:
    found = []
    for step in range(first, last):
        policy.before_step(step, 100)
        found.append(policy.rate)
    return found


@pytest.mark.parametrize("made", [0, 1, 7, 19])
@pytest.mark.parametrize("name", ["auto", "cosine", "schedule_free"])
def test_a_hand_in_the_warm_up_ends_it_and_scales_the_rest(name: str, made: int):
    whole, policy, resumed = warming(name), warming(name), warming(name)
    expected = scheduled(whole, 0, 100)
    assert scheduled(policy, 0, made) == expected[:made]
    policy.set_rate(0.25)
    before = scheduled(policy, made, 30)
    assert before[: 20 - made] == pytest.approx([0.25] * (20 - made))
    resumed.restore(json.loads(json.dumps(policy.state())))
    after = scheduled(policy, 30, 100)
    peak = max(expected)
    assert [*before[20 - made :], *after] == pytest.approx([0.25 / peak * rate for rate in expected[20:]], rel=1e-5)
    assert scheduled(resumed, 30, 100) == after
    early = warming(name)
    early.restore(json.loads(json.dumps(policy.state())))
    assert max(scheduled(early, made, 100)) == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["auto", "cosine", "schedule_free"])
def test_a_state_from_before_hands_ended_warm_ups_goes_on_warming_up(name: str):
    whole, policy = warming(name), warming(name)
    expected = scheduled(whole, 0, 100)
    scheduled(policy, 0, 5)
    older = policy.state()
    assert older.pop("warms_up")
    resumed = warming(name)
    resumed.restore(older)
    assert scheduled(resumed, 5, 100) == expected[5:]


def test_plateau_follows_keras():
    run = Run("plateau", rate=0.1, patience=2, factor=0.5)
    figures = [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    told = [run.policy.after_epoch(figure) for figure in figures]
    assert [change is None for change in told] == [True, True, False, True, True, False]
    assert told[2].after == pytest.approx(0.05)
    assert told[2].reason == "plateau"
    assert run.policy.rate == pytest.approx(0.025)


def test_prodigys_rate_is_the_estimate_times_the_schedule_and_growth_is_told():
    run = Run("prodigy")
    run.train(0, 40)
    assert run.policy.rate == pytest.approx(run.policy.optimizer.d * float(run.policy.optimizer.learning_rate))
    grown = [change for change in run.changes if change.reason == "estimate"]
    assert len(grown) > 3
    assert all(change.params["d"] > 0 for change in grown)


@pytest.mark.parametrize("name", ["auto", "prodigy"])
def test_the_initial_rate_plays_no_part_where_the_policy_finds_its_own(name: str):
    reached = []
    for rate in (1e-5, 1.0):
        run = Run(name, rate=rate)
        run.train(0, 40)
        reached.append(run.weights()[0])
    np.testing.assert_array_equal(*reached)


def test_prodigy_learns_from_the_smallest_rate_too():
    run = Run("prodigy", rate=RATE_LIMITS[0])
    run.train(0, 60)
    assert all(np.isfinite(weights).all() for weights in run.weights())
    assert run.problem.loss(60, run.weights()) < run.problem.loss(60, run.problem.start)


def autos_rates(weights: np.ndarray, steps: int = 100, **options) -> list[float]:
    policy, rates = make_policy("auto", 0.5, **options), []
    policy.optimizer.build([keras.Variable(weights), keras.Variable(np.full(3, 100.0))])
    for step in range(steps):
        policy.before_step(step, steps)
        rates.append(policy.rate)
    return rates


def test_autos_rate_is_a_share_of_the_size_of_the_weight_matrices():
    weights = np.random.default_rng(0).normal(size=(50, 40), scale=0.2)
    size = np.sqrt((weights**2).mean())
    assert max(autos_rates(weights, reach=0.01)) == pytest.approx(0.01 * size, rel=1e-5)
    assert max(autos_rates(10 * weights, reach=0.01)) == pytest.approx(0.1 * size, rel=1e-5)


def test_auto_takes_the_rate_it_was_given_where_the_weights_have_no_size():
    assert max(autos_rates(np.zeros((2, 2)))) == 0.5


def test_auto_warms_up_holds_its_rate_and_leads_it_down_to_nothing_at_the_end():
    rates = autos_rates(np.ones((2, 2)), reach=1.0)
    np.testing.assert_allclose(rates[:5], [0.2, 0.4, 0.6, 0.8, 1.0], rtol=1e-6)
    np.testing.assert_allclose(rates[5:61], 1.0, rtol=1e-6)
    assert all(later < earlier for earlier, later in pairwise(rates[60:]))
    assert rates[80] == pytest.approx(1 - 0.5**0.5)
    assert 0 < rates[-1] < 0.02


def test_a_rate_set_by_hand_before_autos_first_step_is_the_one_of_that_step():
    policy = make_policy("auto", 1e-3, warmup=0.0)
    policy.optimizer.build([keras.Variable(np.ones((2, 2)))])
    policy.set_rate(0.25)
    policy.before_step(0, 100)
    assert policy.rate == pytest.approx(0.25)


def test_auto_returns_from_a_spike_to_good_weights_with_half_the_rate():
    run = Run("auto", average=0.0)
    run.train(0, 60)
    start = run.problem.loss(64, run.problem.start)
    for variable in run.variables:
        variable.assign(variable + 100.0)
    run.train(60, 64)
    spikes = [change for change in run.changes if change.reason == "spike"]
    assert len(spikes) == 1  # the loss gets time to settle before the next return
    assert spikes[0].after == spikes[0].before / 2
    assert run.problem.loss(64, run.weights()) < 0.2 * start
    other = Run("auto", average=0.0, spike=0.0)
    other.train(0, 60)
    for variable in other.variables:
        variable.assign(variable + 100.0)
    other.train(60, 64)
    assert other.problem.loss(64, other.weights()) > 100 * start


def test_unknown_names_and_rates_are_errors_with_what_to_do():
    with pytest.raises(PolicyError, match=r"no learning-rate policy named 'magic'; choose one of: adaptive, auto, "):
        make_policy("magic", 0.1)
    for rate in (0.0, -1.0, 1e-46, 1e39, float("nan"), float("inf")):
        with pytest.raises(PolicyError, match="choose a positive number"):
            make_policy("cosine", rate)
    with pytest.raises(TypeError):
        make_policy("cosine", 0.1, patience=3)
