"""Home: what can be tried, what was measured, and which models and data are here."""

import streamlit as st

from sslrec.config import ROOT
from sslrec.ui.home_parts import highlights, painted_strip, products_strip, state_list
from sslrec.ui.language import t
from sslrec.ui.resources import data_states, measured, model_states, painted_digits
from sslrec.ui.shell import note, page_title, section_title, told

# What each card shows: a page, and what of it.
CARDS = {
    "recommend": ("recommend", {}),
    "own": ("catalogue", {}),
    "draw": ("digits", {"input": "draw"}),
    "labels": ("digits", {"labels": "1"}),
    "upload": ("digits", {"input": "upload"}),
    "repair": ("digits", {"play": "repair"}),
    "fill": ("language", {}),
    "train": ("training", {}),
}

page_title(t("home.title"), t("home.lead"))
with told():
    st.html(painted_strip(painted_digits()))
st.html(products_strip())

section_title(t("home.try"))
with st.container(key="cards"):
    for card, (page, query) in CARDS.items():
        with st.container(key=f"card-{card}"):
            st.page_link(
                ROOT / "pages" / f"{page}.py", label=t(f"home.card_{card}"), query_params=query, width="stretch"
            )
            note(t(f"home.card_{card}_text"))

section_title(t("home.here"))
st.html(state_list(model_states(), data_states()))

if results := measured("digits"):
    section_title(t("home.measured"))
    st.html(highlights(results))
