"""Quiet TensorFlow, and digits small enough to train on in a test."""

import os
from dataclasses import replace

import pytest

# Before TensorFlow is imported: its start-up notices on stderr say nothing about the tests.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sslrec.learning  # noqa: F401  it says how TensorFlow computes, too
from sslrec.data.digits import DigitData, load


@pytest.fixture(scope="session")
def few_digits() -> DigitData:
    """400 training digits of scikit-learn's set, the last 40 of them for validation, and 100 test digits."""
    digits = load("digits")
    return replace(
        digits,
        x_train=digits.x_train[:400],
        y_train=digits.y_train[:400],
        x_test=digits.x_test[:100],
        y_test=digits.y_test[:100],
    )
