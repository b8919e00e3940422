"""The answer for one picture file as the CLI and the API give it to machines."""

from __future__ import annotations

from typing import Any

from sslrec.errors import SslrecError
from sslrec.serving.digits import DigitReading


def digit_answer(file: str, reading: DigitReading) -> dict[str, Any]:
    """What the models make of a digit, ready for JSON.

    Args:
        file: what the caller calls the picture.
        reading: the models' answer for it.

    Returns:
        `file`, `label` (int, or None where `is_digit` is false), `probabilities` (10 floats), `novelty`
        (0 to 1), `is_digit`, `reconstruction_bce` (nats per pixel), `milliseconds` and `several_shapes`
        (bool: the largest shape was read, and others lie apart from it).
    """
    return {
        "file": file,
        "label": reading.label,
        "probabilities": [round(float(value), 6) for value in reading.probabilities],
        "novelty": round(reading.novelty, 6),
        "is_digit": reading.is_digit,
        "reconstruction_bce": round(reading.reconstruction_bce, 6),
        "milliseconds": round(reading.milliseconds, 3),
        "several_shapes": reading.several_shapes,
    }


def error_answer(file: str, error: SslrecError) -> dict[str, Any]:
    """Why there is no answer for a file: `file` and `error`, a sentence."""
    return {"file": file, "error": str(error)}
