"""The recommender's recipe and the fusion head's, on a shop of coloured boxes and discs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec import artifacts
from sslrec.data.catalogue import Catalogue
from sslrec.data.tokens import TextTokenizer, train_tokenizer
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import RunError
from sslrec.learning.encoders.image import HEIGHT, WIDTH
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.loop import Event, Training, fit
from sslrec.learning.precision import computes_bfloat16
from sslrec.learning.recipes import fusion, multimodal
from sslrec.learning.recipes.language import SIZES
from sslrec.learning.tasks.multimodal import PACE, measure_retrieval
from sslrec.litert import NamedLiteModel
from sslrec.runs.events import RunConfig
from tests.learning.recipes.shop import COLOURS, KINDS, make_shop

EPOCHS = 8


@pytest.fixture(scope="module")
def shop() -> Catalogue:
    return make_shop()


@pytest.fixture(scope="module")
def tokenizer(shop: Catalogue) -> TextTokenizer:
    return train_tokenizer(shop.titles, 200)


@pytest.fixture(scope="module")
def trained(
    shop: Catalogue, tokenizer: TextTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[multimodal.MultimodalRecipe, Path, dict]]:
    """The recipe after a training, the folder that it left, and its figures; among them the losses of its steps."""
    folder = tmp_path_factory.mktemp("assets") / "models" / "recommender"
    folder.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        patch.setattr(multimodal, "FUSION", replace(fusion.FUSION, epochs=20, batch_size=64))
        recipe, losses = start(shop, tokenizer), []

        def note(event: Event) -> None:
            if event["event"] == "step":
                losses.append(event["loss"])

        # One measurement is enough, and costs as much as an epoch.
        fit(recipe.task, replace(recipe.schedule, validate_every=EPOCHS), 0, note)
        metrics = recipe.finish(folder, lambda event: None)
        manifest = artifacts.Manifest("recommender", "multimodal", "shop", "0", "train it", 0, {}, metrics)
        artifacts.save(folder, manifest)
        yield recipe, folder, {**metrics, "losses": losses}


def make_small(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(SIZES, "tiny", {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32})
    patch.setattr(multimodal, "STAGES", (8, 16))


def start(shop: Catalogue, tokenizer: TextTokenizer, **options: str) -> multimodal.MultimodalRecipe:
    """The recipe before its first step, always with the same weights."""
    keras.utils.set_random_seed(0)
    settings = {"epochs": EPOCHS, "batch_size": 16, "learning_rate": 3e-3}
    options = {"start": "scratch", "size": "tiny", **options}
    return multimodal.build(RunConfig("multimodal", "builtin", **settings, options=options), [shop], tokenizer)


def test_training_brings_names_and_pictures_together(trained):
    recipe, _, metrics = trained
    assert metrics["recall_at_10"] > 0.6
    assert metrics["swaps"] >= len(COLOURS) + len(KINDS)
    before = multimodal.TowerEncoder(_untrained(), recipe._tokenizer.pad_id)
    scale = recipe.task.model.scale
    some = recipe._train.part(np.arange(PACE))
    first, last = (measure_retrieval(encoder, some, scale) for encoder in (before, recipe.task.encoder))
    assert last["validation_loss"] < 0.8 * first["validation_loss"]
    assert last["recall_at_10"] > 3 * first["recall_at_10"]


def test_towers_that_tell_nothing_apart_find_nothing(trained):
    recipe, _, _ = trained
    some = recipe._train.part(np.arange(PACE))
    same = lambda inputs: np.full((len(inputs), 4), 0.5, np.float32)  # noqa: E731
    found = measure_retrieval(SimpleNamespace(texts=same, pictures=same), some, recipe.task.model.scale)
    assert found["recall_at_1"] == 0.0


def _untrained() -> multimodal.TwoTowers:
    return multimodal.TwoTowers(TextConfig(200, dim=16, n_layers=1, n_heads=2, hidden_dim=32), stages=(8, 16))


def test_watchers_see_the_pictures_found_for_names(trained):
    recipe, _, _ = trained
    event = recipe.show(7, 1)
    json.dumps(event)
    assert event["kind"] == "retrieved"
    assert len(event["inputs"]) == len(event["outputs"]) == multimodal.SHOWN
    for item in event["outputs"]:
        assert len(item["images"]) == multimodal.NEAREST
        assert item["right"] in (True, False)


def test_what_is_left_is_what_the_app_runs_on(trained, tokenizer: TextTokenizer):
    recipe, folder, _ = trained
    found = json.loads((folder / "recommender.json").read_text())
    assert found["modalities"] == ["text", "image"]
    assert found["dim"] == 128
    assert all(line["scale"] > 0 for line in found["calibration"].values())
    text, image = (NamedLiteModel(folder / f"{name}.tflite") for name in ("text", "image"))
    gallery = recipe.task.validation
    ids = gallery.token_ids[:4]
    served = text(token_ids=ids, attention_mask=(ids != tokenizer.pad_id).astype(np.int32))["vector"]
    np.testing.assert_allclose(np.linalg.norm(served, axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(served, recipe.task.encoder.texts(ids), atol=0.06)  # bfloat16 beside float16
    pictures = image(image=gallery.pictures[:4].astype(np.float32) / 255)["vector"]
    np.testing.assert_allclose(pictures, recipe.task.encoder.pictures(gallery.pictures[:4]), atol=0.06)


@pytest.mark.parametrize("count", [1, 3, 16, 37])
def test_names_sorted_by_length_get_the_vectors_that_they_get_alone(trained, tokenizer: TextTokenizer, count: int):
    recipe, _, _ = trained
    ids = recipe._train.token_ids[:count].copy()
    ids[1::2, 4:] = tokenizer.pad_id  # a shop's names are all of one length
    vectors = recipe.task.encode_names(tf.constant(ids))
    np.testing.assert_allclose(vectors, recipe.task.encoder.texts(ids), atol=1e-5 if not computes_bfloat16() else 0.05)


def test_the_same_seed_makes_the_same_steps(trained, shop: Catalogue, tokenizer: TextTokenizer, monkeypatch):
    make_small(monkeypatch)
    recipe = start(shop, tokenizer)
    training = Training(recipe.task, recipe.schedule, 0)
    assert [training.advance()[0]["loss"] for _ in range(3)] == trained[2]["losses"][:3]


def test_the_objective_is_the_one_that_is_asked_for(shop: Catalogue, tokenizer: TextTokenizer, monkeypatch):
    make_small(monkeypatch)
    matching = []
    for objective in ("softmax", "sigmoid"):
        task = start(shop, tokenizer, objective=objective).task
        assert (task.model.bias is None) == (objective == "softmax")
        with tf.GradientTape() as tape:
            loss, scalars = task.loss(np.arange(16, dtype=np.int32), np.array([0, 1], np.int32))
        gradients = tape.gradient(loss, task.model.trainable_variables)
        assert all(np.isfinite(np.asarray(gradient)).all() for gradient in map(tf.convert_to_tensor, gradients))
        matching.append(float(scalars["matching"]))
    assert matching[0] != matching[1]


def test_a_new_head_goes_on_the_towers_that_are_there(
    trained, shop: Catalogue, tokenizer: TextTokenizer, monkeypatch, tmp_path: Path
):
    _, folder, _ = trained
    (folder / "builtin.npz").touch()
    artifacts.save(folder, artifacts.load_folder(folder, "recommender").manifest)
    monkeypatch.setattr(fusion, "load_tokenizer", lambda: tokenizer)
    monkeypatch.setattr(artifacts, "load", lambda name: artifacts.load_folder(folder, name))
    keras.utils.set_random_seed(0)
    recipe = fusion.build(RunConfig("fusion", "builtin", epochs=10, batch_size=64), shop)
    before = recipe.task.validate()
    event = recipe.show(0, 0)
    json.dumps(event)
    assert event["kind"] == "composed"
    assert all(item["text"].startswith("in ") and len(item["images"]) == 1 for item in event["inputs"])
    fit(recipe.task, recipe.schedule, 0)
    metrics = recipe.finish(tmp_path, lambda event: None)
    assert metrics["validation_loss"] < before["validation_loss"]
    assert {path.name for path in tmp_path.iterdir()} == {*fusion.FROZEN, "fusion.tflite", "recommender.json"}
    assert (tmp_path / "text.tflite").read_bytes() == (folder / "text.tflite").read_bytes()


def test_a_head_without_towers_says_what_to_train(monkeypatch, tmp_path: Path, shop: Catalogue):
    monkeypatch.setattr(artifacts, "load", lambda name: artifacts.load_folder(tmp_path / name, name))
    with pytest.raises(artifacts.ArtifactError, match="recommender"):
        fusion.build(RunConfig("fusion", "builtin"), shop)


def test_a_pretrained_text_tower_is_asked_for_by_name(monkeypatch, tmp_path: Path, shop: Catalogue):
    monkeypatch.setattr(artifacts, "load", lambda name: artifacts.load_folder(tmp_path / name, name))
    with pytest.raises(artifacts.ArtifactError, match="language"):
        multimodal.build(RunConfig("multimodal", "builtin", options={"start": "pretrained"}), [shop], load_tokenizer())


def pretend_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **config: str) -> None:
    """A language model is here, of which no more is read than its size."""
    manifest = artifacts.Manifest("language", "language", "text", "0", "train it", 0, {}, {}, config)
    monkeypatch.setattr(artifacts, "load", lambda name: artifacts.Artifact(tmp_path / name, manifest))


@pytest.mark.parametrize(("size", "found"), [("tiny", {}), ("small", {"size": "tiny"})])
def test_a_text_tower_is_of_the_size_that_is_asked_for(
    monkeypatch, tmp_path: Path, tokenizer: TextTokenizer, size: str, found: dict[str, str]
):
    make_small(monkeypatch)
    pretend_language(monkeypatch, tmp_path, **found)
    options = {"objective": "softmax", "start": "auto", "size": size}
    towers, language = multimodal.start_towers(options, tokenizer)
    assert language is None
    assert towers.text_encoder.config.dim == SIZES[size]["dim"]
    with pytest.raises(RunError, match=f"is of the size {found.get('size', 'small')}, not {size}"):
        multimodal.start_towers({**options, "start": "pretrained"}, tokenizer)


def test_a_batch_holds_products_of_near_names_beside_the_first_ones(trained):
    task = trained[0].task
    drawn = np.arange(10, 26, dtype=np.int32)
    rows = np.asarray(task.gather_kin(drawn, np.array([0, 1], np.int32)))
    assert len(rows) == 16
    assert rows[:8].tolist() == drawn[:8].tolist()
    near = np.asarray(task._near)
    for place, row in enumerate(rows[8:]):
        assert row in near[rows[place]]
    assert rows.tolist() != np.asarray(task.gather_kin(drawn, np.array([0, 2], np.int32))).tolist()
    for size in (1, 2, 5):
        assert len(np.asarray(task.gather_kin(drawn[:size], np.array([0, 1], np.int32)))) == size


def test_a_long_training_begins_with_small_pictures_and_a_short_one_has_no_time_for_that(
    trained, shop: Catalogue, tokenizer: TextTokenizer, monkeypatch: pytest.MonkeyPatch
):
    def sizes(recipe: multimodal.MultimodalRecipe, *steps: int) -> list[list[int]]:
        return [recipe.task.size_at(tf.constant(step)).numpy().tolist() for step in steps]

    make_small(monkeypatch)
    config = RunConfig("multimodal", "builtin", epochs=3000, options={"start": "scratch", "size": "tiny"})
    recipe = multimodal.build(config, [shop], tokenizer)
    steps, settled = recipe.schedule.steps_of(len(recipe._train)), recipe.schedule.settled
    assert sizes(recipe, 0, steps // 2, steps - 1, -1) == [[40, 30], [56, 42], [HEIGHT, WIDTH], [HEIGHT, WIDTH]]
    # The running statistics count once they are of whole pictures.
    assert sizes(recipe, settled - 500) == [[HEIGHT, WIDTH]]
    assert settled < steps
    assert sizes(trained[0], 0) == [[HEIGHT, WIDTH]]


def test_a_long_training_sees_the_apps_own_products_again_and_again_and_a_short_one_all_alike(
    shop: Catalogue, tokenizer: TextTokenizer, monkeypatch: pytest.MonkeyPatch
):
    """They are one in thirty-five, and what visitors see first."""
    make_small(monkeypatch)
    is_own = np.array([title.startswith("Alba") for title in shop.titles])
    own, other = (Catalogue(name, "test", shop.table.filter(rows)) for name, rows in (("own", is_own), ("o", ~is_own)))
    for epochs, times in ((3000, multimodal.OWN), (3, 1)):
        config = RunConfig("multimodal", "builtin", epochs=epochs, options={"start": "scratch", "size": "tiny"})
        recipe = multimodal.build(config, [other, own], tokenizer)
        seen = np.bincount(recipe.task.drawn, minlength=len(recipe._train))
        expected = [times if title in own.titles else 1 for title in recipe._train.titles]
        assert seen.tolist() == expected
        assert recipe.task.size == sum(expected)
        assert len(set(expected)) == (2 if times > 1 else 1)


def test_a_word_finds_what_it_is_true_of(trained, tokenizer: TextTokenizer):
    """People type a word or two; the towers learn from names."""
    recipe, _, _ = trained
    gallery = recipe.task.validation
    pictures = recipe.task.encoder.pictures(gallery.pictures)
    for word in COLOURS:
        right = np.array([word in title.lower().split() for title in gallery.titles])
        if not 5 <= right.sum() <= len(right) / 2:
            continue
        ids = np.array([tokenizer.encode(word).ids], np.int32)
        order = np.argsort(-(recipe.task.encoder.texts(ids) @ pictures.T)[0])
        assert right[order[:5]].mean() > 2 * right.mean()
