import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.config import ROOT
from sslrec.data.tokens import train_tokenizer
from sslrec.errors import ArtifactError, TextError
from sslrec.serving.language import OLDER_ROW, PARTS, LanguageReader, similarity
from sslrec.serving.language_reading import as_gaps, fill_in
from tests.language_model import DIM, HEADS, LAYERS, LENGTH, LINES, tiny_language

pytestmark = pytest.mark.timeout(300)  # the first one waits for an export


@pytest.fixture(scope="module")
def reader() -> LanguageReader:
    return LanguageReader(tiny_language())


def test_a_gap_is_filled_with_the_likeliest_pieces(reader: LanguageReader):
    reading = reader.read("blue [MASK], size 3")
    (gap,) = reading.gaps
    assert reading.text[gap.start : gap.end] == "[MASK]"
    assert reading.pieces.tokens[gap.place] == "[MASK]"
    assert len(gap.fillings) == 10
    probabilities = [one.probability for one in gap.fillings]
    assert probabilities == sorted(probabilities, reverse=True)
    assert reading.filled == f"blue {gap.fillings[0].token}, size 3"
    assert reading.milliseconds > 0


def test_the_probabilities_are_the_softmax_over_what_fits(reader: LanguageReader):
    tokenizer = reader.tokenizer
    reading = reader.read("blue [MASK] shoe", top=tokenizer.vocab_size)
    logits = reader.logits([reading.pieces.ids], np.array([[reading.gaps[0].place]]))[0, 0].astype(np.float64)
    fits = ~(tokenizer.special | tokenizer.continues)
    powers = np.where(fits, np.exp(logits), 0)
    for one in reading.gaps[0].fillings[: fits.sum()]:
        number = next(n for n in range(tokenizer.vocab_size) if tokenizer.token(n) == one.token)
        assert one.probability == pytest.approx(powers[number] / powers.sum(), rel=1e-4)
        assert fits[number]


def test_a_gap_that_touches_letters_may_go_on_with_the_word(reader: LanguageReader):
    every = reader.tokenizer.vocab_size
    alone, touching = (reader.read(text, every).gaps[0].fillings for text in ("sh [MASK]", "sh[MASK]"))
    assert not any(one.token.startswith("##") for one in alone if one.probability > 0)
    assert any(one.token.startswith("##") and one.probability > 0 for one in touching)


def test_every_gap_of_a_text_is_filled(reader: LanguageReader):
    reading = reader.read("[mask] shoe ___ [MASK]")
    assert reading.text == "[MASK] shoe [MASK] [MASK]"
    assert len(reading.gaps) == 3
    assert "MASK" not in reading.filled
    assert [gap.start for gap in reading.gaps] == [0, 12, 19]


def test_more_gaps_than_the_model_reads_are_cut_and_counted(reader: LanguageReader):
    reading = reader.read("[MASK] " * 50)
    assert len(reading.gaps) == LENGTH - 2
    assert reading.pieces.dropped == 50 - len(reading.gaps)


def test_attention_and_vector_belong_to_the_pieces(reader: LanguageReader):
    reading = reader.read("red shirt")
    count = len(reading.pieces.ids)
    assert reading.attention.shape == (LAYERS, HEADS, count, count)
    np.testing.assert_allclose(reading.attention.sum(axis=-1), 1, rtol=1e-5)
    np.testing.assert_allclose(reading.vector, reader.embed(["red shirt"])[0], atol=1e-5)


def test_a_text_without_a_gap_is_read_all_the_same(reader: LanguageReader):
    reading = reader.read("!!!")
    assert reading.gaps == ()
    assert reading.filled == "!!!"


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_no_text_is_refused(reader: LanguageReader, text: str):
    with pytest.raises(TextError, match="There is no text"):
        reader.read(text)


