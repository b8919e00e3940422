import codecs
import io

import pytest

from sslrec.data.catalogue.encodings import ENCODINGS, guess_encoding, is_shift_jis


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850", "cp1252", "cp1250", "cp1251", "gbk"])
@pytest.mark.parametrize(
    "text",
    [
        *("Élégant\n", "Crème brûlée, pâtés, été à l’École\n", "GRÖSSE ÜBER\n", "Żółta sukienka, Łóżko dębowe\n"),
        *("Красное платье, Синяя рубашка\n", "红色连衣裙，蓝色牛仔裤，儱\n", "château bâti, âgé\n"),
    ],
)
def test_nothing_else_is_taken_for_japanese(text: str, encoding: str):
    data = text.encode(encoding, "ignore")
    assert not is_shift_jis(data)
    assert guess_encoding(io.BytesIO(data)) != "cp932"


def test_every_encoding_to_choose_from_is_one():
    assert [codecs.lookup(name).name for name in ENCODINGS]
