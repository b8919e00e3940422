"""Talks to the JSON API without a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
from starlette.applications import Starlette

from sslrec.api import routes

app = Starlette(routes=routes)


def request(method: str, path: str, **given: Any) -> httpx.Response:
    """Send one request; takes what `httpx.AsyncClient.request` does."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **given)

    return run(send)


def run(function: Callable[[], Awaitable[Any]]) -> Any:
    """Run an async function to its end, in a thread of its own: Playwright's loop occupies the tests'."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, function).result()
