"""JSON beside the pages: the server's health, what the models make of a digit, products for a wish."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.endpoints import HTTPEndpoint
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sslrec import __version__, artifacts
from sslrec.api_forms import FORM_BYTES, MULTIPART, URLENCODED, bounded, media_type, open_form, read_picture, read_text
from sslrec.config import settings
from sslrec.errors import ArtifactError, ImageError, RequestError, SslrecError

if TYPE_CHECKING:
    from sslrec.serving.opening import Opening

STATUS = {
    "catalogue_opening": 503,
    "data_missing": 404,
    "image_empty": 400,
    "image_format": 415,
    "image_heic": 415,
    "image_pixels": 413,
    "image_too_large": 413,
    "query_empty": 400,
    "request_busy": 503,
    "request_catalogue": 400,
    "request_field": 400,
    "request_fields": 400,
    "request_files": 400,
    "request_form": 400,
    "request_long": 413,
    "request_method": 405,
    "request_number": 400,
    "request_path": 404,
    "request_text": 400,
}
"""HTTP status by error code; a picture that is one but cannot be used is 422, a model that is not here 503."""
RETRY_SECONDS = {"catalogue_opening": 60, "request_busy": 5}
"""After how many seconds it is worth asking again, where time alone helps."""
INTERNAL = "The server failed at this request; its log says why, and asking again may help."
"""What is said of an error that nobody foresaw."""
MOST_PRODUCTS = 100
"""How many products one request may ask for."""
OPENING_SECONDS = 10.0
"""How long a request waits for a catalogue that is being opened."""
AT_ONCE = 4
"""How many requests are answered at once."""
MOST_WAITING = 32
"""How many requests wait for a thread, or for a catalogue, before further ones are told to come again."""

Answer = TypeVar("Answer")
_LOG = logging.getLogger(__name__)
# Threads of the API's own: of the default ones Streamlit has a few, and a page's files would wait behind slow answers.
_ANSWERS = CapacityLimiter(AT_ONCE)
_PLACES = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)
# The models are hashed by one request; those beside it find what it found.
_HEALTH = CapacityLimiter(1)
_OPENING = threading.BoundedSemaphore(MOST_WAITING)


class Endpoint(HTTPEndpoint):
    """An endpoint whose errors are JSON: `{"error", "code"}`."""

    async def dispatch(self) -> None:
        """Answer the request, or say why not."""
        request = Request(self.scope, self.receive)
        method = "GET" if request.method == "HEAD" else request.method
        handler = getattr(self, method.lower()) if method in self._allowed_methods else self.method_not_allowed
        try:
            response = await handler(request)
        except SslrecError as error:
            response = error_response(error)
        except ClientDisconnect:
            # Nobody is there to be answered.
            return
        except Exception:
            _LOG.exception("%s %s failed", request.method, request.url.path)
            response = JSONResponse({"error": INTERNAL, "code": "internal"}, 500)
        await response(self.scope, self.receive, self.send)

    async def method_not_allowed(self, request: Request) -> Response:
        """405, naming the methods that are."""
        allowed = ", ".join(self._allowed_methods)
        error = RequestError("request_method", path=request.url.path, method=request.method, allowed=allowed)
        return error_response(error, {"Allow": allowed})


class Health(Endpoint):
    """`GET /api/health`: whether the server answers and which models it has."""

    async def get(self, request: Request) -> Response:
        """`status` (`ok`, or `degraded` where a model is not), `version` and each model's state."""
        states = await to_thread.run_sync(_artifact_states, int(time.monotonic() // 60), limiter=_HEALTH)
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
        return JSONResponse(await _in_turn(_answer, name, data))


class Recommend(Endpoint):
    """`POST /api/recommend`: a catalogue's products, ranked for a text, a picture or both.

    A form with the fields `text` and `image`, at least one of them; `k`, how many products (10); and `catalog`, the
    name of a catalogue that the server knows (`builtin`).
    """

    async def post(self, request: Request) -> Response:
        """The array that `python -m sslrec recommend --json` gives."""
        within = bounded(request, settings().max_image_bytes + FORM_BYTES, "image")
        if media_type(request) not in (MULTIPART, URLENCODED):
            # JSON, for example: as a form it would say nothing, and the answer that nothing was asked for.
            raise RequestError("request_form" if await within.body() else "query_empty")
        async with open_form(within) as form:
            name, picture = await read_picture(form) or ("image", None)
            text, k = read_text(form, "text"), read_text(form, "k") or "10"
            catalog = read_text(form, "catalog") or "builtin"
        if not re.fullmatch(r"\d{1,6}", k) or not 1 <= int(k) <= MOST_PRODUCTS:
            raise RequestError("request_number", name="k", value=k[:40], low=1, high=MOST_PRODUCTS)
        opening = await _in_turn(_open, catalog, None if picture is not None else text)
        await _opened(opening)
        return JSONResponse(await _in_turn(_recommend, opening, text, picture, name, int(k)))


class Unknown(Endpoint):
    """`/api` itself, and any other path below it."""

    async def dispatch(self) -> None:
        """404, naming the paths there are."""
        error = RequestError("request_path", path=Request(self.scope).url.path)
        await error_response(error)(self.scope, self.receive, self.send)


routes = [
    Route("/api/health", Health),
    Route("/api/digits", Digits),
    Route("/api/recommend", Recommend),
    Route("/api", Unknown),
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
    later = {"Retry-After": str(RETRY_SECONDS[error.code])} if error.code in RETRY_SECONDS else {}
    return JSONResponse({**named, "error": _sentence(error), "code": error.code}, status, {**later, **(headers or {})})


def _sentence(error: SslrecError) -> str:
    """An error's sentence, for a stranger: where on the server something lies is nobody's business."""
    if error.code == "catalogue_opening" and not error.params["total"]:
        # Nothing has been counted so far, or nothing has to be.
        return f"The catalogue '{error.params['name']}' is being made ready; ask again in a minute."
    if isinstance(error, RequestError | ImageError):
        # Their paths are the caller's own.
        return str(error)
    names = {
        key: Path(value).name
        for key, value in error.params.items()
        if key in ("folder", "path") and isinstance(value, str | Path)
    }
    return str(SslrecError(error.code, **{**error.params, **names}))


@lru_cache(maxsize=1)
def _artifact_states(minute: int) -> dict[str, str]:
    """State of each model; looked at once a minute, since it hashes every file."""
    return {name: state for name, (state, _) in artifacts.states().items()}


def _answer(name: str, data: bytes) -> dict[str, Any]:
    # Imported at the first picture: the server answers its health check a tenth of a second sooner.
    from sslrec.serving.answers import digit_answer
    from sslrec.serving.digits import shared_reader

    return digit_answer(name, shared_reader().read_bytes(data, name))


def _open(catalog: str, text: str | None) -> Opening:
    """Begin to open a catalogue; a text that is all there is must say something to go by."""
    from sslrec.data.catalogue import KNOWN
    from sslrec.serving.opening import shared_catalogues
    from sslrec.serving.recommender import shared_recommender

    # Names alone: a path would let anybody read the server's files.
    if catalog not in KNOWN:
        raise RequestError("request_catalogue", name=catalog[:200], known=", ".join(KNOWN))
    if text is not None:
        shared_recommender().require(text)
    return shared_catalogues().open(catalog)


def _recommend(opening: Opening, text: str, picture: bytes | None, name: str, k: int) -> list[dict[str, Any]]:
    from sslrec.serving.recommendation import recommend_answer
    from sslrec.serving.recommender import shared_recommender

    return recommend_answer(shared_recommender().recommend(opening.index(0), text, picture, k=k, name=name))


async def _in_turn(work: Callable[..., Answer], *given: Any) -> Answer:
    """What `work` returns, from one of the API's threads.

    Raises:
        RequestError: many are waiting for one already.
    """
    if not _PLACES.acquire(blocking=False):
        raise RequestError("request_busy", count=MOST_WAITING)
    try:
        return await to_thread.run_sync(work, *given, limiter=_ANSWERS)
    finally:
        _PLACES.release()


async def _opened(opening: Opening) -> None:
    """Wait a while for a catalogue, without holding a thread; not at all where many are waiting already."""
    if opening.is_ready or not _OPENING.acquire(blocking=False):
        return
    try:
        with anyio.move_on_after(OPENING_SECONDS):
            while not opening.is_ready:
                await anyio.sleep(0.05)
    finally:
        _OPENING.release()


async def _picture(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the picture in a request; stops reading where it is larger than allowed."""
    name = request.query_params.get("name", "")[:200]
    limit = settings().max_image_bytes
    is_form = media_type(request) == MULTIPART
    within = bounded(request, limit + FORM_BYTES if is_form else limit, name or "image")
    if not is_form:
        return name or "image", await within.body()
    async with open_form(within) as form:
        found = await read_picture(form)
    if found is None:
        raise RequestError("request_field")
    return name or found[0], found[1]
