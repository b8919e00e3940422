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
        chosen: index of the picture that is chosen as long as no new click chooses another; what this function returned
            last, or what has become of it since, such as by the browser's Back.
        key: the component's key in the session.
    """
    # The component's state stays: an old click must not win over what was chosen since.
    click, seen = _last_click(key), f"{key}.seen"
    if click and click.get("serial") != st.session_state.get(seen):
        st.session_state[seen] = click.get("serial")
        index: Any = click.get("index")
        if type(index) is int and 0 <= index < len(pictures):
            chosen = index
    _component(
        key=key,
        # Tuples: see `sslrec.ui.canvas`.
        data={"label": label, "pictures": tuple(pictures), "names": tuple(names), "chosen": chosen},
        on_click_change=lambda: None,
    )
    # A browser whose session was lost tells the new one its last click again.
    st.session_state.setdefault(seen, _last_click(key).get("serial"))
    return chosen


def _last_click(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    click = state.get("click") if isinstance(state, Mapping) else None
    return click if isinstance(click, Mapping) else {}
