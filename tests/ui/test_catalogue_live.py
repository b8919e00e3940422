"""What is said of an ingest: gauges, left out rows, the file of them."""

import csv
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from sslrec.channels import ChannelStatistics
from sslrec.errors import MESSAGES, CatalogueError
from sslrec.serving.ingest import IngestProgress, Rejection
from sslrec.ui.catalogue_flow import PLACES, gauge
from sslrec.ui.catalogue_live import LISTED, reasons, rows_csv, rows_table, status_card, time_span
from sslrec.ui.texts import CATALOGUES


def channel(used=12, limit=64, senders=0, receivers=0):
    return ChannelStatistics(used, limit, senders, receivers, 1, 1, 1_500, 1_488, 0.0, 0.0)


def rejection(line=3, item_id="a", **params):
    return Rejection(item_id, line, CatalogueError("row_duplicate", line=line, item=item_id or "", **params))


def progress(**changes):
    given = {
        "state": "running",
        "done": 500,
        "total": 2_000,
        "items": 490,
        "rejected": 10,
        "without_picture": 4,
        "seconds": 5.0,
        "items_per_second": 100.0,
        "remaining_seconds": 15.0,
        "channels": {},
    }
    return IngestProgress(**{**given, **changes})


def test_a_gauge_says_how_full_a_channel_is_and_who_waits():
    made = gauge("image.decode", channel())
    assert (made["kind"], made["used"], made["limit"], made["count"]) == ("image", 12, 64, "12 / 64")
    assert (made["sent"], made["waits"], made["full"]) == ("1,500 so far", "", False)
    full = gauge("join", channel(64, senders=2))
    assert (full["kind"], full["waits"], full["full"]) == ("both", "full: 2 waiting to send", True)
    assert gauge("joined", channel(0, receivers=1))["waits"] == "empty: 1 waiting to receive"


@pytest.mark.parametrize("name", PLACES)
def test_before_the_start_every_gauge_is_there_and_empty(name):
    made = gauge(name, None)
    assert (made["used"], made["limit"], made["waits"]) == (0, 0, "")
    assert made["title"]


def test_the_card_says_how_far_how_fast_and_how_long_still():
    card = status_card("<b>shop</b>", progress())
    assert "<b>shop</b>" not in card
    for words in ("500 of 2,000 rows", "100 rows/s", "15 s left", "10 left out", 'aria-valuenow="25"'):
        assert words in card
    assert "left<" not in status_card("shop", progress(seconds=0.5))
    assert CATALOGUES["en"]["ingest.counting"] in status_card("shop", progress(total=None, done=0))


def test_the_card_speaks_of_one_row_and_of_less_than_a_second():
    card = status_card("shop", progress(done=0, total=1, remaining_seconds=0.2))
    assert "0 of 1 row<" in card
    assert "less than 1 s left" in card
    assert [time_span(seconds) for seconds in (0.0, 0.9, 1.2, 61)] == ["less than 1 s"] * 2 + ["1 s", "1 min 1 s"]


def test_left_out_rows_are_listed_with_their_reasons_and_markup_is_text():
    rows = [rejection(line, f"<i>{line}</i>") for line in range(1, LISTED + 3)]
    first, latest = rows_table(rows), rows_table(rows, latest=True)
    assert "<i>" not in first + latest
    assert "&lt;i&gt;1&lt;/i&gt;" in first
    assert f"&lt;i&gt;{LISTED + 2}&lt;/i&gt;" in latest
    assert "and 2 more" in first
    assert reasons(rows) == [(CATALOGUES["en"]["reason.row_duplicate"], LISTED + 2)]


def test_the_file_has_all_rows_and_no_formulas():
    rows = [rejection(line, "=cmd|'/C calc'!A1") for line in range(1, 40)]
    text = rows_csv(rows, [rejection(50, None)], "en").decode("utf-8-sig")
    read = list(csv.DictReader(text.splitlines()))
    assert len(read) == 40
    assert read[0]["item_id"] == "'=cmd|'/C calc'!A1"
    assert (read[0]["line"], read[0]["left_out"], read[0]["reason"]) == ("1", "True", "row_duplicate")
    assert (read[-1]["item_id"], read[-1]["left_out"]) == ("", "False")


def test_the_file_speaks_the_visitors_language_in_a_thread_too(monkeypatch):
    """Streamlit makes a download where nothing is known of the visitor."""
    made = []
    monkeypatch.setattr("streamlit.download_button", lambda _, data, *others, **options: made.append(data))

    def page(rows):
        import streamlit as st

        from sslrec.ui.catalogue_live import rows_download

        st.session_state["lang"] = "zh-CN"
        rows_download(rows, [])

    assert not AppTest.from_function(page, args=([rejection(3, "a")],), default_timeout=30).run().exception
    with ThreadPoolExecutor(1) as pool:
        (read,) = csv.DictReader(pool.submit(made[0]).result().decode("utf-8-sig").splitlines())
    assert read["message"] == CATALOGUES["zh-CN"]["error.row_duplicate"].format(line=3, item="a")


def test_every_reason_why_a_row_may_be_left_out_has_a_name():
    codes = [code for code in MESSAGES if code.startswith(("row_", "picture_", "image_"))]
    assert [code for code in codes if f"reason.{code}" not in CATALOGUES["en"]] == []