def test_what_the_vocabulary_cannot_spell_is_counted(reader: LanguageReader):
    reading = reader.read("红鞋 😀 shoe [MASK]")
    assert reading.pieces.unknown == 3


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("shoe® red", "shoe red"),
        ("red👟 shoe™, 👟size 3", "red shoe, size 3"),
        ("ｒｅｄ 𝐬𝐡𝐨𝐞", "red shoe"),
        ("[MASK]® shoe", "[MASK] shoe"),
    ],
)
def test_no_symbol_makes_a_word_unknown_that_it_is_attached_to(reader: LanguageReader, text: str, plain: str):
    reading = reader.read(text)
    assert reading.text == text
    assert reading.pieces.tokens == reader.encode(plain).tokens
    assert reading.pieces.unknown == 0
    np.testing.assert_allclose(reader.embed([text]), reader.embed([plain]))
    assert [reading.text[word.start : word.end] for word in reading.words] == [word.text for word in reading.words]


def test_a_symbol_that_stands_alone_is_unknown_and_one_that_can_be_spelled_stays(reader: LanguageReader):
    assert reader.read("red 👟👟 shoe ® [MASK]").pieces.unknown == 2
    assert reader.spelling("shoe®") == ("shoe",)
    assert reader.spelling("®") == ("[UNK]",)
    euro = train_tokenizer([*LINES, *["shoe €3 shirt"] * 9], 90)
    known = LanguageReader(tiny_language())
    known._tokenizer = euro
    assert "€" in "".join(known.encode("shoe €3").tokens)


def test_a_long_text_is_cut_with_its_end_counted(reader: LanguageReader):
    reading = reader.read("shoe " * 2000)
    assert len(reading.pieces.ids) == LENGTH == reader.limit
    assert reading.pieces.dropped >= 2000 - LENGTH + 2


def test_words_are_those_of_the_text_with_their_places(reader: LanguageReader):
    reading = reader.read("Blue t-[MASK], Shoe")
    assert [word.text for word in reading.words] == ["Blue", "t", "-", "[MASK]", ",", "Shoe"]
    assert [word.gap for word in reading.words] == [False, False, False, True, False, False]
    for word in reading.words:
        assert reading.text[word.start : word.end] == word.text


@pytest.mark.parametrize("mark", ["\u0301", "\u200d\ufe0f"])
def test_a_gap_ends_with_the_marks_on_it(reader: LanguageReader, mark: str):
    reading = reader.read(f"re\u0301d [MASK]{mark} size")
    assert [word.text for word in reading.words] == ["re\u0301d", f"[MASK]{mark}", "size"]
    assert reading.filled == f"re\u0301d {reading.gaps[0].fillings[0].token} size"


def test_a_word_is_spelled_as_in_the_text(reader: LanguageReader):
    assert reader.spelling("Shoe") == ("shoe",)
    assert "".join(reader.spelling("shoes")).replace("##", "") == "shoes"
    assert reader.spelling("鞋") == ("[UNK]",)


def test_vectors_do_not_depend_on_the_company(reader: LanguageReader):
    texts = ["red shirt", "a long blue shoe of size 3", "x"]
    together = reader.embed(texts, batch_size=2)
    assert together.shape == (3, DIM)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(reader.embed([text])[0], vector, atol=1e-4)
    assert reader.embed([]).shape == (0, DIM)


def test_a_long_text_is_read_in_parts_each_of_its_own_positions(reader: LanguageReader):
    """Of places beyond those of a training row a model has learned nothing."""
    words = "blue shoe red shirt size " * 8
    parts = reader.parts(words)
    assert max(map(len, parts)) <= LENGTH
    assert [reader.tokenizer.token(int(piece)) for part in parts for piece in part[1:-1]] == words.split()
    means = [reader.embed([" ".join(words.split()[start : start + LENGTH - 2])])[0] for start in range(0, 40, 14)]
    np.testing.assert_allclose(
        reader.embed([words])[0], np.average(means, axis=0, weights=list(map(len, parts))), atol=1e-4
    )
    assert len(reader.parts("shoe " * 5000)) == PARTS
    with pytest.raises(TextError, match="There is no text"):
        reader.parts(" ")


