import contextlib
import io

import keras
import numpy as np
import prodigyopt
import pytest
import torch

from sslrec.learning.optim.prodigy import Prodigy
from tests.learning.optim.problems import LeastSquares


def reference(problem: LeastSquares, rates=None, **options) -> tuple[list[list[np.ndarray]], list[float]]:
    """The weights and the estimates after each step of the authors' implementation."""
    tensors = [torch.nn.Parameter(torch.tensor(value)) for value in problem.start]
    decay = options.pop("weight_decay", 0.0)
    groups = [{"params": tensors[:1], "weight_decay": decay}, {"params": tensors[1:], "weight_decay": 0.0}]
    with contextlib.redirect_stdout(io.StringIO()):
        optimizer = prodigyopt.Prodigy(groups, weight_decay=decay, **options)
    weights, estimates = [], []
    for step in range(len(problem.inputs)):
        for group in optimizer.param_groups:
            group["lr"] = 1.0 if rates is None else rates[step]
        gradients = problem.gradients(step, [tensor.detach().numpy() for tensor in tensors])
        for tensor, gradient in zip(tensors, gradients, strict=True):
            tensor.grad = torch.tensor(gradient)
        optimizer.step()
        weights.append([tensor.detach().numpy().copy() for tensor in tensors])
        estimates.append(float(optimizer.param_groups[0]["d"]))
    return weights, estimates


WARM = [min(1.0, (step + 1) / 20) for step in range(36)]
CASES = {
    "plain": ({}, {}, None),
    "bias correction": ({"use_bias_correction": True}, {"use_bias_correction": True}, None),
    "weight decay": ({"weight_decay": 0.3}, {"weight_decay": 0.3}, None),
    "warm-up": ({"safeguard_warmup": True}, {"safeguard_warmup": True}, WARM),
    "warm-up without safeguard": ({}, {}, WARM),
    "larger start": ({"d0": 1e-3, "d_coef": 0.5}, {"d0": 1e-3, "d_coef": 0.5}, None),
    "slow growth": ({"growth_rate": 1.02, "d0": 1e-3}, {"growth_rate": 1.02, "d0": 1e-3}, None),
    "sliced": ({"slice_p": 4}, {"slice_p": 4}, None),
    "no mean of gradients": ({"beta_1": 0.0}, {"betas": (0.0, 0.999)}, None),
    "own beta_3": ({"beta_3": 0.9, "beta_2": 0.99}, {"beta3": 0.9, "betas": (0.9, 0.99)}, None),
}


@pytest.mark.parametrize("case", CASES)
def test_the_trajectory_is_the_authors(case: str):
    ours, theirs, rates = CASES[case]
    problem = LeastSquares()
    optimizer = Prodigy(**ours)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    weights = problem.trajectory(optimizer, rates)
    expected, estimates = reference(problem, rates, **theirs)
    assert estimates[-1] > 2.5 * estimates[0]  # the estimate has moved, so there is something to agree on
    assert optimizer.d == pytest.approx(estimates[-1], rel=2e-5)
    for step, (mine, other) in enumerate(zip(weights, expected, strict=True)):
        for one, two in zip(mine, other, strict=True):
            # The estimate multiplies what the order of float32 sums leaves: after 60 steps some 1e-4.
            np.testing.assert_allclose(one, two, rtol=1e-4, atol=5e-4, err_msg=f"step {step + 1}")


def test_the_estimate_starts_from_the_weights_of_the_first_step_not_of_build():
    problem = LeastSquares()
    variables = problem.variables()
    optimizer = Prodigy()
    optimizer.build(variables)
    for variable in variables:
        variable.assign(np.full(variable.shape, 5.0, np.float32))
    optimizer.apply([keras.ops.ones_like(variable) for variable in variables], variables)
    assert optimizer.d == pytest.approx(1e-6)
    np.testing.assert_array_equal(optimizer._starts[0].numpy(), 5)


def test_gradients_of_zero_change_nothing():
    problem = LeastSquares()
    variables = problem.variables()
    optimizer = Prodigy()
    optimizer.build(variables)
    optimizer.apply([keras.ops.zeros_like(variable) for variable in variables], variables)
    for variable, value in zip(variables, problem.start, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    assert optimizer.d == pytest.approx(1e-6)


@pytest.mark.parametrize("argument", ["d0", "d_coef", "epsilon", "slice_p"])
def test_figures_that_make_no_sense_are_refused(argument: str):
    with pytest.raises(ValueError, match=f"{argument} must be positive, not 0"):
        Prodigy(**{argument: 0})
