import io
import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import anyio
import httpx
import numpy as np
import pytest
from anyio import to_thread

from sslrec import __version__, api
from sslrec.errors import ArtifactError, CatalogueError, ImageError
from sslrec.serving.digits import DigitReading
from tests.api_client import app, request, run
from tests.pictures import BAD, Bad, encoded, seven


class StandIn:
    """A reader that knows one digit, so that these tests need no model."""

    def __init__(self) -> None:
        self.read: list[tuple[str, int]] = []

    def read_bytes(self, data: bytes, name: str) -> DigitReading:
        self.read.append((name, len(data)))
        probabilities = np.full(10, 0.01, np.float32)
        probabilities[7] = 0.91
        image = np.zeros((28, 28), np.float32)
        return DigitReading(image, image, np.zeros(64), probabilities, 7, 0.125, True, 0.0625, 1.5)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr("sslrec.serving.digits.shared_reader", lambda: stand_in)
    return stand_in


def error_of(response: httpx.Response) -> dict[str, str]:
    found = response.json()
    assert set(found) - {"file"} == {"error", "code"}  # the file is named where one came
    return found


def test_a_picture_as_body_is_answered(reader: StandIn):
    data = encoded(seven())
    response = request("POST", "/api/digits?name=seven.png", content=data)
    assert response.status_code == 200
    found = response.json()
    assert found == {
        "file": "seven.png",
        "label": 7,
        "probabilities": [pytest.approx(0.91 if digit == 7 else 0.01) for digit in range(10)],
        "novelty": 0.125,
        "is_digit": True,
        "reconstruction_bce": 0.0625,
        "milliseconds": 1.5,
        "several_shapes": False,
    }
    assert reader.read == [("seven.png", len(data))]


def test_a_picture_in_a_form_is_answered_under_its_file_name(reader: StandIn):
    data = encoded(seven())
    response = request("POST", "/api/digits", files={"image": ("drawn.png", data, "image/png")})
    assert response.json()["file"] == "drawn.png"
    assert reader.read == [("drawn.png", len(data))]


def test_a_picture_without_a_name_is_called_image(reader: StandIn):
    assert request("POST", "/api/digits", content=b"anything").json()["file"] == "image"


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_picture_is_refused_with_the_sentence(bad: Bad):
    response = request("POST", f"/api/digits?name={bad.name}", content=bad.make())
    assert response.status_code == bad.status
    error = error_of(response)
    assert error["code"] == bad.code
    assert error["error"].startswith(f"'{bad.name}' ")


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_picture_in_a_form_is_refused_with_the_same_sentence(bad: Bad):
    as_body = request("POST", f"/api/digits?name={bad.name}", content=bad.make())
    in_form = request("POST", "/api/digits", files={"image": (bad.name, bad.make())})
    assert in_form.status_code == as_body.status_code
    assert error_of(in_form)["code"] == error_of(as_body)["code"]


def test_a_declared_size_beyond_the_limit_is_refused_unread(set_variables: Callable[..., None], reader: StandIn):
    set_variables(MAX_IMAGE_BYTES=1000)
    status, taken = exchange([b"x" * 600] * 9, {"content-length": "5400"})
    assert status == 413
    assert taken == 0
    assert reader.read == []


def test_reading_stops_where_an_undeclared_body_passes_the_limit(set_variables: Callable[..., None], reader: StandIn):
    set_variables(MAX_IMAGE_BYTES=1000)
    status, taken = exchange([b"x" * 600] * 9, {"transfer-encoding": "chunked"})
    assert status == 413
    assert taken == 2
    assert reader.read == []


def test_a_body_of_exactly_the_limit_is_read(set_variables: Callable[..., None], reader: StandIn):
    set_variables(MAX_IMAGE_BYTES=1200)
    assert exchange([b"x" * 600] * 2, {})[0] == 200
    assert reader.read == [("image", 1200)]


def test_someone_who_hangs_up_gets_no_answer_and_leaves_no_trace(reader: StandIn):
    assert exchange([b"x" * 600, None], {}) == (None, 2)
    assert reader.read == []


