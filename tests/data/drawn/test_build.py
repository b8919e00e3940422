import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sslrec.artifacts import sha256_of
from sslrec.data.catalogue import builtin_path, load_catalogue
from sslrec.data.drawn import build as building
from sslrec.data.drawn.build import build
from sslrec.data.drawn.generate import PER_KIND, draw, encode, plan
from sslrec.data.drawn.kinds import KINDS
from sslrec.errors import CatalogueError
from tests.data.catalogue.samples import ids_of


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only some kinds, so that a build takes a moment."""
    monkeypatch.setattr("sslrec.data.drawn.generate.KINDS", KINDS[::12])


@pytest.mark.usefixtures("few")
def test_a_build_is_a_catalogue_with_a_manifest_and_the_same_twice(tmp_path: Path):
    seen: list[tuple[int, int]] = []
    manifest = build(tmp_path / "a", seed=3, per_kind=2, processes=1, progress=lambda *at: seen.append(at))
    found = load_catalogue(tmp_path / "a")
    assert len(found) == manifest["items"] == 6
    assert seen == [(done, 6) for done in range(1, 7)]
    assert manifest == json.loads((tmp_path / "a" / "manifest.json").read_text("utf-8"))
    assert manifest["command"] == "python -m sslrec catalog build --seed 3 --per-kind 2"
    assert manifest["sha256"] == sha256_of(tmp_path / "a" / "catalogue.parquet")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"catalogue.parquet", "manifest.json"}
    assert build(tmp_path / "b", seed=3, per_kind=2, processes=1)["pictures_sha256"] == manifest["pictures_sha256"]
    product = found.product(0)
    assert {"kind", "colour", "pattern", "shade", "material", "occasion", "title_zh"} <= set(product.attributes)


@pytest.mark.usefixtures("few")
def test_an_interrupted_build_leaves_the_old_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    build(tmp_path, per_kind=1, processes=1)
    before = sha256_of(tmp_path / "catalogue.parquet")

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(building.pq, "write_table", fail)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, seed=1, per_kind=1, processes=1)
    assert sha256_of(tmp_path / "catalogue.parquet") == before
    assert {path.name for path in tmp_path.iterdir()} == {"catalogue.parquet", "manifest.json"}


@pytest.mark.skipif(not builtin_path().is_file(), reason="the built-in catalogue is not in assets")
def test_the_shipped_catalogue_is_what_the_generator_makes():
    manifest = json.loads((builtin_path().parent / "manifest.json").read_text("utf-8"))
    assert manifest["sha256"] == sha256_of(builtin_path())
    assert manifest["items"] == len(KINDS) * PER_KIND
    shipped, planned = load_catalogue("builtin"), plan(manifest["seed"])
    assert ids_of(shipped) == [product.item_id for product in planned]
    assert shipped.titles == [product.title for product in planned]
    found = shipped.product(400)
    assert dict(found.attributes) == planned[400].attributes
    assert found.price == planned[400].price
    # Another version of libwebp may pack the same pixels otherwise; the size stays about the same.
    assert len(encode(draw(planned[400]))) == pytest.approx(len(found.image), rel=0.1)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    "files",
    [
        {"catalogue.parquet": "", "vectors.npy": "", "catalogue.json": "{}"},
        {"catalogue.parquet": "", "manifest.json": '{"name": "an app"}'},
        {"manifest.json": "no JSON"},
        {"manifest.json": '{"command": "python -m sslrec catalog build"}', "thesis.txt": ""},
        {"catalogue.parquet": ""},
    ],
)
def test_a_folder_of_anybody_elses_is_refused_before_anything_is_drawn(files: dict[str, str], tmp_path: Path):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(CatalogueError, match="did not leave there") as caught:
        build(tmp_path, per_kind=1, processes=1, progress=lambda *_: pytest.fail("it draws"))
    assert caught.value.code == "catalogue_drawn"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files
    with pytest.raises(CatalogueError):
        build(tmp_path / next(iter(files)), per_kind=1, processes=1)


@pytest.mark.usefixtures("few")
def test_the_built_in_catalogues_own_place_is_built_to_whatever_lies_there(
    tmp_path: Path, set_variables: Callable[..., None]
):
    set_variables(ASSETS=tmp_path)
    folder = builtin_path().parent
    folder.mkdir()
    (folder / "README.md").write_text("about")
    for seed in (0, 1):
        assert build(folder, seed=seed, per_kind=1, processes=1)["items"] == 3
    assert (folder / "README.md").read_text() == "about"
