"""A box for a text of one's own, and the training that starts on it."""

from __future__ import annotations

import threading

import streamlit as st

from sslrec.config import ROOT, settings
from sslrec.data import corpora
from sslrec.data.packing import ROW, pack
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import RunError, SslrecError
from sslrec.runs.control import shared
from sslrec.runs.events import RunConfig
from sslrec.ui.fill_words import cut_box, said_cut
from sslrec.ui.language import explain, t
from sslrec.ui.shell import note, problems, section_title
from sslrec.ui.training_commands import said_problem
from sslrec.ui.training_held import forget, held
from sslrec.ui.training_start import start
from sslrec.ui.training_words import duration

MOST = 100_000
"""Characters of a visitor's text that are kept."""
KEY = "own.text"
"""Key of the box in the session."""
SECONDS = 90
EXAMPLES = 6_000
"""Rows that a training reads in all: about so many in `SECONDS`."""
_STARTING = threading.Lock()
"""Held from keeping a text until its run names it: one visitor's refusal takes no other's away who sent the same."""


def own_config(text: str) -> RunConfig:
    """A short training on a text, which is kept as long as the run is.

    Raises:
        TextError: the text is too short, or one that the vocabulary cannot spell.
        ArtifactError: the tokenizer is missing or damaged.
    """
    tokenizer, lines = load_tokenizer(), corpora.spelled(text)
    number = corpora.keep(text, visitors=True)
    signs = (tokenizer.start_id, tokenizer.end_id, tokenizer.pad_id)
    rows = len(pack(lines, ROW, *signs, tokenizer.continues, seed=0).token_ids)
    epochs = min(300, max(4, EXAMPLES // max(1, rows)))
    return RunConfig("language", corpora.OWN, epochs=epochs, batch_size=4, options={"size": "tiny", "text": number})


def own_text() -> None:
    """Show the box; its button starts a training and opens the Training page."""
    section_title(t("own.title"), t("own.lead"))
    text = st.text_area(
        t("own.box", count=corpora.FEWEST),
        key=KEY,
        height=160,
        on_change=cut_box,
        args=(KEY, MOST),
        persist_state="session",
    )
    said_cut(KEY, MOST)
    if st.button(t("own.start"), key="own.start", type="primary") and _begin(text or ""):
        st.switch_page(ROOT / "pages" / "training.py", query_params={"run": held("run")[0]})
    note(t("own.note", time=duration(SECONDS)))


def _begin(text: str) -> bool:
    """Start a training on a text; what is wrong with it is told."""
    try:
        with _STARTING:
            config = own_config(text)
            # Another training that this visitor looks at goes on; it is not the one that was asked for.
            forget("run")
            start("run", lambda: (config,), "")
            if not held("run") and (number := config.options["text"]) not in shared().store.texts():
                corpora.remove(number)  # it was refused, and no one else's learns from it
    except SslrecError as error:
        problems("", [explain(error)])
        return False
    except OSError:  # the text could not be put where the training finds it
        problems("", [explain(RunError("run_unwritten", folder=str(settings().home_dir)))])
        return False
    said_problem()
    return bool(held("run"))
