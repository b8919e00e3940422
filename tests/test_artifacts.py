import json
from pathlib import Path

import pytest

from sslrec import artifacts
from sslrec.artifacts import Manifest
from sslrec.errors import ArtifactError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An artefact with one file."""
    folder = tmp_path / "digit-encoder"
    folder.mkdir()
    (folder / "encoder.tflite").write_bytes(b"weights")
    versions = {"keras": "3"}
    artifacts.save(
        folder, Manifest("digit-encoder", "encoder", "mnist", "d1", "train it", 7, versions, {"accuracy": 1.0})
    )
    return folder


def test_what_was_saved_is_loaded(folder: Path):
    found = artifacts.load_folder(folder, "digit-encoder")
    assert found.manifest.seed == 7
    assert found.manifest.metrics == {"accuracy": 1.0}
    assert found.manifest.files == {"encoder.tflite": artifacts.sha256_of(folder / "encoder.tflite")}
    assert found.file("encoder.tflite").read_bytes() == b"weights"


def test_a_file_the_manifest_does_not_vouch_for_is_not_handed_out(folder: Path):
    (folder / "stray.tflite").write_bytes(b"?")
    with pytest.raises(ArtifactError, match=r"stray\.tflite does not match its manifest"):
        artifacts.load_folder(folder, "digit-encoder").file("stray.tflite")


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_changed_or_removed_file_is_damage_and_the_sentence_says_how_to_rebuild(folder: Path, damage: str):
    if damage == "changed":
        (folder / "encoder.tflite").write_bytes(b"weightz")
    else:
        (folder / "encoder.tflite").unlink()
    with pytest.raises(ArtifactError, match=r"encoder\.tflite.*python -m sslrec train encoder") as raised:
        artifacts.load_folder(folder, "digit-encoder")
    assert raised.value.code == "artifact_damaged"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', '{"surprise": 1}'])
def test_a_manifest_that_cannot_be_read_is_damage(folder: Path, text: str):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ArtifactError, match=r"manifest\.json") as raised:
        artifacts.load_folder(folder, "digit-encoder")
    assert raised.value.code == "artifact_damaged"


def test_a_missing_artefact_is_told_apart_from_a_damaged_one(tmp_path: Path):
    with pytest.raises(ArtifactError) as raised:
        artifacts.load_folder(tmp_path / "nothing", "digit-encoder")
    assert raised.value.code == "artifact_missing"


def test_saving_again_replaces_the_manifest_and_leaves_no_litter(folder: Path):
    (folder / "heads.npz").write_bytes(b"heads")
    artifacts.save(folder, Manifest("digit-encoder", "encoder", "mnist", "d1", "train it", 8, {}, {}))
    assert sorted(path.name for path in folder.iterdir()) == ["encoder.tflite", "heads.npz", "manifest.json"]
    assert json.loads((folder / "manifest.json").read_text())["seed"] == 8


def test_every_shipped_model_is_sound():
    assert {name: state for name, (state, _) in artifacts.states().items()} == dict.fromkeys(artifacts.SHIPPED, "ok")
