from collections.abc import Callable
from pathlib import Path

from sslrec.cli.own import text_number
from sslrec.data import corpora


def test_who_trains_on_a_visitors_text_by_its_number_keeps_it(tmp_path: Path, set_variables: Callable[..., None]):
    set_variables(HOME=tmp_path)
    number = corpora.keep("\n".join(f"Sentence {n} of theirs." for n in range(50)), visitors=True)
    assert text_number(number) == number
    corpora.remove(number)
    assert len(corpora.read_own(number)) == 50
