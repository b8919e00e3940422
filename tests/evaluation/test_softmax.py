import numpy as np

from sslrec.evaluation.softmax import softmax


def test_softmax_of_large_logits_stays_finite():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0], [0.0, np.log(3)]])), [[0.5, 0.5], [0.25, 0.75]])


def test_what_is_impossible_has_no_share():
    np.testing.assert_allclose(softmax(np.array([-np.inf, 0.0, np.log(3)])), [0, 0.25, 0.75])


def test_single_precision_stays_so():
    assert softmax(np.zeros((2, 3, 4), np.float32)).dtype == np.float32
