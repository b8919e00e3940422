"""Files that a visitor sends: read once, bad ones told, and a CSV that no spreadsheet runs."""

import csv
from dataclasses import dataclass
from io import BytesIO, StringIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sslrec.serving.digits import DigitReading
from sslrec.ui.uploads import plain_cell, read_files, upload_table, uploads_csv


@dataclass
class File:
    name: str
    data: bytes
    file_id: str = ""

    def __post_init__(self):
        self.file_id = self.file_id or self.name

    def getvalue(self):
        return self.data


class Reader:
    """Reads every digit as a 7 and counts."""

    def __init__(self, novelty=0.1):
        self.calls = 0
        self.novelty = novelty

    def read(self, image):
        self.calls += 1
        probabilities = np.zeros(10, np.float32)
        probabilities[7] = 1
        is_digit = self.novelty <= 0.5
        label = 7 if is_digit else None
        return DigitReading(image, image, np.zeros(64), probabilities, label, self.novelty, is_digit, 0.06, 1)


def png() -> bytes:
    picture = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(picture).line((15, 12, 45, 12, 25, 50), fill=0, width=6)
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def test_good_and_bad_files_come_back_in_order():
    files = [File("a.png", png()), File("b.png", b"hello"), File("c.png", b""), File("d.png", png())]
    uploads = read_files(Reader(), files, {})
    assert [upload.name for upload in uploads] == ["a.png", "b.png", "c.png", "d.png"]
    assert [upload.error.code if upload.error else None for upload in uploads] == [
        None,
        "image_format",
        "image_empty",
        None,
    ]
    assert [upload.reading is not None for upload in uploads] == [True, False, False, True]
    assert uploads[0].thumbnail.startswith("data:image/jpeg")


def test_a_file_is_read_once_and_forgotten_when_it_is_gone():
    reader, kept = Reader(), {}
    first, second = File("a.png", png()), File("b.png", png())
    read_files(reader, [first], kept)
    read_files(reader, [first, second], kept)
    assert reader.calls == 2
    assert [upload.name for upload in read_files(reader, [second], kept)] == ["b.png"]
    assert list(kept) == ["b.png"]


def test_two_files_of_one_name_are_two_files():
    files = [File("a.png", png(), "1"), File("a.png", png(), "2")]
    assert len(read_files(Reader(), files, {})) == 2


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0.png", "+1.png", "-1.png", "@SUM(A1).png", "\t=1.png", "\r=1.png", "＝1.png"]
)
def test_the_csv_holds_no_formula(name):
    text = uploads_csv(read_files(Reader(), [File(name, png()), File(name, b"", "2")], {}))
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert rows[0]["file"] == rows[1]["file"] == f"'{name}"
    assert rows[1]["error"].startswith("'")


def test_the_csv_has_the_fields_of_the_command_line():
    text = uploads_csv(read_files(Reader(), [File("a.png", png()), File("b.png", b"x")], {}))
    good, bad = csv.DictReader(StringIO(text, newline=""))
    assert (good["file"], good["label"], good["is_digit"], good["probability_7"]) == ("a.png", "7", "True", "1.00000")
    assert good["several_shapes"] == "False"
    assert good["error"] == ""
    assert bad["label"] == bad["probability_0"] == ""
    assert "b.png" in bad["error"]


def test_a_stranger_has_no_label():
    (row,) = csv.DictReader(StringIO(uploads_csv(read_files(Reader(0.9), [File("a.png", png())], {})), newline=""))
    assert (row["label"], row["is_digit"]) == ("", "False")


def test_a_plain_name_stays_plain():
    assert plain_cell("seven-1.png") == "seven-1.png"


def test_the_table_escapes_what_a_file_is_called():
    name = "<img src=x onerror=alert(1)>.png"
    markup = upload_table(read_files(Reader(), [File(name, png()), File(name, b"", "2")], {}))
    assert "<img src=x" not in markup
    assert markup.count("&lt;img src=x onerror=alert(1)&gt;.png") >= 2


def test_the_table_says_which_pictures_show_more_than_the_digit_that_was_read():
    two = Image.new("L", (300, 150), 255)
    for left in (40, 220):
        ImageDraw.Draw(two).line((left, 30, left, 120), 0, 12)
    buffer = BytesIO()
    two.save(buffer, "PNG")
    rows = upload_table(read_files(Reader(), [File("one", png()), File("two", buffer.getvalue())], {})).split("<tr>")
    assert ["of several shapes" in row for row in rows if "<b>" in row] == [False, True]
