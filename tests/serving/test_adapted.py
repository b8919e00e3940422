"""Catalogues with a recommender of their own."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.data.catalogue import FILE, load_catalogue
from sslrec.errors import ArtifactError, CatalogueError
from sslrec.serving import recommender as serving
from sslrec.serving.adapted import adopt, keep_for_training, recommender_for
from sslrec.serving.catalogue_folder import ADAPTED, begin, finish, write
from sslrec.serving.catalogues import index_catalogue
from sslrec.serving.opening import open_adapted
from sslrec.serving.recommender import Recommender, shared_recommender
from sslrec.serving.vectors import encode_catalogue

pytestmark = pytest.mark.usefixtures("shipped_models")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as `catalog ingest` leaves it, with two score of the built-in products."""
    shop = load_catalogue("builtin")
    small = replace(shop, table=shop.table.slice(0, 40))
    models = shared_recommender()
    made = begin(tmp_path / "shop")
    write(made, small.table, encode_catalogue(models, small))
    finish(made, tmp_path / "shop", {"name": "shop", "items": 40, "model": models.artifact.digest})
    return tmp_path / "shop"


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """What a training leaves: the shipped recommender, of other scores."""
    shutil.copytree(artifacts.folder_of("recommender"), tmp_path / "run")
    found = json.loads((tmp_path / "run" / "recommender.json").read_text("utf-8"))
    found["calibration"]["text"]["offset"] += 1
    (tmp_path / "run" / "recommender.json").write_text(json.dumps(found), "utf-8")
    manifest = artifacts.load("recommender").manifest
    artifacts.save(tmp_path / "run", replace(manifest, name="recommender-adapted", files={}))
    return tmp_path / "run"


def test_a_catalogue_without_a_recommender_of_its_own_has_the_shipped_one(folder: Path):
    assert recommender_for(load_catalogue(folder)) is shared_recommender()
    assert recommender_for(load_catalogue("builtin")) is shared_recommender()


def test_an_adopted_recommender_answers_with_vectors_that_lie_beside_it(
    folder: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
):
    told = []
    adopt(folder, trained, lambda done, total: told.append((done, total)))
    assert told[-1] == (40, 40)
    shutil.rmtree(trained)
    shop = load_catalogue(folder)
    own = recommender_for(shop)
    assert own.artifact.manifest.name == "recommender-adapted"
    assert recommender_for(load_catalogue(folder)) is own
    monkeypatch.setattr(serving, "encode_catalogue", lambda *given: pytest.fail("encoded again"))
    index = own.open_catalogue(shop)
    assert index.recommender is own
    shipped = index_catalogue(shop, index.index.vectors, shared_recommender())
    scores = [
        one.recommender.recommend(one, shop.product(3).title, k=1).items[0].score or 0.0 for one in (index, shipped)
    ]
    assert scores[0] > scores[1]


def test_an_adoption_that_fails_leaves_the_catalogue_as_it_was(folder: Path, trained: Path, tmp_path: Path):
    before = sorted(path.name for path in folder.iterdir())
    (trained / "text.tflite").write_bytes(b"damaged")
    with pytest.raises(ArtifactError):
        adopt(folder, trained)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "shop"]


def test_the_folder_that_the_process_stands_in_is_adopted_to_as_any(
    folder: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder)
    assert adopt(Path(), trained).artifact.manifest.name == "recommender-adapted"
    assert recommender_for(load_catalogue(folder)).artifact.manifest.name == "recommender-adapted"


@pytest.mark.parametrize("file", ["fusion.tflite", "manifest.json"])
def test_a_damaged_one_is_rebuilt_by_adapting_and_not_by_training_the_shipped_one(
    folder: Path, trained: Path, file: str, monkeypatch: pytest.MonkeyPatch
):
    adopt(folder, trained)
    with (folder / ADAPTED / file).open("ab") as stream:
        stream.write(b"x")
    monkeypatch.chdir(folder.parent)
    with pytest.raises(ArtifactError) as caught:
        recommender_for(load_catalogue(folder.name)).warm_up()
    assert f"catalog adapt {folder}" in str(caught.value)
    assert "train multimodal" not in str(caught.value)


def test_of_one_that_lacks_a_file_the_same_is_said(folder: Path, trained: Path):
    (trained / "fusion.tflite").unlink()
    artifacts.save(trained, replace(artifacts.load("recommender").manifest, files={}))
    shutil.copytree(trained, folder / ADAPTED)
    with pytest.raises(ArtifactError, match=f"catalog adapt {folder}"):
        recommender_for(load_catalogue(folder)).warm_up()


def test_only_the_folder_of_an_ingest_adopts(trained: Path, tmp_path: Path):
    (tmp_path / "other").mkdir()
    with pytest.raises(CatalogueError, match="catalog ingest"):
        adopt(tmp_path / "other", trained)


def test_a_catalogue_in_memory_is_kept_for_a_training_and_seen_anew_after_it(
    trained: Path, set_variables: Callable[..., None], tmp_path: Path
):
    set_variables(HOME=tmp_path / "home")
    shop = load_catalogue("builtin")
    small = replace(shop, table=shop.table.slice(0, 40), source="")
    number = keep_for_training(small)
    assert number == keep_for_training(small)
    again = load_catalogue(tmp_path / "home" / "adapt" / number / FILE)
    assert again.titles == small.titles
    encoding = open_adapted(small, trained)
    index = encoding.index()
    assert encoding.is_ready
    assert encoding.done == 40
    assert index.recommender.artifact.manifest.name == "recommender-adapted"
    np.testing.assert_allclose(index.index.vectors, encode_catalogue(Recommender(trained), small), atol=1e-6)


def test_a_training_that_is_gone_is_told(tmp_path: Path):
    encoding = open_adapted(load_catalogue("builtin"), tmp_path / "gone")
    with pytest.raises(ArtifactError):
        encoding.index()
