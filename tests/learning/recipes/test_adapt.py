"""The recommender adapted to a shop whose names and pictures the shipped towers have not seen."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import keras
import numpy as np
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
from PIL import Image

from sslrec import artifacts
from sslrec.artifacts import Manifest
from sslrec.data import same_pictures, shops
from sslrec.data.catalogue import Catalogue
from sslrec.data.catalogue.held_out import is_held_out
from sslrec.data.products import Products
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import CatalogueError, DataError
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.export import export_litert
from sslrec.learning.loop import fit
from sslrec.learning.models.recommender import TwoTowers, build_image_tower, build_text_tower
from sslrec.learning.recipes import adapt, multimodal
from sslrec.learning.recipes.language import SIZES
from sslrec.learning.tasks import multimodal as tasks
from sslrec.learning.tasks.multimodal import measure_retrieval
from sslrec.runs.events import RunConfig
from tests.data.catalogue.samples import row, table
from tests.learning.recipes.shop import make_shop

SIZE = {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> artifacts.Artifact:
    """A recommender in small, with random weights."""
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    towers = TwoTowers(TextConfig(load_tokenizer().vocab_size, **SIZE), stages=(8, 16))
    towers.set_weights([value + 0.02 * random.normal(size=value.shape) for value in towers.get_weights()])
    folder: Path = tmp_path_factory.mktemp("models") / "recommender"
    folder.mkdir()
    export_litert(build_text_tower(towers), folder / "text.tflite", "int8")
    export_litert(build_image_tower(towers), folder / "image.tflite", "int8")
    return artifacts.save(folder, Manifest("recommender", "multimodal", "other", "0", "train it", 0, {}, {}))


@pytest.fixture
def small(
    shipped: artifacts.Artifact, monkeypatch: pytest.MonkeyPatch, set_variables: Callable[..., None], tmp_path: Path
) -> None:
    set_variables(HOME=tmp_path / "home")
    monkeypatch.setattr(artifacts, "load", lambda name: shipped)
    monkeypatch.setitem(SIZES, "tiny", SIZE)
    monkeypatch.setattr(multimodal, "STAGES", (8, 16))


def kept(
    tmp_path: Path,
    count: int | None = None,
    title: str | None = None,
    description: str | None = None,
    sharing: int | None = 1,
) -> str:
    """A part of the shop, kept for a training; so many products share a picture, or all of a colour and a shape."""
    table = make_shop().table.slice(0, count)
    if sharing:
        first = [row - row % sharing for row in range(len(table))]
        pictures = table.column("image").to_pylist()
        table = table.set_column(3, table.schema.field("image"), [[marked(pictures[row], row) for row in first]])
    if description is not None:
        said = [description.format(title=title) for title in table.column("title").to_pylist()]
        table = table.set_column(2, table.schema.field("description"), [said])
    if title is not None:
        table = table.set_column(1, table.schema.field("title"), [[title] * len(table)])
    pq.write_table(table, tmp_path / shops.FILE)
    return shops.keep_own(tmp_path / shops.FILE)


def marked(picture: bytes, row: int) -> bytes:
    """The same picture but for a pixel, which makes it the row's own."""
    image, buffer = Image.open(BytesIO(picture)), BytesIO()
    image.putpixel((row % image.width, row // image.width), (0, 0, 0))
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def adapted(small: None, tmp_path: Path) -> tuple[adapt.AdaptRecipe, dict]:
    config = RunConfig("adapt", shops.OWN, learning_rate=3e-3, epochs=8, options={"catalogue": kept(tmp_path)})
    recipe = adapt.build(config)
    fit(recipe.task, recipe.schedule, 0)
    return recipe, recipe.measure()


def test_what_the_catalogue_teaches_is_learned_and_measured_on_names_that_are_held_out(adapted):
    recipe, metrics = adapted
    titles = {*recipe._train.titles, *recipe.task.validation.titles}
    assert not any(map(is_held_out, titles))
    assert all(map(is_held_out, recipe._held_out.titles))
    assert metrics["held_out"] == len(recipe._held_out) > 0
    assert metrics["before"].keys() == metrics["after"].keys() == {f"recall_at_{k}" for k in (1, 5, 10)}
    assert metrics["mixture"] > 0
    assert metrics["after"]["recall_at_10"] >= metrics["before"]["recall_at_10"]
    assert metrics["validation_loss"] < 2.6


def test_a_training_that_helps_nothing_leaves_the_shipped_weights(small, tmp_path: Path):
    config = RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": kept(tmp_path)})
    recipe = adapt.build(config)
    model = recipe.task.model
    before = [np.array(weights) for weights in model.get_weights()]
    random = np.random.default_rng(0)
    model.set_weights([weights + 9 * random.normal(size=weights.shape) for weights in before])
    metrics = recipe.measure()
    assert metrics["mixture"] == 0
    assert metrics["after"] == metrics["before"]
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("gain", "noise", "kept"), [(0.5, 0.1, 0.75), (0.5, 30.0, 0.0), (-0.5, 0.1, 0.0)])
def test_what_may_be_better_by_chance_alone_is_not_kept(gain: float, noise: float, kept: float):
    random = np.random.default_rng(0)
    start = random.normal(4, 1, 300)
    losses = {0.0: start, 0.75: start - gain + noise * random.standard_normal(300) * 0.3, 1.0: start + 9}
    assert adapt.surely_best(losses) == kept


def test_towers_that_are_only_surer_are_not_kept(small, tmp_path: Path):
    """They find the same pictures; the shipped scale may not suit a catalogue at all."""
    recipe = adapt.build(RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": kept(tmp_path)}))
    scale = recipe.task.model.log_scale
    scale.assign(0.5 * scale)
    assert recipe.measure()["mixture"] == 0


def test_descriptions_are_read_where_they_help(small, tmp_path: Path):
    number = kept(tmp_path, description="It is a fine {title} for all days of the year")
    recipe = adapt.build(RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": number}))
    assert recipe._train.described
    assert recipe._train.token_ids.shape[1] > recipe._train.by_name(recipe._tokenizer).token_ids.shape[1]
    model, plain = recipe.task.model, recipe.task.validation.by_name(recipe._tokenizer)
    random = np.random.default_rng(0)
    model.set_weights([weights + 9 * random.normal(size=weights.shape) for weights in model.get_weights()])
    metrics = recipe.measure()
    assert metrics["mixture"] == 0
    model.set_weights(recipe._start)
    losses = [
        measure_retrieval(recipe.task.encoder, part, model.scale)["validation_loss"]
        for part in (plain, recipe._validation)
    ]
    assert metrics["described"] == recipe._train.described == (losses[1] <= losses[0])


@pytest.mark.parametrize("told", [0.0, 99.0])
def test_before_and_after_the_same_names_ask_whether_or_not_descriptions_are_read(
    small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: float
):
    asked = []

    def measured(encoder: tasks.TowerEncoder, products: Products, scale: tf.Tensor) -> dict[str, float]:
        asked.append(products)
        figures = measure_retrieval(encoder, products, scale)
        return {**figures, "validation_loss": told} if products.described else figures

    monkeypatch.setattr(adapt, "measure_retrieval", measured)
    number = kept(tmp_path, description="It is a fine {title} for all days of the year")
    recipe = adapt.build(RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": number}))
    assert recipe._train.described
    assert not recipe.task.validation.described
    model, random = recipe.task.model, np.random.default_rng(0)
    model.set_weights([weights + 9 * random.normal(size=weights.shape) for weights in model.get_weights()])
    metrics = recipe.measure()
    # The same weights, which find the same pictures for the same queries.
    assert metrics["mixture"] == 0
    assert metrics["after"] == metrics["before"]
    is_read = told == 0.0
    assert metrics["described"] == recipe._train.described == recipe.task.validation.described == is_read
    before, choice, after = asked
    tokenizer = load_tokenizer()
    assert choice.described
    assert choice.titles == recipe.task.validation.titles
    for part in (before, after):
        assert all(map(is_held_out, part.titles))
        np.testing.assert_array_equal(part.token_ids, part.by_name(tokenizer).token_ids)


def test_no_picture_is_learned_from_and_measured_on(small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(same_pictures, "FEWEST", 100)
    config = RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": kept(tmp_path, sharing=4)})
    recipe = adapt.build(config)
    parts = (recipe._train, recipe.task.validation, recipe._held_out)
    train, validation, held_out = ({picture.tobytes() for picture in part.pictures} for part in parts)
    assert not train & (held_out | validation)
    assert not validation & held_out
    assert len(held_out) < len(recipe._held_out)
    assert len(held_out) == len(set(recipe._held_out.groups))
    # What is encoded while it learns is of the same products.
    assert recipe.task.size == len(recipe._train)


def test_a_catalogue_of_a_few_pictures_is_told(small, tmp_path: Path):
    config = RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": kept(tmp_path, sharing=None)})
    with pytest.raises(CatalogueError, match="pictures of their own") as caught:
        adapt.build(config)
    assert caught.value.code == "catalogue_pictures"


def test_of_a_large_validation_part_some_products_do(small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(adapt, "CALIBRATED", 5)
    recipe = adapt.build(RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": kept(tmp_path)}))
    assert len(recipe.task.validation) == 5


def test_of_many_products_some_are_searched_that_chance_has_chosen(small, tmp_path: Path, monkeypatch):
    config = RunConfig("adapt", shops.OWN, epochs=1, options={"catalogue": kept(tmp_path)})
    inorder = adapt.build(config)
    assert len(inorder._held_out) > 10 < len(inorder.task.validation)
    for module in (adapt, tasks):
        monkeypatch.setattr(module, "GALLERY", 10)
    first, second = adapt.build(config), adapt.build(config)
    for part, before, again in (
        (first._held_out, inorder._held_out, second._held_out),
        (first.task.validation, inorder.task.validation, second.task.validation),
    ):
        assert sorted(part.titles) == sorted(before.titles)
        assert part.titles[:10] != before.titles[:10]
        assert part.titles == again.titles
    assert inorder._train.titles == first._train.titles
    assert first.measure()["held_out"] == 10


def test_too_few_products_are_told(small, tmp_path: Path):
    config = RunConfig("adapt", shops.OWN, options={"catalogue": kept(tmp_path, 150)})
    with pytest.raises(CatalogueError, match="150 products") as caught:
        adapt.build(config)
    assert caught.value.code == "catalogue_few"


def test_names_that_are_all_alike_are_told(small, tmp_path: Path):
    config = RunConfig("adapt", shops.OWN, options={"catalogue": kept(tmp_path, title="Shirt")})
    with pytest.raises(CatalogueError) as caught:
        adapt.build(config)
    assert caught.value.code == "catalogue_alike"


@pytest.mark.parametrize("options", [{}, {"catalogue": "0" * 16}])
def test_a_catalogue_that_is_not_here_is_told(small, options: dict):
    with pytest.raises(DataError, match="bring the catalogue again") as caught:
        adapt.build(RunConfig("adapt", shops.OWN, options=options))
    assert caught.value.code == "catalogue_gone"


@pytest.mark.parametrize(
    ("description", "is_described"),
    [
        ('<p style="text-align: left; color: red; margin: 0 0 0 0"></p>', False),
        ("<p>&nbsp; &nbsp; &nbsp; &nbsp; &nbsp;</p>", False),
        ("<p>A soft shirt for the summer</p>", True),
        (None, False),
    ],
)
def test_html_is_no_description(description: str | None, is_described: bool):
    assert adapt.is_described(Catalogue("mine", "here", table(row(description=description)))) == is_described
