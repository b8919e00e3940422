"""Your own catalogue: a table and pictures in, watched on their way into the index, ready to be searched."""

from __future__ import annotations

import logging

import streamlit as st

from sslrec.errors import SslrecError
from sslrec.serving.ingest import Ingested, Ingestion
from sslrec.serving.recommender import shared_recommender
from sslrec.ui import catalogue_done as after
from sslrec.ui.catalogue_adapt import adapting
from sslrec.ui.catalogue_bring import bring, found, how, limits_note, pictures_alone, style
from sslrec.ui.catalogue_live import reason_of, rows_download, rows_table, watch
from sslrec.ui.catalogue_runs import shared_ingests
from sslrec.ui.catalogue_visit import Visit
from sslrec.ui.language import explain, t
from sslrec.ui.own_catalogue import OWN, own_catalogue, set_own
from sslrec.ui.recommend_examples import plain_label
from sslrec.ui.recommend_state import forget_catalogue
from sslrec.ui.shell import page_title, problems, section_title
from sslrec.ui.training_presence import session_id

SECONDS = 0.5  # between two looks at an ingest
VISIT, RUNNING, AGAIN = "catalogue.visit", "catalogue.running", "catalogue.again"


def start(visit: Visit) -> None:
    """Start the ingest, once, however often the button is hit."""

    def begin() -> Ingestion:
        return Ingestion(visit.source(), shared_recommender(), name=visit.name, first=visit.first)

    visit.problems.pop("start", None)
    visit.is_broken = False
    try:
        st.session_state[RUNNING] = shared_ingests().start(session_id(), begin)
    except SslrecError as error:
        visit.problems["start"] = error


def settle(visit: Visit, ingestion: Ingestion) -> None:
    """Take what an ingest came to: the catalogue becomes the visitor's own, or its error is told."""
    del st.session_state[RUNNING]
    try:
        done = ingestion.result()
    except SslrecError as error:
        visit.problems["start"] = error
        visit.left_out = ingestion.rejected
    except Exception:
        logging.getLogger(__name__).exception("an ingest failed")
        visit.is_broken = True
    else:
        after.forget_keeping()
        forget_catalogue(OWN)
        set_own(done)
        st.session_state[AGAIN] = False


def bring_again(forget: bool) -> None:
    """Go back to the files, to change something or to bring others."""
    st.session_state[AGAIN] = True
    if forget:
        st.session_state[VISIT].forget()


def failed(visit: Visit) -> None:
    """Why the last ingest came to nothing, and the rows that it left out where it came to its end."""
    if visit.is_broken:
        problems("", [t("ingest.broken")])
    if "start" not in visit.problems:
        return
    problem = visit.problems["start"]
    if problem.code != "catalogue_nothing" or not visit.left_out:
        problems("", [explain(problem)])
        return
    # The error quotes the first reason in English.
    reason = reason_of(visit.left_out[0].error).rstrip(".。")
    problems("", [t("error.catalogue_nothing", **{**problem.params, "reason": reason})])
    st.html(rows_table(visit.left_out))
    rows_download(visit.left_out, ())


def files(visit: Visit, done: Ingested | None) -> None:
    """Files, what was found in them, and the start."""
    bring(visit)
    limits_note()
    if visit.sheet is None:
        pictures_alone(visit)
        st.html(how())
    else:
        found(visit)
        failed(visit)
        count = min(visit.sheet.count, visit.first or visit.sheet.count)
        st.button(
            t("ingest.start_one" if count == 1 else "ingest.start", count=count),
            key="ingest.start",
            type="primary",
            on_click=start,
            args=(visit,),
            disabled=not visit.can_start,
        )
    if done is not None:
        back = {AGAIN: False}
        st.button(
            t("done.back", name=plain_label(done.name)), key="done.back", on_click=st.session_state.update, args=(back,)
        )


def finished(done: Ingested) -> None:
    """The catalogue that came of it, and what to do with it."""
    section_title(t("done.title", name=done.name), after.lead(done))
    st.html(after.summary(done))
    after.unread(done)
    with st.container(horizontal=True, vertical_alignment="center", key="done-next"):
        after.way_on()
        st.button(t("done.change"), key="done.change", on_click=bring_again, args=(False,))
        st.button(t("done.other"), key="done.other", on_click=bring_again, args=(True,))
    after.keeping(done)
    st.html(after.sample(done))
    adapting(done)
    after.left_out(done)


def studio() -> None:
    """What is there to do: watch, look at what came of it, or bring files."""
    visit: Visit = st.session_state.setdefault(VISIT, Visit())
    ingestion: Ingestion | None = st.session_state.get(RUNNING)
    if ingestion is not None and ingestion.is_ready:
        settle(visit, ingestion)
        ingestion = None
    if ingestion is not None:
        st.fragment(watch, run_every=SECONDS)(ingestion)
        return
    done = own_catalogue()
    if done is None or st.session_state.get(AGAIN):
        files(visit, done)
    else:
        finished(done)
    after.kept_list()


page_title(t("catalogue.title"), t("catalogue.lead"))
st.html(style())
studio()
