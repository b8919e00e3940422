"""Models of runs in the place of the shipped ones."""

import shutil

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.data.images import prepare_digit
from sslrec.errors import ArtifactError
from sslrec.serving.digits import DigitReader
from sslrec.serving.trained import TrainedReader, part_of
from tests.pictures import seven

SEVEN = prepare_digit(seven(), "seven")


@pytest.fixture(scope="module")
def shipped(shipped_models: None) -> DigitReader:
    """The models of the repository."""
    return DigitReader()


@pytest.mark.parametrize(
    ("task", "options", "data", "part"),
    [
        ("autoencoder", {"denoise": False}, "mnist", "autoencoder"),
        ("autoencoder", {"denoise": True}, "digits", "denoiser"),
        ("autoencoder", {"denoise": False}, "fashion_mnist", "autoencoder"),  # which rebuilds digits as well as it can
        ("classifier", {"budget": "10"}, "mnist", "reader"),
        ("classifier", {"budget": "10"}, "digits", "reader"),
        ("classifier", {"budget": "10"}, "fashion_mnist", None),
        ("encoder", {}, "mnist", "reader"),
        ("encoder", {}, "fashion_mnist", None),
        ("language", {}, "builtin", "language"),
        ("multimodal", {}, "builtin", "recommender"),
        ("fusion", {}, "builtin", "recommender"),
        ("novelty", {}, "mnist", None),
    ],
)
def test_each_task_has_its_part(task, options, data, part):
    assert part_of(task, options, data) == part


def test_an_autoencoder_rebuilds_and_nothing_else_changes(shipped):
    reader = TrainedReader(shipped, {"autoencoder": artifacts.folder_of("autoencoder-32")})
    reading, before = reader.read(SEVEN), shipped.read(SEVEN)
    assert reading.code.shape == (32,)
    np.testing.assert_allclose(reading.reconstruction, shipped.autoencoder(32)(SEVEN[None])[0], atol=1e-6)
    np.testing.assert_array_equal(reading.probabilities, before.probabilities)
    assert reading.novelty == before.novelty
    assert reader.accuracies() == shipped.accuracies()
    assert [one.similarity for one in reader.prototypes(SEVEN)] == [one.similarity for one in shipped.prototypes(SEVEN)]


def test_an_encoder_reads_by_its_head_and_brings_its_prototypes(shipped):
    reader = TrainedReader(shipped, {"reader": artifacts.folder_of("digit-encoder")})
    np.testing.assert_allclose(reader.logits(SEVEN[None]), shipped.compared("frozen", "all")(SEVEN[None]), atol=1e-4)
    assert reader.read(SEVEN).label == 7
    assert len(reader.prototypes(SEVEN, 3)) == 3
    assert len(reader.compare(SEVEN)) == 12


def test_a_classifier_reads_and_explains(shipped, tmp_path):
    source = artifacts.load("digit-classifiers")
    shutil.copy(source.file("scratch-1-0.tflite"), tmp_path / "classifier.tflite")
    artifacts.save(tmp_path, source.manifest)
    reader = TrainedReader(shipped, {"reader": tmp_path})
    np.testing.assert_allclose(reader.logits(SEVEN[None]), shipped.compared("scratch", "1")(SEVEN[None]), atol=1e-5)
    assert reader.occlusion(SEVEN, 7).shape == (28, 28)
    # It is in memory: the run may be tidied away.
    shutil.rmtree(tmp_path)
    assert reader.read(SEVEN).probabilities.shape == (10,)


def test_a_run_that_is_gone_is_told(shipped, tmp_path):
    with pytest.raises(ArtifactError):
        TrainedReader(shipped, {"denoiser": tmp_path})
