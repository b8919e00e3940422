"""What the training page says of runs."""

import re
from dataclasses import replace

import pytest

from sslrec.errors import RunError
from sslrec.runs.events import Message, RunConfig, Status
from sslrec.runs.tasks import POLICIES, TASKS
from sslrec.ui.language import explain
from sslrec.ui.texts import CATALOGUES
from sslrec.ui.training_choices import AT_ONCE, BROUGHT
from sslrec.ui.training_words import (
    change_sentence,
    duration,
    figures,
    initial_rate,
    rate_in_force,
    rate_text,
    said,
    verdict,
)
from tests.training_views import change, failed, run_view

ENGLISH = CATALOGUES["en"]


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setattr("sslrec.ui.language.current_language", lambda: "zh-CN")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *((0.4, "0 s"), (59.4, "59 s"), (60, "1 min"), (61.2, "1 min 1 s"), (599.4, "9 min 59 s"), (599.6, "10 min")),
        *((629, "10 min"), (3599.6, "1 h"), (3600, "1 h"), (12_612, "3 h 30 min"), (7_200_000, "2,000 h")),
    ],
)
def test_a_time_span_reads_as_people_say_it(seconds, said):
    assert duration(seconds) == said


@pytest.mark.usefixtures("chinese")
def test_hours_have_their_word_in_chinese():
    assert [duration(seconds) for seconds in (7200, 12_612)] == ["2 小时", "3 小时 30 分"]


def test_the_steps_of_a_sentence_are_read_like_other_counts():
    assert change_sentence(change(step=12_600)).startswith("Step 12,600: ")
    message = Message("run_left", {"step": 12_600})
    assert "at step 12,600;" in said(run_view(status=Status.INTERRUPTED, message=message))


def test_what_could_not_be_measured_is_not_told():
    corpora = {"own": {"top_1": None, "trigram_top_1": float("nan")}, "books": {"top_1": 0.5}}
    assert [value for _, value in figures({"corpora": corpora, "bce": None})] == ["50.0 %"]
    assert figures({"accuracy": {"1": {"mean": None}}}) == []


def test_the_rate_in_force_is_the_last_one_of_the_curve_or_a_later_change():
    view = run_view(losses=(0.5,))
    assert rate_in_force(view) == 0.002
    assert rate_in_force(replace(view, changes=(change(step=10, after=0.5),))) == 0.5
    assert rate_in_force(replace(view, changes=(change(step=5, after=0.5),))) == 0.002
    assert rate_in_force(run_view(losses=())) == 0.002
    assert rate_in_force(run_view("auto", losses=())) is None
    assert rate_in_force(run_view("auto", losses=(0.5,))) == 0.002


def test_a_rate_shows_two_digits():
    assert [rate_text(rate) for rate in (0.002, 0.00123, 1e-6)] == ["0.002", "0.0012", "1e-06"]


def test_every_task_option_and_policy_has_its_texts():
    wanted = [f"policy.{name}{end}" for name in POLICIES for end in ("", "_how")]
    for task, spec in TASKS.items():
        wanted += [f"task.{task}", f"task.{task}_how"]
        wanted += [f"set.{name}{end}" for name in spec.data for end in ("", "_how")]
        wanted += [f"pace.{task if task in AT_ONCE else name}" for name in spec.data if name not in BROUGHT]
        wanted += [f"option.{name}" for name in spec.options]
        wanted += [f"option.{name}_{word}" for name, option in spec.options.items() for word in option.choices]
    wanted += [f"status.{status}" for status in Status]
    assert [key for key in wanted if key not in ENGLISH] == []


@pytest.mark.parametrize("reason", ["hand", "plateau", "steady", "spike", "not_finite", "estimate", "hypergradient"])
def test_every_change_of_the_rate_is_told_with_its_reason(reason):
    said = change_sentence(change(reason=reason, figures=3.0, best=0.2))
    assert said == f"Step 12: 0.002 → 0.001, {ENGLISH[f'change.{reason}']}"


def test_figures_are_named_and_accuracies_are_shares():
    found = dict(figures({"accuracy": 0.9312, "labels": 100, "start": "scratch", "batch_size": 64}))
    assert found == {ENGLISH["figure.accuracy"]: "93.1 %", ENGLISH["figure.labels"]: "100"}


