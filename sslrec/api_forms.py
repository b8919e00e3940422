"""What a request of the JSON API sends: its body and the fields of its form, within limits."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import NoReturn
from urllib.parse import unquote_plus

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message

from sslrec.config import settings
from sslrec.errors import ImageError, RequestError

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
FORM_BYTES = 65_536
"""What a form may hold beside the picture, in bytes."""
FIELD_BYTES = 1_048_576
"""What one field may hold that is no file, in bytes."""
MOST_FIELDS = 8
"""How many fields a form may have beside the picture."""

# One line for every byte that is no form would let anybody fill the log; the answer says what is wrong.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


class _PlainForm(FormParser):
    """Starlette's parser, which also reads what came unescaped, as `curl -d` sends it: as UTF-8 and not as Latin-1."""

    def on_field_end(self) -> None:
        super().on_field_end()
        field = self._field_name, self._field_value
        if not all(part.isascii() for part in field):
            name, value = (unquote_plus(part.decode("utf-8", "replace")) for part in field)
            self._items[-1] = (name, value)


class _WholeForm(MultiPartParser):
    """Starlette's parser, which also refuses a form whose closing boundary has not come: its picture is cut off."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], **limits: int) -> None:
        # Refused while the parser reads: where that fails, it closes the files that it has begun.
        super().__init__(headers, self._to_its_end(stream), **limits)
        self._is_whole = False

    def on_end(self) -> None:
        self._is_whole = True

    async def _to_its_end(self, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async for chunk in stream:
            yield chunk
        if not self._is_whole:
            raise MultiPartException("The closing boundary is missing.")


def media_type(request: Request) -> str:
    """What the body is said to be, in small letters and without parameters; empty where nothing is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


@asynccontextmanager
async def open_form(request: Request) -> AsyncIterator[FormData]:
    """The fields of a form of either kind; its files are closed afterwards.

    Args:
        request: as `bounded` returns it.

    Raises:
        RequestError: the form cannot be read, ends early, or holds too much.
    """
    form = await _parsed(request)
    try:
        yield form
    finally:
        await form.close()


async def read_picture(form: FormData) -> tuple[str, bytes] | None:
    """File name and bytes of the field `image`; None where nobody chose a file.

    Raises:
        RequestError: the field holds text.
    """
    field = form.get("image")
    if not isinstance(field, UploadFile):
        if field:
            raise RequestError("request_field")
        return None
    data = await field.read()
    # UTF-7 can name half a character, which no answer can hold.
    name = (field.filename or "image")[:200].encode("utf-8", "replace").decode("utf-8")
    # Where nobody chose a file browsers send one without a name; one that has a name and is empty was meant.
    return (name, data) if data or field.filename else None


def read_text(form: FormData, name: str) -> str:
    """Text of a field; empty where it is not there.

    Raises:
        RequestError: it came as a file.
    """
    field = form.get(name) or ""
    if isinstance(field, UploadFile):
        raise RequestError("request_text", name=name)
    return field


def bounded(request: Request, limit: int, name: str) -> Request:
    """The request, reading at most `limit` bytes; refused at once where it declares more.

    Args:
        request: as it came.
        limit: the most bytes of its body.
        name: what to call the picture in an error.

    Raises:
        ImageError: it declares more; reading it raises the same.
    """
    declared = request.headers.get("content-length", "")
    allowed = settings().max_image_bytes
    size = int(declared) if declared.isdigit() else allowed + 1
    within = _Bounded(request.receive, limit, ImageError("image_too_large", name=name, size=size, limit=allowed))
    within.check(int(declared) if declared.isdigit() else 0)
    return Request(request.scope, within)


async def _parsed(request: Request) -> FormData:
    limits = {"max_fields": MOST_FIELDS, "max_part_size": FIELD_BYTES}
    try:
        async with aclosing(request.stream()) as stream:
            if media_type(request) == URLENCODED:
                return await _PlainForm(request.headers, stream, **limits).parse()
            return await _WholeForm(request.headers, stream, max_files=1, **limits).parse()
    except MultiPartException as error:
        _refuse(error)
    except (LookupError, ValueError) as error:
        # It names an encoding that is none of texts.
        raise RequestError("request_form") from error


def _refuse(error: MultiPartException) -> NoReturn:
    """Say what the form has too much of; Starlette tells it by words alone."""
    if "exceeded maximum size" in error.message:
        raise RequestError("request_long", limit=FIELD_BYTES) from error
    if error.message.startswith("Too many fields"):
        raise RequestError("request_fields", limit=MOST_FIELDS) from error
    if error.message.startswith("Too many files"):
        raise RequestError("request_files") from error
    raise RequestError("request_form") from error


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
