"""What a visitor may choose before a training starts: presets for a first click, and everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from sslrec.data import corpora, download, shops
from sslrec.data.sets import files_of
from sslrec.runs.events import LIMITS, RunConfig
from sslrec.runs.tasks import POLICIES, RATELESS, TASKS, Option
from sslrec.ui.language import t
from sslrec.ui.shell import note, told
from sslrec.ui.training_words import rate_text
from sslrec.ui.url import choose_from_url, keep_in_url, pick

RATES = tuple(float(f"{10**exponent:.2g}") for exponent in np.arange(-6, 0.01, 0.1))
"""What the sliders for learning rates offer: ten a decade from 1e-06 to 1."""
BATCHES = (None, 16, 32, 64, 128, 256, 512)
"""Batch sizes to choose from; None is the task's own."""
BROUGHT = (corpora.OWN, shops.OWN)
"""Data that are brought on other pages, which start their trainings."""
OFFERED = tuple(name for name, spec in TASKS.items() if not set(spec.data) <= set(BROUGHT))
"""The tasks to choose from."""
AT_ONCE = ("classifier", "fusion")
"""Tasks whose time hangs on their settings more than on their data."""
OWN_POLICY = "own"
"""What stands for the task's own policy, in the URL too."""
RACING = ("cosine", "auto", "adaptive")
"""The policies of a race, where none are chosen."""


@dataclass(frozen=True)
class Preset:
    """A training for a first click; it needs nothing but what comes with the app.

    Attributes:
        configs: one run, or the runs of a race.
        seconds: about how long it takes on two cores.
    """

    configs: tuple[RunConfig, ...]
    seconds: int


def _race(rate: float) -> tuple[RunConfig, ...]:
    return tuple(RunConfig("autoencoder", "digits", name, rate, 20) for name in RACING)


PRESETS = {
    "rebuild": Preset((RunConfig("autoencoder", "digits", epochs=10),), 60),
    "repair": Preset((RunConfig("autoencoder", "digits", epochs=10, options={"denoise": True}),), 60),
    "read": Preset(
        (RunConfig("classifier", "digits", epochs=1000, options={"budget": "10", "start": "scratch"}),), 110
    ),
    "alike": Preset((RunConfig("encoder", "digits", epochs=40),), 165),
    "words": Preset((RunConfig("language", "builtin", epochs=24, batch_size=4, options={"size": "tiny"}),), 130),
}
"""Single runs by name."""
RACES = {"slow": Preset(_race(1e-4), 210), "fast": Preset(_race(3e-2), 210)}
"""Races by name: from a rate that is too low, and from one that is too high."""


@dataclass(frozen=True)
class DataOnDisk:
    """A data set as far as this machine has it.

    Attributes:
        here: whether it can be used.
        megabytes: of its files; 0 where it comes with the app or a package.
    """

    here: bool
    megabytes: float = 0.0


def data_on_disk(name: str) -> DataOnDisk:
    """Look for a data set; nothing is fetched."""
    found = [files_of(part) for part in (corpora.FILES if name == "text" else (name,))]
    here = [paths for paths in found if paths is not None]
    brought = [path for paths in here for path in paths if name != corpora.BUILTIN]
    return DataOnDisk(bool(here), sum(path.stat().st_size for path in brought) / 1e6)


@dataclass(frozen=True)
class Choice:
    """What the panel was set to.

    Attributes:
        task: a key of `TASKS`.
        data: one of the task's data sets; empty where none is on this machine.
        policies: one, or those of a race.
        rest: further fields of `RunConfig`.
    """

    task: str
    data: str
    policies: tuple[str, ...]
    rest: dict[str, Any] = field(default_factory=dict)

    def configs(self) -> list[RunConfig]:
        """The runs to start.

        Raises:
            RunError: a value is not allowed.
        """
        return [RunConfig(self.task, self.data, policy, **self.rest) for policy in self.policies]


