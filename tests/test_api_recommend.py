import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from sslrec import api
from sslrec.cli import main
from sslrec.serving import opening
from sslrec.serving.opening import shared_catalogues
from sslrec.serving.recommender import shared_recommender
from tests.api_client import app, request, run
from tests.data.catalogue.samples import picture
from tests.recommenders import tiny_assets


@pytest.fixture(autouse=True)
def recommender(set_variables: Callable[..., None], tmp_path: Path) -> Iterator[None]:
    """A server with a small recommender and the built-in catalogue."""
    set_variables(ASSETS=tiny_assets(), HOME=tmp_path / "home", DATA=tmp_path / "data")
    for shared in (shared_recommender, shared_catalogues):
        shared.cache_clear()
    yield
    for shared in (shared_recommender, shared_catalogues):
        shared.cache_clear()


def ask(files: dict[str, Any] | None = None, **data: str) -> httpx.Response:
    return request("POST", "/api/recommend", data=data, files=files)


def error_of(response: httpx.Response, status: int) -> str:
    assert response.status_code == status
    found = response.json()
    assert set(found) - {"file"} == {"error", "code"}
    return found["code"]


def test_the_answer_is_the_cli_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "red.png"
    file.write_bytes(picture())
    found = ask({"image": ("red.png", picture(), "image/png")}, text="red mug", k="4", catalog="builtin")
    assert found.status_code == 200
    assert main(["recommend", "--text", "red mug", "--image", str(file), "-k", "4", "--json"]) == 0
    assert found.json() == json.loads(capsys.readouterr().out)
    assert len(found.json()) == 4


def test_text_alone_and_picture_alone_are_answered():
    by_text = ask(text="red mug").json()
    assert len(by_text) == 10
    assert by_text[0]["image_score"] is None
    by_picture = ask({"image": ("red.png", picture(), "image/png")}).json()
    assert by_picture[0]["text_score"] is None
    assert by_picture[0]["score"] == by_picture[0]["image_score"]


def test_an_empty_file_field_is_no_picture():
    # What a browser sends where nobody chose a file.
    found = ask({"image": ("", b"", "application/octet-stream")}, text="red mug")
    assert found.status_code == 200
    assert found.json()[0]["image_score"] is None


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({}, 400, "query_empty"),
        ({"text": "  "}, 400, "query_empty"),
        ({"text": "红色"}, 422, "query_not_english"),
        ({"text": "xqzvkj"}, 422, "query_unknown"),
        ({"text": "mug", "k": "0"}, 400, "request_number"),
        ({"text": "mug", "k": "101"}, 400, "request_number"),
        ({"text": "mug", "k": "ten"}, 400, "request_number"),
        ({"text": "mug", "k": "1e9"}, 400, "request_number"),
        ({"text": "mug", "k": "-3"}, 400, "request_number"),
        ({"text": "mug", "catalog": "mine"}, 400, "request_catalogue"),
        ({"text": "mug", "catalog": "fashion_products"}, 404, "data_missing"),
        ({"text": "mug", "image": "a text where a file is wanted"}, 400, "request_field"),
    ],
)
def test_what_is_wrong_is_told(data: dict[str, str], status: int, code: str):
    assert error_of(ask(**data), status) == code


@pytest.mark.parametrize(("text", "status"), [("红色", 422), ("café mug", 200)])
def test_a_plain_form_is_answered_alike_whether_it_is_escaped_or_not(text: str, status: int):
    kind = {"content-type": "application/x-www-form-urlencoded"}
    raw = request("POST", "/api/recommend", content=b"text=" + text.encode(), headers=kind)
    escaped = ask(text=text)
    assert raw.status_code == escaped.status_code == status
    assert raw.json() == escaped.json()


def test_no_path_is_taken_from_the_network():
    place = str(tiny_assets() / "catalogue" / "catalogue.parquet")
    for path in (place, "../catalogue.parquet", "/etc/passwd", "builtin/../builtin"):
        assert error_of(ask(text="mug", catalog=path), 400) == "request_catalogue"


def test_a_bad_picture_is_told_with_its_name():
    response = ask({"image": ("notes.txt", b"no picture", "text/plain")}, text="mug")
    assert error_of(response, 415) == "image_format"
    assert response.json()["file"] == "notes.txt"


def test_a_picture_that_is_too_large_is_refused(set_variables: Callable[..., None]):
    set_variables(MAX_IMAGE_BYTES=1000)
    assert error_of(ask({"image": ("big.png", b"\x89PNG" + bytes(90_000), "image/png")}, text="mug"), 413) == (
        "image_too_large"
    )


def test_a_form_that_is_none_is_refused():
    broken = request(
        "POST", "/api/recommend", content=b"no form", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert error_of(broken, 400) in ("request_form", "query_empty")
    assert error_of(request("POST", "/api/recommend", content=picture()), 400) == "request_form"
    assert error_of(request("POST", "/api/recommend", json={"text": "red mug"}), 400) == "request_form"
    assert error_of(request("POST", "/api/recommend"), 400) == "query_empty"
    assert error_of(request("GET", "/api/recommend"), 405) == "request_method"


def test_a_long_text_is_cut():
    found = ask(text="red mug " * 1250)
    assert found.status_code == 200
    assert len(found.json()) == 10


def test_an_empty_file_with_a_name_is_told():
    response = ask({"image": ("red.png", b"", "image/png")}, text="red mug")
    assert error_of(response, 400) == "image_empty"
    assert response.json()["file"] == "red.png"


def test_who_waits_for_a_catalogue_holds_no_thread(monkeypatch: pytest.MonkeyPatch):
    go_on = threading.Event()
    load = opening.load_catalogue

    def slow(name: str) -> object:
        go_on.wait(60)
        return load(name)

    monkeypatch.setattr(opening, "load_catalogue", slow)
    monkeypatch.setattr("sslrec.api.OPENING_SECONDS", 60.0)
    monkeypatch.setattr("sslrec.api._OPENING", threading.BoundedSemaphore(api.AT_ONCE + 1))
    found: list[int] = []

    async def crowd() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
            anyio.create_task_group() as tasks,
        ):

            async def ask_for_one() -> None:
                found.append((await client.post("/api/recommend", data={"text": "mug", "k": "1"})).status_code)

            for _ in range(api.AT_ONCE + 3):
                tasks.start_soon(ask_for_one)
            with anyio.fail_after(60):
                # Two more than may wait are told at once.
                while len(found) < 2:
                    await anyio.sleep(0.01)
                # All the others wait, and still this is answered.
                assert (await client.post("/api/recommend", data={"text": "红色"})).status_code == 422
            go_on.set()

    try:
        run(crowd)
    finally:
        go_on.set()
    assert found == [503, 503] + [200] * (api.AT_ONCE + 1)


def test_while_a_catalogue_is_made_ready_the_server_says_when(monkeypatch: pytest.MonkeyPatch):
    go_on = threading.Event()

    def slow(name: str) -> object:
        go_on.wait(20)
        raise AssertionError("never asked for")

    monkeypatch.setattr(opening, "load_catalogue", slow)
    monkeypatch.setattr("sslrec.api.OPENING_SECONDS", 0.1)
    try:
        assert error_of(ask(text="mug"), 503) == "catalogue_opening"
    finally:
        go_on.set()
