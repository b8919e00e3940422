"""`catalog adapt`: what is asked of the training, what comes of it, what an interruption leaves."""

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from sslrec import artifacts
from sslrec.cli import main
from sslrec.data import shops
from sslrec.data.catalogue import load_catalogue
from sslrec.runs.events import Status
from sslrec.runs.store import RunFolder, RunRecord, RunState, RunStore
from sslrec.serving.adapted import recommender_for
from sslrec.serving.catalogue_folder import about, begin, finish, write
from sslrec.serving.recommender import shared_recommender
from sslrec.serving.vectors import encode_catalogue

pytestmark = pytest.mark.usefixtures("shipped_models")

RECALLS = {"recall_at_1": 0.1, "recall_at_5": 0.25, "recall_at_10": 0.5}


class Trainings:
    """Stands in for the training: leaves the shipped recommender under another name."""

    def __init__(self) -> None:
        self.runs: list[RunRecord] = []
        self.end = Status.FINISHED

    def train_run(self, path: Path, on_event: Callable[[dict[str, Any]], None]) -> RunState:
        folder = RunFolder(path)
        self.runs.append(folder.record())
        on_event({"event": "step", "step": 1, "of": 2, "loss": 0.5, "learning_rate": 0.1})
        metrics = None
        if self.end is Status.FINISHED:
            shipped = artifacts.load("recommender")
            for name in shipped.manifest.files:
                shutil.copyfile(shipped.file(name), path / name)
            metrics = {
                "before": RECALLS,
                "after": {**RECALLS, "recall_at_10": 0.75},
                "mixture": 0.5,
                "described": False,
                "held_out": 20,
                "products": 160,
                "towers": shipped.digest,
            }
            artifacts.save(path, replace(shipped.manifest, name="recommender-adapted", metrics=metrics, files={}))
        else:
            folder.checkpoint_path.write_bytes(b"a checkpoint")
        folder.write_state(RunState(self.end, step=1, metrics=metrics))
        return folder.state()


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, set_variables: Callable[..., None]) -> Trainings:
    set_variables(HOME=tmp_path / "home")
    monkeypatch.setattr("sslrec.data.products.FEWEST", 30)
    found = Trainings()
    monkeypatch.setitem(sys.modules, "sslrec.learning.train", SimpleNamespace(train_run=found.train_run))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shop = load_catalogue("builtin")
    small = replace(shop, table=shop.table.slice(30, 30))  # each part of them has a few names
    place = tmp_path / "my shop"
    made = begin(place)
    write(made, small.table, encode_catalogue(shared_recommender(), small))
    finish(made, place, {"name": "shop", "items": 30, "model": shared_recommender().artifact.digest})
    return place


