"""Adapting the recommender to the visitor's own catalogue: one click, a training to watch, and what it came to."""

from __future__ import annotations

import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import Any

import streamlit as st

from sslrec.config import ROOT
from sslrec.data import shops
from sslrec.data.products import FEWEST, is_usable, require_enough
from sslrec.errors import RunError, SslrecError
from sslrec.runs.control import shared
from sslrec.runs.events import RunConfig, can_go_on, needed_catalogues
from sslrec.runs.view import RunView
from sslrec.serving.adapted import keep_for_training
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.serving.ingest import Ingested
from sslrec.serving.opening import Opening, open_adapted
from sslrec.ui import training_live as live
from sslrec.ui.digit_parts import block, percent
from sslrec.ui.language import t
from sslrec.ui.own_catalogue import set_own
from sslrec.ui.shell import note, section_title, told
from sslrec.ui.training_commands import keep_problem, resume, said_problem
from sslrec.ui.training_held import forget, held
from sslrec.ui.training_presence import TICK_SECONDS, hold, is_connected, presence, session_id
from sslrec.ui.training_start import start
from sslrec.ui.training_words import duration

SECONDS = 1.0
"""Between two looks at the training, and at the encoding after it."""
ABOUT = 300
"""Seconds that an adaptation takes on two cores, at most."""
PATIENCE = 600.0
"""Seconds that a visitor may be away before what was trained on their products is removed."""
LEFT_OVER = 24 * 3600.0
"""Seconds after which what nobody has removed was left over by another server."""
SLOT, KEY = "run", "catalogue.adapting"


@dataclass
class Adapting:
    """What this visit did to adapt the recommender to its catalogue.

    Attributes:
        shipped: the catalogue as the shipped recommender sees it.
        number: under which the training finds it.
        run: the training's id.
        encoding: after the training: the products on their way through the adapted towers.
        metrics: what the training measured; they are kept, as its folder may be tidied away.
        adapted: the catalogue as the adapted towers see it.
    """

    shipped: CatalogueIndex
    number: str
    run: str = ""
    encoding: Opening | None = None
    metrics: dict[str, Any] | None = None
    adapted: CatalogueIndex | None = None


