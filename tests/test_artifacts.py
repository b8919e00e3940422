import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from sslrec import artifacts
from sslrec.artifacts import (
    SHIPPED,
    TOKENIZER,
    Manifest,
    install,
    load,
    load_folder,
    require_replaceable,
    save,
    sha256_of,
    states,
)
from sslrec.config import ROOT
from sslrec.errors import ArtifactError

MANIFEST = Manifest(
    name="autoencoder-64",
    task="autoencoder",
    data="digits",
    data_sha256="0" * 64,
    command="python -m sslrec train autoencoder",
    seed=3,
    versions={"numpy": "2"},
    metrics={"bce": 0.0625, "bei": "名"},
)


FILELESS = [json.dumps({**asdict(MANIFEST), "files": files}) for files in (None, {}, [])]
DEEP = "[" * 100_000


@pytest.fixture
def folder(tmp_path: Path, set_variables: Callable[..., None]) -> Path:
    """The place of the shipped autoencoder, with two files in it."""
    set_variables(ASSETS=tmp_path)
    folder = tmp_path / "models" / "autoencoder-64"
    folder.mkdir(parents=True)
    (folder / "encoder.tflite").write_bytes(b"abc")
    (folder / "heads.npz").write_bytes(b"")
    return folder


def test_what_was_saved_is_loaded(folder: Path):
    saved = save(folder, MANIFEST)
    loaded = load("autoencoder-64")
    assert loaded == saved
    assert loaded.manifest.metrics == MANIFEST.metrics
    assert loaded.file("encoder.tflite").read_bytes() == b"abc"


def test_the_manifest_vouches_for_every_file_with_its_hash(folder: Path):
    files = save(folder, MANIFEST).manifest.files
    assert files == {
        "encoder.tflite": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "heads.npz": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    assert sha256_of(folder / "encoder.tflite") == files["encoder.tflite"]


def test_saving_again_replaces_the_manifest_and_leaves_nothing_behind(folder: Path):
    save(folder, MANIFEST)
    (folder / "heads.npz").unlink()
    save(folder, MANIFEST)
    assert sorted(path.name for path in folder.iterdir()) == ["encoder.tflite", "manifest.json"]
    assert load("autoencoder-64").manifest.files.keys() == {"encoder.tflite"}


def test_what_json_does_not_have_is_null_in_a_manifest(folder: Path):
    save(folder, replace(MANIFEST, metrics={"loss": float("nan"), "more": [float("inf"), 1.5]}))
    assert json.loads((folder / "manifest.json").read_text())["metrics"] == {"loss": None, "more": [None, 1.5]}


def test_a_missing_model_names_its_folder_and_the_command(set_variables: Callable[..., None], tmp_path: Path):
    set_variables(ASSETS=tmp_path)
    with pytest.raises(ArtifactError) as caught:
        load("denoiser-64")
    assert caught.value.code == "artifact_missing"
    assert str(tmp_path / "models" / "denoiser-64") in str(caught.value)
    assert SHIPPED["denoiser-64"] in str(caught.value)


def change(folder: Path) -> None:
    (folder / "encoder.tflite").write_bytes(b"abd")


def lose(folder: Path) -> None:
    (folder / "heads.npz").unlink()


def block(folder: Path) -> None:
    lose(folder)
    (folder / "heads.npz").mkdir()


@pytest.mark.parametrize(("damage", "file"), [(change, "encoder.tflite"), (lose, "heads.npz"), (block, "heads.npz")])
def test_a_changed_or_lost_file_is_named(folder: Path, damage: Callable[[Path], None], file: str):
    save(folder, MANIFEST)
    damage(folder)
    with pytest.raises(ArtifactError, match=f"damaged .{file} does not match its manifest") as caught:
        load("autoencoder-64")
    assert caught.value.code == "artifact_damaged"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"name": "a"}', '{"nonsense": 1}', "\udcff", DEEP, *FILELESS], ids=range(11)
)
def test_a_manifest_that_is_none_is_damage(folder: Path, text: str):
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ArtifactError) as caught:
        load("autoencoder-64")
    assert caught.value.code == "artifact_damaged"
    assert caught.value.params["file"] == "manifest.json"
    assert states()["autoencoder-64"] == ("damaged", None)
    require_replaceable(folder)


def test_a_file_whose_name_no_file_can_have_is_damage(folder: Path):
    manifest = {**asdict(MANIFEST), "files": {"a\0b": "0" * 64}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError) as caught:
        load("autoencoder-64")
    assert caught.value.code == "artifact_damaged"


def test_states_tell_sound_damaged_and_missing_apart(folder: Path):
    save(folder, MANIFEST)
    damaged = folder.parent / "denoiser-64"
    damaged.mkdir()
    (damaged / "manifest.json").write_text("{}")
    found = states()
    assert found["autoencoder-64"] == ("ok", load("autoencoder-64").manifest)
    assert found["denoiser-64"] == ("damaged", None)
    assert found["digit-encoder"] == ("missing", None)
    assert found.keys() == SHIPPED.keys()


def test_the_state_of_the_tokenizer_that_texts_are_read_with_is_told_too(
    tmp_path: Path, set_variables: Callable[..., None]
):
    set_variables(ASSETS=tmp_path)
    assert states()["tokenizer"] == ("missing", None)
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    (folder / "tokenizer.json").write_text("{}")
    sound = save(folder, MANIFEST)
    assert states()["tokenizer"] == ("ok", sound.manifest)
    (folder / "tokenizer.json").write_text("torn")
    assert states()["tokenizer"] == ("damaged", None)
    with pytest.raises(ArtifactError, match=r"python -m sslrec\.data\.vocabulary"):
        load("tokenizer")


