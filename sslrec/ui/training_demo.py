"""Models that were trained here, on the pages of the visitor who asked for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from sslrec.config import ROOT
from sslrec.errors import RunError, SslrecError
from sslrec.runs.control import shared
from sslrec.runs.events import Status
from sslrec.runs.view import RunView
from sslrec.serving.digits import DigitReader, shared_reader
from sslrec.serving.trained import PARTS, TrainedReader, part_of
from sslrec.ui.digit_parts import block
from sslrec.ui.language import t
from sslrec.ui.shell import told
from sslrec.ui.training_words import run_title
from sslrec.ui.url import pick, say_in_url, together

# What reads texts and catalogues comes with the page that needs it: the digits page is 40 MB lighter without.
if TYPE_CHECKING:
    from sslrec.serving.language import LanguageReader
    from sslrec.serving.opening import OpenCatalogues

KEY = "training.demo"
"""By part, the run whose model this visitor uses."""
PAGES = {**dict.fromkeys(PARTS, "digits"), "language": "language", "recommender": "recommend"}
"""The page on which a part answers."""
COMPLETE = {
    "autoencoder": "decoder.tflite",
    "denoiser": "denoiser.tflite",
    "reader": "classifier.tflite",
    "language": "fill-in.tflite",
    "recommender": "fusion.tflite",
}
"""By part, the file without which a snapshot is no model for it: an encoder's heads are fitted, and the towers of a
recommender are fused, at the end of a training."""
WHICH, SHIPPED, HUB = "lm", "shipped", "hub"
"""Where the session and the URL keep which language model answers, and the two that it may be."""
READ_BEFORE = ("files.read", "photo.read", "mattered")
"""What the session keeps of answers, which were other models' answers."""


def model_folder(view: RunView) -> Path | None:
    """Where a run's model lies for its page: what it left at its end, else its latest snapshot; None for neither."""
    if view.artifact or not view.snapshots:
        return view.artifact
    latest = view.snapshots[-1].folder
    part = _part(view)
    return latest if part in COMPLETE and (latest / COMPLETE[part]).is_file() else None


def usable(view: RunView) -> str | None:
    """The part that a run's model can take over, once it has ended; None where it has none."""
    has_model = not view.status.alive and model_folder(view) is not None
    return _part(view) if has_model else None


def _part(view: RunView) -> str | None:
    return part_of(view.config.task, view.config.all_options, view.config.data)


def in_use(run_id: str) -> bool:
    """Whether this visitor's pages use a run's model."""
    return run_id in st.session_state.get(KEY, {}).values()


def use(view: RunView) -> None:
    """Let this visitor's pages use a run's model."""
    part = usable(view)
    if part:
        st.session_state[KEY] = {**st.session_state.get(KEY, {}), part: view.id}
        _forget_answers()


def go_back(page: str) -> None:
    """Let a page of this visitor's use the shipped models again."""
    chosen: dict[str, str] = st.session_state.get(KEY, {})
    st.session_state[KEY] = {part: run_id for part, run_id in chosen.items() if PAGES[part] != page}
    if page == "language":
        st.session_state[WHICH] = SHIPPED
    _forget_answers()


def demo_buttons(view: RunView, label: str) -> None:
    """Let the model of a run that has ended be used on its page, or opened there, or sent back.

    Args:
        view: the run.
        label: of the button that lets it be used.
    """
    part = usable(view)
    if part is None:
        return
    page = PAGES[part]
    if in_use(view.id):
        st.page_link(ROOT / "pages" / f"{page}.py", label=t(f"demo.open_{page}"))
        st.button(t("demo.back"), key=f"demo.back.{view.id}", on_click=go_back, args=(page,))
    else:
        # Of a run that can go on, that comes first.
        kind = "primary" if view.artifact else "secondary"
        st.button(label, key=f"demo.use.{view.id}", type=kind, on_click=use, args=(view,))


def _forget_answers() -> None:
    for key in READ_BEFORE:
        st.session_state.pop(key, None)


def _chosen(page: str) -> dict[str, str]:
    """By part of a page, the run whose model this visitor uses there."""
    return {part: run_id for part, run_id in st.session_state.get(KEY, {}).items() if PAGES[part] == page}


def has_trained(page: str) -> bool:
    """Whether this visitor uses a model that was trained here on a page."""
    return bool(_chosen(page))


