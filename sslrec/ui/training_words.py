"""A training in words: its names, its figures, what happened to its learning rate, and who won a race."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sslrec.runs.events import RunConfig, Status
from sslrec.runs.tasks import RATELESS
from sslrec.runs.view import RateChange, RunView
from sslrec.ui.digit_parts import percent
from sslrec.ui.language import has_text, sentence, t

TESTED = ("autoencoder", "encoder", "classifier")
"""Tasks that keep a part of their data for the end; of the others the validation part is what is measured on."""
EVEN = 0.01
"""Losses that differ by less than this part of the smaller one are called even."""
_OF_CORPUS = ("validation_loss", "validation_top_1", "validation_top_5")
"""Figures that the language task gives for each of its corpora too, under their name and the corpus's."""


def number(value: float) -> str:
    """A whole number such as `12,600`, any other figure with four significant digits at most."""
    return count(value) if isinstance(value, int) else f"{value:.4g}"


def rate_in_force(view: RunView) -> float | None:
    """The learning rate that a run trains at; None where there is none yet, as its policy finds its own."""
    made = view.curves.steps[-1] if len(view.curves.steps) else 0
    if view.changes and view.changes[-1].step >= made:  # by hand in a pause, or by the policy just now
        rate = view.changes[-1].after
    elif made:
        rate = float(view.curves.learning_rate[-1])
    else:
        rate = initial_rate(view.config, view.started)
    return rate if rate is not None and 0 < rate < math.inf else None


def rate_text(rate: float) -> str:
    """A learning rate, such as `0.002` or `1e-05`."""
    return f"{rate:.2g}"


