from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec.data.digits import DigitData
from sslrec.learning import loop
from sslrec.learning.checkpoint import capture, restore
from sslrec.learning.divergence import DivergenceError
from sslrec.learning.loop import Event, Schedule, Training, batches, fit
from sslrec.learning.optim.policy import Policy, fall_share, warmup_share
from sslrec.learning.tasks.autoencoder import AutoencoderTask
from tests.learning.tiny_recipe import TinyTask, digits


class LineTask:
    """One dense neuron whose loss is given as a function of its outputs."""

    size = 12

    def __init__(self, loss) -> None:
        self.model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, bias_initializer="ones")])
        self._loss = loss
        self.validations = 0

    def loss(self, indices, seed):
        inputs = tf.stack([tf.cast(indices, tf.float32), tf.ones(tf.shape(indices))], axis=1)
        return self._loss(self.model(inputs), self.model.trainable_variables), {}

    def validate(self) -> dict[str, float]:
        self.validations += 1
        return {"kernel": float(self.model.get_weights()[0][0, 0])}


def sum_of_weights(_, variables):
    """A loss whose gradient is 1 everywhere, so that Adam's step is exactly the learning rate."""
    return tf.add_n([tf.reduce_sum(variable) for variable in variables])


def test_batches_are_full_shuffled_and_follow_from_seed_and_epoch():
    first = list(batches(10, 3, seed=1, epoch=1))
    assert [len(batch) for batch in first] == [3, 3, 3]
    assert len(set(np.concatenate(first).tolist())) == 9
    np.testing.assert_array_equal(first, list(batches(10, 3, seed=1, epoch=1)))
    assert not np.array_equal(first, list(batches(10, 3, seed=1, epoch=2)))
    assert not np.array_equal(first, list(batches(10, 3, seed=2, epoch=1)))


def test_fewer_examples_than_a_batch_make_one_batch_of_all():
    (only,) = batches(4, 256, seed=0, epoch=1)
    assert sorted(only.tolist()) == [0, 1, 2, 3]


def test_every_update_has_the_size_of_the_schedules_rate():
    task = LineTask(sum_of_weights)
    kernels = [float(task.model.get_weights()[0][0, 0])]
    rates: list[float] = []

    def on_event(event: Event) -> None:
        if event["event"] == "step":
            kernels.append(float(task.model.get_weights()[0][0, 0]))
            rates.append(event["learning_rate"])

    fit(task, Schedule(epochs=2, batch_size=3, learning_rate=0.1, warmup=0.5), 0, on_event)
    assert rates == pytest.approx([0.1 * warmup_share(step, 8, 0.5) * fall_share(step, 8, 0.5) for step in range(8)])
    np.testing.assert_allclose(-np.diff(kernels), rates, rtol=1e-3, atol=1e-6)


def test_weight_decay_shrinks_the_kernel_and_spares_the_bias():
    task = LineTask(lambda outputs, _: 0.0 * tf.reduce_sum(outputs))
    kernel, bias = task.model.get_weights()
    fit(task, Schedule(epochs=1, batch_size=12, learning_rate=0.1, weight_decay=0.5), 0)
    after_kernel, after_bias = task.model.get_weights()
    np.testing.assert_allclose(after_kernel, kernel * (1 - 0.1 * 0.5), rtol=1e-5)
    np.testing.assert_array_equal(after_bias, bias)


def test_averaging_leaves_the_moving_average_of_the_weights_behind():
    task = LineTask(sum_of_weights)
    kernels: list[float] = []

    def on_event(event: Event) -> None:
        if event["event"] == "step":
            kernels.append(float(task.model.get_weights()[0][0, 0]))

    history = fit(task, Schedule(epochs=1, batch_size=3, learning_rate=0.1, average=0.7), 0, on_event)
    average = kernels[0]
    for kernel in kernels[1:]:
        average = 0.7 * average + 0.3 * kernel
    assert float(task.model.get_weights()[0][0, 0]) == pytest.approx(average, rel=1e-5)
    assert history[-1]["kernel"] == pytest.approx(average, rel=1e-5)  # validation sees the averaged weights


def test_events_tell_the_course_and_the_last_epoch_always_validates():
    task, events = LineTask(sum_of_weights), []
    history = fit(task, Schedule(epochs=3, batch_size=6, validate_every=2), 0, events.append)
    steps = [event for event in events if event["event"] == "step"]
    assert [event["step"] for event in steps] == [1, 2, 3, 4, 5, 6]
    assert {event["of"] for event in steps} == {6}
    assert [event["epoch"] for event in history] == [1, 2, 3]
    assert ["kernel" in event for event in history] == [False, True, True]
    assert history[0]["loss"] == pytest.approx(np.mean([event["loss"] for event in steps[:2]]))
    assert [event for event in events if event["event"] == "epoch"] == history