@pytest.mark.parametrize("words", ["shoe " * 13 + "shoeshirt ", "shoe "])
def test_what_its_parts_leave_of_a_long_text_is_counted_as_dropped(reader: LanguageReader, words: str):
    """A part has signs for start and end of its own, and ends before a word that it has no room for."""
    text = words * 40 * PARTS
    pieces, parts = reader.encode(text, PARTS), reader.parts(text)
    assert [*pieces.ids[1:-1]] == [piece for part in parts for piece in part[1:-1]]
    assert len(pieces.ids) - 2 + pieces.dropped == len(reader.tokenizer.encode(text).ids) - 2
    assert len(parts) == PARTS
    assert max(map(len, parts)) <= LENGTH


def test_no_place_is_read_that_training_never_saw(tmp_path: Path):
    folder = tmp_path / "long"
    shutil.copytree(tiny_language(), folder)
    said = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**said, "max_position_embeddings": 512}))
    artifacts.save(folder, artifacts.load_folder(tiny_language(), "language").manifest)
    assert LanguageReader(folder).limit == OLDER_ROW  # its manifest does not say what it learned from
    manifest = artifacts.load_folder(tiny_language(), "language").manifest
    artifacts.save(folder, replace(manifest, config={"row": 100}))
    assert LanguageReader(folder).limit == 100


def test_cosines():
    found = similarity(np.array([[3, 4], [4, 3], [0, 0]], np.float32))
    np.testing.assert_allclose(found, [[1, 0.96, 0], [0.96, 1, 0], [0, 0, 0]], atol=1e-6)


def test_a_piece_that_goes_on_joins_the_word_before(reader: LanguageReader):
    reading = reader.read("shoe [MASK] x [MASK]")
    assert fill_in(reading.text, reading.gaps, ["##s", "red"]) == "shoes x red"
    assert as_gaps("a_b __ [Mask]") == "a_b [MASK] [MASK]"


def test_a_missing_or_damaged_model_is_told(tmp_path: Path):
    with pytest.raises(ArtifactError, match="is no folder"):
        LanguageReader(tmp_path / "language").read("x")
    (tmp_path / "language").mkdir()
    with pytest.raises(ArtifactError, match="train language --data text"):
        LanguageReader(tmp_path / "language").read("x")
    folder = tmp_path / "damaged"
    shutil.copytree(tiny_language(), folder)
    (folder / "fill-in.tflite").write_bytes(b"x")
    with pytest.raises(ArtifactError, match="damaged"):
        LanguageReader(folder).read("x")


def test_a_sound_model_of_another_task_is_not_said_to_be_damaged(tmp_path: Path):
    folder = tmp_path / "digits"
    shutil.copytree(tiny_language(), folder)
    manifest = artifacts.load_folder(folder, "digits").manifest
    artifacts.save(folder, replace(manifest, name="encoder", task="encoder"))
    with pytest.raises(ArtifactError, match="'digits' is of the task 'encoder' and fills no gaps") as told:
        LanguageReader(folder).read("x")
    assert told.value.code == "language_task"


def test_a_folder_in_the_hubs_layout_is_told_how_to_become_a_model(tmp_path: Path):
    folder = tmp_path / "my models"
    shutil.copytree(tiny_language(), folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match="holds no model of this app") as told:
        LanguageReader(folder).read("x")
    assert f"text hub '{folder}' --out" in str(told.value)


def test_serving_texts_needs_no_training_and_no_arrow():
    script = (
        "import sys\nfrom pathlib import Path\nfrom sslrec.serving.language import LanguageReader\n"
        f"LanguageReader(Path({str(tiny_language())!r})).read('blue [MASK]')\n"
        "heavy = {'tensorflow', 'keras', 'transformers', 'pyarrow', 'pandas', 'torch', 'scipy', 'streamlit'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
