import json
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from sslrec.artifacts import SHIPPED
from sslrec.cli import main
from sslrec.cli.doctor import examine
from sslrec.config import ROOT
from sslrec.data.sets import DATA_SETS


@pytest.fixture
def bare(set_variables: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with neither models nor data sets."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    set_variables(ASSETS=tmp_path / "assets", DATA=tmp_path / "data")
    return tmp_path


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, dict[str, str]]]]:
    code = main(["doctor", "--json"])
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, json.loads(captured.out)


def test_each_thing_has_a_state(bare: Path, capsys: pytest.CaptureFixture[str]):
    code, report = examined(capsys)
    assert code == 1
    assert set(report) == {"artifacts", "catalogues", "data", "versions"}
    assert {name: found["state"] for name, found in report["artifacts"].items()} == dict.fromkeys(SHIPPED, "missing")
    assert {name: found["command"] for name, found in report["artifacts"].items()} == SHIPPED
    assert {name: found["state"] for name, found in report["data"].items()} == {
        **dict.fromkeys(DATA_SETS, "missing"),
        "digits": "ok",
    }
    assert {"sslrec", "python", "numpy", "streamlit", "ai-edge-litert", "tensorflow"} <= set(report["versions"])
    assert all(found["state"] in ("ok", "missing", "differs") for found in report["versions"].values())


def test_data_on_this_machine_is_found_with_its_place(bare: Path, capsys: pytest.CaptureFixture[str]):
    file = bare / "data" / "mnist" / "mnist.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    assert examined(capsys)[1]["data"]["mnist"] == {"state": "ok", "source": str(file)}
    films = bare / "data" / "movielens" / "items.csv.gz"
    films.parent.mkdir()
    films.touch()
    assert examined(capsys)[1]["data"]["movielens"] == {"state": "ok", "source": str(films)}


def test_catalogues_are_found_and_the_built_in_one_is_checked(bare: Path, capsys: pytest.CaptureFixture[str]):
    def states() -> dict[str, str]:
        return {name: found["state"] for name, found in examined(capsys)[1]["catalogues"].items()}

    assert states() == {"builtin": "missing", "fashion_products": "missing"}
    shutil.copytree(ROOT / "assets" / "catalogue", bare / "assets" / "catalogue")
    products = bare / "data" / "fashion_products"
    products.mkdir(parents=True)
    for name in ("styles.csv", "images.zip"):
        (products / name).touch()
    assert states() == {"builtin": "ok", "fashion_products": "ok"}
    (bare / "assets" / "catalogue" / "manifest.json").write_text("[" * 100_000)
    assert states()["builtin"] == "damaged"
    shutil.copy(ROOT / "assets" / "catalogue" / "manifest.json", bare / "assets" / "catalogue")
    (bare / "assets" / "catalogue" / "catalogue.parquet").write_bytes(b"PAR1")
    assert states()["builtin"] == "damaged"


def test_a_damaged_model_is_told_from_a_missing_one(bare: Path, capsys: pytest.CaptureFixture[str]):
    folder = bare / "assets" / "models" / "autoencoder-64"
    folder.mkdir(parents=True)
    for text in ("{", "[" * 100_000):
        (folder / "manifest.json").write_text(text)
        states = {name: found["state"] for name, found in examined(capsys)[1]["artifacts"].items()}
        assert states.pop("autoencoder-64") == "damaged"
    assert set(states.values()) == {"missing"}


def test_a_package_of_another_version_differs(monkeypatch: pytest.MonkeyPatch):
    known = metadata.version

    def version(name: str) -> str:
        if name == "pillow":
            raise metadata.PackageNotFoundError
        return "0.0.1" if name == "numpy" else known(name)

    monkeypatch.setattr("sslrec.cli.doctor.version", version)
    versions = examine()["versions"]
    assert versions["numpy"]["state"] == "differs"
    assert versions["pillow"]["state"] == "missing"


def test_the_tables_show_what_is_here(bare: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    for word in ("autoencoder-64", "missing", "fashion_mnist", "wikitext2", "scikit-learn", "streamlit"):
        assert word in out


@pytest.mark.usefixtures("shipped_models")
def test_the_shipped_models_are_sound(capsys: pytest.CaptureFixture[str]):
    assert examined(capsys)[0] == 0


@pytest.mark.usefixtures("shipped_models")
def test_a_damaged_tokenizer_is_found_where_every_model_is_sound(
    tmp_path: Path, set_variables: Callable[..., None], capsys: pytest.CaptureFixture[str]
):
    for name in ("models", "catalogue"):
        (tmp_path / name).symlink_to(ROOT / "assets" / name)
    shutil.copytree(ROOT / "assets" / "tokenizer", tmp_path / "tokenizer")
    set_variables(ASSETS=tmp_path)
    assert examined(capsys)[0] == 0
    (tmp_path / "tokenizer" / "tokenizer.json").write_text("torn")
    code, report = examined(capsys)
    assert code == 1
    assert report["artifacts"]["tokenizer"]["state"] == "damaged"
    assert report["artifacts"]["tokenizer"]["folder"] == str(tmp_path / "tokenizer")
