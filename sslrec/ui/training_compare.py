"""Finished runs beside each other: curves to zoom into, and their figures."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from sslrec.errors import SslrecError
from sslrec.runs.control import RunSummary, shared
from sslrec.runs.events import Status
from sslrec.runs.view import RunView
from sslrec.ui.digit_parts import block, heading
from sslrec.ui.language import t
from sslrec.ui.shell import note, told
from sslrec.ui.training_charts import COLOURS, DECADES, thinned
from sslrec.ui.training_choices import BROUGHT
from sslrec.ui.training_held import SLOTS, named
from sslrec.ui.training_presence import is_mine
from sslrec.ui.training_words import (
    count,
    duration,
    figures,
    initial_rate,
    monitored,
    number,
    policy_name,
    rate_text,
    run_title,
    status_name,
)

MOST = len(COLOURS)
"""Runs in one comparison."""


def ended_runs() -> list[RunSummary]:
    """Runs that are over and have learned something, newest first; what other visitors brought is theirs alone."""
    # After a reload the session is another one; what it looks at it has by its address.
    looked_at = {run_id for slot in SLOTS for run_id in named(slot)}
    return [
        run
        for run in shared().runs()
        if not run.status.alive
        and run.step > 0
        and (run.config.data not in BROUGHT or run.id in looked_at or is_mine(run.owner))
    ]


def label(run: RunSummary) -> str:
    """A run in a list."""
    when = time.strftime("%m-%d %H:%M:%S", time.localtime(run.created))
    parts = [run_title(run.config), policy_name(run.config)]
    if rate := initial_rate(run.config, {}):
        parts.append(rate_text(rate))
    if run.status is not Status.FINISHED:
        parts.append(status_name(run.status))
    return " · ".join([*parts, when])


def compare_page() -> None:
    """Choose runs and look at them together."""
    runs = {run.id: run for run in ended_runs()}
    if not runs:
        note(t("compare.none"))
        return
    kept = st.session_state.get("compare")
    if kept is None:
        kept = _first_choice(list(runs.values()))
    st.session_state["compare"] = [run_id for run_id in kept if run_id in runs]
    chosen = st.multiselect(
        t("compare.choose"),
        list(runs),
        key="compare",
        format_func=lambda run_id: label(runs[run_id]),
        max_selections=MOST,
        placeholder=t("compare.placeholder"),
        persist_state="session",
    )
    with told():
        views = _views(chosen)
        if views:
            show_together(views)


def _first_choice(runs: Sequence[RunSummary]) -> list[str]:
    """The newest run with those of its race, else with the newest ones of the same task and data."""
    first = runs[0]
    alike = [run.id for run in runs if run.race == first.race] if first.race else []
    return alike or [run.id for run in runs if (run.config.task, run.config.data) == _subject(first)][:4]


def _subject(run: RunSummary) -> tuple[str, str]:
    return run.config.task, run.config.data


def _views(run_ids: Sequence[str]) -> list[RunView]:
    """Those that are still there."""
    found = []
    for run_id in run_ids:
        try:
            found.append(shared().view(run_id))
        except SslrecError:
            continue
    return found


def show_together(views: Sequence[RunView]) -> None:
    """Plots and figures of several runs."""
    if len({(view.config.task, view.config.data) for view in views}) > 1:
        note(t("compare.mixed"))
    names = run_names(views)
    for kind in ("loss", "rate"):
        st.html(heading(t(f"compare.{kind}")))
        st.plotly_chart(
            _figure(views, names, kind),
            key=f"compare.{kind}",
            config={"displayModeBar": False},
            alt=t(f"compare.{kind}"),
        )
    st.html(figures_table(views, names))


def run_names(views: Sequence[RunView]) -> list[str]:
    """A short name for each run: what distinguishes it from the others."""
    titles = [run_title(view.config) for view in views]
    names = []
    for view, title in zip(views, titles, strict=True):
        parts = [title] if len(set(titles)) > 1 else []
        rate = initial_rate(view.config, view.started)
        parts += [policy_name(view.config), *([rate_text(rate)] if rate else [])]
        names.append(" · ".join(parts))
    # Those that are still alike are told apart by their time.
    return [
        f"{name} · {time.strftime('%H:%M:%S', time.localtime(view.created))}" if names.count(name) > 1 else name
        for view, name in zip(views, names, strict=True)
    ]


def plot(views: Sequence[RunView], names: Sequence[str], kind: str) -> dict[str, Any]:
    """The traces and layout of one plot, as Plotly wants them.

    Args:
        views: the runs.
        names: one each.
        kind: `loss` or `rate`.
    """
    traces = []
    for view, name, colour in zip(views, names, COLOURS, strict=False):
        if kind == "loss":
            points = monitored(view) or thinned(view.curves.steps, view.curves.loss)
        else:
            points = [pair for pair in thinned(view.curves.steps, view.curves.learning_rate) if pair[1] > 0]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "x": [point[0] for point in points],
                "y": [point[1] for point in points],
                "line": {"color": colour, "width": 2.5},
            }
        )
    axis: dict[str, Any] = {"type": "log", "exponentformat": "power"}
    if kind == "rate" and (rates := [rate for one in traces for rate in one["y"]]):
        top = math.log10(max(rates))
        # A schedule's way to zero would squeeze all the rest.
        axis |= {"dtick": 1, "range": [max(math.log10(min(rates)), top - DECADES) - 0.2, top + 0.2]}
    layout = {
        "height": 340 if kind == "loss" else 260,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "legend": {"orientation": "h", "y": -0.18},
        "showlegend": kind == "loss",
        "hovermode": "x unified",
        "xaxis": {"title": {"text": t("compare.steps")}, "rangemode": "tozero"},
        "yaxis": axis,
    }
    return {"data": traces, "layout": layout}


def _figure(views: Sequence[RunView], names: Sequence[str], kind: str):
    # Here and not at the top: no other page needs it. (Streamlit imports a part of it by itself where it is installed.)
    import plotly.graph_objects as plotly

    return plotly.Figure(plot(views, names, kind))


def figures_table(views: Sequence[RunView], names: Sequence[str]) -> str:
    """The runs' figures: a row per figure, a column per run."""
    columns = []
    for view in views:
        points = monitored(view)
        found = {
            t("report.status"): status_name(view.status),
            t("report.steps"): f"{count(view.step)} / {count(view.total)}",
            t("report.time"): duration(view.seconds),
            t("choose.epochs"): str(view.started.get("epochs", "")),
            t("choose.batch"): str(view.started.get("batch_size", "")),
            t("choose.seed"): str(view.config.seed),
            t("race.last"): number(points[-1][1]) if points else "",
            t("race.lowest"): number(min(loss for _, loss in points)) if points else "",
            **dict(figures(view.metrics or {})),
        }
        columns.append(found)
    rows = list(dict.fromkeys(name for found in columns for name in found))
    head = "".join(
        f'<th scope="col"><i style="background:{colour}"></i>{escape(name)}</th>'
        for name, colour in zip(names, COLOURS, strict=False)
    )
    body = "".join(
        f'<tr><th scope="row">{escape(row)}</th>'
        + "".join(f"<td>{escape(found.get(row, ''))}</td>" for found in columns)
        + "</tr>"
        for row in rows
    )
    return block(f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>", "ranking")
