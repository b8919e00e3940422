from typing import Any

import keras
import numpy as np
import pytest
import schedulefree
import torch

from sslrec.learning.optim.averaging import ScheduleFreeCallback
from sslrec.learning.optim.schedule_free import ScheduleFreeAdamW
from tests.learning.optim.problems import LeastSquares


def reference(problem: LeastSquares, rates=None, **options) -> tuple[list[list[np.ndarray]], list[np.ndarray]]:
    """The training weights after each step of the authors' implementation, and the weights to measure at the end."""
    tensors = [torch.nn.Parameter(torch.tensor(value)) for value in problem.start]
    decay = options.pop("weight_decay", 0.0)
    groups = [{"params": tensors[:1], "weight_decay": decay}, {"params": tensors[1:], "weight_decay": 0.0}]
    optimizer = schedulefree.AdamWScheduleFree(groups, foreach=False, **options)
    optimizer.train()
    weights = []
    for step in range(len(problem.inputs)):
        if rates is not None:
            for group in optimizer.param_groups:
                group["lr"] = rates[step]
        gradients = problem.gradients(step, [tensor.detach().numpy() for tensor in tensors])
        for tensor, gradient in zip(tensors, gradients, strict=True):
            tensor.grad = torch.tensor(gradient)
        optimizer.step()
        weights.append([tensor.detach().numpy().copy() for tensor in tensors])
    optimizer.eval()
    return weights, [tensor.detach().numpy() for tensor in tensors]


CASES = {
    "plain": ({}, {}, None),
    "warm-up": ({"warmup_steps": 20}, {"warmup_steps": 20}, None),
    "weight decay": ({"weight_decay": 0.3}, {"weight_decay": 0.3}, None),
    "other betas": ({"beta_1": 0.95, "beta_2": 0.99}, {"betas": (0.95, 0.99)}, None),
    "all steps alike": (
        {"weight_power": 0.0, "warmup_steps": 9},
        {"weight_lr_power": 0.0, "warmup_steps": 9},
        None,
    ),
    "rate changed on the way": ({}, {}, [0.05] * 12 + [0.2] * 12 + [0.01] * 12),
}


