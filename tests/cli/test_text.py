"""`text fill` and `text embed`."""

import io
import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from sslrec.cli import main
from sslrec.config import ROOT
from sslrec.data.tokens import train_tokenizer
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.models.hub import save_folder
from sslrec.learning.models.language import MaskedLanguageModel
from sslrec.serving.language import PARTS, LanguageReader
from tests.language_model import DIM, LENGTH, LINES, tiny_language

pytestmark = pytest.mark.timeout(300)  # the first one waits for an export


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main([*arguments, "--model", str(tiny_language())])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_gap_is_filled_with_tokens_and_probabilities(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "text", "fill", "blue [MASK] and ___", "--top", "3", "--json")
    gaps = json.loads(out)
    assert code == 0
    assert [len(gap) for gap in gaps] == [3, 3]
    expected = LanguageReader(tiny_language()).read("blue [MASK] and ___", 3).gaps
    assert [one["token"] for one in gaps[0]] == [one.token for one in expected[0].fillings]
    assert gaps[1][0]["probability"] == pytest.approx(expected[1].fillings[0].probability)


def test_people_get_a_table_and_the_sentence(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "text", "fill", "blue [MASK]")
    assert code == 0
    assert out.splitlines()[-1].startswith("blue ")
    assert "[MASK]" not in out


@pytest.mark.parametrize(
    ("text", "said"), [("", "There is no text"), ("\u200b", "There is no text"), ("blue shoe", "The text has no gap")]
)
def test_nothing_to_fill_is_told(capsys: pytest.CaptureFixture[str], text: str, said: str):
    code, out, err = run(capsys, "text", "fill", text, "--json")
    assert (code, out) == (2, "")
    assert said in err


def test_what_is_cut_off_is_told_and_the_only_gap_may_be_in_it(capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, "text", "fill", "blue [MASK] " + "a " * LENGTH, "--json")
    assert (code, len(json.loads(out))) == (0, 1)
    assert f"note: the model reads {LENGTH} pieces at once; left out beyond that: 4." in err
    code, out, err = run(capsys, "text", "fill", "a " * LENGTH + "[MASK]")
    assert (code, out) == (2, "")
    assert "left out beyond that: 3." in err
    assert f"All gaps lie beyond the {LENGTH} pieces" in err


def test_bytes_that_are_no_text_are_read_as_a_question_mark(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "text", "fill", "blue \udcff [MASK]")
    assert code == 0
    assert out.splitlines()[-1].startswith("blue ? ")