@pytest.mark.parametrize(
    "metrics",
    [
        dict.fromkeys(("bce", "entropy_floor", "excess", "mse", "pca_mse"), 0.1),
        dict.fromkeys(("knn_accuracy", "probe_accuracy_10_per_class", "validation_loss"), 0.1),
        dict.fromkeys(("recall_at_1", "recall_at_5", "recall_at_10", "validation_accuracy"), 0.1),
        {"products": 40_000, "swaps": 470, "weights": 7_000_000, "mixture": 0.5, "held_out": 100},
    ],
    ids=["autoencoder", "encoder", "retrieval", "multimodal"],
)
@pytest.mark.usefixtures("chinese")
def test_in_chinese_no_figure_of_a_task_keeps_its_english_name(metrics):
    names = [name for name, _ in figures(metrics)]
    assert len(names) == len(metrics)
    assert [name for name in names if not re.search("[\u4e00-\u9fff]", name)] == []


@pytest.mark.usefixtures("chinese")
def test_in_chinese_what_a_run_does_and_is_told_has_its_word():
    said = explain(RunError("run_busy", run="x", status="running", command="pause"))
    assert said.startswith("训练“x”当前状态为 训练中，“暂停”不起作用。")


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    "message",
    [
        Message("run_damaged", {"folder": "/a"}),
        Message("run_foreign", {"folder": "/a"}),
        Message("run_killed", {"signal": 9, "step": 3}),
        Message("run_exited", {"number": 7, "step": 3}),
    ],
)
def test_in_chinese_why_a_run_ended_is_told_without_english(message):
    words = re.findall("[A-Za-z]+", said(run_view(status=Status.FAILED, message=message)))
    assert words in ([], ["a"])


def test_a_count_is_told_in_full_and_a_measure_with_four_digits():
    found = figures({"labels": 55_000, "weights": 7_012_345, "bce": 0.0698765, "validation_loss": 2.0})
    assert [value for _, value in found] == ["55,000", "7,012,345", "0.06988", "2"]


def test_the_encoders_heads_are_figures_by_budget():
    found = dict(figures({"accuracy": {"1": {"mean": 0.5, "seeds": [0.5]}}}))
    assert found == {ENGLISH["figure.head_1"]: "50.0 %"}


def test_the_lowest_last_loss_wins():
    said = verdict([run_view("constant", (0.5, 0.4)), run_view("cosine", (0.6, 0.2))])
    assert said.startswith("Cosine wins with a loss of 0.2, ahead of Constant with 0.4.")


def test_who_was_first_is_told_where_that_is_not_the_winner():
    said = verdict([run_view("constant", (0.25, 0.25, 0.25)), run_view("cosine", (0.6, 0.5, 0.2))])
    assert "Constant was the first to come down to 0.2525, at step 10; the last needed 30." in said


def test_losses_within_a_hundredth_are_a_draw():
    assert verdict([run_view("constant", (0.2,)), run_view("cosine", (0.201,))]).startswith("A draw:")


def test_a_third_that_stays_behind_is_named():
    said = verdict([run_view("constant", (0.2,)), run_view("cosine", (0.201,)), run_view("plateau", (0.4,))])
    assert "Plateau stays behind with 0.4" in said


def test_a_run_that_failed_falls_out_with_its_reason():
    said = verdict([run_view("cosine", (0.2,)), failed("constant")])
    assert said.startswith("Only Cosine reached the goal")
    assert "Constant fell out: The loss became nan at step 20" in said


def test_without_a_finisher_there_is_no_winner():
    assert verdict([failed(), failed("cosine")]).startswith("No run reached the goal")


def test_a_language_model_is_told_beside_counting_neighbours_corpus_by_corpus():
    measured = {"corpora": {"gutenberg": {"loss": 2.0, "top_1": 0.5, "trigram_top_1": 0.25}}, "weights": 10}
    assert figures(measured) == [
        ("hidden words guessed, books", "50.0 %"),
        ("guessed by counting neighbours alone, books", "25.0 %"),
        ("weights", "10"),
    ]
    validated = figures({"validation_top_5_own_words": 0.5, "validation_loss_gutenberg": 2.0, "validation_top_1": 0.1})
    assert validated == [
        ("hidden words among the best 5, own words", "50.0 %"),
        ("validation loss, books", "2"),
        ("hidden words guessed", "10.0 %"),
    ]


def test_a_rate_that_plays_no_part_is_not_named():
    given = {"learning_rate": 0.5}
    assert initial_rate(RunConfig("autoencoder", "digits", "cosine"), given) == 0.5
    assert initial_rate(RunConfig("autoencoder", "digits", "constant", 0.25), {}) == 0.25
    assert initial_rate(RunConfig("autoencoder", "digits", "auto", 0.25), given) is None
