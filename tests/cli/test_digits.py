import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sslrec.cli import main
from sslrec.cli.digits import read_file
from sslrec.data.digits import load
from sslrec.errors import ImageError
from tests.api_client import request
from tests.pictures import BAD, encoded, seven, two_digits

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `digits` in a folder of its own; returns the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(["digits", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def objects(out: str) -> list[dict[str, Any]]:
    return json.load(io.StringIO(out))


def test_every_bad_file_has_the_sentence_of_the_api(run: Run):
    for bad in BAD:
        Path(bad.name).write_bytes(bad.make())
    code, out, err = run(*(bad.name for bad in BAD), "--json")
    assert code == 2
    assert err == ""
    for bad, said in zip(BAD, objects(out), strict=True):
        answer = request("POST", "/api/digits", params={"name": bad.name}, content=bad.make())
        assert {**said, "code": bad.code} == answer.json()


def test_without_json_each_bad_file_is_one_line_on_stderr(run: Run):
    Path("text.png").write_text("not a picture")
    code, out, err = run("text.png", "gone.png")
    assert code == 2
    assert out == ""
    assert err.splitlines() == [
        "error: 'text.png' is not a picture this reads; send a PNG, JPEG, WebP, GIF, AVIF, BMP or TIFF file.",
        "error: There is no file 'gone.png'; check the path.",
    ]


def test_a_folder_and_an_impossible_name_are_told(run: Run):
    Path("folder").mkdir()
    code, out, _ = run("folder", "a\0b", "x" * 5000, "--json")
    assert code == 2
    folder, impossible, long = (said["error"] for said in objects(out))
    assert folder == "'folder' cannot be read (Is a directory); check its permissions and that it is a file."
    assert "cannot be read" in impossible
    assert "cannot be read (File name too long)" in long


def test_a_file_that_never_ends_is_not_read_to_its_end():
    if not Path("/dev/zero").exists():
        pytest.skip("needs /dev/zero")
    with pytest.raises(ImageError, match="more than the 10,000,000 allowed"):
        read_file("/dev/zero")


def test_a_missing_model_is_said_for_each_file(
    run: Run, set_variables: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    from sslrec.serving.digits import shared_reader

    set_variables(ASSETS="nowhere")
    shared_reader.cache_clear()
    Path("seven.png").write_bytes(encoded(seven()))
    code, out, _ = run("seven.png", "gone.png", "--json")
    shared_reader.cache_clear()
    assert code == 2
    missing, gone = objects(out)
    assert missing["error"].startswith("The model 'autoencoder-64' is not in ")
    assert gone["error"] == "There is no file 'gone.png'; check the path."


@pytest.mark.usefixtures("shipped_models")
def test_good_and_bad_files_come_in_order(run: Run):
    Path("seven.png").write_bytes(encoded(seven()))
    Path("inverted.gif").write_bytes(encoded(seven(ink=255, ground=0), "GIF"))
    code, out, err = run("seven.png", "gone.png", "inverted.gif", "--json")
    assert code == 2
    assert err == ""
    first, gone, last = objects(out)
    assert set(gone) == {"file", "error"}
    for said, name in ((first, "seven.png"), (last, "inverted.gif")):
        assert list(said) == [
            "file",
            "label",
            "probabilities",
            "novelty",
            "is_digit",
            "reconstruction_bce",
            "milliseconds",
            "several_shapes",
        ]
        assert said["file"] == name
        assert said["label"] == 7
        assert said["is_digit"] is True
        assert len(said["probabilities"]) == 10
        assert sum(said["probabilities"]) == pytest.approx(1, abs=1e-4)
        assert np.argmax(said["probabilities"]) == 7
        assert 0 <= said["novelty"] <= 0.5
        assert 0 < said["reconstruction_bce"] < 1
        assert said["milliseconds"] > 0


@pytest.mark.usefixtures("shipped_models")
def test_several_shapes_are_told(run: Run):
    Path("seven.png").write_bytes(encoded(seven()))
    Path("two.png").write_bytes(encoded(two_digits()))
    _, out, _ = run("seven.png", "two.png", "--json")
    assert [said["several_shapes"] for said in objects(out)] == [False, True]
    _, out, _ = run("seven.png", "two.png")
    assert out.count("several") == 1


@pytest.mark.usefixtures("shipped_models")
def test_a_picture_that_is_no_digit_has_no_label(run: Run):
    rng = np.random.default_rng(0)
    blocks = np.repeat(np.repeat(rng.integers(0, 2, (10, 10)), 6, axis=0), 6, axis=1)
    Image.fromarray((np.pad(blocks, 12) * 255).astype(np.uint8)).save("blocks.png")
    code, out, _ = run("blocks.png", "--json")
    (said,) = objects(out)
    assert code == 0
    assert said["label"] is None
    assert said["is_digit"] is False
    assert said["novelty"] > 0.5


@pytest.mark.usefixtures("shipped_models")
def test_handwritten_digits_are_read(run: Run):
    digits = load("digits")
    for index in range(60):
        Image.fromarray(255 - digits.x_test[index]).resize((112, 112)).save(f"{index}.png")
    code, out, _ = run(*(f"{index}.png" for index in range(60)), "--json")
    said = objects(out)
    assert code == 0
    right = [np.argmax(one["probabilities"]) == truth for one, truth in zip(said, digits.y_test, strict=False)]
    assert np.mean(right) >= 0.9


@pytest.mark.usefixtures("shipped_models")
def test_a_table_names_the_file_as_it_is(run: Run):
    Path("[red]seven.png").write_bytes(encoded(seven()))
    code, out, err = run("[red]seven.png")
    assert code == 0
    assert err == ""
    assert "[red]seven.png" in out
