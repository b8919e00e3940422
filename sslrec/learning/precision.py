"""Which numbers a model is trained in: bfloat16 where the machine computes with it, float32 elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

CPU_INFO = Path("/proc/cpuinfo")
KNOWING = frozenset({"amx_bf16", "avx512_bf16", "bf16"})
"""Features of processors that multiply bfloat16: x86 by their first names, Arm by the last."""


def computes_bfloat16() -> bool:
    """Whether bfloat16 is faster than float32 here: on any GPU, and on processors that say so.

    Others convert back and forth: measured on two AVX2 cores, a step of the recommender took eight times as long.
    """
    if tf.config.list_physical_devices("GPU"):
        return True
    try:
        lines = CPU_INFO.read_text("utf-8").splitlines()
    except OSError:  # not Linux
        return False
    features = next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    return not KNOWING.isdisjoint(features.partition(":")[2].split())


@contextmanager
def mixed_precision() -> Iterator[None]:
    """Build models in here to train them in bfloat16 with float32 weights where that is faster, else in float32."""
    policy = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if computes_bfloat16() else "float32")
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(policy)