@pytest.mark.parametrize(("epochs", "every"), [(3, 1), (60, 1), (400, 1), (400, 7), (401, 9)])
def test_of_a_long_training_some_moments_are_shown_and_the_last(epochs: int, every: int):
    def train(show) -> tuple[list[int], list[float]]:
        keras.utils.set_random_seed(0)
        training = Training(LineTask(sum_of_weights), Schedule(epochs, 12, validate_every=every), 0, show)
        events = [event for _ in range(training.total) for event in training.advance()]
        shown = [event["epoch"] for event in events if event["event"] == "exhibit"]
        return shown, [event["loss"] for event in events if event["event"] == "step"]

    shown, losses = train(lambda step, epoch: {"step": step, "epoch": epoch})
    assert len(shown) <= 50
    assert shown[-1] == epochs
    validated = [epoch for epoch in range(1, epochs + 1) if epoch % every == 0 or epoch == epochs]
    assert set(shown) <= set(validated)
    assert shown[:4] == validated[:4]
    assert losses == train(None)[1]


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_step():
    task = LineTask(lambda outputs, _: tf.reduce_sum(outputs) * float("nan"))
    with pytest.raises(FloatingPointError, match=r"^the loss is nan at step 1; try a lower learning rate$"):
        fit(task, Schedule(epochs=1), 0)


def test_a_run_repeats_for_its_seed_and_learns():
    def run(seed: int, steps: int | None = None) -> list[float]:
        keras.utils.set_random_seed(5)
        training = Training(TinyTask(digits()), Schedule(epochs=3, batch_size=60, learning_rate=0.1, average=0.5), seed)
        return [training.advance()[0]["loss"] for _ in range(steps or training.total)]

    first = run(seed=1)
    assert run(seed=1) == first
    assert run(seed=2, steps=1) != first[:1]
    assert first[-1] < 0.9 * first[0]


def test_the_gradient_norm_is_that_of_all_weights_before_the_update():
    events: list[Event] = []
    fit(LineTask(sum_of_weights), Schedule(epochs=1, batch_size=12), 0, events.append)
    assert events[0]["gradient_norm"] == pytest.approx(3**0.5)  # three weights, each with gradient 1


class PieceTask:
    """An embedding of which every example looks up the same piece."""

    size = 12

    def __init__(self) -> None:
        self.model = keras.Sequential([keras.Input((), dtype="int32"), keras.layers.Embedding(3, 2)])

    def loss(self, indices, seed):
        return tf.reduce_sum(self.model(tf.ones_like(indices))), {}

    def validate(self) -> dict[str, float]:
        return {}


def test_a_piece_that_occurs_often_counts_as_one_weight():
    """Its gradients are summed before they are squared: in the norm, and in Adam, whose step would be too long."""
    events: list[Event] = []
    task = PieceTask()
    before = task.model.get_weights()[0]
    fit(task, Schedule(epochs=2, batch_size=12, policy="constant", learning_rate=0.01), 0, events.append)
    assert events[0]["gradient_norm"] == pytest.approx(12 * 2**0.5)
    np.testing.assert_allclose(before[1] - task.model.get_weights()[0][1], 0.02, rtol=1e-3)


def test_a_rate_set_by_hand_is_told_and_counts_from_the_next_step():
    training = Training(LineTask(sum_of_weights), Schedule(epochs=3, batch_size=3, policy="constant"), 0)
    training.advance()
    (change,) = training.set_rate(0.25)
    assert change == {
        **{"event": "learning_rate", "step": 1, "before": pytest.approx(1e-3), "after": 0.25},
        **{"reason": "hand", "params": {}},
    }
    before = training.task.model.get_weights()[0]
    assert training.advance()[0]["learning_rate"] == pytest.approx(0.25)
    np.testing.assert_allclose(before - training.task.model.get_weights()[0], 0.25, rtol=1e-3)


def test_a_run_that_goes_on_tells_its_pace_without_the_step_that_builds_the_graph(monkeypatch: pytest.MonkeyPatch):
    training = Training(LineTask(sum_of_weights), Schedule(epochs=9, batch_size=3, policy="constant"), 0)
    training.step = 2 * training.per_epoch
    times = iter([0.0, 30.0, 30.0, 30.1, 30.1, 30.2])
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    told = [training.advance()[0]["examples_per_second"] for _ in range(3)]
    assert told == [0.1, pytest.approx(30), pytest.approx(30)]


