"""Filling gaps, measured through a model that serves."""

import numpy as np
import pytest

from sslrec.data import text
from sslrec.data.packing import ROW
from sslrec.data.tokens import train_tokenizer
from sslrec.evaluation import gaps

LINES = [f"{colour} shoe in {colour} number {n}" for n in range(60) for colour in ("blue", "red")]


class Oracle:
    """Knows every line that it may be asked about by its shown pieces; or knows nothing."""

    def __init__(self, tokenizer, lines, right=True):
        self.tokenizer = tokenizer
        self.right = right
        self.lines = [tokenizer.encode(line, ROW).ids for line in lines]

    def logits(self, ids, places):
        found = np.zeros((*places.shape, self.tokenizer.vocab_size), np.float32)
        for row, shown in enumerate(ids):
            kept = shown != self.tokenizer.mask_id
            alike = [one for one in self.lines if len(one) == len(shown) and (one[kept] == shown[kept]).all()]
            for column, place in enumerate(places[row] if alike else ()):
                line = alike[0]
                found[row, column, line[place] if self.right else self.tokenizer.pad_id] = 20.0
        return found


@pytest.fixture(scope="module")
def corpus():
    return text.from_lines("names", LINES, "test")


@pytest.fixture(scope="module")
def tokenizer(corpus):
    return train_tokenizer(LINES, 90)


def test_who_knows_everything_is_always_right(corpus, tokenizer):
    lines = [f"{n} red shoe {n}" for n in range(100, 200)]
    known = text.from_lines("known", lines, "test")
    found = gaps.evaluate(Oracle(tokenizer, lines), [known])
    figures = found["corpora"]["known"]
    assert figures["parts"] == 5
    assert figures["model"]["pseudo_perplexity"] == pytest.approx(1, abs=1e-3)
    assert figures["trigram"]["top_1"]["mean"] <= figures["trigram"]["top_5"]["mean"] <= 1
    assert min(figures[who]["pseudo_perplexity"] for who in ("trigram", "unigram")) > 1
    assert 0 < found["latency"]["median_ms"] <= found["latency"]["p95_ms"]


def test_long_lines_are_measured_to_their_end(tokenizer):
    lines = [" ".join(f"{n} red shoe" for n in range(start, start + 120)) + " blue" for start in range(100, 160)]
    seen = []

    class Watched(Oracle):
        def logits(self, ids, places):
            seen.extend(ids)
            return super().logits(ids, places)

    found = gaps.evaluate(Watched(tokenizer, lines), [text.from_lines("long", lines, "test")])
    assert found["corpora"]["long"]["parts"] > 2 * len(lines) / text.HELD_OUT_EVERY
    assert max(map(len, seen)) <= ROW
    closing = tokenizer.encode("blue").ids[1]
    assert any(closing in ids for ids in seen)


def test_who_says_nothing_fits_is_never_right(corpus, tokenizer):
    held_out = list(corpus.held_out())
    assert gaps.first_guesses(Oracle(tokenizer, held_out, right=False), held_out) == 0


def test_hidden_words_are_whole_and_the_same_each_time(tokenizer):
    continues, special = tokenizer.continues, tokenizer.special
    ids = tokenizer.encode("blue shoe in red number 57 5757 xyz").ids
    for seed in range(20):
        places = gaps.hide_words(ids, continues, special, np.random.default_rng(seed), 0.3)
        again = gaps.hide_words(ids, continues, special, np.random.default_rng(seed), 0.3)
        assert places.tolist() == again.tolist()
        assert len(places)
        assert not special[ids[places]].any()
        for place in places:
            assert not continues[ids[place]] or place - 1 in places
            assert not continues[ids[place + 1]] or place + 1 in places


def test_a_line_without_words_hides_nothing(tokenizer):
    ids = np.array([tokenizer.start_id, tokenizer.unknown_id, tokenizer.end_id])
    assert not len(gaps.hide_words(ids, tokenizer.continues, tokenizer.special, np.random.default_rng(0)))
