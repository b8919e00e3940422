"""The errors a user can cause.

Each is one sentence that says what came, what is wanted and what to do. An error carries a `code` and
its `params`, so that the screen can say the same sentence in the visitor's language; `str(error)` is
the English one, which the CLI and the API print.
"""

from __future__ import annotations

MESSAGES = {
    "artifact_damaged": (
        "The model '{name}' is damaged ({file} does not match its manifest); restore it from the repository "
        "or rebuild it with: {command}"
    ),
    "artifact_missing": (
        "The model '{name}' is not in {folder}; restore the assets folder or rebuild the model with: {command}"
    ),
    "artifact_place": "'{folder}' holds other files than a model; name a new folder, or one that holds a model alone.",
    "data_damaged": "The data set '{name}' at {path} cannot be read ({reason}); fetch it again.",
    "data_missing": (
        "The data set '{name}' is not on this machine; set SSLREC_DATA to the folder that holds it ({path})."
    ),
    "data_unknown": "There is no data set named '{name}' here; choose one of: {known}.",
    "image_blank": "'{name}' shows no ink on its ground; draw or send a picture with one digit on it.",
    "image_empty": "'{name}' is empty (0 bytes); send a PNG, JPEG, WebP, GIF, BMP or TIFF picture.",
    "image_format": ("'{name}' is not a picture this reads; send a PNG, JPEG, WebP, GIF, BMP or TIFF file."),
    "image_missing": "There is no file '{name}'; check the path.",
    "image_pixels": (
        "'{name}' declares {width} x {height} pixels, more than the {limit:,} allowed; send a smaller picture."
    ),
    "image_too_large": ("'{name}' has {size:,} bytes, more than the {limit:,} allowed; send a smaller picture."),
    "image_too_small": "'{name}' has only {width} x {height} pixels; send at least 4 x 4.",
    "image_truncated": "'{name}' is damaged or cut off; save or send it again.",
    "image_unreadable": "'{name}' cannot be read ({reason}); check its permissions and that it is a file.",
    "request_field": "The form has no file in its field 'image'; send the picture there, or as the body alone.",
    "request_form": "The form cannot be read; send the picture in its field 'image', or as the body alone.",
    "request_method": "{path} does not take {method}; use {allowed}.",
    "request_path": "There is no {path} here; use GET /api/health or POST /api/digits.",
    "too_many_files": "{count} files came, more than the {limit} allowed at once; send them in smaller groups.",
}
"""The English sentence of each code; the Chinese ones are in `sslrec/ui/texts`."""


class SslrecError(Exception):
    """An error with a sentence for the person who caused it.

    Args:
        code: a key of `MESSAGES`.
        params: what fills the sentence's braces.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(MESSAGES[code].format(**params))


class ArtifactError(SslrecError):
    """A trained model is missing or damaged, or must not be put where it was asked to."""


class DataError(SslrecError):
    """A data set is unknown, missing or damaged."""


class ImageError(SslrecError):
    """A picture cannot be used."""


class RequestError(SslrecError):
    """An HTTP request is not one that is answered here."""
