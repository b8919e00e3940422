"""The language model that has learned nothing."""

import numpy as np

from sslrec.evaluation.expectations import expected_words
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.scratch import UntrainedModel
from sslrec.serving.language import LanguageReader
from tests.language_model import DIM, HEADS, LAYERS, LENGTH, tiny_language


def test_it_gives_what_a_reader_gives_and_its_seed_decides():
    reader = LanguageReader(tiny_language())
    size = TextConfig(reader.tokenizer.vocab_size, LENGTH, DIM, LAYERS, HEADS, 16)
    texts = [reader.parts(text) for text in ("blue shoe", "red shirt size " * 9)]
    one, again, other = (UntrainedModel(reader.tokenizer, size, seed) for seed in (1, 1, 2))
    assert one.embed(texts).shape == (2, DIM)
    np.testing.assert_array_equal(one.embed(texts), again.embed(texts))
    assert not np.allclose(one.embed(texts), other.embed(texts))
    found = expected_words(texts, one.logits)
    assert found.shape == (2, reader.tokenizer.vocab_size)
    assert not np.allclose(found, expected_words(texts, other.logits))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert expected_words(texts, reader.logits).shape == found.shape
