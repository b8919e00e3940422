"""What the pieces of the digits page say."""

import re
from dataclasses import replace

import numpy as np
import pytest

from sslrec.data.digits import BUDGETS
from sslrec.serving.digits import METHODS, BudgetReading, DigitReading, shared_reader
from sslrec.ui import digit_parts as parts
from sslrec.ui.charts import code_chart, probability_chart

ACCURACY = {
    "scratch": {"1": 0.40, "10": 0.80, "100": 0.95, "all": 0.995},
    "frozen": {"1": 0.90, "10": 0.97, "100": 0.98, "all": 0.993},
    "finetuned": {"1": 0.92, "10": 0.98, "100": 0.99, "all": 0.996},
}


def reading(label=7, sure=0.97, novelty=0.1):
    probabilities = np.full(10, (1 - sure) / 9, np.float32)
    probabilities[label] = sure
    image = np.zeros((28, 28), np.float32)
    is_digit = novelty <= 0.5
    return DigitReading(
        image,
        image,
        np.zeros(64),
        probabilities,
        label if is_digit else None,
        novelty,
        is_digit,
        0.06,
        1.2,
    )


def words(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", markup))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.98571, 1, "98.6 %"),
        (0.99996, 1, "99.9 %"),
        (1.0, 1, "100.0 %"),
        (0.0, 1, "0.0 %"),
        (0.456, 0, "46 %"),
        (0.994, 0, "99 %"),
        (0.996, 0, "99.6 %"),
        (0.9997, 0, "99.9 %"),
        (1.0, 0, "100 %"),
    ],
)
def test_a_share_reads_as_per_cent_and_never_rounds_up_to_all(value, digits, text):
    assert parts.percent(value, digits) == text


def test_the_verdict_names_the_class_and_how_sure_it_is():
    said = words(parts.verdict(reading()))
    assert "I read a 7" in said
    assert "97.0 % sure" in said
    assert "only" not in said
    assert "only 55.0 % sure" in words(parts.verdict(reading(sure=0.55)))


def test_a_stranger_is_no_digit_but_its_nearest_class_is_told():
    said = words(parts.verdict(reading(novelty=0.8)))
    assert "I read" not in said
    assert "don't think this is a digit" in parts.verdict(reading(novelty=0.8)).replace("&#x27;", "'")
    assert "nearest class would be 7, at 97.0 %" in said


@pytest.mark.parametrize("novelty", [0.1, 0.8])
def test_several_shapes_are_told_beside_the_verdict(novelty):
    sentence = "There is more than one shape in the picture; the largest was read."
    assert sentence in words(parts.verdict(replace(reading(novelty=novelty), several_shapes=True)))
    assert sentence not in words(parts.verdict(reading(novelty=novelty)))


def test_nothing_drawn_says_no_class():
    assert not re.search(r"I read|\d\d %", words(parts.waiting()))


def test_every_picture_has_a_text_for_those_who_do_not_see_it():
    markup = parts.views(reading()) + parts.film(np.zeros((3, 28, 28)), np.full((3, 10), 0.1), 1)
    texts = re.findall(r'<img [^>]*alt="([^"]*)"', markup)
    assert len(texts) == markup.count("<img") == 7
    assert all(texts)


def test_the_grid_shows_each_reading_beside_its_known_accuracy():
    readings = []
    for row, method in enumerate(METHODS):
        for column, budget in enumerate(BUDGETS):
            probabilities = np.zeros(10, np.float32)
            probabilities[(row * 4 + column) % 10] = 1
            readings.append(BudgetReading(budget, method, probabilities, ACCURACY[method][budget]))
    markup = parts.budget_grid(ACCURACY, readings, "10")
    rows = re.findall(r"<tr class.*?</tr>", markup)
    assert len(rows) == 3
    shown = [[int(digit) for digit in re.findall(r'sx-read"[^>]*>(\d)', row)] for row in rows]
    assert shown == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1]]
    assert "40.0 %" in words(rows[METHODS.index("scratch")])
    assert "98.0 %" in words(rows[METHODS.index("finetuned")])


def test_the_grid_without_a_digit_shows_the_accuracies_alone():
    markup = parts.budget_grid(ACCURACY, [], "1")
    assert not re.search(r'sx-read"[^>]*>\d', markup)
    assert "sure" not in words(markup.split("<tbody>")[1].split("</tbody>")[0])
    assert "92.0 %" in words(markup)


def test_the_takeaway_says_what_pretraining_is_worth():
    said = words(parts.budget_takeaway(ACCURACY, "10"))
    assert "from 80.0 % to 98.0 %" in said
    assert "errs 10.0 times as often" in said


def test_the_takeaway_does_not_boast_where_labels_suffice():
    even = {**ACCURACY, "scratch": {**ACCURACY["scratch"], "all": 0.9958}}
    assert "both come close" in words(parts.budget_takeaway(even, "all"))


def test_the_takeaway_never_lifts_a_figure_to_itself(shipped_models):
    for budget in BUDGETS:
        said = words(parts.budget_takeaway(shared_reader().accuracies(), budget))
        found = re.search(r"from ([\d.]+ %) to ([\d.]+ %)", said)
        assert "both come close" in said if found is None else found[1] != found[2]


def test_what_mattered_says_how_much_it_mattered():
    image = np.ones((28, 28), np.float32)
    assert "by 0.1 % at most" in words(parts.mattered(image, np.full((28, 28), 0.0014, np.float32), 3))
    assert "by 0.0 % at most" in words(parts.mattered(image, np.full((28, 28), -0.2, np.float32), 3))


def test_one_probability_is_one_figure_everywhere():
    sure = reading(sure=0.9997)
    grid = parts.budget_grid(ACCURACY, [BudgetReading("all", "finetuned", sure.probabilities, 0.99)], "all")
    bar = probability_chart(sure.probabilities)["series"][0]["data"][7]
    assert "99.9 % sure" in words(parts.verdict(sure))
    assert "99.9 % sure" in words(grid)
    assert (bar["label"]["formatter"], bar["value"]) == ("99.9 %", 99.9)


def test_the_chart_of_probabilities_is_in_per_cent_and_marks_the_best():
    bars = probability_chart(reading().probabilities)["series"][0]["data"]
    assert bars[7]["value"] == 97.0
    colours = [bar["itemStyle"]["color"] for bar in bars]
    assert colours.count(colours[7]) == 1


def test_the_chart_of_the_code_has_a_bar_per_number_and_room_for_the_largest():
    chart = code_chart(np.linspace(-3, 2, 64))
    assert len(chart["series"][0]["data"]) == 64
    assert chart["yAxis"]["max"] == -chart["yAxis"]["min"] == 3.0
