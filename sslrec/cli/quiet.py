"""TensorFlow without its notes on the processor, which would stand between the lines."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from sslrec.quiet import quietly


def import_quietly(module: str) -> Any:
    """Import a module of `sslrec.learning`, with which TensorFlow comes in."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with quietly():
        return import_module(module)
