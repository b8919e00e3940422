"""The main script: frame, language and navigation around the pages.

It lies here and not beside `pages/`: with that folder next to the main script, Streamlit would answer the
first visit of a deep link by its own old page lookup, past `st.navigation`.
"""

from __future__ import annotations

import streamlit as st

from sslrec.config import ROOT
from sslrec.ui.language import language_switch, t
from sslrec.ui.shell import footer, style
from sslrec.ui.training_follow import follow
from sslrec.ui.url import arriving

PAGES = ("home", "recommend", "catalogue", "digits", "language", "training")
"""The pages, by file name; the first is the one at `/`."""
KEEP_UP_SECONDS = 60
ICON = ROOT / "sslrec" / "ui" / "icon.svg"


@st.fragment(run_every=KEEP_UP_SECONDS)
def keep_up() -> None:
    """Show nothing: a browser that has something to ask for by itself runs the whole page when it reconnects.

    Without it a page that is one fragment goes dead with its session, such as when the server starts anew: the
    browser's clicks name a fragment that the new session has not seen, and Streamlit drops them.
    """


def main() -> None:
    """Run the page that the URL names."""
    st.set_page_config(page_title=t("app.name"), page_icon=str(ICON), layout="wide")
    st.logo(str(ICON), size="large")
    language_switch()
    style()
    keep_up()
    pages = [
        st.Page(ROOT / "pages" / f"{name}.py", title=t(f"nav.{name}"), url_path=name, default=name == PAGES[0])
        for name in PAGES
    ]
    page = st.navigation(pages, position="top")
    follow()
    with arriving():
        page.run()
    footer()


main()