def exchange(chunks: list[bytes | None], headers: dict[str, str]) -> tuple[int | None, int]:
    """Send a body in chunks (None hangs up); return the status and how many chunks were taken."""
    sent: list[dict] = []
    taken = 0

    async def receive() -> dict:
        nonlocal taken
        chunk = chunks[taken]
        taken += 1
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": taken < len(chunks)}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/digits",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def answer() -> None:
        await api.Digits(scope, receive, send)

    run(answer)
    return (sent[0]["status"] if sent else None), taken


def test_a_form_without_a_picture_says_where_it_belongs():
    response = request("POST", "/api/digits", files={"picture": ("a.png", b"x")})
    assert response.status_code == 400
    assert "field 'image'" in error_of(response)["error"]


@pytest.mark.parametrize("body", [b"", b"no form at all", b"--b\r\nnonsense"])
def test_a_broken_form_is_refused(body: bytes):
    response = request("POST", "/api/digits", content=body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert response.status_code == 400
    assert error_of(response)["code"] in ("request_form", "request_field")


def test_a_form_without_boundary_is_refused():
    response = request("POST", "/api/digits", content=b"x", headers={"content-type": "multipart/form-data"})
    assert response.status_code == 400
    assert error_of(response)["code"] == "request_form"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/api/digits", "POST"), ("PUT", "/api/digits", "POST"), ("POST", "/api/health", "GET, HEAD")],
)
def test_a_wrong_method_names_the_right_ones(method: str, path: str, allowed: str):
    response = request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    assert error_of(response)["error"] == f"{path} does not take {method}; use {allowed}."


def test_an_unknown_path_names_those_there_are():
    response = request("GET", "/api/digit")
    assert response.status_code == 404
    assert error_of(response)["error"].startswith("There is no /api/digit here; use GET /api/health")
    for path in ("/api", "/api/"):
        response = request("GET", path)
        assert response.status_code == 404
        assert error_of(response)["code"] == "request_path"


