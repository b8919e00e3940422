"""The least a Streamlit app can be; `benchmarks/startup.py` starts it beside ours."""

import streamlit as st

st.title("Hello")