def panel(race: bool) -> Choice:
    """Show all that can be set, for one run or for a race."""
    left, right = st.columns(2, gap="medium")
    with left:
        task = pick(t("choose.task"), "task", OFFERED, OFFERED[0], lambda name: t(f"task.{name}"))
        note(t(f"task.{task}_how"))
        data = _data(task)
        settable = {name: option for name, option in TASKS[task].options.items() if not option.pattern}
        options = {name: _option(task, name, option) for name, option in settable.items()}
    with right:
        policies = _racers() if race else (_policy(task, options),)
        rate = st.select_slider(
            t("choose.rate_race" if race else "choose.rate"),
            (None, *RATES),
            format_func=lambda rate: t("choose.own") if rate is None else rate_text(rate),
            key="choose.rate",
            persist_state="session",
            disabled=set(policies) <= set(RATELESS),
        )
        epochs, batch, seed = st.columns([6, 5, 4])
        low, high = LIMITS["epochs"]
        chosen_epochs = epochs.number_input(
            t("choose.epochs"),
            low,
            high,
            None,
            placeholder=t("choose.own"),
            key="choose.epochs",
            persist_state="session",
        )
        batch_size = batch.selectbox(
            t("choose.batch"),
            BATCHES,
            format_func=lambda size: t("choose.own") if size is None else str(size),
            key="choose.batch",
            persist_state="session",
        )
        low, high = LIMITS["seed"]
        chosen_seed = seed.number_input(t("choose.seed"), low, high, 0, key="choose.seed", persist_state="session")
    rest = {"learning_rate": rate, "epochs": chosen_epochs, "batch_size": batch_size, "seed": chosen_seed}
    changed = {name: value for name, value in options.items() if value != TASKS[task].options[name].default}
    return Choice(task, data, policies, {**rest, "options": changed})


def _data(task: str) -> str:
    """The data sets of a task that are here; of the others, what is missing."""
    found = {name: data_on_disk(name) for name in TASKS[task].data if name not in BROUGHT}
    here = [name for name, one in found.items() if one.here]
    chosen = ""
    if here:
        chosen = pick(t("choose.data"), "data", here, here[0], lambda name: t(f"set.{name}"))
        one = found[chosen]
        size = t("data.size", megabytes=f"{one.megabytes:.0f}") if one.megabytes else t("data.included")
        pace = t(f"pace.{task if task in AT_ONCE else chosen}")
        note(f"{t(f'set.{chosen}_how')} {pace} {size}")
    if absent := [t(f"set.{name}") for name, one in found.items() if not one.here]:
        note(t("data.elsewhere", names=t("list.comma").join(absent)))
    for name in [name for name in download.FILES if name in found and not found[name].here]:
        said = t("data.download", name=t(f"set.{name}"), megabytes=download.megabytes(name))
        if st.button(said, key=f"choose.download.{name}"):
            with told(), st.spinner(t("data.downloading", name=t(f"set.{name}"))):
                download.download(name)
                st.rerun()
    return chosen


def _option(task: str, name: str, option: Option) -> Any:
    """A widget for a task's own setting."""
    key, label = f"choose.{task}.{name}", t(f"option.{name}")
    if isinstance(option.default, bool):
        return st.toggle(label, option.default, key=key, persist_state="session")
    if isinstance(option.default, int):
        high = min(option.high, 512)
        return st.slider(label, option.low, high, option.default, key=key, persist_state="session")
    return st.segmented_control(
        label,
        option.choices,
        default=option.default,
        format_func=lambda word: t(f"option.{name}_{word}"),
        key=key,
        required=True,
        persist_state="session",
        wrap=True,
    )


def _policy(task: str, options: Mapping[str, Any]) -> str:
    """The chosen policy; where none is, the one that the task takes with these options."""
    choose_from_url("policy", (OWN_POLICY, *POLICIES), OWN_POLICY)
    chosen = st.selectbox(
        t("choose.policy"),
        (OWN_POLICY, *POLICIES),
        key="policy",
        format_func=lambda name: t("choose.own") if name == OWN_POLICY else t(f"policy.{name}"),
        on_change=keep_in_url,
        args=("policy", OWN_POLICY),
        persist_state="session",
    )
    if chosen != OWN_POLICY:
        note(t(f"policy.{chosen}_how"))
        return chosen
    policy = TASKS[task].policy(None, options)
    note(t("choose.own_policy", policy=t(f"policy.{policy}"), how=t(f"policy.{policy}_how")))
    return policy


def _racers() -> tuple[str, ...]:
    chosen = st.pills(
        t("choose.policies"),
        POLICIES,
        selection_mode="multi",
        default=RACING,
        format_func=lambda name: t(f"policy.{name}"),
        key="choose.racers",
        persist_state="session",
    )
    note(t("choose.policies_how"))
    return tuple(chosen or ())
