"""TensorFlow without its notes on the processor, which no setting silences and which would stand between the lines."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any


def import_quietly(module: str) -> Any:
    """Import a module of `sslrec.learning`, with which TensorFlow comes in."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        return import_module(module)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