@pytest.mark.parametrize("case", CASES)
def test_trajectory_and_average_are_the_authors(case: str):
    ours, theirs, rates = CASES[case]
    problem = LeastSquares()
    optimizer = ScheduleFreeAdamW(0.05, **ours)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    weights = problem.trajectory(optimizer, rates)
    expected, average = reference(problem, rates, lr=0.05, **theirs)
    for step, (mine, other) in enumerate(zip(weights, expected, strict=True)):
        for one, two in zip(mine, other, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5, err_msg=f"step {step + 1}")
    variables = optimizer._trainable_variables
    with optimizer.averaged(variables) as differ:
        assert differ
        for variable, value in zip(variables, average, strict=True):
            np.testing.assert_allclose(variable.numpy(), value, rtol=1e-4, atol=1e-5)
    for variable, value in zip(variables, weights[-1], strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_before_the_first_step_there_is_no_average():
    problem = LeastSquares()
    variables = problem.variables()
    optimizer = ScheduleFreeAdamW()
    optimizer.build(variables)
    with optimizer.averaged(variables) as differ:
        assert not differ
        np.testing.assert_array_equal(variables[0].numpy(), problem.start[0])


def test_the_trained_weights_come_back_after_an_error():
    problem = LeastSquares(steps=5)
    optimizer = ScheduleFreeAdamW(0.05)
    weights = problem.trajectory(optimizer)
    with pytest.raises(KeyError), optimizer.averaged(optimizer._trainable_variables):
        raise KeyError
    np.testing.assert_array_equal(optimizer._trainable_variables[0].numpy(), weights[-1][0])
    assert not optimizer.holds_average


def test_loading_the_average_and_the_training_weights_leads_there_and_back():
    problem = LeastSquares(steps=9)
    optimizer = ScheduleFreeAdamW(0.05)
    weights = problem.trajectory(optimizer)
    variables = optimizer._trainable_variables
    expected = [np.array(value) for value in optimizer.average(variables)]
    optimizer.load_average(variables)
    optimizer.load_average(variables)  # a second time changes nothing
    for variable, value in zip(variables, expected, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    optimizer.load_training(variables)
    optimizer.load_training(variables)
    for variable, value in zip(variables, weights[-1], strict=True):
        np.testing.assert_allclose(variable.numpy(), value, rtol=1e-5, atol=1e-6)


def test_beta_1_of_zero_has_no_average():
    with pytest.raises(ValueError, match="beta_1 must lie between 0 and 1, not at 0"):
        ScheduleFreeAdamW(beta_1=0)


class Watcher(keras.callbacks.Callback):
    """Notes the kernel wherever `fit` looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, np.ndarray]] = []

    def _note(self, where: str) -> None:
        self.seen.append((where, self.model.trainable_variables[0].numpy().copy()))

    def on_train_batch_begin(self, batch, logs=None):
        self._note("train")

    def on_train_batch_end(self, batch, logs=None):
        self._note("trained")

    def on_test_begin(self, logs=None):
        self._note("test")

    def on_epoch_end(self, epoch, logs=None):
        self._note("save")


@pytest.fixture
def normed() -> tuple[keras.Model, np.ndarray, np.ndarray]:
    keras.utils.set_random_seed(0)
    layers = [keras.Input((4,)), keras.layers.Dense(6), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    rng = np.random.default_rng(0)
    inputs = rng.normal(2, 3, size=(48, 4)).astype(np.float32)
    return model, inputs, inputs.sum(axis=1, keepdims=True)


def test_fit_measures_and_saves_the_average_and_trains_on(normed, tmp_path):
    model, inputs, targets = normed
    model.compile(optimizer=ScheduleFreeAdamW(0.05), loss="mse")
    callback = ScheduleFreeCallback(lambda: [inputs[:24], inputs[24:]])
    watcher = Watcher()
    saving = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    history = model.fit(
        inputs,
        targets,
        batch_size=24,
        epochs=3,
        validation_data=(inputs, targets),
        callbacks=[callback, watcher, saving],
        verbose=0,
        shuffle=False,
    )
    places = [where for where, _ in watcher.seen]
    assert places == ["train", "trained", "train", "trained", "test", "save"] * 3
    kernels = [kernel for _, kernel in watcher.seen]
    for epoch in range(3):
        first, _, _, trained, test, save = kernels[6 * epoch : 6 * epoch + 6]
        assert not np.array_equal(trained, test)
        np.testing.assert_array_equal(test, save)
        if epoch:
            np.testing.assert_array_equal(first, kernels[6 * epoch - 3])  # bit for bit where the epoch before ended
        saved: Any = keras.models.load_model(tmp_path / f"{epoch + 1}.keras")
        np.testing.assert_array_equal(saved.trainable_variables[0].numpy(), save)
        assert saved.evaluate(inputs, targets, verbose=0) == pytest.approx(history.history["val_loss"][epoch], rel=1e-4)
    # After fit the model holds the average with statistics of its own.
    np.testing.assert_array_equal(model.trainable_variables[0].numpy(), kernels[-1])
    hidden = model.layers[0](inputs)
    norm = model.layers[1]
    np.testing.assert_allclose(norm.moving_mean.numpy(), np.mean(hidden, axis=0), rtol=1e-3, atol=1e-4)


def test_a_further_fit_goes_on_from_the_trained_weights(normed, tmp_path):
    model, inputs, targets = normed
    model.compile(optimizer=ScheduleFreeAdamW(0.05), loss="mse")
    watcher = Watcher()
    settings = {"batch_size": 48, "verbose": 0, "shuffle": False}
    model.fit(inputs, targets, epochs=2, callbacks=[ScheduleFreeCallback(), watcher], **settings)
    model.save(tmp_path / "model.keras")
    loaded: Any = keras.models.load_model(tmp_path / "model.keras")
    further = Watcher()
    loaded.fit(inputs, targets, epochs=1, callbacks=[ScheduleFreeCallback(), further], **settings)
    trained = [kernel for where, kernel in watcher.seen if where == "trained"][-1]
    np.testing.assert_allclose(further.seen[0][1], trained, rtol=1e-4, atol=1e-6)
    assert not np.allclose(watcher.seen[-1][1], trained, rtol=1e-4)


def test_the_callback_belongs_to_its_optimizer(normed):
    model, inputs, targets = normed
    model.compile(optimizer="adam", loss="mse")
    with pytest.raises(TypeError, match="ScheduleFreeCallback belongs to ScheduleFreeAdamW, not to Adam"):
        model.fit(inputs, targets, callbacks=[ScheduleFreeCallback()], verbose=0)


def test_a_wrapper_that_scales_the_loss_is_looked_through(normed):
    """Keras puts one around the optimizer where halves are reckoned with."""
    model, inputs, targets = normed
    wrapped = keras.optimizers.LossScaleOptimizer(ScheduleFreeAdamW(0.05), initial_scale=8.0)
    model.compile(optimizer=wrapped, loss="mse")
    model.fit(inputs, targets, epochs=1, callbacks=[ScheduleFreeCallback()], verbose=0)
    assert wrapped.inner_optimizer.holds_average
