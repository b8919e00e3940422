"""Runs beside each other."""

import json
import subprocess
import sys

from sslrec.config import ROOT
from sslrec.ui.training_compare import figures_table, plot, run_names
from tests.training_views import run_view


def test_names_say_what_distinguishes_the_runs():
    fast = run_view(started={"learning_rate": 0.01})
    assert run_names([run_view("cosine"), run_view("constant"), fast]) == [
        "Cosine · 0.002",
        "Constant · 0.002",
        "Cosine · 0.01",
    ]


def test_runs_that_are_alike_are_told_apart_by_their_time():
    names = run_names([run_view(), run_view(created=1.7e9 + 60)])
    assert len(set(names)) == 2
    assert all(name.startswith("Cosine · 0.002 · ") for name in names)


def test_the_plots_show_every_run_and_can_be_sent():
    views = [run_view(losses=(0.4, 0.2)), run_view("constant", losses=(0.5, 0.3))]
    loss, rate = (plot(views, ["a", "b"], kind) for kind in ("loss", "rate"))
    assert [(trace["name"], trace["x"], trace["y"]) for trace in loss["data"]] == [
        ("a", [10, 20], [0.4, 0.2]),
        ("b", [10, 20], [0.5, 0.3]),
    ]
    assert rate["layout"]["yaxis"]["type"] == "log"
    json.dumps([loss, rate], allow_nan=False)


def test_the_plots_are_plotlys():
    import plotly.graph_objects as plotly

    (line,) = plotly.Figure(plot([run_view()], ["a"], "loss")).to_dict()["data"]
    assert list(line["y"]) == [0.4, 0.3, 0.2]


def test_the_table_has_a_column_for_each_run_and_a_row_for_each_figure():
    markup = figures_table([run_view(), run_view("constant", metrics={"accuracy": 0.9})], ["a", "b <c>"])
    assert markup.count('scope="col"') == 2
    assert "b &lt;c&gt;" in markup
    assert "90.0 %" in markup
    assert "0.15" in markup


def test_only_a_comparison_needs_plotly():
    script = (
        "import sys\nsys.modules['plotly'] = None\n"
        "import sslrec.ui.training_compare, sslrec.ui.training_live, sslrec.ui.training_report\n"
        "assert not {'pandas', 'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
