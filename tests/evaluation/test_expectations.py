"""Texts as the words that a model expects."""

import numpy as np

from sslrec.evaluation.expectations import expected_words

VOCAB = 11


def logits(ids, places):
    """What depends on a text's length, its piece and the place, and is far from zero."""
    rows = [
        [[700.0 + np.sin(word * part[place] + 3 * place + len(part)) for word in range(VOCAB)] for place in row]
        for part, row in zip(ids, places, strict=True)
    ]
    return np.array(rows, np.float32)


def test_every_piece_of_every_part_counts_once_and_the_ends_not_at_all():
    texts = [[np.array([0, 5, 6, 1]), np.array([0, 7, 1])], [np.array([0, 2, 1])]]
    found = expected_words(texts, logits)
    assert found.shape == (2, VOCAB)
    for row, parts in enumerate(texts):
        total = np.zeros(VOCAB)
        for part in parts:
            for place in range(1, len(part) - 1):
                powers = np.exp(logits([part], [[place]])[0, 0].astype(np.float64) - 700)
                total += powers / powers.sum() / sum(len(one) - 2 for one in parts)
        np.testing.assert_allclose(found[row], np.sqrt(total), rtol=1e-3)
        np.testing.assert_allclose(np.linalg.norm(found[row]), 1, rtol=1e-5)