def _folder(run_id: str) -> str:
    try:
        folder = shared().store.folder(run_id)
    except RunError as error:
        # The error speaks of a list of runs, which these pages have not: theirs is the way back.
        raise RunError("run_gone", run=run_id, back=t("demo.back")) from error
    if folder.state().status is Status.FINISHED:  # asked for every answer: its events need not be read
        return str(folder.path)
    return str(model_folder(shared().view(run_id)) or folder.path)


@st.cache_resource(show_spinner=False, max_entries=6)
def _trained_reader(folders: tuple[tuple[str, str], ...]) -> TrainedReader:
    reader = TrainedReader(shared_reader(), {part: Path(folder) for part, folder in folders})
    reader.warm_up()
    return reader


@st.cache_resource(show_spinner=False, max_entries=3)
def _trained_language(folder: str) -> LanguageReader:
    from sslrec.serving.language import LanguageReader

    reader = LanguageReader(Path(folder))
    reader.warm_up()
    return reader


@st.cache_resource(show_spinner=False, max_entries=3)
def _trained_catalogues(folder: str) -> OpenCatalogues:
    from sslrec.serving.opening import OpenCatalogues
    from sslrec.serving.recommender import Recommender

    recommender = Recommender(Path(folder))
    recommender.warm_up()
    return OpenCatalogues(recommender)


def visitor_reader() -> DigitReader:
    """The digit models that answer this visitor: the shipped ones, with those that were trained here in their place.

    Raises:
        ArtifactError: a model is missing or damaged.
        RunError: the run is not there any more.
    """
    folders = tuple(sorted((part, _folder(run_id)) for part, run_id in _chosen("digits").items()))
    return _trained_reader(folders) if folders else shared_reader()


def visitor_language() -> LanguageReader:
    """The language model that answers this visitor: a run's, the hub's if that was chosen, else the shipped one.

    Raises:
        ArtifactError: the model is missing or damaged.
        RunError: the run is not there any more.
    """
    from sslrec.serving.hub_language import hub_reader
    from sslrec.serving.language import shared_language

    if run_id := _trained_here():
        return _trained_language(_folder(run_id))
    return shared_language() if shipped_answers() else hub_reader()


def shipped_answers() -> bool:
    """Whether the shipped language model answers this visitor; loads none."""
    from sslrec.serving.hub_language import hub_name

    return not _trained_here() and not (st.session_state.get(WHICH) == HUB and hub_name())


def choose_language() -> None:
    """Let the visitor choose between the shipped language model and the hub's, where somebody has fetched that."""
    from sslrec.serving.hub_language import hub_name

    hub = None if _trained_here() else hub_name()
    if hub is None:
        return
    names = {SHIPPED: t("model.shipped"), HUB: hub}
    pick(t("model.which"), WHICH, list(names), SHIPPED, names.__getitem__)


def _trained_here() -> str | None:
    """The run whose language model answers this visitor: the one that the URL names, else the chosen one."""
    return st.query_params.get("model") or _chosen("language").get("language")


def visitor_catalogues() -> OpenCatalogues:
    """The catalogues as the recommender that answers this visitor sees them.

    Raises:
        ArtifactError: the recommender is missing or damaged.
        RunError: the run is not there any more.
    """
    from sslrec.serving.opening import shared_catalogues

    run_id = _chosen("recommend").get("recommender")
    return _trained_catalogues(_folder(run_id)) if run_id else shared_catalogues()


_MODELS = {"digits": visitor_reader, "language": visitor_language, "recommend": visitor_catalogues}


def demo_note(page: str = "digits") -> bool:
    """Say that models trained here are in use on a page, with the way back; nothing where there are none.

    Returns:
        Whether they can answer; that they cannot has been said.
    """
    chosen = _chosen(page)
    if page == "language" and (named := st.query_params.get("model")):
        chosen = {"language": named}
    if not chosen:
        return True
    names, can_answer = [], False
    for part, run_id in chosen.items():
        try:
            config = shared().store.folder(run_id).record().config
            names.append(t(f"demo.{part}", title=run_title(config)))
        except SslrecError:
            continue
    with told():
        _MODELS[page]()
        can_answer = True
    with st.container(horizontal=True, key="demo", vertical_alignment="center"):
        # Of a run that is gone there is no name to tell, and one that cannot answer is not in use.
        if names and can_answer:
            st.html(block(f"<p>{' '.join(names)}</p>", "demo"))
        st.button(t("demo.back"), key="demo.back", on_click=_leave, args=(page,))
    return can_answer


def _leave(page: str) -> None:
    go_back(page)
    if page == "language":
        with together():
            say_in_url("model", [])
            say_in_url(WHICH, [])