def test_a_model_of_ones_own_may_lie_anywhere(folder: Path):
    save(folder, MANIFEST)
    moved = folder.rename(folder.parent.parent / "mine")
    assert load_folder(moved, "mine").manifest == Manifest(**json.loads((moved / "manifest.json").read_text("utf-8")))


def test_a_model_takes_the_place_of_a_model_and_of_nothing_else(folder: Path, tmp_path: Path):
    save(folder, MANIFEST)
    mine = folder.rename(tmp_path / "mine")
    require_replaceable(mine)
    require_replaceable(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    require_replaceable(tmp_path / "empty")
    (mine / "thesis.txt").write_text("three years of work")
    file = tmp_path / "file"
    file.write_text("")
    for taken in (mine, tmp_path, file):
        with pytest.raises(ArtifactError, match="holds other files than a model; name a new folder") as caught:
            require_replaceable(taken)
        assert caught.value.code == "artifact_place"


def test_a_damaged_shipped_model_may_be_rebuilt(folder: Path):
    (folder / "manifest.json").write_text("torn")
    require_replaceable(folder)
    assert (folder / "manifest.json").read_text() == "torn"  # looked at, not touched


def test_a_digest_changes_with_any_file(folder: Path):
    first = save(folder, MANIFEST)
    assert save(folder, MANIFEST).digest == first.digest
    (folder / "more.bin").write_bytes(b"more")
    assert save(folder, MANIFEST).digest != first.digest


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_was_built_on_the_models_that_are_shipped(name: str):
    if not artifacts.folder_of(name).exists():
        pytest.skip(f"{name} is not here")
    for other, digest in load(name).manifest.built_on.items():
        assert load(other).digest == digest


@pytest.mark.parametrize("task", ["digits", "language", "recommender"])
def test_the_kept_figures_were_measured_on_the_models_that_are_shipped(task: str):
    path = ROOT / "assets" / "results" / f"{task}.json"
    if not path.is_file():
        pytest.skip(f"{task} was not measured")
    results = json.loads(path.read_text("utf-8"))
    assert {name: load(name).digest for name in results["models"]} == results["models"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_manifest_tells_where_the_model_comes_from(name: str):
    if not artifacts.folder_of(name).exists():
        pytest.skip(f"{name} is not here")
    manifest = load(name).manifest
    assert manifest.name == name
    # The tokenizer learned from several corpora, which its command does not name.
    assert name == TOKENIZER or f"--data {manifest.data}" in SHIPPED[name]
    assert {len(digest) for digest in manifest.data_sha256.split(", ")} == {64}
    assert manifest.command.startswith(SHIPPED[name])
    assert manifest.versions
    assert manifest.metrics
    assert manifest.files


def run_in(folder: Path) -> None:
    for name in ("run.json", "state.json", "events.jsonl", "checkpoint.npz"):
        (folder / name).write_text("{}")
    (folder / "snapshots").mkdir()
    (folder / ".worker.log").write_text("")


def test_a_model_beside_its_training_run_is_a_model(tmp_path: Path):
    (tmp_path / "encoder.tflite").write_bytes(b"abc")
    run_in(tmp_path)
    assert save(tmp_path, MANIFEST).manifest.files.keys() == {"encoder.tflite"}
    assert load_folder(tmp_path, "mine").manifest.files.keys() == {"encoder.tflite"}
    require_replaceable(tmp_path)
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(ArtifactError, match="holds other files than a model"):
        require_replaceable(tmp_path)


def test_files_with_a_runs_names_belong_to_a_model_where_there_is_no_run(tmp_path: Path):
    (tmp_path / "state.json").write_text("{}")
    assert save(tmp_path, MANIFEST).manifest.files.keys() == {"state.json"}


def test_a_model_may_bring_a_configuration_beside_its_runs(tmp_path: Path):
    run, made = tmp_path / "run", tmp_path / "made"
    for folder in (run, made):
        folder.mkdir()
    run_in(run)
    (made / "config.json").write_text('{"model_type": "distilbert"}')
    save(made, MANIFEST)
    install(made, run)
    assert (run / "run.json").read_text() == "{}"
    assert load_folder(run, "mine").manifest.files.keys() == {"config.json"}


@pytest.mark.parametrize("run", [False, True])
def test_a_new_model_replaces_the_old_one_and_leaves_the_run_alone(tmp_path: Path, run: bool):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, name in ((old, "old.tflite"), (new, "new.tflite")):
        folder.mkdir()
        (folder / name).write_bytes(name.encode())
        save(folder, MANIFEST)
    if run:
        run_in(old)
    install(new, old)
    assert load_folder(old, "mine").manifest.files.keys() == {"new.tflite"}
    assert not (old / "old.tflite").exists()
    assert (old / "checkpoint.npz").exists() == run
    assert list(new.iterdir()) == []


def test_a_model_is_installed_where_there_was_none(tmp_path: Path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "a.tflite").write_bytes(b"a")
    save(tmp_path / "made", MANIFEST)
    install(tmp_path / "made", tmp_path / "there" / "model")
    assert load_folder(tmp_path / "there" / "model", "mine").file("a.tflite").read_bytes() == b"a"
