"""Pictures that a visitor sends: each read once, bad ones with their reason, all as a table and a CSV."""

from __future__ import annotations

import csv
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Protocol

import numpy as np

from sslrec.config import settings
from sslrec.data.images import decode_picture, prepare_largest
from sslrec.errors import ImageError
from sslrec.serving.digits import DigitReading, read_prepared
from sslrec.ui.digit_parts import block, percent
from sslrec.ui.language import explain, t
from sslrec.ui.pictures import thumbnail_uri


def picture_megabytes() -> int:
    """The largest picture file that an uploader lets through.

    Above `SSLREC_MAX_IMAGE_BYTES` on purpose: a picture that is somewhat too large shall get our own sentence.
    """
    return max(1, settings().max_image_bytes * 5 // 2_000_000)


class Reader(Protocol):
    """What reads a digit, such as `DigitReader`."""

    def read(self, image: np.ndarray) -> DigitReading:
        """Answer for one prepared digit."""
        ...


class SentFile(Protocol):
    """What Streamlit hands over for a file or a photo."""

    name: str
    file_id: str

    def getvalue(self) -> bytes:
        """The file's bytes."""
        ...


@dataclass(frozen=True)
class Upload:
    """One file that a visitor sent.

    Attributes:
        name: the file's name.
        thumbnail: a data URI, empty where the file is no picture.
        reading: what the models make of it, or None where there is an error.
        error: why the file cannot be used, or None.
    """

    name: str
    thumbnail: str
    reading: DigitReading | None
    error: ImageError | None


def read_files(reader: Reader, files: Sequence[SentFile], kept: MutableMapping[str, Upload]) -> list[Upload]:
    """Read the files that are new and forget those that are gone.

    Args:
        reader: the models.
        files: what the visitor has sent so far.
        kept: results by file id; holds exactly those of `files` afterwards.

    Raises:
        ArtifactError: a model is missing or damaged.
    """
    uploads = {file.file_id: kept.get(file.file_id) or _read(reader, file) for file in files}
    kept.clear()
    kept.update(uploads)
    return list(uploads.values())


def _read(reader: Reader, file: SentFile) -> Upload:
    """Decode, prepare and read one file; what is wrong with it becomes part of the result."""
    name, thumbnail = file.name, ""
    try:
        picture = decode_picture(file.getvalue(), name)
        thumbnail = thumbnail_uri(picture)
        return Upload(name, thumbnail, read_prepared(reader.read, prepare_largest(picture, name)), None)
    except ImageError as error:
        return Upload(name, thumbnail, None, error)


def upload_table(uploads: Sequence[Upload]) -> str:
    """All files as an HTML table with thumbnails, in the visitor's language."""
    names = ("file", "label", "sure", "novelty", "bce")
    head = "".join(f'<th scope="col">{escape(t(f"table.{name}"))}</th>' for name in names)
    rows = []
    for upload in uploads:
        picture = f'<img src="{upload.thumbnail}" alt="">' if upload.thumbnail else "<i></i>"
        first = f'<th scope="row">{picture}<span>{escape(upload.name)}</span></th>'
        reading = upload.reading
        if reading is None:
            reason = explain(upload.error) if upload.error else ""
            rows.append(f'<tr class="sx-bad">{first}<td colspan="4">{escape(reason)}</td></tr>')
            continue
        label = t("table.no_digit") if reading.label is None else str(reading.label)
        several = f"<small>{escape(t('table.several'))}</small>" if reading.several_shapes else ""
        cells = (
            f"<b>{escape(label)}</b>{several}",
            percent(float(reading.probabilities.max())),
            f"{reading.novelty:.2f}",
            f"{reading.reconstruction_bce:.4f}",
        )
        rows.append(f"<tr>{first}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return block(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>", "files")


def uploads_csv(uploads: Sequence[Upload]) -> str:
    """All files as CSV text, with the fields of the command line's JSON."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    classes = [f"probability_{digit}" for digit in range(10)]
    writer.writerow(["file", "label", "is_digit", "novelty", "reconstruction_bce", *classes, "several_shapes", "error"])
    for upload in uploads:
        reading = upload.reading
        if reading is None:
            error = explain(upload.error) if upload.error else ""
            row: list[object] = [plain_cell(upload.name), *[""] * 15, plain_cell(error)]
        else:
            row = [
                plain_cell(upload.name),
                "" if reading.label is None else reading.label,
                reading.is_digit,
                f"{reading.novelty:.4f}",
                f"{reading.reconstruction_bce:.5f}",
                *(f"{value:.5f}" for value in reading.probabilities),
                reading.several_shapes,
                "",
            ]
        writer.writerow(row)
    return buffer.getvalue()


def plain_cell(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula: an apostrophe goes before it."""
    return f"'{text}" if text.startswith(tuple("=+-@\t\r\n＝＋－＠")) else text
