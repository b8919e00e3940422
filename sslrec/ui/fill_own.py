"""A box for a text of one's own, and the training that starts on it."""

from __future__ import annotations

import threading

import streamlit as st

from sslrec.config import ROOT, settings
from sslrec.data import corpora
from sslrec.data.vocabulary import load_tokenizer
from sslrec.errors import RunError, SslrecError
from sslrec.runs.control import shared
from sslrec.runs.events import RunConfig
from sslrec.ui.digit_parts import percent
from sslrec.ui.language import explain, t
from sslrec.ui.shell import note, problems, section_title
from sslrec.ui.training_commands import said_problem
from sslrec.ui.training_held import forget, held
from sslrec.ui.training_start import start
from sslrec.ui.training_words import duration

MOST = 100_000
"""Characters that the box takes."""
SECONDS = 90
EXAMPLES = 12_000
"""Rows that a training reads in all: about so many in `SECONDS`."""
ROW = 45
"""Words of a row, of 64 pieces, roughly."""
UNKNOWN = 0.5
"""A text of which a larger share cannot be spelled is not worth a training."""
_STARTING = threading.Lock()
"""Held from keeping a text until its run names it: one visitor's refusal takes no other's away who sent the same."""


def own_config(text: str) -> RunConfig:
    """A short training on a text, which is kept as long as the run is.

    Raises:
        TextError: the text is too short.
    """
    number = corpora.keep(text, visitors=True)
    rows = max(1, len(text.split()) // ROW)
    epochs = min(300, max(4, EXAMPLES // rows))
    return RunConfig("language", corpora.OWN, epochs=epochs, batch_size=8, options={"size": "tiny", "text": number})


def unknown_share(text: str) -> float:
    """The share of a text's pieces that the vocabulary cannot spell.

    Raises:
        ArtifactError: the tokenizer is missing or damaged.
    """
    pieces = load_tokenizer().encode(text, 2_000)
    return pieces.tokens.count("[UNK]") / max(1, len(pieces.tokens) - 2)


def own_text() -> None:
    """Show the box; its button starts a training and opens the Training page."""
    section_title(t("own.title"), t("own.lead"))
    text = st.text_area(
        t("own.box", count=corpora.FEWEST), key="own.text", max_chars=MOST, height=160, persist_state="session"
    )
    if st.button(t("own.start"), key="own.start", type="primary") and _begin(text or ""):
        st.switch_page(ROOT / "pages" / "training.py", query_params={"run": held("run")[0]})
    note(t("own.note", time=duration(SECONDS)))


def _begin(text: str) -> bool:
    """Start a training on a text; what is wrong with it is told."""
    try:
        share = unknown_share(text)
        if share > UNKNOWN:
            problems("", [t("own.foreign", share=percent(share, 0))])
            return False
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
