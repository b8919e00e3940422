"""A strip of pictures of which one can be chosen: a radio group with thumbnails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

_HERE = Path(__file__).parent
_component = component(
    "sslrec.picker",
    html='<div role="radiogroup"></div>',
    css=(_HERE / "picker.css").read_text("utf-8"),
    js=(_HERE / "picker.js").read_text("utf-8"),
)


def picture_picker(label: str, pictures: Sequence[str], names: Sequence[str], chosen: int, key: str) -> int:
    """Show the strip and return the index of the chosen picture.

    Args:
        label: what is chosen here, for those who do not see the strip.
        pictures: data URIs.
        names: a text per picture, for those who do not see it.
        chosen: index of the picture that is chosen at first.
        key: the component's key in the session.
    """
    state = st.session_state.get(key)
    sent: Any = state.get("index") if isinstance(state, Mapping) else None
    if type(sent) is int and 0 <= sent < len(pictures):
        chosen = sent
    _component(
        key=key,
        # Tuples: see `sslrec.ui.canvas`.
        data={"label": label, "pictures": tuple(pictures), "names": tuple(names), "chosen": chosen},
        on_index_change=lambda: None,
    )
    return chosen
