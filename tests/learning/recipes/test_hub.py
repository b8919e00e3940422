"""A fetched DistilBERT as an artefact; the reference library makes the model."""

import shlex
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import DistilBertConfig, DistilBertForMaskedLM

from sslrec.data.tokens import train_tokenizer
from sslrec.errors import ArtifactError, HubError
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.recipes import hub
from sslrec.serving.language import LanguageReader
from tests.language_model import LINES

POSITIONS = 200


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as the hub has it, its tokenizer beside it."""
    folder = tmp_path_factory.mktemp("hub") / "small-distilbert"
    tokenizer = train_tokenizer(LINES, 70)
    torch.manual_seed(0)
    config = TextConfig(tokenizer.vocab_size, POSITIONS, 16, 2, 2, 32)
    model = DistilBertForMaskedLM(DistilBertConfig(**asdict(config))).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    model.save_pretrained(folder)
    tokenizer.save(folder, POSITIONS)
    return folder


@pytest.fixture(scope="module")
def reader(published: Path, tmp_path_factory: pytest.TempPathFactory) -> LanguageReader:
    folder = tmp_path_factory.mktemp("home") / "hub"
    hub.bring(folder, str(published))
    return LanguageReader(folder)


def test_the_app_says_of_a_gap_what_the_reference_says(reader: LanguageReader, published: Path):
    theirs = DistilBertForMaskedLM.from_pretrained(published).eval()
    ids = reader.encode("blue [MASK], size 3").ids
    place = int(np.flatnonzero(ids == reader.tokenizer.mask_id)[0])
    with torch.no_grad():
        expected = theirs(torch.tensor(ids[None].astype(np.int64))).logits[0, place].numpy()
    found = reader.logits([ids], np.array([[place]], np.int32))[0, 0]
    # A byte each: alike, not equal.
    assert np.corrcoef(found, expected)[0, 1] > 0.99


def test_it_reads_as_far_as_the_app_has_memory_for(reader: LanguageReader):
    assert reader.limit == hub.ROW
    reading = reader.read("blue shoe " * POSITIONS)
    assert len(reading.pieces.ids) == hub.ROW
    assert reading.pieces.dropped > 0


def test_its_manifest_says_that_it_was_trained_elsewhere(reader: LanguageReader, published: Path):
    manifest = reader.artifact.manifest
    assert (manifest.task, manifest.data) == ("language", published.name)
    assert manifest.command == f"python -m sslrec text hub {published}"
    assert manifest.metrics["weights"] > 0
    assert "corpora" not in manifest.metrics
    assert manifest.config["foreign"]


def test_the_folder_that_one_stands_in_has_a_name_too(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(published)
    assert hub.bring(tmp_path / "hub", ".").manifest.data == published.name


def test_the_command_names_a_folder_as_a_shell_reads_it(published: Path, tmp_path: Path):
    spaced = tmp_path / "my models" / "it's"
    shutil.copytree(published, spaced)
    *command, name = shlex.split(hub.bring(tmp_path / "hub", str(spaced)).manifest.command)
    assert (" ".join(command), name) == ("python -m sslrec text hub", str(spaced))


def test_another_fetch_takes_the_place_of_the_first(reader: LanguageReader, published: Path):
    folder = reader.artifact.folder
    before = sorted(path.name for path in folder.iterdir())
    assert before == ["config.json", "fill-in.tflite", "manifest.json", "tokenizer.json", "tokenizer_config.json"]
    hub.bring(folder, str(published))
    assert sorted(path.name for path in folder.iterdir()) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_folder_with_other_files_is_left_alone(published: Path, tmp_path: Path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(ArtifactError, match=r"other files"):
        hub.bring(tmp_path, str(published))
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_what_cannot_be_fetched_leaves_nothing(tmp_path: Path):
    with pytest.raises(HubError):
        hub.bring(tmp_path / "hub", "some/model", "main")
    assert not (tmp_path / "hub").exists()
