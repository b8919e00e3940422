import keras
import numpy as np
import pytest

from sslrec.learning.optim.hypergradient import HypergradientAdam, HypergradientSGD
from tests.learning.optim.problems import LeastSquares


def slow(problem, direct, rate, hyper_rate, rule, floor=0.0, ceiling=np.inf, decay=0.0):
    """Hypergradient descent in double precision, a line for each line of the paper."""
    weights = [value.astype(np.float64) for value in problem.start]
    last = [np.zeros_like(value) for value in weights]
    states = [{} for _ in weights]
    course, rates = [], []
    for step in range(len(problem.inputs)):
        gradients = problem.gradients(step, weights)
        agreement = sum(float(np.sum(one * two)) for one, two in zip(gradients, last, strict=True))
        if rule == "additive":
            rate = rate + hyper_rate * agreement
        else:
            lengths = np.sqrt(sum(np.sum(g**2) for g in gradients) * sum(np.sum(d**2) for d in last))
            rate = rate * (1 + hyper_rate * (agreement / lengths if lengths else 0.0))
        rate = min(max(rate, floor), ceiling)
        weights = [weights[0] * (1 - decay * rate), weights[1]]
        last = [direct(gradient, state, step + 1) for gradient, state in zip(gradients, states, strict=True)]
        weights = [value - rate * direction for value, direction in zip(weights, last, strict=True)]
        course.append(weights)
        rates.append(rate)
    return course, rates


def adam(gradient, state, step):
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * gradient
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * gradient**2
    return state["m"] / (1 - 0.9**step) / (np.sqrt(state["v"] / (1 - 0.999**step)) + 1e-8)


def plain(gradient, state, step):
    return gradient


def nesterov(gradient, state, step):
    state["v"] = 0.9 * state.get("v", 0) + gradient
    return gradient + 0.9 * state["v"]


CASES = {
    "adam additive": (HypergradientAdam, {"hyper_rate": 1e-3}, adam),
    "adam multiplicative": (HypergradientAdam, {"hyper_rate": 0.05, "rule": "multiplicative"}, adam),
    "adam with decay": (HypergradientAdam, {"hyper_rate": 1e-3, "weight_decay": 0.2}, adam),
    "sgd additive": (HypergradientSGD, {"hyper_rate": 1e-4}, plain),
    "sgd multiplicative": (HypergradientSGD, {"hyper_rate": 0.05, "rule": "multiplicative"}, plain),
    "nesterov": (HypergradientSGD, {"hyper_rate": 1e-5, "momentum": 0.9}, nesterov),
    "floor and ceiling": (HypergradientSGD, {"hyper_rate": 1e-2, "floor": 0.004, "ceiling": 0.02}, plain),
}


@pytest.mark.parametrize("case", CASES)
def test_the_trajectory_is_that_of_the_slow_version(case: str):
    kind, options, direct = CASES[case]
    problem = LeastSquares()
    optimizer = kind(0.01, **options)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    weights = problem.trajectory(optimizer)
    others = {name: options[name] for name in ("floor", "ceiling") if name in options}
    expected, rates = slow(
        problem,
        direct,
        0.01,
        options["hyper_rate"],
        options.get("rule", "additive"),
        decay=options.get("weight_decay", 0.0),
        **others,
    )
    assert abs(rates[-1] / 0.01 - 1) > 0.05  # the rate has moved
    assert float(optimizer.learning_rate) == pytest.approx(rates[-1], rel=1e-3)
    for step, (mine, other) in enumerate(zip(weights, expected, strict=True)):
        for one, two in zip(mine, other, strict=True):
            np.testing.assert_allclose(one, two, rtol=2e-3, atol=1e-4, err_msg=f"step {step + 1}")


@pytest.mark.parametrize(("kind", "large"), [(HypergradientAdam, 1.0), (HypergradientSGD, 0.3)])
def test_a_rate_too_small_grows_and_one_too_large_falls(kind, large: float):
    problem = LeastSquares(steps=40)
    low, high = kind(1e-4, rule="multiplicative", hyper_rate=0.1), kind(large, rule="multiplicative", hyper_rate=0.1)
    problem.trajectory(low)
    assert float(low.learning_rate) > 5e-4
    problem.trajectory(high)
    assert float(high.learning_rate) < 0.9 * large


def test_a_rate_set_by_hand_counts_from_the_next_step():
    variable = keras.Variable(np.zeros(3, np.float32))
    optimizer = HypergradientSGD(0.1, hyper_rate=0.0)
    optimizer.build([variable])
    optimizer.apply([keras.ops.ones(3)], [variable])
    np.testing.assert_allclose(variable.numpy(), -0.1)
    optimizer.learning_rate = 0.5
    optimizer.apply([keras.ops.ones(3)], [variable])
    np.testing.assert_allclose(variable.numpy(), -0.6)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="rule must be one of additive, multiplicative, not 'other'"):
        HypergradientAdam(rule="other")
    with pytest.raises(TypeError, match="HypergradientSGD changes its learning rate itself; give it a number"):
        HypergradientSGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5))
