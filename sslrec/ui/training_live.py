"""Trainings as they are watched: what they are doing, their controls, curves and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from sslrec.runs.events import Command, Status
from sslrec.runs.view import RunView
from sslrec.ui import training_charts as charts
from sslrec.ui.digit_parts import block, heading
from sslrec.ui.language import t
from sslrec.ui.shell import note
from sslrec.ui.training_choices import RATES
from sslrec.ui.training_commands import place_rate, set_keep, set_rate, stop, tell
from sslrec.ui.training_strip import latest, strip
from sslrec.ui.training_words import (
    change_sentence,
    count,
    duration,
    fell_out,
    figures,
    measured_title,
    monitored,
    number,
    policy_name,
    ranked,
    rate_in_force,
    rate_text,
    run_title,
    said,
    status_name,
    verdict,
)

WIDE = frozenset({"neighbours", "gaps"})
"""Kinds of pictures that need the page's whole width."""
HEADLINES = (
    *("accuracy", "knn_accuracy", "bce", "excess", "labels", "corpora"),
    *("recall_at_1", "recall_at_10", "validation_accuracy", "validation_loss"),
)
"""What is shown large of a finished run; the report and the comparison tell the rest."""
USUAL_RATE = 1e-3
"""Where the slider of the learning rate begins while there is none."""
TOLD = 5
"""Changes of the learning rate that are listed."""


def status_card(views: Sequence[RunView]) -> str:
    """What the runs are doing and how far they are."""
    view = next((one for one in views if one.status.alive), None) or next(iter(ranked(views)), views[0])
    done = _share_done(views)
    name = t("training.race_of", title=run_title(view.config)) if len(views) > 1 else run_title(view.config)
    chip = f'<b class="sx-state sx-{view.status}">{escape(status_name(view.status))}</b>'
    facts = "".join(f"<span>{escape(fact)}</span>" for fact in _facts(views, view))
    problem = "".join(f'<p role="alert">{escape(text)}</p>' for text in _alerts(views))
    return block(
        f'<header role="status">{chip}<h3>{escape(name)}</h3></header>'
        f'<div class="sx-progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{done * 100:.0f}" aria-label="{escape(t("training.progress"))}">'
        f'<i style="width:{done * 100:.1f}%"></i></div><p class="sx-facts">{facts}</p>{problem}',
        "run",
    )


def _alerts(views: Sequence[RunView]) -> list[str]:
    """Why runs ended or wait; in a race it says whose loss it was, and when that is over, the verdict does."""
    alone, over = len(views) == 1, not any(view.status.alive for view in views)
    told = []
    for view in views:
        why, fell = said(view), view.status is Status.FAILED and not alone
        if why and not (fell and over):
            told.append(fell_out(view) if fell else why)
    return list(dict.fromkeys(told))


def _share_done(views: Sequence[RunView]) -> float:
    """How far the runs are, 0 to 1; one that fell out of a race that goes on, or that others finished, is done."""
    goes_on = any(view.status.alive or view.status is Status.FINISHED for view in views)
    made = sum(view.step if view.status.alive or not goes_on else view.total for view in views)
    return made / max(1, sum(view.total for view in views))


def _facts(views: Sequence[RunView], view: RunView) -> list[str]:
    if view.place is not None:
        return [t("training.place", place=view.place)]
    if view.status is Status.STARTING and not view.step:
        return [t("training.starting")]
    facts = [t("list.comma").join(policy_name(one.config) for one in views)]
    if view.started:
        facts.append(t("training.epoch", epoch=view.epoch, epochs=view.started.get("epochs", 0)))
    facts.append(t("training.step", step=count(view.step), total=count(view.total)))
    if len(view.curves.steps):
        facts.append(t("training.pace", pace=f"{view.curves.examples_per_second[-1]:,.0f}"))
    # The runs of a race take turns: each one's time is already that of all.
    left = max((one.seconds_left for one in views if one.seconds_left is not None), default=None)
    if left is not None:
        facts.append(t("training.left", time=duration(left)))
    elif not view.status.alive:
        facts.append(t("training.took", time=duration(view.seconds)))
    if view.snapshots:
        facts.append(t("training.snapshots", count=len(view.snapshots), step=count(view.snapshots[-1].step)))
    return facts


def controls(views: Sequence[RunView]) -> None:
    """Buttons for what the runs take now, and the slider that changes the learning rate."""
    ids = [view.id for view in views]
    alive = [view for view in views if view.status.alive]
    states = {view.status for view in alive}
    running, paused = Status.RUNNING in states, states == {Status.PAUSED}
    # One that outlived the app that started it hears nothing but a stop.
    hears = any(view.held for view in alive)
    name = ids[0]
    left, right = st.columns(2, gap="medium", vertical_alignment="center")
    with left, st.container(horizontal=True, vertical_alignment="center", key="run-buttons"):
        if paused:
            _button("resume", lambda: tell(ids, Command.RESUME), name, primary=True, disabled=not hears)
        else:
            _button("pause", lambda: tell(ids, Command.PAUSE), name, disabled=not (running and hears))
        _button("stop", lambda: stop(ids), name)
        takes = hears and (running or paused)
        _button("snapshot", lambda: tell(ids, Command.SNAPSHOT), name, disabled=not takes)
        key = f"keep.{name}"
        st.toggle(
            t("control.keep"),
            alive[0].keep_running,
            key=key,
            help=t("control.keep_help"),
            on_change=set_keep,
            args=(ids, key),
            disabled=not hears,
        )
    if views[0].started:
        with right:
            _rate_slider(views, takes)
    if not hears:
        note(t("control.elsewhere"))


