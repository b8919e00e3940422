import os

import pytest

from sslrec.data import corpora, text
from sslrec.data.catalogue import builtin_path
from sslrec.errors import DataError, TextError


def test_a_corpus_is_found_where_all_its_files_are(tmp_path, set_variables):
    set_variables(DATA=tmp_path)
    (tmp_path / "text").mkdir()
    paths = tuple(tmp_path / "text" / name for name in corpora.FILES["wikitext2"])
    paths[0].touch()
    assert corpora.find("wikitext2") is None
    paths[1].touch()
    assert corpora.find("wikitext2") == paths
    assert corpora.find("poems") is None
    corpora.require("text")


def test_the_built_in_corpus_lies_where_the_catalogue_does(tmp_path, set_variables):
    assert corpora.find("builtin") == (builtin_path(),)
    set_variables(ASSETS=tmp_path)
    assert corpora.find("builtin") is None


def test_without_texts_their_folder_is_asked_for(tmp_path, set_variables):
    set_variables(DATA=tmp_path)
    with pytest.raises(DataError, match="SSLREC_DATA"):
        corpora.require("text")
    corpora.require("builtin")


TEXT = "\n".join(f"Line {n} of it. And {n} more!" for n in range(20))


def test_a_text_of_ones_own_is_kept_and_found_again(tmp_path, set_variables):
    set_variables(HOME=tmp_path)
    number = corpora.keep(TEXT)
    assert corpora.keep(TEXT) == number
    assert corpora.read_own(number)[:3] == ["Line 0 of it.", "And 0 more!", "Line 1 of it."]
    assert len(corpora.read_own(number)) == 40
    corpora.require("own")


def test_what_nobody_sees_is_no_sentence(tmp_path, set_variables):
    set_variables(HOME=tmp_path)
    unseen = ["\u200b", "\ufeff\u2060", "\u0301\ufe0f", "\u3164", "\u2800", " \u200d "]
    assert corpora.sentences("Red.\n" + "\n".join(unseen) + "\n!\n鞋\n👟") == ["Red.", "!", "鞋", "👟"]
    with pytest.raises(TextError, match="40 different sentences that a training needs the text has 1;"):
        corpora.keep("A shoe.\n" + "\n".join("\u200b" * count for count in range(60)))
    # What breaks a line in a file may stand inside a sentence.
    assert len(corpora.read_own(corpora.keep(f"{TEXT}\nand one\u2028\u200b"))) == 41


def test_a_text_that_the_vocabulary_cannot_spell_is_refused_wherever_that_begins():
    english = "\n".join(f"A red shoe, size {number}." for number in range(400))
    assert len(corpora.spelled(english + "\n红鞋。")) == 401
    assert corpora.spelled("") == []
    with pytest.raises(TextError, match=r"cannot spell most of this text \([5-9]\d% of"):
        corpora.spelled(english + "".join(f"\n红色的鞋子和蓝色的衬衫{number}。" for number in range(2000)))


@pytest.mark.parametrize("number", ["", "0123456789abcdef", "../../../etc/passwd", "0123456789ABCDEF"])
def test_a_text_that_was_not_kept_is_missed(tmp_path, set_variables, number):
    set_variables(HOME=tmp_path)
    with pytest.raises(DataError, match="'own' is not on this machine"):
        corpora.read_own(number)


def test_a_text_that_is_too_short_to_learn_from_is_refused(tmp_path, set_variables):
    set_variables(HOME=tmp_path)
    with pytest.raises(TextError, match="40 different sentences that a training needs the text has 3;"):
        corpora.keep("One. Two!\n\n  \nThree")


def test_the_oldest_texts_go_first(tmp_path, set_variables, monkeypatch):
    set_variables(HOME=tmp_path)
    monkeypatch.setattr(corpora, "KEPT", 2)
    numbers = []
    for turn in range(3):
        numbers.append(corpora.keep(f"{TEXT} {turn}"))
        os.utime(tmp_path / "texts" / f"{numbers[-1]}.txt", (turn, turn))
    corpora.keep(f"{TEXT} last")
    assert len(list((tmp_path / "texts").iterdir())) == 2
    with pytest.raises(DataError):
        corpora.read_own(numbers[0])


def test_a_visitors_text_goes_when_no_run_names_it_unless_it_was_just_written(tmp_path, set_variables):
    set_variables(HOME=tmp_path)
    mine = corpora.keep(f"{TEXT} mine")
    named, unnamed, fresh = (corpora.keep(f"{TEXT} {name}", visitors=True) for name in ("named", "unnamed", "fresh"))
    folder = tmp_path / "texts" / "visitors"
    (folder / ".unfinished").write_text("a disk that was full", "utf-8")
    for name in (f"{named}.txt", f"{unnamed}.txt", ".unfinished", f"../{mine}.txt"):
        os.utime(folder / name, (1, 1))
    corpora.remove_unnamed(tmp_path, {named})
    assert {path.stem for path in folder.iterdir()} == {named, fresh}
    assert len(corpora.read_own(named)) == len(corpora.read_own(mine))
    with pytest.raises(DataError):
        corpora.read_own(unnamed)
    corpora.remove_unnamed(tmp_path / "elsewhere", set())


def test_a_sentence_that_comes_again_counts_once(tmp_path, set_variables):
    set_variables(HOME=tmp_path)
    with pytest.raises(TextError, match="40 different sentences that a training needs the text has 1;"):
        corpora.keep("It is the same again.\nIT is the same again.\n" * 30)


def test_something_is_left_to_learn_from_however_often_a_text_comes(tmp_path, set_variables):
    set_variables(HOME=tmp_path)
    often = "\n".join(f"Line {n} of it." for n in range(41)) + "\n"
    corpus = text.from_lines("own", corpora.read_own(corpora.keep(often * 20)), "test")
    assert len(list(corpus.train())) == 39
    assert len(list(corpus.held_out())) == 2
