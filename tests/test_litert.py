import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sslrec import artifacts
from sslrec.config import ROOT
from sslrec.errors import ArtifactError
from sslrec.litert import LiteModel


@pytest.fixture(scope="module")
def model() -> LiteModel:
    """The shipped encoder, `(n, 28, 28, 1)` to `(n, d)`."""
    try:
        return LiteModel(artifacts.load("digit-encoder").file("encoder.tflite"))
    except ArtifactError as error:
        pytest.skip(str(error))


IMAGES = np.random.default_rng(0).random((300, 28, 28, 1)).astype(np.float32)


def test_any_batch_size_gives_the_same_answers(model: LiteModel):
    one_by_one = np.concatenate([model(image[None]) for image in IMAGES[:5]])
    np.testing.assert_allclose(model(IMAGES[:5]), one_by_one, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model(IMAGES[:2]), one_by_one[:2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 128, 300, 999])
def test_batches_change_nothing(model: LiteModel, batch_size: int):
    whole = model.in_batches(IMAGES[:40])
    np.testing.assert_allclose(model.in_batches(IMAGES[:40], batch_size), whole, rtol=1e-4, atol=1e-5)


def test_an_answer_is_a_copy_of_its_own(model: LiteModel):
    first = model(IMAGES[:1])
    kept = first.copy()
    model(IMAGES[1:2])
    np.testing.assert_array_equal(first, kept)


def test_other_number_types_are_taken(model: LiteModel):
    np.testing.assert_allclose(model(IMAGES[:1].astype(np.float64)), model(IMAGES[:1]), rtol=1e-5)


def test_threads_do_not_disturb_each_other(model: LiteModel):
    wanted = [model(IMAGES[index : index + 1 + index % 3]) for index in range(40)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda index: model(IMAGES[index : index + 1 + index % 3]), range(40)))
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def stderr_of(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_first_model_says_nothing_on_stderr():
    script = """
import sys
import numpy as np
from sslrec import artifacts
from sslrec.litert import LiteModel
LiteModel(artifacts.load("digit-encoder").file("encoder.tflite"))(np.zeros((1, 28, 28, 1), np.float32))
print("mine", file=sys.stderr)
"""
    assert stderr_of(script) == "mine\n"


def test_where_stderr_is_closed_there_is_nothing_to_keep_quiet():
    assert not stderr_of("import os\nos.close(2)\nfrom sslrec.quiet import quietly\nwith quietly(): print(7)")
