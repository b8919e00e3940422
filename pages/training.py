"""Training: start one, watch it learn, race policies against each other, compare what came out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from sslrec.errors import SslrecError
from sslrec.runs.control import RACERS, shared
from sslrec.runs.events import DIVERGED, Status, can_go_on
from sslrec.runs.view import RunView
from sslrec.ui import training_live as live
from sslrec.ui.digit_parts import block
from sslrec.ui.language import t
from sslrec.ui.shell import note, page_title, section_title, told
from sslrec.ui.training_choices import PRESETS, RACES, Preset, panel
from sslrec.ui.training_commands import keep_problem, resume, said_problem
from sslrec.ui.training_compare import compare_page
from sslrec.ui.training_demo import demo_buttons
from sslrec.ui.training_held import forget, held
from sslrec.ui.training_report import report_html, run_zip
from sslrec.ui.training_start import start
from sslrec.ui.training_words import duration, policy_name, ranked
from sslrec.ui.url import pick

SECONDS = 0.5  # between two looks at a run that is at work


def watch(slot: str, run_ids: Sequence[str], at_work: bool, leaving: bool) -> None:
    """All that is seen of runs: a fragment, which runs by itself while they are at work or their weights are saved."""
    with st.container(key="live"), told():
        try:
            views = shared().compare(run_ids)
        except SslrecError as error:
            # A run was removed while it was watched: the whole page says so and lets another one be started.
            keep_problem(error)
            forget(slot)
            st.rerun()
        # A click in here runs nothing but this; what it changed around this is for the whole page.
        if held(slot) != run_ids or (are_at_work(views), are_leaving(views)) != (at_work, leaving):
            st.rerun()
        st.html(live.status_card(views))
        said_problem()
        if at_work:
            live.controls(views)
        else:
            ended(slot, views)
            if leaving:
                note(t("training.leaving"))
        if any(len(view.curves.steps) for view in views):
            live.curves(views)
        if not at_work:
            downloads(views)


def are_at_work(views: Sequence[RunView]) -> bool:
    return any(view.status.alive for view in views)


def are_leaving(views: Sequence[RunView]) -> bool:
    """Whether they have ended, and their process still puts weights of some into files: not of those that finished."""
    left = [view for view in views if view.status is Status.STOPPED or (view.message and view.message.code in DIVERGED)]
    return not are_at_work(views) and any(view.held and view.step for view in left)


def ended(slot: str, views: Sequence[RunView]) -> None:
    live.results(views)
    with st.container(horizontal=True, vertical_alignment="center", key="run-next"):
        if resumable := [view.id for view in views if can_go_on(view.status, view.message)]:
            key = f"go_on.{resumable[0]}"
            st.button(t("control.go_on"), key=key, type="primary", on_click=resume, args=(resumable,))
        if len(views) == 1:
            demo_buttons(views[0], t("demo.use"))
        elif best := ranked(views):
            demo_buttons(best[0], t("demo.use_best"))
        st.button(t("control.another"), key=f"another.{slot}", on_click=forget, args=(slot,))


def downloads(views: Sequence[RunView]) -> None:
    section_title(t("download.title"), t("download.lead"))
    for view in views:
        report = report_html(view)
        place = st.container()
        if len(views) > 1:
            name, place = st.columns([1, 5], vertical_alignment="center")
            with name:
                note(policy_name(view.config))
        with place, st.container(horizontal=True):
            st.download_button(
                t("download.zip"),
                partial(run_zip, view, report),
                f"{view.name}-{view.id}.zip",
                "application/zip",
                on_click="ignore",
                key=f"zip.{view.id}",
            )
            st.download_button(
                t("download.report"),
                report,
                f"{view.name}-{view.id}.html",
                "text/html",
                on_click="ignore",
                key=f"report.{view.id}",
            )


def presets(slot: str, offered: dict[str, Preset]) -> None:
    """Cards with a button each: the first click of a visitor."""
    with st.container(key=f"presets-{slot}"):
        for name, preset in offered.items():
            with st.container(key=f"preset-{name}"):
                st.html(
                    block(
                        f"<h3>{t(f'preset.{name}')}</h3><p>{t(f'preset.{name}_text')}</p>"
                        f"<small>{t('preset.about', time=duration(preset.seconds))}</small>",
                        "preset",
                    )
                )
                st.button(
                    t("control.start"),
                    key=f"start.{name}",
                    type="primary",
                    on_click=start,
                    args=(slot, lambda preset=preset: preset.configs, ""),
                )


def set_up(slot: str) -> None:
    """What is shown while no run is: presets, and everything that can be set."""
    said_problem()
    race = slot == "race"
    presets(slot, RACES if race else PRESETS)
    with st.expander(t("choose.title"), key=f"panel.{slot}"):
        choice = panel(race)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                t("control.start_race" if race else "control.start"),
                key=f"start.own.{slot}",
                type="primary",
                on_click=start,
                args=(slot, choice.configs, "keep.new"),
                disabled=not choice.data or (race and not 2 <= len(choice.policies) <= RACERS),
            )
            st.toggle(t("control.keep"), key="keep.new", help=t("control.keep_help"), persist_state="session")


def studio(slot: str) -> None:
    """A run or a race: the one that this visitor holds, else what can be started."""
    run_ids = held(slot)
    views: Sequence[RunView] = ()
    with told():
        views = shared().compare(run_ids)
    if not views:
        if run_ids:
            forget(slot)
        set_up(slot)
        return
    at_work, leaving = are_at_work(views), are_leaving(views)
    waiting = all(view.status is Status.QUEUED for view in views)
    every = (2 * SECONDS if waiting else SECONDS) if at_work or leaving else None
    st.fragment(watch, run_every=every)(slot, run_ids, at_work, leaving)


MODES = {"run": partial(studio, "run"), "race": partial(studio, "race"), "compare": compare_page}

page_title(t("training.title"), t("training.lead"))
mode = pick(t("training.mode"), "mode", list(MODES), "run", lambda name: t(f"mode.{name}"), hide_label=True)
note(t(f"mode.{mode}_how"))
MODES[mode]()
