from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from sslrec.config import ROOT, settings


def test_without_variables_the_defaults_hold(set_variables: Callable[..., None], monkeypatch: pytest.MonkeyPatch):
    for name in (
        "DATA",
        "HOME",
        "ASSETS",
        "MAX_IMAGE_BYTES",
        "MAX_IMAGE_PIXELS",
        "MAX_BATCH_FILES",
        "MAX_WORKERS",
        "MAX_RUNS",
        "OWNER_SECONDS",
        "WORKER_NICE",
    ):
        monkeypatch.delenv(f"SSLREC_{name}", raising=False)
    set_variables()
    found = settings()
    assert found.data_dir is None
    assert found.home_dir == Path.home() / ".sslrec"
    assert found.assets_dir == ROOT / "assets"
    assert (found.max_image_bytes, found.max_image_pixels, found.max_batch_files) == (10_000_000, 50_000_000, 200)
    assert (found.max_workers, found.max_runs, found.owner_seconds, found.worker_nice) == (1, 50, 8, 10)


def test_folders_become_absolute(set_variables: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    set_variables(DATA="sets", HOME="~/kept", ASSETS=tmp_path)
    found = settings()
    assert found.data_dir == tmp_path.resolve() / "sets"
    assert found.home_dir == Path.home().resolve() / "kept"
    assert found.assets_dir == tmp_path.resolve()


@pytest.mark.parametrize("name", ["DATA", "HOME", "ASSETS"])
def test_a_folder_of_nobody_is_refused(name: str, set_variables: Callable[..., None]):
    set_variables(**{name: "~nobodyatall/x"})
    with pytest.raises(ValueError, match=f"SSLREC_{name} is '~nobodyatall/x'; it must be a folder's path"):
        settings()


def test_without_a_home_folder_the_variable_is_named(
    set_variables: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    set_variables(HOME="")
    with pytest.raises(ValueError, match="SSLREC_HOME is not set"):
        settings()


def test_an_empty_variable_counts_as_none(set_variables: Callable[..., None]):
    set_variables(DATA=" ", MAX_BATCH_FILES="")
    assert settings().data_dir is None
    assert settings().max_batch_files == 200


@pytest.mark.parametrize("value", ["0", "-3", "ten", "1.5", "²"])
def test_a_limit_that_is_no_whole_number_is_refused(value: str, set_variables: Callable[..., None]):
    set_variables(MAX_BATCH_FILES=value)
    with pytest.raises(ValueError, match=f"SSLREC_MAX_BATCH_FILES is '{value}'; it must be a whole number above zero"):
        settings()


@pytest.mark.parametrize(
    ("name", "most", "beyond"),
    [("WORKER_NICE", 19, "3000000000"), ("MAX_IMAGE_BYTES", 2_000_000_000, "99999999999999999999")],
)
def test_a_limit_beyond_what_is_possible_is_refused(
    name: str, most: int, beyond: str, set_variables: Callable[..., None]
):
    set_variables(**{name: str(most)})
    assert getattr(settings(), name.lower()) == most
    set_variables(**{name: beyond})
    with pytest.raises(ValueError, match=f"SSLREC_{name} is '{beyond}'; it must be at most {most}"):
        settings()


def test_settings_stay_as_they_are():
    with pytest.raises(FrozenInstanceError):
        settings().max_batch_files = 3  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(("value", "expected"), [("", None), (" 1 ", True), ("0", False)])
def test_keeping_catalogues_is_on_off_or_left_open(
    value: str, expected: bool | None, set_variables: Callable[..., None]
):
    set_variables(KEEP_CATALOGUES=value)
    assert settings().keep_catalogues is expected


def test_a_switch_that_is_neither_is_refused(set_variables: Callable[..., None]):
    set_variables(KEEP_CATALOGUES="yes")
    with pytest.raises(ValueError, match="SSLREC_KEEP_CATALOGUES is 'yes'; it must be 1 or 0"):
        settings()
