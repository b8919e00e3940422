"""A model that was trained here, on the digits page of the visitor who asked for it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from sslrec.errors import SslrecError
from sslrec.runs.control import shared
from sslrec.runs.view import RunView
from sslrec.serving.digits import DigitReader, shared_reader
from sslrec.serving.trained import TrainedReader, part_of
from sslrec.ui.digit_parts import block
from sslrec.ui.language import t
from sslrec.ui.shell import told
from sslrec.ui.training_words import run_title

KEY = "training.demo"
"""By part of the digits page, the run whose model this visitor uses."""
READ_BEFORE = ("files.read", "photo.read", "mattered")
"""What the session keeps of answers, which were other models' answers."""


def usable(view: RunView) -> str | None:
    """The part of the digits page that a run's model can take over; None where it has none."""
    return part_of(view.config.task, view.config.all_options) if view.artifact else None


def in_use(run_id: str) -> bool:
    """Whether this visitor's digits page uses a run's model."""
    return run_id in st.session_state.get(KEY, {}).values()


def use(view: RunView) -> None:
    """Let this visitor's digits page use a run's model."""
    part = usable(view)
    if part:
        st.session_state[KEY] = {**st.session_state.get(KEY, {}), part: view.id}
        _forget_answers()


def go_back() -> None:
    """Let this visitor's digits page use the shipped models again."""
    st.session_state.pop(KEY, None)
    _forget_answers()


def _forget_answers() -> None:
    for key in READ_BEFORE:
        st.session_state.pop(key, None)


@st.cache_resource(show_spinner=False, max_entries=6)
def _trained_reader(folders: tuple[tuple[str, str], ...]) -> TrainedReader:
    reader = TrainedReader(shared_reader(), {part: Path(folder) for part, folder in folders})
    reader.warm_up()
    return reader


def visitor_reader() -> DigitReader:
    """The models that answer this visitor: the shipped ones, with those that were trained here in their place.

    Raises:
        ArtifactError: a model is missing or damaged.
        RunError: the run is not there any more.
    """
    chosen: dict[str, str] = st.session_state.get(KEY, {})
    if not chosen:
        return shared_reader()
    store = shared().store
    folders = tuple(sorted((part, str(store.folder(run_id).path)) for part, run_id in chosen.items()))
    return _trained_reader(folders)


def demo_note() -> None:
    """Say that models trained here are in use, with the way back; nothing where there are none."""
    chosen: dict[str, str] = st.session_state.get(KEY, {})
    if not chosen:
        return
    names = []
    for part, run_id in chosen.items():
        try:
            config = shared().store.folder(run_id).record().config
            names.append(t(f"demo.{part}", title=run_title(config)))
        except SslrecError:
            continue
    with told():
        visitor_reader()
    with st.container(horizontal=True, key="demo", vertical_alignment="center"):
        st.html(block(f"<p>{' '.join(names)}</p>", "demo"))
        st.button(t("demo.back"), key="demo.back", on_click=go_back)