def test_a_missing_model_is_503_with_the_command_that_rebuilds_it(
    set_variables: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    set_variables(ASSETS=tmp_path)
    from sslrec.serving.digits import DigitReader

    empty = DigitReader()
    monkeypatch.setattr("sslrec.serving.digits.shared_reader", lambda: empty)
    response = request("POST", "/api/digits", content=encoded(seven()))
    assert response.status_code == 503
    error = error_of(response)
    assert error["code"] == "artifact_missing"
    assert "python -m sslrec train" in error["error"]


def test_health_tells_version_and_models(
    set_variables: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    set_variables(ASSETS=tmp_path)
    api._artifact_states.cache_clear()
    found = request("GET", "/api/health")
    assert found.status_code == 200
    assert found.json()["status"] == "degraded"
    assert found.json()["version"] == __version__
    assert set(found.json()["artifacts"]) == set(api.artifacts.SHIPPED)
    assert {state["state"] for state in found.json()["artifacts"].values()} == {"missing"}
    monkeypatch.setattr(api.artifacts, "states", lambda: {"autoencoder-64": ("ok", None)})
    api._artifact_states.cache_clear()
    assert request("GET", "/api/health").json()["status"] == "ok"
    assert request("HEAD", "/api/health").status_code == 200
    api._artifact_states.cache_clear()


def test_every_error_of_pictures_has_a_status_of_its_own_kind():
    for code in (code for code in api.STATUS if code.startswith("image")):
        assert 400 <= api.STATUS[code] < 500
    assert api.error_response(ImageError("image_blank", name="a")).status_code == 422


@pytest.mark.usefixtures("shipped_models")
def test_api_and_command_line_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from sslrec.cli import main

    file = tmp_path / "seven.png"
    file.write_bytes(encoded(seven()))
    assert main(["digits", str(file), "--json"]) == 0
    (said,) = json.load(io.StringIO(capsys.readouterr().out))
    found = request("POST", "/api/digits", params={"name": str(file)}, content=file.read_bytes()).json()
    del said["milliseconds"], found["milliseconds"]
    assert said == found
    assert said["label"] == 7


@pytest.mark.parametrize("charset", ["undefined", "punycode"])
@pytest.mark.parametrize("path", ["/api/digits", "/api/recommend"])
def test_a_form_in_an_encoding_that_is_none_of_texts(path: str, charset: str):
    body = b'--a\r\nContent-Disposition: form-data; name="text"\r\n\r\nred \xff mug\r\n--a--\r\n'
    kind = f"multipart/form-data; boundary=a; charset={charset}"
    response = request("POST", path, content=body, headers={"content-type": kind})
    assert response.status_code == 400
    assert error_of(response)["code"] == "request_form"


def test_an_error_that_nobody_foresaw_is_json_and_in_the_log(
    reader: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(data: bytes, name: str) -> DigitReading:
        raise ZeroDivisionError("a secret of the server")

    monkeypatch.setattr(reader, "read_bytes", fail)
    with caplog.at_level(logging.ERROR):
        response = request("POST", "/api/digits", content=b"x")
    assert response.status_code == 500
    assert error_of(response) == {"error": api.INTERNAL, "code": "internal"}
    (record,) = caplog.records
    assert record.getMessage() == "POST /api/digits failed"
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_where_on_the_server_something_lies_is_not_told():
    folder = "/srv/app/assets/models/denoiser-64"
    for error, name in (
        (ArtifactError("artifact_missing", name="denoiser-64", folder=folder, command="make it"), "in denoiser-64;"),
        (CatalogueError("catalogue_unbuilt", path="/srv/app/assets/catalogue.parquet"), "at catalogue.parquet;"),
    ):
        said = bytes(api.error_response(error).body).decode()
        assert "/srv" not in said
        assert name in said
    # What the caller wrote is no secret.
    assert "/tmp/a.png" in str(bytes(api.error_response(ImageError("image_blank", name="/tmp/a.png")).body))


@pytest.mark.parametrize(
    ("total", "said"), [(0, "made ready; ask"), (44_110, "made ready (500 of 44,110 products); ask")]
)
def test_a_catalogue_that_is_being_opened_says_when_to_come_again(total: int, said: str):
    done = 500 if total else 0
    response = api.error_response(CatalogueError("catalogue_opening", name="shop", done=done, total=total))
    assert response.status_code == 503
    assert response.headers["retry-after"] == "60"
    assert said in bytes(response.body).decode()


def test_slow_answers_leave_the_health_check_and_the_pages_their_threads(
    reader: StandIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(api.artifacts, "states", lambda: {"autoencoder-64": ("ok", None)})
    monkeypatch.setattr(api, "_PLACES", threading.BoundedSemaphore(api.AT_ONCE + 2))
    api._artifact_states.cache_clear()
    go_on, lock, inside = threading.Event(), threading.Lock(), 0

    def slow(name: str, data: bytes) -> dict[str, int]:
        nonlocal inside
        with lock:
            inside += 1
        go_on.wait(60)
        return {}

    monkeypatch.setattr(api, "_answer", slow)
    answers: list[httpx.Response] = []

    async def crowd() -> None:
        to_thread.current_default_thread_limiter().total_tokens = 1
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

            async def ask() -> None:
                answers.append(await client.post("/api/digits", content=b"x"))

            async with anyio.create_task_group() as tasks:
                for _ in range(api.AT_ONCE + 5):
                    tasks.start_soon(ask)
                with anyio.fail_after(30):
                    while len(answers) < 3 or inside < api.AT_ONCE:
                        await anyio.sleep(0.01)
                    # A file of a page, and the health check, while all threads of the API are taken.
                    await to_thread.run_sync(int)
                    assert (await client.get("/api/health")).status_code == 200
                assert inside == api.AT_ONCE
                assert len(answers) == 3
                go_on.set()

    try:
        run(crowd)
    finally:
        go_on.set()
        api._artifact_states.cache_clear()
    busy = answers[:3]
    assert [response.status_code for response in answers] == [503] * 3 + [200] * (api.AT_ONCE + 2)
    assert {error_of(response)["code"] for response in busy} == {"request_busy"}
    assert busy[0].headers["retry-after"] == "5"
