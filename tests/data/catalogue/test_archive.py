import io
import stat
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sslrec.data.catalogue.archive import PictureArchive
from sslrec.data.catalogue.picture_files import open_pictures
from sslrec.data.catalogue.sheets import Origin
from sslrec.errors import CatalogueError, ImageError
from tests.data.catalogue.samples import picture

RED, BLUE = picture(), picture((0, 0, 255))


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def opened(data: bytes) -> PictureArchive:
    return PictureArchive(Origin("shop.zip", data))


def refusals(archive: PictureArchive) -> dict[str, str]:
    return {one.name: one.error.code for one in archive.refused.first}


def test_pictures_are_found_and_read_from_bytes_and_from_a_file(tmp_path: Path):
    data = packed(("shop/a.png", RED), ("shop/b.png", BLUE))
    (tmp_path / "shop.zip").write_bytes(data)
    for given in (data, tmp_path / "shop.zip"):
        archive = open_pictures(given)
        assert archive.read(archive.find("b.png")) == BLUE
        assert archive.find("c.png") is None
        assert archive.refused.count == 0
        archive.close()


def member(name: str, system: int = 3, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system, made.external_attr, made.flag_bits = system, mode << 16, flags
    return made


@pytest.mark.parametrize(
    ("hostile", "code"),
    [
        (("../../etc/evil.png", RED), "picture_path"),
        (("/etc/evil.png", RED), "picture_path"),
        (("C:\\evil.png", RED), "picture_path"),
        (("a\\..\\..\\evil.png", RED), "picture_path"),
        ((member("evil.png", mode=stat.S_IFLNK | 0o777), b"/etc/passwd"), "picture_link"),
        ((member("evil.png", mode=stat.S_IFIFO | 0o777), b""), "picture_link"),
        (("evil.zip", packed(("a.png", RED))), "picture_archive"),
        (("evil.exe", b"MZ"), "picture_suffix"),
        (("evil.svg", b"<svg/>"), "picture_suffix"),
        (("evil.png", bytes(20_000_000)), "picture_bomb"),
    ],
)
def test_a_hostile_file_is_refused_and_the_others_are_read(hostile: tuple, code: str):
    archive = opened(packed(hostile, ("good.png", RED)))
    assert list(refusals(archive).values()) == [code]
    assert archive.read(archive.find("good")) == RED
    (name,) = refusals(archive)
    with pytest.raises(CatalogueError) as caught:
        archive.find(name.replace("\\", "/").rsplit("/", 1)[-1])
    assert caught.value.code == code


def test_an_encrypted_picture_is_refused():
    data = bytearray(packed(("evil.png", RED), method=zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + offset] |= 1
    archive = opened(bytes(data))
    assert refusals(archive) == {"evil.png": "picture_encrypted"}


def test_a_nested_archive_in_disguise_is_refused_when_it_is_read():
    archive = opened(packed(("evil.png", packed(("a.png", RED)))))
    with pytest.raises(CatalogueError, match="an archive inside the archive"):
        archive.read(archive.find("evil.png"))


def test_a_size_that_is_a_lie_unpacks_no_more_than_it_says():
    data = bytearray(packed(("evil.png", bytes(900_000))))
    # The directory and the header both say ten bytes.
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        place = data.index(mark) + offset
        data[place : place + 4] = (10).to_bytes(4, "little")
    archive = opened(bytes(data))
    with pytest.raises(CatalogueError) as caught:
        archive.read(archive.find("evil.png"))
    assert caught.value.code == "picture_damaged"


def test_a_picture_beyond_the_limit_is_not_unpacked(set_variables: Callable[..., None]):
    set_variables(MAX_IMAGE_BYTES=100)
    archive = opened(packed(("big.png", RED * 3)))
    with pytest.raises(ImageError) as caught:
        archive.read(archive.find("big.png"))
    assert caught.value.code == "image_too_large"


def test_a_damaged_picture_does_not_harm_the_others():
    data = bytearray(packed(("a.png", RED), ("b.png", BLUE), method=zipfile.ZIP_STORED))
    data[data.index(RED) + 20] ^= 0xFF
    archive = opened(bytes(data))
    with pytest.raises(CatalogueError, match="cannot be unpacked"):
        archive.read(archive.find("a.png"))
    assert archive.read(archive.find("b.png")) == BLUE


@pytest.mark.parametrize(
    ("variable", "limit", "code"),
    [("ARCHIVE_BYTES", 100, "archive_bytes"), ("ARCHIVE_ENTRIES", 2, "archive_entries"),
     ("ARCHIVE_UNPACKED", 200, "archive_unpacked")],
)  # fmt: skip
def test_an_archive_beyond_a_limit_is_refused_as_a_whole(
    set_variables: Callable[..., None], variable: str, limit: int, code: str
):
    data = packed(("a.png", RED), ("b.png", RED), ("c.png", RED))
    set_variables(**{f"MAX_{variable}": limit})
    with pytest.raises(CatalogueError) as caught:
        opened(data)
    assert caught.value.code == code
    set_variables(**{f"MAX_{variable}": 1_000_000})
    assert len(opened(data)) == 3


def test_entries_are_counted_whatever_the_end_of_the_file_says(set_variables: Callable[..., None]):
    data = packed(*((f"{number}.png", b"") for number in range(500)))
    end = data.rindex(b"PK\5\6")
    # The count of entries is a lie, and a comment holds a second end.
    lie = data[: end + 8] + b"\1\0\1\0" + data[end + 12 : end + 20] + (22).to_bytes(2, "little") + data[end:]
    set_variables(MAX_ARCHIVE_ENTRIES=400)
    for zipped in (data, lie):
        with pytest.raises(CatalogueError) as caught:
            opened(zipped)
        assert caught.value.code == "archive_entries"


@pytest.mark.parametrize("data", [b"", b"no zip", packed(("a.png", RED))[:-30], b"PK\3\4" + bytes(100)])
def test_what_is_no_zip_is_one_error(data: bytes):
    with pytest.raises(CatalogueError) as caught:
        opened(data)
    assert caught.value.code == "archive_damaged"


def test_what_systems_leave_beside_pictures_is_no_refusal():
    noise = [("__MACOSX/._a.png", b"x"), (".DS_Store", b"x"), ("x/Thumbs.db", b"x"), ("x/", b"")]
    archive = opened(packed(*noise, ("x/a.png", RED)))
    assert archive.refused.count == 0
    assert archive.find("a") == "x/a.png"


def test_names_that_begin_where_they_lie_are_those_of_pictures():
    """As `zip -r ../shop.zip .` and many a library write them."""
    names = ("./a.png", "./pics/b.png", "pics/./c.png", ".\\d.png")
    archive = opened(packed(*((name, RED) for name in (*names, "./.hidden.png", "./../evil.png"))))
    assert [archive.find(f"{letter}.png") for letter in "abcd"] == list(names)
    assert archive.read("./a.png") == RED
    assert refusals(archive) == {"./../evil.png": "picture_path"}
    assert len(archive) == 4


def test_names_in_a_chinese_windows_encoding_are_understood():
    data = packed(("abcd.png", RED)).replace(b"abcd", "红色".encode("gbk"))
    archive = opened(data)
    assert archive.read(archive.find("红色.png")) == RED


def test_names_in_a_japanese_windows_encoding_are_understood():
    """Where one of them has kana, the others are Japanese, too."""
    names = ("赤いシャツ.png", "白靴.png")
    data = packed(*(("x" * len(name.encode("cp932")), RED) for name in names))
    for name in names:
        data = data.replace(b"x" * len(name.encode("cp932")), name.encode("cp932"))
    archive = opened(data)
    assert [archive.find(name) for name in names] == list(names)


@pytest.mark.parametrize("name", ["Straße grün.png", "Crème brûlée.png", "smørrebrød.png"])
def test_names_in_a_western_windows_encoding_are_understood(name: str):
    """An accented letter and the plain one after it would be a rare Chinese character."""
    encoded = name.encode("cp850")
    data = packed(("x" * len(encoded), RED)).replace(b"x" * len(encoded), encoded)
    assert opened(data).find(name) == name


def test_threads_read_at_once():
    archive = opened(packed(*((f"{number}.png", picture((number, 0, 0))) for number in range(40))))
    wrong = []

    def read() -> None:
        for number in range(40):
            if archive.read(f"{number}.png") != picture((number, 0, 0)):
                wrong.append(number)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_picture_whose_packed_bytes_are_damaged_is_one_error_or_no_harm(method: int):
    whole, codes = bytes(range(256)) * 20, set()
    zipped, start = packed(("a.png", whole), method=method), 30 + len("a.png")
    for place in range(start, start + 24):
        data = bytearray(zipped)
        data[place : place + 4] = b"\xff\xff\xff\xff"
        try:
            assert len(opened(bytes(data)).read("a.png")) <= len(whole)
        except CatalogueError as error:
            codes.add(error.code)
    assert codes == {"picture_damaged"}


def test_names_that_no_system_has_are_refused():
    assert len(opened(packed(("x" * 990 + ".png", RED)))) == 1
    with pytest.raises(CatalogueError, match=r"a file name of 60,005 characters") as caught:
        opened(packed(("a.png", RED), ("x" * 60_000 + "\U0001f600.png", RED)))
    assert caught.value.code == "archive_damaged"
