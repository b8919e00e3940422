from collections.abc import Callable
from pathlib import Path

import pytest

from sslrec.cli.own import text_number
from sslrec.data import corpora
from sslrec.errors import TextError


def test_who_trains_on_a_visitors_text_by_its_number_keeps_it(tmp_path: Path, set_variables: Callable[..., None]):
    set_variables(HOME=tmp_path)
    number = corpora.keep("\n".join(f"Sentence {n} of theirs." for n in range(50)), visitors=True)
    assert text_number(number) == number
    corpora.remove(number)
    assert len(corpora.read_own(number)) == 50


def test_a_text_that_the_page_refuses_is_refused_here_too(tmp_path: Path, set_variables: Callable[..., None]):
    set_variables(HOME=tmp_path / "home")
    file = tmp_path / "foreign.txt"
    file.write_text("".join(f"红色的鞋子，{number} 号。\n" for number in range(60)), "utf-8")
    with pytest.raises(TextError, match="cannot spell most of this text"):
        text_number(str(file))
    assert not (tmp_path / "home").exists()
