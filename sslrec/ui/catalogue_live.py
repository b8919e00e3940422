"""An ingest as it is watched: how far it is, how fast, what every channel holds, which rows were left out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from functools import partial
from html import escape
from io import StringIO

import streamlit as st

from sslrec.errors import SslrecError
from sslrec.serving.ingest import Ingestion, IngestProgress, Rejection
from sslrec.ui.catalogue_flow import flow
from sslrec.ui.digit_parts import block
from sslrec.ui.language import current_language, explain, t
from sslrec.ui.shell import note
from sslrec.ui.texts import CATALOGUES
from sslrec.ui.training_words import duration
from sslrec.ui.uploads import plain_cell

LISTED = 8
"""Rows left out that are listed; the file has all of them."""
SETTLED = 1.5
"""Seconds before a pace tells when it will end."""
STOP_SECONDS = 1.0
"""How long a click on Stop waits for its effect."""


def status_card(name: str, now: IngestProgress) -> str:
    """How far an ingest is."""
    share = min(now.done / now.total, 1.0) if now.total else 0.0
    chip = f'<b class="sx-state sx-running">{escape(t("ingest.running"))}</b>'
    facts = "".join(f"<span>{escape(fact)}</span>" for fact in _facts(now))
    return block(
        f'<header role="status">{chip}<h3>{escape(name)}</h3></header>'
        f'<div class="sx-progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share * 100:.0f}" aria-label="{escape(t("ingest.progress"))}">'
        f'<i style="width:{share * 100:.1f}%"></i></div><p class="sx-facts">{facts}</p>',
        "run",
    )


def _facts(now: IngestProgress) -> list[str]:
    if now.total is None:
        return [t("ingest.counting")]
    facts = [t("ingest.rows_one" if now.total == 1 else "ingest.rows", done=now.done, total=now.total)]
    if now.done:
        facts.append(t("ingest.pace", pace=f"{now.items_per_second:,.0f}"))
    if now.remaining_seconds is not None and now.seconds > SETTLED:
        facts.append(t("ingest.left", time=time_span(now.remaining_seconds)))
    facts.append(t("ingest.rejected", count=now.rejected))
    if now.without_picture:
        facts.append(t("ingest.without", count=now.without_picture))
    return facts


def watch(ingestion: Ingestion) -> None:
    """All that is seen of an ingest that runs; a fragment, which comes again twice a second."""
    with st.container(key="live"):
        if ingestion.is_ready:
            st.rerun()
        now = ingestion.progress()
        st.html(status_card(ingestion.name, now))
        flow("flow", now.channels)
        note(t("flow.how"))
        with st.container(horizontal=True, vertical_alignment="center", key="ingest-buttons"):
            st.button(t("ingest.cancel"), key="ingest.cancel", on_click=stop, args=(ingestion,))
            note(t("ingest.elsewhere"))
        if rejected := ingestion.rejected:
            st.html(rows_table(rejected, latest=True))


def stop(ingestion: Ingestion) -> None:
    """Stop an ingest, and stay until it has: what is shown next shall say so."""
    ingestion.cancel()
    ingestion.wait(STOP_SECONDS)


def rows_table(rows: Sequence[Rejection], latest: bool = False) -> str:
    """Rows that were left out, or products that lack their picture, with their reasons, as HTML.

    Args:
        rows: all of them.
        latest: whether the last ones are listed rather than the first.
    """
    listed = list(reversed(rows[-LISTED:])) if latest else rows[:LISTED]
    head = "".join(f'<th scope="col">{escape(t(f"rejected.{name}"))}</th>' for name in ("line", "id", "reason"))
    body = "".join(
        f"<tr><td>{row.line:,}</td><td>{escape(_short(row.item_id or '–'))}</td>"
        f"<td>{escape(reason_of(row.error))}</td></tr>"
        for row in listed
    )
    more = len(rows) - len(listed)
    rest = f"<p>{escape(t('rejected.more', count=more))}</p>" if more else ""
    return block(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}", "left-out")


def reasons(rows: Sequence[Rejection]) -> list[tuple[str, int]]:
    """The reasons of rows that were left out in a few words, the most frequent first, each with its count."""
    return [(t(f"reason.{code}"), count) for code, count in Counter(row.reason for row in rows).most_common()]


def rows_csv(rejected: Sequence[Rejection], without: Sequence[Rejection], language: str) -> bytes:
    """All rows that were left out, and products that lack their picture, as a CSV file without formulas.

    Args:
        rejected: the rows.
        without: the products.
        language: the tag of the language that the reasons are said in, such as `zh-CN`.
    """
    texts = CATALOGUES[language]
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["line", "item_id", "left_out", "reason", "message"])
    for rows, left_out in ((rejected, True), (without, False)):
        for row in rows:
            said = plain_cell(texts[f"error.{row.error.code}"].format(**row.error.params))
            writer.writerow([row.line, plain_cell(row.item_id or ""), left_out, row.reason, said])
    # The mark at the beginning keeps spreadsheets from taking Chinese for something else.
    return buffer.getvalue().encode("utf-8-sig")


def rows_download(rejected: Sequence[Rejection], without: Sequence[Rejection]) -> None:
    """A button for the file of what was left out."""
    # Made when asked for, as there may be many rows; in a thread, which knows nothing of the visitor and the language.
    st.download_button(
        t("rejected.csv"),
        partial(rows_csv, rejected, without, current_language()),
        "left-out.csv",
        "text/csv",
        on_click="ignore",
        key="rejected.csv",
    )


def reason_of(error: SslrecError) -> str:
    """Why a row was left out or lacks its picture, cut off where it quotes a text of thousands of characters."""
    return _short(explain(error), 240)


def time_span(seconds: float) -> str:
    """A time span as `duration` says it, and never that something takes no time at all."""
    return t("ingest.instant") if seconds < 1 else duration(seconds)


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
