"""The frame around every page, and how a page says that something is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from sslrec.config import settings
from sslrec.errors import SslrecError
from sslrec.ui.digit_parts import block, size_of
from sslrec.ui.language import explain, t


@cache
def _style_sheet() -> str:
    return (Path(__file__).parent / "style.css").read_text("utf-8")


def style() -> None:
    """Put the style sheet on the page, with the texts for those widgets of Streamlit that speak English only."""
    texts = {
        "upload-browse": t("upload.browse"),
        "upload-drop": t("upload.drop", size=size_of(settings().max_image_bytes)),
        "camera-ask": t("camera.ask"),
        "camera-clear": t("camera.clear"),
        "camera-take": t("camera.take"),
        "input-line": t("input.line"),
        "input-text": t("input.text"),
        "select-full": t("select.full"),
        "select-nothing": t("select.nothing"),
        "upload-failed": t("upload.failed"),
    }
    variables = "".join(f"--sx-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in texts.items())
    # Lists and hints that open lie beside the app, not in it.
    st.html(f"<style>{_style_sheet()} body {{ {variables} }}</style>")


def page_title(title: str, lead: str) -> None:
    """The page's heading and the sentence under it."""
    # Streamlit's own element is there with its first script; `st.html` waits for one more.
    st.title(title, anchor=False)
    st.html(block(f"<p>{escape(lead)}</p>", "title"))


def section_title(title: str, lead: str = "") -> None:
    """A section's heading, with a sentence where one helps."""
    text = f"<p>{escape(lead)}</p>" if lead else ""
    st.html(block(f"<h2>{escape(title)}</h2>{text}", "title sx-section"))


def note(text: str) -> None:
    """A quiet remark."""
    st.html(block(f"<p>{escape(text)}</p>", "note"))


@contextmanager
def told() -> Iterator[None]:
    """Turn an error a user or operator can mend into its sentence, in this part of the page only."""
    try:
        yield
    except SslrecError as error:
        st.html(block(f'<div role="alert">{escape(explain(error))}</div>', "problem"))


def problems(title: str, sentences: Sequence[str]) -> None:
    """What went wrong with the visitor's input, a sentence each, under a title where there may be several."""
    heading = f"<b>{escape(title)}</b>" if title else ""
    lines = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    st.html(block(f'<div role="alert">{heading}<ul>{lines}</ul></div>', "problem"))


def footer() -> None:
    """What becomes of the visitor's input, and whose data the models learned from."""
    st.html(block(f"<p>{escape(t('app.footer'))}</p><p>{escape(t('app.credits'))}</p>", "footer"))
