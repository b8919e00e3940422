from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from sslrec import artifacts
from sslrec.config import settings
from sslrec.data.digits import BUDGETS, DigitData, draw_labelled, load
from sslrec.errors import ArtifactError
from sslrec.learning.encoders.digit import FEATURES, build_digit_encoder
from sslrec.learning.loop import Schedule
from sslrec.learning.recipes import classifier, classifiers
from sslrec.learning.train import train_battery
from sslrec.runs.events import RunConfig

Trained = list[tuple[int, np.ndarray]]


@pytest.fixture
def pretrained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An encoder artefact with random weights, and folders of its own for what the recipe keeps."""
    monkeypatch.setenv("SSLREC_ASSETS", str(tmp_path / "assets"))
    monkeypatch.setenv("SSLREC_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    folder = settings().home_dir / "models" / "digit-encoder-digits"
    folder.mkdir(parents=True)
    keras.utils.set_random_seed(0)
    build_digit_encoder().save(folder / "encoder.keras")
    heads = {}
    for budget, draws in {"1": 5, "10": 5, "100": 5, "all": 1}.items():
        heads[f"weights_{budget}"] = np.zeros((draws, FEATURES, 10), np.float32)
        heads[f"bias_{budget}"] = np.tile(np.eye(10, dtype=np.float32)[3], (draws, 1))  # it answers 3 to everything
    np.savez(folder / "heads.npz", **heads)
    artifacts.save(folder, artifacts.Manifest("digit-encoder", "encoder", "digits", "", "", 0, {}, {}))
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Trained:
    """What each classifier would have been trained on: images and targets. Nothing is trained or converted."""
    seen: Trained = []
    monkeypatch.setattr(
        classifiers, "fit", lambda task, schedule, seed, on_event: seen.append((task.size, task._targets.numpy()))
    )
    monkeypatch.setattr(classifiers, "finished_model", lambda task, data, budget: task.model)
    monkeypatch.setattr(classifiers, "export_litert", lambda model, path: path.write_bytes(b"a model"))
    return seen


@pytest.fixture(scope="module")
def digits() -> DigitData:
    """All digits to learn from, a few to test on."""
    every = load("digits")
    return replace(every, x_test=every.x_test[:30], y_test=every.y_test[:30])


def test_budgets_decide_what_each_classifier_learns_from(
    digits: DigitData, pretrained: Path, trained: Trained, tmp_path: Path
):
    out = tmp_path / "out"
    out.mkdir()
    metrics = classifiers.run(digits, out, 0, lambda event: None, seeds=2)
    every = len(digits.x_fit)
    finetuned, scratch = trained[:8], trained[8:]
    # Fine-tuned ones pass over every digit, with or without its label; those from scratch over the labelled ones.
    assert [size for size, _ in finetuned] == [every] * 8
    assert [len(targets) for _, targets in finetuned] == [10, 100, 1000, every] * 2
    assert [size for size, _ in scratch] == [10, 100, 1000, every, 10, 100, 1000]  # every label from scratch: once
    for _, targets in trained:
        assert targets.sum(axis=0).min() >= 1  # each class has its labels
    np.testing.assert_array_equal(finetuned[3][1].argmax(axis=1), digits.y_fit)
    assert set(metrics["accuracy"]) == {"finetuned", "scratch"}
    for by_budget in metrics["accuracy"].values():
        for budget in BUDGETS:
            assert by_budget[budget]["mean"] == pytest.approx(np.mean(by_budget[budget]["seeds"]))
    names = {
        f"{method}-{budget}-{draw}.tflite" for method in metrics["accuracy"] for budget in BUDGETS for draw in (0, 1)
    }
    assert {path.name for path in out.iterdir()} == names - {"scratch-all-1.tflite"}


def stop_at_the_second(event):
    if event.get("budget") == "10":
        raise KeyboardInterrupt


def test_an_interrupted_run_goes_on_where_it_stopped(
    digits: DigitData, pretrained: Path, trained: Trained, tmp_path: Path
):
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(KeyboardInterrupt):
        classifiers.run(digits, out, 0, stop_at_the_second, seeds=1)
    assert len(trained) == 2
    classifiers.run(digits, out, 0, lambda event: None, seeds=1)
    assert len(trained) == 8


def test_a_battery_that_cannot_be_saved_trains_nothing_twice_and_a_saved_one_keeps_nothing_back(
    pretrained: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(classifiers, "BUDGETS", {"1": BUDGETS["1"]})
    given = {"data": "digits", "out": tmp_path / "classifiers", "command": "again", "options": {"seeds": 1}}
    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "save", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train_battery("classifiers", **given)
    assert len(trained) == 2
    train_battery("classifiers", **given)
    assert len(trained) == 2
    assert list((pretrained / "home" / "partial").iterdir()) == []  # the next command trains anew


def test_the_labelled_digits_are_those_of_the_head_whatever_the_seed(
    digits: DigitData, pretrained: Path, trained: Trained, tmp_path: Path
):
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(KeyboardInterrupt):
        classifiers.run(digits, out, 3, stop_at_the_second, seeds=1)
    labels = digits.y_fit[draw_labelled(digits.y_fit, 10, 0)]
    np.testing.assert_array_equal(trained[1][1].argmax(axis=1), labels)


def test_the_manifest_names_the_encoder_that_they_were_built_on(
    pretrained: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(classifiers, "BUDGETS", {"1": BUDGETS["1"]})
    monkeypatch.setattr(classifiers, "finished_model", classifier.finished_model)  # two, finished as a user's are
    encoder = artifacts.load_folder(pretrained / "home" / "models" / "digit-encoder-digits", "encoder")
    manifest = train_battery(
        "classifiers", data="digits", out=tmp_path / "classifiers", command="again", options={"seeds": 1}
    )
    assert manifest.built_on == {"digit-encoder-digits": encoder.digest}
    assert artifacts.load_folder(tmp_path / "classifiers", "classifiers").manifest.built_on == manifest.built_on


@pytest.mark.parametrize(
    ("budget", "from_encoder", "settles"), [("1", True, True), ("1", False, False), ("all", False, True)]
)
def test_a_finished_model_has_the_weights_and_where_it_saw_enough_digits_their_own_statistics(
    few_digits: DigitData, pretrained: Path, budget: str, from_encoder: bool, settles: bool
):
    start = classifier.Pretrained.of("digits") if from_encoder else None
    task = classifier.assemble(few_digits, budget, 0, start)
    model = classifier.finished_model(task, few_digits, budget)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    for one, other in zip(model.trainable_variables, task.model.trainable_variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    one, other = (made.get_layer("stem_norm").moving_mean.numpy() for made in (model, task.model))
    assert (one == other).all() != settles


def test_an_encoder_of_other_data_is_not_taken(digits: DigitData, pretrained: Path, tmp_path: Path):
    clothes = replace(digits, name="fashion_mnist")
    with pytest.raises(ArtifactError, match="python -m sslrec train encoder --data fashion_mnist"):
        classifiers.run(clothes, tmp_path, 0, lambda event: None)


@pytest.mark.parametrize(
    ("options", "size", "labelled", "pretrained_start"),
    [
        ({"budget": "10"}, 1294, 100, True),
        ({"budget": "10", "start": "scratch"}, 100, 100, False),
        ({"budget": "all", "start": "pretrained"}, 1294, 1294, True),
    ],
)
def test_one_classifier_learns_on_its_budget_and_shows_ten_digits(
    pretrained: Path, options: dict[str, str], size: int, labelled: int, pretrained_start: bool
):
    recipe = classifier.build(RunConfig("classifier", "digits", options=options))
    assert (recipe.task.size, recipe.task.labelled, recipe.task.pretrained) == (size, labelled, pretrained_start)
    assert set(recipe.built_on) == ({"digit-encoder-digits"} if pretrained_start else set())
    shown = recipe.show(0, 0)
    assert shown["kind"] == "classes"
    assert [item["text"] for item in shown["inputs"]] == list("0123456789")
    if pretrained_start:  # its head answers 3 to everything
        assert [item["text"] for item in shown["outputs"]] == ["3"] * 10
        assert [item["right"] for item in shown["outputs"]] == [number == 3 for number in range(10)]


@pytest.mark.parametrize(
    ("options", "epochs", "average"),
    [
        ({"budget": "all", "start": "scratch"}, None, 0.0),  # 120 steps
        ({"budget": "all", "start": "scratch"}, 100, 0.998),
        ({"budget": "10", "start": "pretrained"}, None, 0.0),  # 5 steps
        ({"budget": "10", "start": "pretrained"}, 50, 0.99),
    ],
)
def test_a_short_training_is_measured_by_its_last_weights_and_not_by_an_average_of_its_beginning(
    pretrained: Path, options: dict[str, str], epochs: int | None, average: float
):
    recipe = classifier.build(RunConfig("classifier", "digits", epochs=epochs, options=options))
    assert recipe.schedule.average == average


def test_the_battery_averages_where_it_is_long_enough_as_that_of_the_shipped_ones_is(
    digits: DigitData, pretrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    averages: list[tuple[int, float]] = []
    monkeypatch.setattr(
        classifiers, "fit", lambda task, schedule, seed, on_event: averages.append((task.size, schedule.average))
    )
    monkeypatch.setattr(classifiers, "finished_model", lambda task, data, budget: task.model)
    monkeypatch.setattr(classifiers, "export_litert", lambda model, path: path.write_bytes(b"a model"))
    classifiers.run(digits, tmp_path, 0, lambda event: None, seeds=1)
    assert {average for _, average in averages} == {0.0}
    for schedule in (Schedule(1, 256, average=0.99), Schedule(classifiers.EPOCHS, 128, average=0.998)):
        assert classifier.without_short_average(schedule, 55_000) == schedule


def test_without_an_encoder_a_classifier_starts_from_scratch_unless_one_is_asked_for(
    tmp_path: Path, set_variables: Callable[..., None]
):
    set_variables(HOME=tmp_path, ASSETS=tmp_path)
    assert not classifier.build(RunConfig("classifier", "digits")).task.pretrained
    with pytest.raises(ArtifactError, match="python -m sslrec train encoder --data digits"):
        classifier.build(RunConfig("classifier", "digits", options={"start": "pretrained"}))