def duration(seconds: float) -> str:
    """A time span in seconds, in minutes and seconds, from ten minutes on in minutes, or in hours and minutes."""
    whole = round(seconds)
    if whole < 60:
        return t("time.seconds", seconds=whole)
    if whole < 600 and whole % 60:
        return t("time.minutes", minutes=whole // 60, seconds=whole % 60)
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return t("time.whole_minutes", minutes=minutes)
    return (
        t("time.hours", hours=f"{hours:,}", minutes=minutes) if minutes else t("time.whole_hours", hours=f"{hours:,}")
    )


def count(number: int) -> str:
    """A whole number, such as `12,600`."""
    return f"{number:,}"


def initial_rate(config: RunConfig, started: Mapping[str, Any]) -> float | None:
    """The learning rate that a run begins with; None where it is not known, or the policy finds its own.

    Args:
        config: of the run.
        started: its first event, or nothing.
    """
    return None if config.policy in RATELESS else started.get("learning_rate") or config.learning_rate


def policy_name(config: RunConfig) -> str:
    """The name of the run's learning-rate policy."""
    return t(f"policy.{config.policy}")


def run_title(config: RunConfig) -> str:
    """What is trained on what."""
    return t("training.title_of", task=t(f"task.{config.task}"), data=t(f"set.{config.data}"))


def status_name(status: Status) -> str:
    """What a run is doing, in a word."""
    return t(f"status.{status}")


def said(view: RunView) -> str:
    """Why the run ended or waits; empty where there is nothing to say."""
    if view.message is None:
        return ""
    params = dict(view.message.params)
    if isinstance(step := params.get("step"), int):
        params["step"] = count(step)
    return sentence(view.message.code, params)


def fell_out(view: RunView) -> str:
    """That a run fell out of a race, and why."""
    return t("verdict.fell", policy=policy_name(view.config), why=said(view))


def change_sentence(change: RateChange) -> str:
    """What changed the learning rate, and why."""
    params = {name: number(value) if isinstance(value, float) else value for name, value in change.params.items()}
    reason = t(f"change.{change.reason}", **params)
    before, after = rate_text(change.before), rate_text(change.after)
    return t("change.line", step=count(change.step), before=before, after=after, reason=reason)


def figures(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    """The measured figures that have a name, as name and value.

    Args:
        metrics: what a run measured at its end, or at the end of an epoch.
    """
    found = []
    for key, value in metrics.items():
        if isinstance(value, dict) and key == "accuracy":
            # The encoder's heads: by budget, mean over draws.
            found += [
                (t(f"figure.head_{budget}"), percent(one["mean"]))
                for budget, one in value.items()
                if one["mean"] is not None
            ]
        elif isinstance(value, dict) and key == "corpora":
            found += [figure for name, one in value.items() for figure in _gap_figures(name, one)]
        elif isinstance(value, bool) or not isinstance(value, int | float):
            continue
        elif "accuracy" in key or "_top_" in key or "recall_at_" in key:
            found.append((figure_name(key), percent(value)))
        elif key != "batch_size" and math.isfinite(value):
            found.append((figure_name(key), number(value)))
    return found


def measured_title(config: RunConfig) -> str:
    """What stands above the figures of a finished run: what they were measured on."""
    return t("training.measured" if config.task in TESTED else "training.measured_validation")


def corpus_name(corpus: str) -> str:
    """What a text corpus is called; one without a text keeps its own name."""
    return t(f"corpus.{corpus}") if has_text(f"corpus.{corpus}") else corpus.replace("_", " ")


def _gap_figures(corpus: str, measured: dict[str, float | None]) -> list[tuple[str, str]]:
    """How often the hidden words of a corpus are guessed, by the model and by counting their neighbours."""
    name = corpus_name(corpus)
    kinds = (("top_1", "figure.gaps"), ("trigram_top_1", "figure.gaps_counted"))
    # Of a text in which no word could be hidden there is nothing to tell.
    known = [(text, measured.get(kind)) for kind, text in kinds]
    return [(t(text, corpus=name), percent(value)) for text, value in known if value is not None and value >= 0]


def figure_name(key: str) -> str:
    """The name of a figure; one without a text keeps its key's words."""
    if has_text(f"figure.{key}"):
        return t(f"figure.{key}")
    whole = next((one for one in _OF_CORPUS if key.startswith(f"{one}_")), None)
    if whole:
        return t("figure.of_corpus", figure=figure_name(whole), corpus=corpus_name(key.removeprefix(f"{whole}_")))
    return key.replace("_", " ")


def monitored(view: RunView) -> list[tuple[int, float]]:
    """Step and loss at the ends of epochs: of the validation where the task has one, else of the training."""
    validated = [(one.step, one.validation_loss) for one in view.epochs if one.validation_loss is not None]
    return validated or [(one.step, one.loss) for one in view.epochs]


def ranked(views: Sequence[RunView]) -> list[RunView]:
    """Those that reached the goal, the lowest last loss first."""
    finished = [view for view in views if view.status is Status.FINISHED and monitored(view)]
    return sorted(finished, key=lambda view: monitored(view)[-1][1])


def verdict(views: Sequence[RunView]) -> str:
    """Who won a race, by how much, and who got there first.

    Args:
        views: the runs, all of them ended.
    """
    finished = ranked(views)
    fallen = [view for view in views if view.status is Status.FAILED]
    lost = [fell_out(view) for view in fallen]
    if not finished:
        return _text([t("verdict.nobody"), *lost])
    best = finished[0]
    loss = monitored(best)[-1][1]
    if len(finished) == 1:
        return _text([t("verdict.alone", policy=policy_name(best.config), loss=number(loss)), *lost])
    return _text([_lead(finished), _first_there(finished), *lost])


def _text(sentences: Sequence[str]) -> str:
    """Sentences as one text; Chinese puts no space between them."""
    return " ".join(filter(None, sentences)).replace("。 ", "。")


def _lead(finished: Sequence[RunView]) -> str:
    best, second, last = finished[0], finished[1], finished[-1]
    loss, next_loss, last_loss = (monitored(view)[-1][1] for view in (best, second, last))
    even = next_loss - loss < EVEN * abs(loss)
    params = {
        "policy": policy_name(best.config),
        "loss": number(loss),
        "second": policy_name(second.config),
        "second_loss": number(next_loss),
    }
    if not even:
        return t("verdict.won", **params)
    if len(finished) > 2 and last_loss - loss >= EVEN * abs(loss):
        last_params = {"last": policy_name(last.config), "last_loss": number(last_loss)}
        return t("verdict.even_two", **params, **last_params)
    return t("verdict.even", **params)


def _first_there(finished: Sequence[RunView]) -> str:
    """Who was the first to come as low as the runner-up ended: where that is not the winner."""
    level = monitored(finished[1])[-1][1] * (1 + EVEN)
    reached = []
    for view in finished:
        step = next((step for step, loss in monitored(view) if loss <= level), None)
        if step is not None:
            reached.append((step, view))
    reached.sort(key=lambda found: found[0])
    (step, first), (later, _) = reached[0], reached[-1]
    if len(reached) < 2 or step == later:
        return ""
    key = "verdict.faster_too" if first is finished[0] else "verdict.faster"
    return t(key, policy=policy_name(first.config), step=count(step), later=count(later), level=number(level))