def adapting(done: Ingested) -> None:
    """The whole section, below a finished ingest."""
    _tidied(int(time.time() // 3600))
    section_title(t("adapt.title"), t("adapt.lead", time=duration(ABOUT)))
    with told():
        found = _of(done)
        view = None if found is None else _view(found)
        if found is not None and view is None and found.encoding is None:
            keep_problem(RunError("run_missing", run=found.run))
            _again()
            found = None
        if found is None:
            _offer(done)
        elif found.adapted is None and (found.encoding or (view and (view.status.alive or view.artifact))):
            st.fragment(_watch, run_every=SECONDS)(done, found)
        else:
            _ended(done, found, view)


def _of(done: Ingested) -> Adapting | None:
    """What was done with this very catalogue."""
    found: Adapting | None = st.session_state.get(KEY)
    return found if found is not None and done.index in (found.shipped, found.adapted) else None


def _view(found: Adapting) -> RunView | None:
    """The training; None where it was tidied away, as old runs are."""
    try:
        return shared().view(found.run)
    except SslrecError:
        return None


def _offer(done: Ingested) -> None:
    usable = int(is_usable(done.index.catalogue).sum())
    if usable < FEWEST:
        note(t("adapt.few", count=usable, limit=FEWEST))
        return
    st.button(t("adapt.start"), key="adapt.start", on_click=_start, args=(done,))
    said_problem()


def _start(done: Ingested) -> None:
    made: list[Adapting] = []

    def config() -> list[RunConfig]:
        catalogue = done.index.catalogue
        # Before the training, which knows the catalogue by a number.
        require_enough(catalogue, done.name)
        needed = needed_catalogues((run.config, run.status) for run in shared().runs())
        made.append(Adapting(done.index, keep_for_training(catalogue, needed)))
        return [RunConfig("adapt", shops.OWN, options={"catalogue": made[0].number})]

    forget(SLOT)
    start(SLOT, config, "")
    if made and held(SLOT):
        made[0].run = held(SLOT)[0]
        st.session_state[KEY] = made[0]
        # Not what lies in the session: the thread would keep the products in memory.
        gone = (session_id(), made[0].run, made[0].number)
        threading.Thread(target=_gone_with, args=gone, name="visitor's training", daemon=True).start()


def _gone_with(session: str, run: str, number: str) -> None:
    """Remove what was trained on a visitor's products, and the products, when the visitor has left for good."""
    seen = time.monotonic()
    while time.monotonic() - seen < PATIENCE:
        time.sleep(10 * TICK_SECONDS)
        with suppress(SslrecError):  # tidied away already
            view = shared().view(run)
            # A reload makes another session, which watches the run by its address.
            if view.status.alive or presence().is_held(view.owner):
                seen = time.monotonic()
            elif view.keep_running:
                return
        if is_connected(session):
            seen = time.monotonic()
    with suppress(SslrecError):
        shutil.rmtree(shared().store.folder(run).path, ignore_errors=True)
    _remove_products(number)


def _remove_products(number: str) -> None:
    """Remove a visitor's products, unless whoever brought the same ones needs them."""
    if not any(run.config.options.get("catalogue") == number for run in shared().runs()):
        shops.remove_own(number)


@lru_cache(maxsize=1)
def _tidied(hour: int) -> None:
    """Remove, once an hour, what a server that was ended before its visitors had left could not."""
    before = time.time() - LEFT_OVER
    for record, folder, state in shared().store.recovered():
        wanted = state.status.alive or record.keep_running or not record.owner or presence().is_held(record.owner)
        if record.config.data == shops.OWN and record.created < before and not wanted:
            shutil.rmtree(folder.path, ignore_errors=True)
    for kept in shops.own_folder("").glob(f"*/{shops.FILE}"):
        if kept.stat().st_mtime < before:
            _remove_products(kept.parent.name)


def _watch(done: Ingested, found: Adapting) -> None:
    """The training while it runs, then the encoding; the whole page comes anew after each."""
    with told():
        view = _view(found)
        if view is not None and view.status.alive:
            hold(view.owner)
            st.html(live.status_card([view]))
            said_problem()
            live.controls([view])
            st.page_link(ROOT / "pages" / "training.py", label=t("adapt.watch"))
            return
        if found.encoding is None:
            if view is None or view.artifact is None:
                st.rerun()
            found.metrics = view.metrics
            found.encoding = open_adapted(found.shipped.catalogue, view.artifact)
        if not found.encoding.is_ready:
            done_so_far, total = found.encoding.done, len(found.shipped)
            st.progress(done_so_far / total, text=t("adapt.encoding", done=done_so_far, total=total))
            return
        try:
            found.adapted = found.encoding.index()
            _use(done, found.adapted)
        except SslrecError as error:
            # Its folder is gone or damaged: there is nothing to look at any more.
            keep_problem(error)
            _again()
        st.rerun()


def _use(done: Ingested, index: CatalogueIndex) -> None:
    """Look for products in the catalogue as one recommender sees it."""
    set_own(replace(done, index=index))


def _ended(done: Ingested, found: Adapting, view: RunView | None) -> None:
    if found.adapted is None or found.metrics is None:
        if view is not None:
            st.html(live.status_card([view]))
        with st.container(horizontal=True, key="adapt-next"):
            if view is not None and can_go_on(view.status, view.message):
                st.button(t("control.go_on"), key="adapt.go_on", on_click=resume, args=([view.id],), type="primary")
            st.button(t("adapt.again"), key="adapt.again", on_click=_again)
        return
    st.html(before_and_after(found.metrics))
    is_adapted = done.index is found.adapted
    note(t("adapt.in_use" if is_adapted else "adapt.not_in_use"))
    other = found.shipped if is_adapted else found.adapted
    st.button(t("adapt.back" if is_adapted else "adapt.use"), key="adapt.switch", on_click=_use, args=(done, other))


def _again() -> None:
    st.session_state.pop(KEY, None)
    forget(SLOT)


def before_and_after(metrics: dict[str, Any]) -> str:
    """How often the right picture is among the best for a name, before the training and after it, as HTML.

    Args:
        metrics: of a finished adaptation.
    """
    before, after = metrics["before"], metrics["after"]
    head = "".join(f"<th>{escape(t(f'adapt.{name}'))}</th>" for name in ("best", "before", "after"))
    rows = "".join(
        f"<tr><th>{escape(t('adapt.among', k=name.rpartition('_')[2]))}</th>"
        f"<td>{percent(before[name])}</td><td><b>{percent(share)}</b></td></tr>"
        for name, share in after.items()
    )
    text = t("adapt.measured", count=metrics["held_out"], kept=percent(metrics["mixture"], 0))
    return block(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{escape(text)}</p>", "adapted")
