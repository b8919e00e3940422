"""Which titles hold a word that the text model reads."""

from collections.abc import Sequence

import numpy as np
import pytest

from sslrec.data.catalogue import Catalogue
from sslrec.serving.catalogues import index_catalogue
from sslrec.serving.recommender import Recommender
from sslrec.ui.catalogue_words import holds_word, wordless
from tests.data.catalogue.samples import row, table

MODELS = Recommender()


def counted(titles: Sequence[str], models: Recommender = MODELS, description: str | None = None):
    rows = [row(item_id=str(place), title=title, description=description) for place, title in enumerate(titles)]
    return wordless(index_catalogue(Catalogue("shop", "shop", table(*rows)), np.zeros((len(rows), 8), "f4"), models))


@pytest.mark.parametrize(
    "title", ["红色运动鞋", "红色运动鞋 3", "红色运动鞋3", "男士T恤", "2024", "красные туфли", "xqzv", ""]
)
def test_numbers_single_letters_and_other_scripts_are_no_words(title):
    assert not holds_word(title, MODELS.reads)


@pytest.mark.parametrize("title", ["Red mug", "红色 sneakers", "ＲＥＤ 鞋", "červené boty", "XL"])
def test_a_word_in_latin_letters_that_the_model_has_pieces_of_is_one(title):
    assert holds_word(title, MODELS.reads)


def test_titles_without_a_word_are_counted_among_those_that_are_there():
    assert counted(["红色运动鞋 1", "Red mug", "", "<b>红色</b>"]) == (2, 3)


def test_where_descriptions_are_read_their_words_count():
    class Described(Recommender):
        @property
        def reads_descriptions(self):
            return True

    assert counted(["红色运动鞋"], Described(), "A red shoe") == (0, 1)
    assert counted(["红色运动鞋"], description="A red shoe") == (1, 1)
