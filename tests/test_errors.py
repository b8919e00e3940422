import re
import string

import pytest

from sslrec.errors import MESSAGES, ArtifactError, CatalogueError, DataError, ImageError, RequestError, SslrecError

PARAMS = {
    "count": 1234567,
    "limit": 1234567,
    "size": 1234567,
    "width": 1234567,
    "height": 1234567,
    "first": 0.7,
    "loss": 12.5,
    "done": 500,
    "total": 44_110,
}


def filled(code: str) -> dict[str, object]:
    """Something for every brace of a sentence."""
    names = {name for _, name, _, _ in string.Formatter().parse(MESSAGES[code]) if name}
    return {name: PARAMS.get(name, f"<{name}>") for name in names}


@pytest.mark.parametrize("code", MESSAGES)
def test_a_sentence_is_one_line_with_what_to_do(code: str):
    text = str(SslrecError(code, **filled(code)))
    assert "\n" not in text
    assert text[0] in string.ascii_uppercase + "'<" or text[0].isdigit()
    # What came, and after a semicolon or a comma what to do about it.
    assert re.search(r"; \w+", text)


def test_what_came_from_anybody_stays_on_its_line_and_commands_nothing():
    hostile = "a\x1b[2Jb\r\n\u202egnp.exe\ud800" + "x" * 10_000
    error = CatalogueError("picture_missing", picture=hostile)
    assert str(error).startswith("The picture 'a�[2Jb���gnp.exe�xxx")
    assert len(str(error).splitlines()) == 1
    assert len(str(error)) < 2_200
    assert str(error).isprintable()
    assert str(error.params["picture"]).encode()


def test_codes_are_sorted():
    assert list(MESSAGES) == sorted(MESSAGES)


def test_an_error_keeps_what_other_languages_need():
    error = ImageError("image_too_large", name="a.png", size=12_000_000, limit=10_000_000)
    assert str(error) == "'a.png' has 12,000,000 bytes, more than the 10,000,000 allowed; send a smaller picture."
    assert error.code == "image_too_large"
    assert error.params == {"name": "a.png", "size": 12_000_000, "limit": 10_000_000}


def test_braces_in_a_name_are_no_placeholders():
    assert str(ImageError("image_missing", name="{size}")) == "There is no file '{size}'; check the path."


@pytest.mark.parametrize("kind", [ArtifactError, DataError, ImageError, RequestError])
def test_all_kinds_are_caught_as_one(kind: type[SslrecError]):
    with pytest.raises(SslrecError):
        raise kind("image_missing", name="a.png")
