"""The digits page's canvas with nothing behind it; `benchmarks/stroke_latency.py` draws on both."""

import streamlit as st

from sslrec.ui.canvas import drawing_canvas


@st.fragment
def echo() -> None:
    """Say how many numbers came."""
    drawing = drawing_canvas("canvas")
    st.html(f'<p class="echo">{sum(len(stroke) for stroke in drawing.strokes)}</p>')


echo()
