"""JSON beside the pages: the server's health, what the models make of a digit, products for a wish."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message

from sslrec import __version__, artifacts
from sslrec.config import settings
from sslrec.errors import ArtifactError, ImageError, RequestError, SslrecError

STATUS = {
    "catalogue_opening": 503,
    "data_missing": 404,
    "image_empty": 400,
    "image_format": 415,
    "image_pixels": 413,
    "image_too_large": 413,
    "query_empty": 400,
    "request_catalogue": 400,
    "request_field": 400,
    "request_form": 400,
    "request_method": 405,
    "request_number": 400,
    "request_path": 404,
}
"""HTTP status by error code; a picture that is one but cannot be used is 422, a model that is not here 503."""
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
"""What a form is sent as."""
UNREADABLE = (MultiPartException, HTTPException, LookupError, ValueError)
"""How a form fails that cannot be parsed; the last two where it names an encoding that is none of texts."""
FORM_BYTES = 65_536
"""What a form may hold beside the picture, in bytes."""
MOST_PRODUCTS = 100
"""How many products one request may ask for."""
OPENING_SECONDS = 10.0
"""How long a request waits for a catalogue that is being opened."""


class Endpoint(HTTPEndpoint):
    """An endpoint whose errors are JSON: `{"error", "code"}`."""

    async def dispatch(self) -> None:
        """Answer the request, or say why not."""
        try:
            await super().dispatch()
        except SslrecError as error:
            await error_response(error)(self.scope, self.receive, self.send)
        except ClientDisconnect:
            # Nobody is there to be answered.
            return

    async def method_not_allowed(self, request: Request) -> Response:
        """405, naming the methods that are."""
        allowed = ", ".join(self._allowed_methods)
        error = RequestError("request_method", path=request.url.path, method=request.method, allowed=allowed)
        return error_response(error, {"Allow": allowed})


class Health(Endpoint):
    """`GET /api/health`: whether the server answers and which models it has."""

    async def get(self, request: Request) -> Response:
        """`status` (`ok`, or `degraded` where a model is not), `version` and each model's state."""
        states = await to_thread.run_sync(_artifact_states, int(time.monotonic() // 60))
        status = "ok" if all(state == "ok" for state in states.values()) else "degraded"
        found = {name: {"state": state} for name, state in states.items()}
        return JSONResponse({"status": status, "version": __version__, "artifacts": found})


class Digits(Endpoint):
    """`POST /api/digits`: what the models make of the digit on a picture.

    The picture is the body, or the field `image` of a multipart form. `?name=` is what to call it in the
    answer; a form's file name serves too.
    """

    async def post(self, request: Request) -> Response:
        """The object that `python -m sslrec digits --json` gives for the file."""
        name, data = await _picture(request)
        return JSONResponse(await to_thread.run_sync(_answer, name, data))


class Recommend(Endpoint):
    """`POST /api/recommend`: a catalogue's products, ranked for a text, a picture or both.

    A form with the fields `text` and `image`, at least one of them; `k`, how many products (10); and `catalog`, the
    name of a catalogue that the server knows (`builtin`).
    """

    async def post(self, request: Request) -> Response:
        """The array that `python -m sslrec recommend --json` gives."""
        bounded = _bounded(request, settings().max_image_bytes + FORM_BYTES, "image")
        content_type = request.headers.get("content-type", "").lower()
        if not content_type.startswith(FORMS) and await bounded.body():
            # JSON, for example: as a form it would say nothing, and the answer that nothing was asked for.
            raise RequestError("request_form")
        try:
            async with bounded.form(max_files=1, max_fields=8) as form:
                image, text = form.get("image"), form.get("text")
                # Without a picture browsers send an empty file.
                picture = await image.read() or None if isinstance(image, UploadFile) else None
                name = (image.filename or "image")[:200] if isinstance(image, UploadFile) else "image"
                if isinstance(image, str) and image:
                    raise RequestError("request_field")
                wish = text if isinstance(text, str) else ""
                k, catalog = str(form.get("k") or "10"), str(form.get("catalog") or "builtin")
        except UNREADABLE as error:
            raise RequestError("request_form") from error
        if not re.fullmatch(r"\d{1,6}", k) or not 1 <= int(k) <= MOST_PRODUCTS:
            raise RequestError("request_number", name="k", value=k[:40], low=1, high=MOST_PRODUCTS)
        return JSONResponse(await to_thread.run_sync(_recommend, wish, picture, name, int(k), catalog))


class Unknown(Endpoint):
    """Any other path below `/api/`."""

    async def dispatch(self) -> None:
        """404, naming the paths there are."""
        error = RequestError("request_path", path=Request(self.scope).url.path)
        await error_response(error)(self.scope, self.receive, self.send)


routes = [
    Route("/api/health", Health),
    Route("/api/digits", Digits),
    Route("/api/recommend", Recommend),
    Route("/api/{path:path}", Unknown),
]
"""What the launcher serves beside the pages."""


def error_response(error: SslrecError, headers: dict[str, str] | None = None) -> Response:
    """The JSON of an error, under the HTTP status that fits it: the CLI's `file` and `error`, and the code.

    Args:
        error: what went wrong.
        headers: further headers.
    """
    status = STATUS.get(error.code, 503 if isinstance(error, ArtifactError) else 422)
    named = {"file": error.params["name"]} if isinstance(error, ImageError) else {}
    return JSONResponse({**named, "error": str(error), "code": error.code}, status, headers)


@lru_cache(maxsize=1)
def _artifact_states(minute: int) -> dict[str, str]:
    """State of each model; looked at once a minute, since it hashes every file."""
    return {name: state for name, (state, _) in artifacts.states().items()}


def _answer(name: str, data: bytes) -> dict[str, Any]:
    # Imported at the first picture: the server answers its health check a tenth of a second sooner.
    from sslrec.serving.answers import digit_answer
    from sslrec.serving.digits import shared_reader

    return digit_answer(name, shared_reader().read_bytes(data, name))


def _recommend(text: str, picture: bytes | None, name: str, k: int, catalog: str) -> list[dict[str, Any]]:
    from sslrec.data.catalogue import KNOWN
    from sslrec.serving.opening import shared_catalogues
    from sslrec.serving.recommendation import recommend_answer
    from sslrec.serving.recommender import shared_recommender

    # Names alone: a path would let anybody read the server's files.
    if catalog not in KNOWN:
        raise RequestError("request_catalogue", name=catalog[:200], known=", ".join(KNOWN))
    recommender = shared_recommender()
    if picture is None:
        recommender.require(text)
    index = shared_catalogues().open(catalog).index(OPENING_SECONDS)
    return recommend_answer(recommender.recommend(index, text, picture, k=k, name=name))


async def _picture(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the picture in a request; stops reading where it is larger than allowed."""
    name = request.query_params.get("name", "")[:200]
    limit = settings().max_image_bytes
    is_form = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
    bounded = _bounded(request, limit + FORM_BYTES if is_form else limit, name or "image")
    if not is_form:
        return name or "image", await bounded.body()
    try:
        async with bounded.form(max_files=1, max_fields=8) as form:
            field = form.get("image")
            if not isinstance(field, UploadFile):
                raise RequestError("request_field")
            return name or (field.filename or "image")[:200], await field.read()
    except UNREADABLE as error:
        raise RequestError("request_form") from error


def _bounded(request: Request, limit: int, name: str) -> Request:
    """The request, reading at most `limit` bytes; refused at once where it declares more."""
    declared = request.headers.get("content-length", "")
    allowed = settings().max_image_bytes
    size = int(declared) if declared.isdigit() else allowed + 1
    within = _Bounded(request.receive, limit, ImageError("image_too_large", name=name, size=size, limit=allowed))
    within.check(int(declared) if declared.isdigit() else 0)
    return Request(request.scope, within)


class _Bounded:
    """An ASGI `receive` that gives up when more bytes have come than allowed.

    Args:
        receive: the server's.
        limit: the most bytes.
        error: what to raise beyond it.
    """

    def __init__(self, receive: Callable[[], Awaitable[Message]], limit: int, error: ImageError) -> None:
        self._receive, self._limit, self._error = receive, limit, error
        self._seen = 0

    def check(self, size: int) -> None:
        """Raise where `size` bytes are too many."""
        if size > self._limit:
            raise self._error

    async def __call__(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self.check(self._seen)
        return message