def test_a_policy_watches_the_validation_loss_where_there_is_one(monkeypatch: pytest.MonkeyPatch):
    class Measured(LineTask):
        def validate(self) -> dict[str, float]:
            return {"validation_loss": 5.0}

    seen: list[float] = []
    monkeypatch.setattr(Policy, "after_epoch", lambda policy, figure: seen.append(figure))
    for task in (Measured(sum_of_weights), LineTask(sum_of_weights)):
        training = Training(task, Schedule(epochs=1, batch_size=12), 0)
        loss = training.advance()[1]["loss"]
    assert seen == [5.0, loss]


def test_evaluation_shows_averaged_weights_with_their_own_statistics_and_puts_everything_back():
    keras.utils.set_random_seed(0)
    task = TinyTask(digits())
    training = Training(task, Schedule(epochs=2, batch_size=60, average=0.9), 0)
    for _ in range(4):
        training.advance()
    before = [variable.numpy() for variable in task.model.variables]
    with training.evaluation():
        inside = [variable.numpy() for variable in task.model.variables]
    after = [variable.numpy() for variable in task.model.variables]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    changed = {
        v.path for v, one, other in zip(task.model.variables, before, inside, strict=True) if (one != other).any()
    }
    assert any(path.endswith("kernel") for path in changed)
    assert any(path.endswith("moving_mean") for path in changed)


def test_a_training_restored_elsewhere_makes_the_same_steps(few_digits: DigitData):
    """The real autoencoder and its augmentation: what one process computes, another one computes too."""
    some = replace(few_digits, x_train=few_digits.x_train[:100], y_train=few_digits.y_train[:100])

    def make() -> Training:
        keras.utils.set_random_seed(5)
        return Training(AutoencoderTask(some, code=4, denoise=True), Schedule(3, 30, average=0.9, validate_every=3), 3)

    one, other = make(), make()
    for ours, theirs in zip(one.task.model.variables, other.task.model.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    losses = [one.advance()[0]["loss"] for _ in range(4)]
    restore(other, capture(one))
    assert other.step == 4
    while not one.done:
        ours, theirs = one.advance(), other.advance()
        losses.append(ours[0]["loss"])
        for mine, its in zip(ours, theirs, strict=True):
            for key in ("event", "step", "loss", "learning_rate", "gradient_norm", "validation_loss"):
                assert mine.get(key) == its.get(key)
    for ours, theirs in zip(one.task.model.variables, other.task.model.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert losses[-1] < 0.9 * losses[0]


def test_arrays_of_another_model_are_refused(few_digits: DigitData):
    schedule = Schedule(1, 60)
    one = Training(AutoencoderTask(few_digits, code=4), schedule, 0)
    other = Training(AutoencoderTask(few_digits, code=5), schedule, 0)
    line = Training(LineTask(sum_of_weights), schedule, 0)
    for wrong in (other, line):
        with pytest.raises(ValueError, match="its checkpoint belongs to another model"):
            restore(wrong, capture(one))


def test_a_short_training_is_measured_with_statistics_that_have_caught_up():
    keras.utils.set_random_seed(0)
    task = TinyTask(digits())
    training = Training(task, Schedule(1, 32, 0.3), seed=0)
    while not training.done:
        training.advance()
    lagging = task.validate()["validation_loss"]
    with training.evaluation():
        settled = task.validate()["validation_loss"]
    assert settled < 0.9 * lagging
    assert task.validate()["validation_loss"] == lagging
    training.schedule = replace(training.schedule, settled=0)
    with training.evaluation():
        assert task.validate()["validation_loss"] == lagging


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_fit_leaves_the_weights_that_it_has_measured_with_their_statistics(average: float):
    keras.utils.set_random_seed(0)
    task = TinyTask(digits())
    history = fit(task, Schedule(1, 32, 0.3, average=average), seed=0)
    assert task.validate()["validation_loss"] == pytest.approx(history[-1]["validation_loss"], rel=1e-6)


def test_a_policy_hears_of_the_epochs_that_validate_and_of_no_other(monkeypatch: pytest.MonkeyPatch):
    """The training's loss in between is another thing than the validation's: a rule would take it for a relapse."""
    task, heard = LineTask(sum_of_weights), []
    monkeypatch.setattr(task, "validate", lambda: {"validation_loss": -7.0})
    training = Training(task, Schedule(epochs=5, batch_size=6, validate_every=2), 0)
    monkeypatch.setattr(training.policy, "after_epoch", heard.append)
    while not training.done:
        training.advance()
    assert heard == [-7.0, -7.0, -7.0]  # after the second, the fourth and the last


def test_no_policy_goes_on_from_a_loss_that_is_no_number():
    task = LineTask(lambda outputs, _: tf.reduce_sum(outputs) * np.nan)
    training = Training(task, Schedule(epochs=1, batch_size=6, policy="auto"), 0)
    with pytest.raises(DivergenceError, match="at step 1"):
        training.advance()
