"""sslrec: self-supervised learning for recommendation, to try and to use.

The names below are loaded when they are first used, so that `import sslrec` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sslrec.artifacts import Artifact, Manifest
    from sslrec.config import Settings, settings
    from sslrec.data.digits import DigitData
    from sslrec.data.images import decode_picture, prepare_digit
    from sslrec.errors import ArtifactError, DataError, ImageError, SslrecError
    from sslrec.explain import occlusion_map
    from sslrec.serving.digits import BudgetReading, DigitReader, DigitReading, Prototype

__version__ = "0.1.0"

__all__ = [
    "Artifact",
    "ArtifactError",
    "BudgetReading",
    "DataError",
    "DigitData",
    "DigitReader",
    "DigitReading",
    "ImageError",
    "Manifest",
    "Prototype",
    "Settings",
    "SslrecError",
    "decode_picture",
    "occlusion_map",
    "prepare_digit",
    "settings",
]

_HOME = {
    "sslrec.artifacts": ("Artifact", "Manifest"),
    "sslrec.config": ("Settings", "settings"),
    "sslrec.data.digits": ("DigitData",),
    "sslrec.data.images": ("decode_picture", "prepare_digit"),
    "sslrec.errors": ("ArtifactError", "DataError", "ImageError", "SslrecError"),
    "sslrec.explain": ("occlusion_map",),
    "sslrec.serving.digits": ("BudgetReading", "DigitReader", "DigitReading", "Prototype"),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name's module at its first use (PEP 562)."""
    if name not in _MODULE:
        raise AttributeError(f"module 'sslrec' has no attribute {name!r}")
    return getattr(import_module(_MODULE[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