def test_lines_are_counted_as_the_file_counts_them(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    lines, out = tmp_path / "lines.txt", tmp_path / "vectors.npy"
    lines.write_bytes("red\u2028shoe\r\nblue\x85shirt\r\n\r\nred\x0c shirt".encode())
    code, said, _ = run(capsys, "text", "embed", str(lines), "--out", str(out), "--json")
    assert code == 0
    assert (json.loads(said)["lines"], json.loads(said)["blank"]) == (4, 1)
    np.testing.assert_allclose(np.load(out)[3], LanguageReader(tiny_language()).embed(["red shirt"])[0], atol=1e-4)
    lines.write_bytes(b"")
    assert json.loads(run(capsys, "text", "embed", str(lines), "--out", str(out), "--json")[1])["lines"] == 0


def test_lines_become_vectors_and_blank_ones_zeros(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    lines, out = tmp_path / "lines.txt", tmp_path / "vectors.npy"
    lines.write_text("red shoe\n\nblue shirt\n", "utf-8")
    code, said, _ = run(capsys, "text", "embed", str(lines), "--out", str(out), "--json")
    assert code == 0
    assert json.loads(said) == {"out": str(out), "lines": 3, "blank": 1, "cut": 0, "unknown": 0, "dim": DIM}
    vectors = np.load(out)
    assert vectors.shape == (3, DIM)
    assert vectors.dtype == np.float32
    assert not vectors[1].any()
    np.testing.assert_allclose(vectors[2], LanguageReader(tiny_language()).embed(["blue shirt"])[0], atol=1e-4)


def test_lines_of_which_the_end_is_left_out_are_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    lines, out = tmp_path / "lines.txt", tmp_path / "vectors.npy"
    long = "a " * (PARTS * LENGTH)
    lines.write_text(f"red shoe\n{long}red\n\n{long}blue\n", "utf-8")
    code, said, err = run(capsys, "text", "embed", str(lines), "--out", str(out), "--json")
    assert (code, json.loads(said)["cut"]) == (0, 2)
    assert f"note: of a line the model reads {PARTS} times {LENGTH} pieces; the end of 2 of the lines is" in err
    assert run(capsys, "text", "embed", str(lines), "--out", str(out))[1].startswith("4 vectors")


def test_files_that_are_missing_or_no_text_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    code, _, err = run(capsys, "text", "embed", str(tmp_path / "no.txt"), "--out", str(tmp_path / "v.npy"))
    assert code == 2
    assert "no.txt" in err
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x80")
    code, _, err = run(capsys, "text", "embed", str(tmp_path / "bad.txt"), "--out", str(tmp_path / "v.npy"))
    assert (code, "no UTF-8 text" in err) == (2, True)
    assert not (tmp_path / "v.npy").exists()


@pytest.mark.parametrize("link", [None, Path.symlink_to, Path.hardlink_to])
def test_a_text_is_not_overwritten_with_its_vectors(capsys: pytest.CaptureFixture[str], tmp_path: Path, link):
    lines = out = tmp_path / "mine.txt"
    lines.write_text("red shoe\n", "utf-8")
    if link:
        link(out := tmp_path / "link.npy", lines)
    code, said, err = run(capsys, "text", "embed", str(lines), "--out", str(out))
    assert (code, said) == (2, "")
    assert f"'{out}' is the text itself" in err
    assert lines.read_text("utf-8") == "red shoe\n"


def test_where_nothing_can_be_written_is_told_before_anything_is_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lines = tmp_path / "lines.txt"
    lines.write_text("red shoe\n", "utf-8")
    monkeypatch.setattr(LanguageReader, "embed", lambda *_: pytest.fail("read"))
    for out, reason in ((tmp_path / "no" / "v.npy", "No such file"), (tmp_path, "Is a directory")):
        code, _, err = run(capsys, "text", "embed", str(lines), "--out", str(out))
        assert code == 2
        assert err.startswith(f"error: {out} cannot be used ({reason}")


def test_what_is_cut_off_leaves_the_older_vectors(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lines, out = tmp_path / "lines.txt", tmp_path / "v.npy"
    lines.write_text("red shoe\n", "utf-8")
    run(capsys, "text", "embed", str(lines), "--out", str(out))
    before = out.read_bytes()

    def full(stream, vectors) -> None:
        stream.write(b"half")
        raise OSError("8 requested and 4 written")

    monkeypatch.setattr(np, "save", full)
    code, _, err = run(capsys, "text", "embed", str(lines), "--out", str(out))
    assert (code, err) == (2, f"error: {out} cannot be used (8 requested and 4 written).\n")
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lines.txt", "v.npy"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no such devices")
def test_a_pipe_gets_the_vectors_and_a_full_device_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    lines, pipe = tmp_path / "lines.txt", tmp_path / "pipe"
    lines.write_text("red shoe\n", "utf-8")
    code, _, err = run(capsys, "text", "embed", str(lines), "--out", "/dev/full")
    assert (code, err) == (2, "error: /dev/full cannot be used (No space left on device).\n")
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    assert run(capsys, "text", "embed", str(lines), "--out", str(pipe))[0] == 0
    reader.join()
    assert np.load(io.BytesIO(got[0])).shape == (1, DIM)
    assert pipe.is_fifo()


def test_what_the_model_cannot_spell_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    lines, out = tmp_path / "lines.txt", tmp_path / "v.npy"
    lines.write_text("red shoe®\n\n红鞋 shoe 👟\n", "utf-8")
    code, said, err = run(capsys, "text", "embed", str(lines), "--out", str(out), "--json")
    assert (code, json.loads(said)["unknown"]) == (0, 3)
    assert "note: words or signs unknown to the model: 3;" in err
    assert "unknown to the model: 1;" in run(capsys, "text", "fill", "鞋 [MASK]")[2]


def test_a_folder_that_is_no_language_model_is_said_to_be_none(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["text", "fill", "a [MASK]", "--model", str(ROOT / "assets" / "models" / "digit-encoder")]) == 2
    err = capsys.readouterr().err
    assert "'digit-encoder' is of the task 'encoder' and fills no gaps" in err
    assert main(["text", "fill", "a [MASK]", "--model", str(tmp_path / "typo")]) == 2
    assert f"'{tmp_path / 'typo'}' is no folder; name one" in capsys.readouterr().err
    (tmp_path / "config.json").write_text("{}")
    assert main(["text", "fill", "a [MASK]", "--model", str(tmp_path)]) == 2
    assert f"python -m sslrec text hub {tmp_path} --out NEW" in capsys.readouterr().err


def test_a_pretrained_model_is_fetched_and_used(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    published = tmp_path / "published"
    tokenizer = train_tokenizer(LINES, 70)
    save_folder(MaskedLanguageModel(TextConfig(tokenizer.vocab_size, 30, 8, 1, 2, 16)), published, tokenizer)
    folder = tmp_path / "hub"
    assert main(["text", "hub", str(published), "--out", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["out"], said["model"]) == (str(folder), "published")
    assert main(["text", "fill", "blue [MASK]", "--model", str(folder), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1
    (folder / "fill-in.tflite").write_bytes(b"half")
    assert main(["text", "fill", "blue [MASK]", "--model", str(folder)]) == 2
    assert f"rebuild it with: python -m sslrec text hub {published}" in capsys.readouterr().err


def test_a_place_for_a_model_of_the_hub_is_looked_at_before_anything_is_fetched(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
):
    (tmp_path / "file").write_text("")
    assert main(["text", "hub", "--out", str(tmp_path / "file" / "hub")]) == 2
    err = capfd.readouterr().err
    assert (str(tmp_path / "file") in err, err.count("\n")) == (True, 1)


def test_a_model_of_the_hub_without_its_revision_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["text", "hub", "some/model", "--revision", "main", "--out", str(tmp_path / "hub")]) == 2
    assert "'main' is no full commit hash" in capsys.readouterr().err
    assert main(["text", "hub", "some/model", "--out", str(tmp_path / "hub")]) == 2
    assert "give --revision" in " ".join(capsys.readouterr().err.split())
