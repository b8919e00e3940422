import json
from dataclasses import replace

import numpy as np

from sslrec.errors import ImageError
from sslrec.serving.answers import digit_answer, error_answer
from sslrec.serving.digits import DigitReading


def reading(label: int | None, novelty: float) -> DigitReading:
    image = np.zeros((28, 28), np.float32)
    probabilities = np.full(10, 0.1, np.float32)
    return DigitReading(image, image, image[0], probabilities, label, novelty, novelty <= 0.5, 0.07, 0.4)


def test_an_answer_is_plain_json():
    found = json.loads(json.dumps(digit_answer("a.png", reading(3, 0.25))))
    assert found == {
        "file": "a.png",
        "label": 3,
        "probabilities": [0.1] * 10,
        "novelty": 0.25,
        "is_digit": True,
        "reconstruction_bce": 0.07,
        "milliseconds": 0.4,
        "several_shapes": False,
    }


def test_several_shapes_are_told():
    found = json.loads(json.dumps(digit_answer("a.png", replace(reading(3, 0.25), several_shapes=True))))
    assert found["several_shapes"] is True


def test_what_is_no_digit_has_no_label():
    found = digit_answer("a.png", reading(None, 0.75))
    assert found["label"] is None
    assert found["is_digit"] is False


def test_an_error_is_the_file_and_the_sentence():
    error = ImageError("image_missing", name="a.png")
    assert error_answer("a.png", error) == {"file": "a.png", "error": "There is no file 'a.png'; check the path."}
