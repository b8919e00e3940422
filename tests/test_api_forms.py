import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from sslrec import api
from sslrec.api_forms import FIELD_BYTES, MOST_FIELDS
from tests.api_client import request
from tests.pictures import encoded, seven

PARTS = {
    "text": b'Content-Disposition: form-data; name="text"\r\n\r\nred mug\r\n',
    "text as a file": b'Content-Disposition: form-data; name="text"; filename="wish.txt"\r\n\r\nred mug\r\n',
    "k as a file": b'Content-Disposition: form-data; name="k"; filename="k.txt"\r\n\r\n3\r\n',
    "catalog as a file": b'Content-Disposition: form-data; name="catalog"; filename="c.txt"\r\n\r\nbuiltin\r\n',
    "a picture": b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + encoded(seven()) + b"\r\n",
    "an empty picture": b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n\r\n',
    "no picture": b'Content-Disposition: form-data; name="image"; filename=""\r\n\r\n\r\n',
    "long": b'Content-Disposition: form-data; name="text"\r\n\r\n' + b"x" * (FIELD_BYTES + 1) + b"\r\n",
}

PLAIN = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked of the models, which are not here."""
    seen: list[Any] = []

    class Open:
        is_ready = True

    monkeypatch.setattr(api, "_open", lambda catalog, text: Open())
    monkeypatch.setattr(api, "_recommend", lambda opening, *given: seen.append(given) or [])
    monkeypatch.setattr(api, "_answer", lambda *given: seen.append(given) or {})
    return seen


def send(path: str, *parts: str, end: bytes = b"--b--\r\n", kind: str = "multipart/form-data") -> httpx.Response:
    body = b"".join(b"--b\r\n" + PARTS[part] for part in parts) + end
    return request("POST", path, content=body, headers={"content-type": f"{kind}; boundary=b"})


def refused(response: httpx.Response) -> tuple[int, str]:
    assert set(response.json()) - {"file"} == {"error", "code"}
    return response.status_code, response.json()["code"]


def test_a_whole_form_is_read(asked: list[Any]):
    for end in (b"--b--\r\n", b"--b--"):
        assert send("/api/recommend", "text", "a picture", end=end).status_code == 200
        assert asked.pop() == ("red mug", encoded(seven()), "a.png", 10)
    assert send("/api/recommend", "text", "no picture").status_code == 200
    assert asked.pop() == ("red mug", None, "image", 10)


@pytest.mark.parametrize("part", ["text", "k", "catalog"])
def test_a_field_that_came_as_a_file_is_named(part: str, asked: list[Any]):
    response = send("/api/recommend", f"{part} as a file")
    assert refused(response) == (400, "request_text")
    assert response.json()["error"].startswith(f"The field '{part}' came as a file;")
    assert asked == []


@pytest.mark.parametrize("path", ["/api/digits", "/api/recommend"])
@pytest.mark.parametrize("end", [b"", b"--b", b"--b\r\n"])
def test_a_form_that_is_cut_off_is_refused(path: str, end: bytes, asked: list[Any]):
    assert refused(send(path, "a picture", end=end)) == (400, "request_form")
    assert asked == []


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        (["long"], 413, "request_long"),
        (["text"] * (MOST_FIELDS + 1), 400, "request_fields"),
        (["a picture", "a picture"], 400, "request_files"),
    ],
)
def test_what_a_form_has_too_much_of_is_told(parts: list[str], status: int, code: str, asked: list[Any]):
    assert refused(send("/api/recommend", *parts)) == (status, code)
    assert asked == []


def test_a_plain_form_with_a_long_text_is_told_so():
    response = request("POST", "/api/recommend", data={"text": "x" * (FIELD_BYTES + 1)})
    assert refused(response) == (413, "request_long")


@pytest.mark.parametrize("size", [FIELD_BYTES - len("text"), FIELD_BYTES])
def test_a_plain_form_is_measured_by_the_bytes_that_came(size: int, asked: list[Any]):
    value = ("é" * (size // 2)).encode()
    response = request("POST", "/api/recommend", content=b"text=" + value, headers=PLAIN)
    if size < FIELD_BYTES:
        assert response.status_code == 200
        assert asked.pop()[0] == value.decode()
    else:
        assert refused(response) == (413, "request_long")


@pytest.mark.parametrize("text", ["红色", "café mug", "half of \ud800"])
def test_a_plain_form_is_utf_8_whether_it_is_escaped_or_not(text: str, asked: list[Any]):
    raw = text.replace(" ", "+").encode("utf-8", "surrogatepass")
    for value in (raw, quote_plus(raw, safe="+").encode()):
        body = b"k=3&text=" + value

        async def byte_by_byte(body: bytes = body) -> AsyncIterator[bytes]:
            for place in range(len(body)):
                yield body[place : place + 1]

        for content in (body, byte_by_byte()):
            response = request("POST", "/api/recommend", content=content, headers=PLAIN)
            assert response.status_code == 200
    assert asked == [(raw.decode("utf-8", "replace").replace("+", " "), None, "image", 3)] * 4


def test_half_a_character_in_a_file_s_name_is_a_question_mark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(api, "_answer", lambda name, data: {"file": name})
    file = b'Content-Disposition: form-data; name="image"; filename="+2AA-.png"\r\n\r\n' + encoded(seven())
    kind = {"content-type": "multipart/form-data; charset=utf-7; boundary=b"}
    response = request("POST", "/api/digits", content=b"--b\r\n" + file + b"\r\n--b--\r\n", headers=kind)
    assert response.status_code == 200
    assert response.json() == {"file": "?.png"}


@pytest.mark.parametrize("path", ["/api/digits", "/api/recommend"])
def test_who_sends_a_picture_s_name_in_place_of_the_file_is_told_how_to_send_it(path: str, asked: list[Any]):
    response = request("POST", path, files={"image": (None, "photo.jpg")})
    assert refused(response) == (400, "request_field")
    assert "curl -F image=@photo.jpg" in response.json()["error"]
    assert "body" not in response.json()["error"]
    assert asked == []


def test_an_empty_file_with_a_name_is_a_picture(asked: list[Any]):
    assert send("/api/recommend", "text", "an empty picture").status_code == 200
    assert asked.pop() == ("red mug", b"", "a.png", 10)


@pytest.mark.parametrize("kind", ["multipart/form-data-x", "multipart/form-datas", "x/multipart/form-data"])
def test_a_kind_that_only_begins_like_a_form_is_none(kind: str, asked: list[Any]):
    assert refused(send("/api/recommend", "text", kind=kind)) == (400, "request_form")
    assert asked == []


def test_what_a_form_is_sent_as_may_be_written_in_capitals():
    assert send("/api/recommend", "text", kind="Multipart/Form-Data").status_code == 200


def test_bytes_that_are_no_form_leave_no_lines_in_the_log(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        response = send("/api/recommend", end=b"garbage" * 300)
    assert refused(response) == (400, "request_form")
    assert caplog.messages == []
