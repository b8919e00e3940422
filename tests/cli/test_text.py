"""`text fill` and `text embed`."""

import json
from pathlib import Path

import numpy as np
import pytest

from sslrec.cli import main
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


@pytest.mark.parametrize(("text", "said"), [("", "There is no text"), ("blue shoe", "The text has no gap")])
def test_nothing_to_fill_is_told(capsys: pytest.CaptureFixture[str], text: str, said: str):
    code, out, err = run(capsys, "text", "fill", text, "--json")
    assert (code, out) == (2, "")
    assert said in err


def test_what_is_cut_off_is_told_and_the_only_gap_may_be_in_it(capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, "text", "fill", "blue [MASK] " + "a " * LENGTH, "--json")
    assert (code, len(json.loads(out))) == (0, 1)
    assert f"note: the model reads {LENGTH} pieces at once; 4 beyond that are left out." in err
    code, out, err = run(capsys, "text", "fill", "a " * LENGTH + "[MASK]")
    assert (code, out) == (2, "")
    assert "3 beyond that are left out" in err


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
    assert json.loads(said) == {"out": str(out), "lines": 3, "blank": 1, "cut": 0, "dim": DIM}
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


def test_a_model_of_the_hub_without_its_revision_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["text", "hub", "some/model", "--revision", "main", "--out", str(tmp_path / "hub")]) == 2
    assert "'main' is no full commit hash" in capsys.readouterr().err
    assert main(["text", "hub", "some/model", "--out", str(tmp_path / "hub")]) == 2
    assert "give --revision" in " ".join(capsys.readouterr().err.split())