def _button(kind: str, act, name: str, primary: bool = False, disabled: bool = False) -> None:
    st.button(
        t(f"control.{kind}"),
        key=f"{kind}.{name}",
        on_click=act,
        disabled=disabled,
        type="primary" if primary else "secondary",
    )


def _rate_slider(views: Sequence[RunView], enabled: bool) -> None:
    key, now = f"rate.{views[0].id}", rate_in_force(views[0])
    place_rate(key, _position(now) or USUAL_RATE)
    positions = {_position(rate_in_force(view)) for view in views}
    if len(views) > 1:
        title = t("control.rate_all")
    else:
        title = t("control.rate", now=rate_text(now)) if now else t("control.rate_unknown")
    st.select_slider(
        title,
        RATES,
        format_func=rate_text,
        key=key,
        disabled=not enabled,
        on_change=set_rate,
        args=([view.id for view in views], key, positions.pop() if len(positions) == 1 else None),
        persist_state="session",
    )


def _position(rate: float | None) -> float | None:
    """Where on the slider a learning rate is, the nearest; None for none."""
    return None if rate is None else min(RATES, key=lambda one: abs(np.log(one / rate)))


def curves(views: Sequence[RunView]) -> None:
    """The charts, and beside the largest one the pictures, where they fit there."""
    beside = len(views) == 1 and views[0].exhibit is not None and views[0].exhibit.kind not in WIDE
    if beside:
        left, right = st.columns(2, gap="medium")
        with left:
            _loss(views, 360)
        with right:
            pictures(views)
    else:
        _loss(views, 300)
    rate, pace, norm = st.columns([6, 4, 4], gap="medium")
    with rate:
        _chart("rate", charts.rate_chart(views), charts.spoken_rate(views))
    with pace:
        _chart("pace", charts.pace_chart(views), t("chart.pace"))
    with norm:
        _chart("norm", charts.gradient_chart(views), t("chart.norm"))
    if changes := changes_list(views):
        st.html(changes)
    if not beside:
        pictures(views)


def _loss(views: Sequence[RunView], height: int) -> None:
    title = t("chart.loss")
    if len(views) > 1:
        title = t("chart.loss_validated" if _validated(views) else "chart.loss_trained")
    with st.container(gap="xsmall"):
        st.html(heading(title))
        st.echarts_chart(charts.loss_chart(views), height=height, key="chart.loss", alt=charts.spoken(views))


def _chart(name: str, options: dict[str, Any], spoken: str) -> None:
    with st.container(gap="xsmall"):
        st.html(heading(t(f"chart.{name}")))
        st.echarts_chart(options, height=170, key=f"chart.{name}", alt=spoken)


def _validated(views: Sequence[RunView]) -> bool:
    return any(point.validation_loss is not None for view in views for point in view.epochs)


def changes_list(views: Sequence[RunView]) -> str:
    """The last changes of the learning rate in words, the newest first; empty where there were none."""
    told = [(change.step, view, change) for view in views for change in view.changes]
    told = sorted(told, key=lambda found: found[0])[::-1]
    lines = "".join(
        f"<li>{f'<b>{escape(policy_name(view.config))}</b> ' if len(views) > 1 else ''}"
        f"{escape(change_sentence(change))}</li>"
        for _, view, change in told[:TOLD]
    )
    return block(f"<h3>{escape(t('change.title'))}</h3><ul>{lines}</ul>", "changes") if lines else ""


def pictures(views: Sequence[RunView]) -> None:
    """What the models make of the same few examples."""
    shown = [view for view in views if view.exhibit is not None]
    if not shown:
        return
    kind = shown[0].exhibit.kind if shown[0].exhibit else ""
    if len(views) == 1:
        rows = strip(views[0].exhibits)
    else:
        rows = latest([(policy_name(view.config), view.exhibit) for view in shown if view.exhibit])
    with st.container(gap="xsmall"):
        st.html(heading(t(f"exhibit.{kind}")) + rows)
        note(t(f"exhibit.{kind}_note"))


def results(views: Sequence[RunView]) -> None:
    """What came out: the measured figures of a run, or the verdict of a race."""
    if len(views) > 1:
        st.html(block(f"<p>{escape(verdict(views))}</p>", "takeaway") + race_table(views))
        return
    view = views[0]
    if view.metrics is None:
        return
    boxes = "".join(
        f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>"
        for name, value in figures({name: view.metrics[name] for name in HEADLINES if name in view.metrics})
    )
    if boxes:
        st.html(heading(measured_title(view.config)) + block(boxes, "figures"))


def race_table(views: Sequence[RunView]) -> str:
    """The runs side by side in figures: last loss, lowest loss, time, and what the test part says."""
    columns = ("policy", "last", "lowest", "rate", "time", "state")
    head = "".join(f'<th scope="col">{escape(t(f"race.{name}"))}</th>' for name in columns)
    rows = []
    best = [view.id for view in ranked(views)[:1]]
    for view in views:
        points = monitored(view)
        last = points[-1][1] if points else None
        cells = (
            number(last) if last is not None else "",
            number(min(loss for _, loss in points)) if points else "",
            rate_text(float(view.curves.learning_rate[-1])) if len(view.curves.steps) else "",
            duration(view.seconds),
            status_name(view.status),
        )
        won = ' class="sx-won"' if view.id in best else ""
        body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f'<tr{won}><th scope="row">{escape(policy_name(view.config))}</th>{body}</tr>')
    return block(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>", "ranking")
