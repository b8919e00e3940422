"""The app with workers that only count: as the real ones to the page, without the seconds of TensorFlow."""

import streamlit as st

from sslrec.config import ROOT
from sslrec.runs import process

process.MODULE = "tests.runs.fake_worker"

app = st.App(ROOT / "sslrec" / "ui" / "main.py")
