"""Self-supervised learning for recommendation: a live studio and a Python package.

The names below are imported when they are first used, so `import sslrec` costs nothing and brings in
neither TensorFlow nor Streamlit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sslrec.artifacts import Artifact, Manifest
    from sslrec.config import Settings, settings
    from sslrec.data.digits import DigitData
    from sslrec.data.images import decode_picture, prepare_digit
    from sslrec.errors import (
        ArtifactError,
        CatalogueError,
        DataError,
        HubError,
        ImageError,
        PolicyError,
        QueryError,
        RequestError,
        RunError,
        SslrecError,
        TextError,
    )
    from sslrec.explain import occlusion_map
    from sslrec.serving.digits import BudgetReading, DigitReader, DigitReading, Prototype

__version__ = "0.1.0"

__all__ = [
    "Artifact",
    "ArtifactError",
    "BudgetReading",
    "CatalogueError",
    "DataError",
    "DigitData",
    "DigitReader",
    "DigitReading",
    "HubError",
    "ImageError",
    "Manifest",
    "PolicyError",
    "Prototype",
    "QueryError",
    "RequestError",
    "RunError",
    "Settings",
    "SslrecError",
    "TextError",
    "__version__",
    "decode_picture",
    "occlusion_map",
    "prepare_digit",
    "settings",
]

_HOMES = {
    "sslrec.artifacts": ("Artifact", "Manifest"),
    "sslrec.config": ("Settings", "settings"),
    "sslrec.data.digits": ("DigitData",),
    "sslrec.data.images": ("decode_picture", "prepare_digit"),
    "sslrec.errors": (
        "ArtifactError",
        "CatalogueError",
        "DataError",
        "HubError",
        "ImageError",
        "PolicyError",
        "QueryError",
        "RequestError",
        "RunError",
        "SslrecError",
        "TextError",
    ),
    "sslrec.explain": ("occlusion_map",),
    "sslrec.serving.digits": ("BudgetReading", "DigitReader", "DigitReading", "Prototype"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(home), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
