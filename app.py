"""The launcher: `streamlit run app.py` serves the pages and, beside them, the JSON API.

A host that executes this file as a plain Streamlit script gets the same pages, without the API.
"""

from __future__ import annotations

import ctypes
import gc
import os
import runpy
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sslrec.config import ROOT, settings

MAIN = ROOT / "sslrec" / "ui" / "main.py"
# Arrow's own pools keep what they once needed: 30 MB after a catalogue of 44,000 products was opened.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
M_MMAP_THRESHOLD = -3
"""What glibc's `mallopt` calls the size from which on a block comes from the system rather than from a heap."""
LARGE_BLOCK = 4 << 20
"""That size here, in bytes: below Pillow's blocks, above what models and rankings take for an answer."""


def give_memory_back() -> None:
    """Have glibc return large blocks to the system as soon as they are freed; nothing where there is another libc.

    Once a block of Pillow's 16 MB has been freed, glibc takes further ones from the heap of the thread that asks, and
    keeps them there for it: after 40 large pictures at a time the server held 3.5 GB. Here alone, for a training asks
    for such blocks all the time and has them from its heap sooner.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "gnu_get_libc_version"):
            libc.mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def warm_up() -> None:
    """Load what the first visitor's pages need before they ask; a page reports a model that is missing."""
    from sslrec.errors import SslrecError
    from sslrec.serving.digits import shared_reader
    from sslrec.ui.resources import painted_digits

    with suppress(SslrecError):
        painted_digits()
        shared_reader().warm_up()
    # Streamlit collects garbage after each run of a page. What is loaded by now stays, and looking through it anew took
    # a tenth of a second, in which the next stroke had to wait.
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Warm up in a thread: the server answers meanwhile."""
    from sslrec.ui.sockets import send_at_once

    send_at_once()
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    yield {}


give_memory_back()
if get_script_run_ctx(suppress_warning=True) is None:
    try:
        settings()
    except ValueError as error:
        # Now, in one line, rather than at every page with a traceback.
        sys.exit(f"error: {error}.")
    from sslrec.api import routes

    app = st.App(MAIN, lifespan=lifespan, routes=routes)
else:
    runpy.run_path(str(MAIN), run_name="__main__")