def test_json_ends_with_the_figures_and_the_folder_recommends_with_what_was_trained(
    trainings: Trainings, folder: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["catalog", "adapt", str(folder), "--epochs", "3", "--seed", "5", "--json"]) == 0
    step, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert step["event"] == "step"
    assert last == {
        "event": "adapted",
        "products": 160,
        "held_out": 20,
        "before": RECALLS,
        "after": {**RECALLS, "recall_at_10": 0.75},
        "kept": 0.5,
        "described": False,
        "out": str(folder),
    }
    (record,) = trainings.runs
    assert (record.config.task, record.config.epochs, record.config.seed) == ("adapt", 3, 5)
    assert recommender_for(load_catalogue(folder)).artifact.manifest.name == "recommender-adapted"
    assert about(folder)["name"] == "shop"
    assert main(["recommend", "--catalog", str(folder), "--text", "black shirt", "-k", "2", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


def test_the_table_says_before_and_after(trainings: Trainings, folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["catalog", "adapt", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "50.0%" in said
    assert "75.0%" in said
    assert "50% of the training was kept" in said


def test_an_interrupted_command_goes_on_when_it_is_typed_again(
    trainings: Trainings, folder: Path, capsys: pytest.CaptureFixture[str]
):
    trainings.end = Status.INTERRUPTED
    assert main(["catalog", "adapt", str(folder)]) == 130
    said = capsys.readouterr().err.rpartition("resume with: ")[2]
    assert shlex.split(said) == ["python", "-m", "sslrec", "catalog", "adapt", str(folder)]
    assert recommender_for(load_catalogue(folder)) is shared_recommender()
    trainings.end = Status.FINISHED
    assert main(["catalog", "adapt", str(folder)]) == 0
    first, second = trainings.runs
    assert first.id == second.id
    # What has finished is not trained once more; another seed is another training.
    assert main(["catalog", "adapt", str(folder)]) == 0
    assert len(trainings.runs) == 2
    assert main(["catalog", "adapt", str(folder), "--seed", "1"]) == 0
    assert len(list(RunStore().runs())) == 2


def test_what_was_kept_for_the_training_goes_when_the_adapted_recommender_is_in_its_place(
    trainings: Trainings, folder: Path
):
    trainings.end = Status.INTERRUPTED
    assert main(["catalog", "adapt", str(folder)]) == 130
    (kept,) = shops.own_folder("").iterdir()
    assert [path.name for path in kept.iterdir()] == [shops.FILE]
    trainings.end = Status.FINISHED
    # The training of another seed needs it no more; the interrupted one still does.
    assert main(["catalog", "adapt", str(folder), "--seed", "1"]) == 0
    assert kept.is_dir()
    assert main(["catalog", "adapt", str(folder)]) == 0
    assert not kept.exists()
    assert recommender_for(load_catalogue(folder)).artifact.manifest.name == "recommender-adapted"
    # What has finished is adopted once more, from no copy.
    assert main(["catalog", "adapt", str(folder)]) == 0
    assert not kept.exists()


def test_what_an_interrupted_training_needs_outlives_any_number_of_others(
    trainings: Trainings, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shops, "KEPT", 1)
    other = shutil.copytree(folder, folder.parent / "other shop")
    pq.write_table(load_catalogue(other).table.slice(1), other / shops.FILE)
    monkeypatch.setattr("sslrec.data.products.FEWEST", 29)
    trainings.end = Status.INTERRUPTED
    assert main(["catalog", "adapt", str(folder)]) == 130
    (kept,) = shops.own_folder("").iterdir()
    assert main(["catalog", "adapt", str(other)]) == 130
    assert len(list(shops.own_folder("").iterdir())) == 2
    assert (kept / shops.FILE).is_file()


def test_names_that_are_all_alike_are_told_with_the_folder_s_name_before_anything_is_begun(
    trainings: Trainings, folder: Path, capsys: pytest.CaptureFixture[str]
):
    table = load_catalogue(folder).table
    alike = table.set_column(1, table.schema.field("title"), [["Shirt"] * len(table)])
    pq.write_table(alike, folder / shops.FILE)
    assert main(["catalog", "adapt", str(folder)]) == 2
    said = capsys.readouterr().err.strip()
    assert "'my shop' has too few different names" in said
    assert trainings.runs == []
    assert not shops.own_folder("").exists()


def test_too_few_products_are_told_with_the_folder_s_name_before_anything_is_begun(
    trainings: Trainings, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sslrec.data.products.FEWEST", 31)
    assert main(["catalog", "adapt", str(folder)]) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert "'my shop' has 30 products" in said
    assert trainings.runs == []
    assert not list(RunStore().runs())
    assert not shops.own_folder("").exists()


@pytest.mark.parametrize("why", ["stood in", "mount point", "other files"])
def test_a_folder_that_cannot_be_replaced_is_refused_before_the_training(
    trainings: Trainings,
    folder: Path,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    if why == "stood in":
        monkeypatch.chdir(folder)
    elif why == "mount point":
        monkeypatch.setattr("os.path.ismount", lambda place: str(place) == str(folder))
    else:
        (folder / "notes.txt").write_text("mine")
    before = folder.stat().st_ino
    assert main(["catalog", "adapt", "." if why == "stood in" else str(folder)]) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    wanted = {"stood in": "'.' would be replaced while you are in it; go one folder up", "mount point": "is a mount"}
    assert wanted.get(why, "holds other files") in said
    assert trainings.runs == []
    assert folder.stat().st_ino == before


def test_another_folder_is_refused_in_one_line(
    trainings: Trainings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["catalog", "adapt", str(tmp_path)]) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert "catalog ingest" in said
    assert trainings.runs == []
