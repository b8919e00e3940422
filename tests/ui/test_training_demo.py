"""Which of a run's models its page can use."""

import pytest

from sslrec.runs.events import RunConfig, Status
from sslrec.runs.view import Snapshot
from sslrec.ui.training_demo import COMPLETE, PAGES, model_folder, usable
from tests.training_views import run_view

AUTOENCODER = RunConfig("autoencoder", "digits")


@pytest.fixture
def snapshots(tmp_path):
    """Make snapshots of these steps, with these files each."""

    def make(steps, *files):
        made = tuple(Snapshot(step, tmp_path / f"step-{step}", {}) for step in steps)
        for one in made:
            one.folder.mkdir()
            for name in ("manifest.json", *files):
                (one.folder / name).touch()
        return made

    return make


@pytest.mark.parametrize(
    ("config", "files", "part"),
    [
        (AUTOENCODER, ("encoder.tflite", "decoder.tflite"), "autoencoder"),
        (RunConfig("autoencoder", "digits", options={"denoise": True}), ("denoiser.tflite",), "denoiser"),
        (RunConfig("classifier", "digits"), ("classifier.tflite",), "reader"),
        (RunConfig("classifier", "fashion_mnist"), ("classifier.tflite",), None),
        (RunConfig("encoder", "digits"), ("encoder.tflite", "encoder.keras"), None),
        (RunConfig("language", "builtin"), ("fill-in.tflite", "config.json"), "language"),
        (RunConfig("multimodal", "builtin"), ("text.tflite", "image.tflite"), None),
        (RunConfig("fusion", "builtin"), ("text.tflite", "image.tflite", "fusion.tflite"), "recommender"),
    ],
    ids=["autoencoder", "denoiser", "classifier", "clothes", "encoder", "language", "multimodal", "fusion"],
)
def test_a_snapshot_is_used_where_it_is_all_that_its_page_needs(snapshots, config, files, part):
    view = run_view(status=Status.STOPPED, config=config, snapshots=snapshots([10], *files))
    assert usable(view) == part


def test_the_latest_snapshot_of_a_run_that_has_ended_is_used_and_rather_what_it_left_at_its_end(snapshots, tmp_path):
    made = snapshots([10, 8], "decoder.tflite")  # step 8 was made after the run had gone on from an earlier one
    for status in (Status.STOPPED, Status.FAILED):
        view = run_view(status=status, snapshots=made)
        assert (usable(view), model_folder(view)) == ("autoencoder", tmp_path / "step-8")
    assert usable(run_view(status=Status.RUNNING, snapshots=made)) is None
    assert usable(run_view(status=Status.STOPPED)) is None
    assert model_folder(run_view(artifact=tmp_path, snapshots=made)) == tmp_path


def test_every_part_that_a_page_uses_says_when_it_is_complete():
    assert COMPLETE.keys() == PAGES.keys()
