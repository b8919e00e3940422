"""The live charts' options."""

import json

import numpy as np
import pytest

from sslrec.runs.view import Curves
from sslrec.ui import training_charts as charts
from tests.training_views import change, run_view


def test_short_curves_are_drawn_as_they_are():
    assert charts.thinned(np.array([1, 2, 3]), np.array([0.5, np.nan, 0.25])) == [[1, 0.5], [3, 0.25]]


@pytest.mark.parametrize("length", [241, 1000, 1999])
def test_long_curves_become_means_of_stretches_and_keep_their_end(length):
    steps, values = np.arange(1, length + 1), np.random.default_rng(0).random(length)
    points = charts.thinned(steps, values)
    assert len(points) <= charts.POINTS + 1
    assert points[-1] == [length, pytest.approx(values[-1], rel=1e-4)]
    width = -(-length // charts.POINTS)
    assert points[0] == [width, pytest.approx(values[:width].mean(), rel=1e-4)]


def every_chart(views):
    return [chart(views) for chart in (charts.loss_chart, charts.rate_chart, charts.pace_chart, charts.gradient_chart)]


def test_every_chart_is_json_without_animation_even_of_broken_curves():
    nothing = np.array([])
    empty = run_view(losses=(), curves=Curves(nothing, nothing, nothing, nothing, nothing), epochs=(), total=0)
    bad = np.array([np.nan, np.inf, 0.0])
    broken = run_view(curves=Curves(np.arange(3), bad, bad, bad, bad))
    for views in ([empty], [broken], [empty, broken], [run_view(), run_view("constant")]):
        for options in every_chart(views):
            assert options["animation"] is False
            json.dumps(options, allow_nan=False)


def test_one_run_shows_steps_training_and_validation():
    series = charts.loss_chart([run_view(losses=(0.4, 0.3))])["series"]
    assert [one["data"][-1] for one in series] == [[20, 0.045], [20, 0.29], [20, 0.3]]


def test_a_race_shows_a_line_each_in_its_own_colour_and_dash():
    series = charts.loss_chart([run_view("cosine"), run_view("constant"), run_view("plateau")])["series"]
    assert [one["name"] for one in series] == ["Cosine", "Constant", "Plateau"]
    assert len({one["itemStyle"]["color"] for one in series}) == 3
    assert len({str(one["lineStyle"]["type"]) for one in series}) == 3


def test_a_change_of_the_rate_is_marked_with_its_reason():
    options = charts.rate_chart([run_view(changes=(change(),))])
    marks = [one for one in options["series"] if one["type"] == "scatter"]
    assert marks[0]["data"][0]["value"] == [12, 0.001]
    assert "no progress" in marks[0]["data"][0]["name"]


def test_a_schedules_way_to_zero_does_not_stretch_the_axis():
    view = run_view()
    rates = np.geomspace(2e-3, 1e-12, len(view.curves.steps))
    curves = Curves(view.curves.steps, view.curves.loss, rates, view.curves.loss, view.curves.loss)
    axis = charts.rate_chart([run_view(curves=curves)])["yAxis"]
    assert (axis["min"], axis["max"]) == pytest.approx((1e-5, 1e-2))


def test_what_the_chart_shows_is_said_too():
    assert "Cosine: from 0.4 to 0.2." in charts.spoken([run_view()])
    assert "Cosine: 0.002" in charts.spoken_rate([run_view()])
