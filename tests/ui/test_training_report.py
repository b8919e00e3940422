"""What a visitor takes along of a run."""

import csv
import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest

from sslrec.runs.events import Exhibit, Item
from sslrec.ui.training_report import report_html, run_zip
from sslrec.ui.training_strip import chosen, latest, strip
from sslrec.ui.training_svg import Line, line_plot, linear_ticks, log_ticks
from tests.training_views import change, exhibit, failed, run_view


def test_the_report_is_one_page_that_asks_no_other_host_for_anything():
    page = report_html(run_view(changes=(change(),)))
    assert not re.search(r"(src|href)=\"(?!data:)|url\(|<script|<link|https?://", page.replace("http://www.w3.org", ""))
    assert page.count("<svg") == 4
    for text in ("0.15", "Autoencoder on scikit-learn", "no progress", "python -m sslrec train autoencoder"):
        assert text in page


def test_the_report_of_a_failed_run_says_why():
    assert "The loss became nan at step 20" in report_html(failed())


def test_the_report_escapes_what_it_shows():
    shown = exhibit(text="<script>")
    assert "<script>" not in report_html(run_view(exhibit=shown, exhibits=(shown,)))


def test_the_zip_holds_settings_curves_report_and_the_model_but_not_the_visitor(tmp_path):
    for name in ("encoder.tflite", "manifest.json", "events.jsonl", "state.json", "run.json", ".worker.log"):
        (tmp_path / name).write_text(name)
    view = run_view(artifact=tmp_path, folder=tmp_path)
    with zipfile.ZipFile(io.BytesIO(run_zip(view, "<html>"))) as archive:
        names = set(archive.namelist())
        own = {"config.json", "summary.json", "curves.csv", "epochs.csv", "report.html"}
        assert names == own | {"model/encoder.tflite", "model/manifest.json"}
        assert b"a-session" not in b"".join(archive.read(name) for name in names)
        assert json.loads(archive.read("config.json"))["policy"] == "cosine"
        curves = list(csv.DictReader(io.StringIO(archive.read("curves.csv").decode())))
        epochs = list(csv.DictReader(io.StringIO(archive.read("epochs.csv").decode())))
    assert (curves[-1]["step"], float(curves[-1]["loss"])) == ("30", pytest.approx(0.03))
    assert (epochs[-1]["validation_loss"], epochs[-1]["knn_accuracy"]) == ("0.2", "0.5")


def test_the_summary_in_the_zip_is_json_whatever_was_measured():
    view = run_view(metrics={"corpora": {"own": {"top_1": float("nan")}}})
    with zipfile.ZipFile(io.BytesIO(run_zip(view, "<html>"))) as archive:
        text = archive.read("summary.json").decode()
    assert "NaN" not in text
    assert json.loads(text)["metrics"] == {"corpora": {"own": {"top_1": None}}}


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0.13, 0.7, [0.2, 0.4, 0.6]), (3, 3, [3]), (0, 0, [0])],
)
def test_ticks_are_round_numbers_within_the_range(low, high, ticks):
    assert linear_ticks(low, high) == pytest.approx(ticks)


def test_ticks_of_a_logarithmic_axis_are_powers_of_ten():
    assert log_ticks(2e-4, 0.5) == pytest.approx([1e-3, 1e-2, 1e-1])
    assert log_ticks(0.2, 0.5) == [0.2, 0.5]


def test_a_plot_is_well_formed_and_leaves_out_what_cannot_be_drawn():
    points = [(1, 0.5), (2, float("nan")), (4, 0.0), (5, 0.25)]
    root = ElementTree.fromstring(line_plot("loss <of all>", [Line("loss <a>", points, "red")], 200, log=True))
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", "loss <of all>")
    (curve,) = [node for node in root if node.tag == "polyline"]
    assert len(curve.attrib["points"].split()) == 2
    assert line_plot("loss", [Line("", [], "red")], 200) == ""


def test_a_falling_curve_falls_on_the_plot():
    root = ElementTree.fromstring(line_plot("loss", [Line("", [(0, 1.0), (10, 0.0)], "red")], 200))
    (curve,) = [node for node in root if node.tag == "polyline"]
    (left, top), (right, bottom) = (map(float, point.split(",")) for point in curve.attrib["points"].split())
    assert right > left
    assert bottom > top  # SVG counts downwards


def test_a_strip_shows_the_first_moment_the_last_and_some_between():
    moments = [exhibit(10 * epoch, epoch) for epoch in range(24)]
    found = chosen(moments, 6)
    assert len(found) == 6
    assert (found[0], found[-1]) == (moments[0], moments[-1])
    assert chosen(moments[:3], 6) == moments[:3]
    markup = strip(moments)
    assert markup.index("epoch 23") < markup.index(">before<")
    assert markup.count("<img") == 10 * 7


def test_a_race_shows_its_runs_below_each_other():
    markup = latest([("Cosine", exhibit()), ("Constant", exhibit())])
    assert markup.count("<img") == 30
    assert markup.index("Cosine") < markup.index("Constant")


def test_answers_show_whether_they_are_right():
    right, wrong = Item(text="3", value=0.9, right=True), Item(text="5", value=0.4, right=False)
    moment = exhibit()
    markup = strip([type(moment)(10, 1, "classes", moment.inputs[:2], (right, wrong))])
    assert re.search("sx-right.*3.*90 %.*sx-wrong.*5.*40 %", markup)


def gaps(step, *words):
    inputs = (Item(text="[MASK] shoe"), Item(text="a <b> [MASK]"))
    return Exhibit(step, step // 10, "gaps", inputs, tuple(Item(text=word, value=0.5, right=False) for word in words))


def test_sentences_stand_in_rows_of_their_own_with_their_moments_beside_them():
    markup = strip([gaps(0, "the", "of"), gaps(10, "red", "hat"), gaps(20, "blue", "cap")])
    rows = markup.split("<tr")[2:]
    assert len(rows) == 2
    assert [markup.index(when) for when in ("before", "epoch 1", "epoch 2")] == sorted(
        markup.index(when) for when in ("before", "epoch 1", "epoch 2")
    )
    assert "<i>gap</i> shoe" in rows[0]
    assert [word in rows[0] for word in ("the", "red", "blue", "hat")] == [True, True, True, False]
    assert "a &lt;b&gt; <i>gap</i>" in rows[1]


def test_sentences_of_a_race_have_a_column_for_each_run():
    markup = latest([("Cosine", gaps(10, "red", "hat")), ("Auto", gaps(10, "blue", "cap"))])
    assert markup.count('scope="col"') == 2
    assert markup.index("Cosine") < markup.index("Auto") < markup.index("red") < markup.index("blue")


def test_a_wish_stands_beside_its_picture_and_a_digit_has_no_label():
    picture = "data:image/png;base64,AA=="
    asked = (Item((picture,), text="in <red>"),)
    found = (Item((picture,) * 3, text="Red cap", right=True),)
    assert "in &lt;red&gt;" in strip([Exhibit(0, 0, "composed", asked, found)])
    assert "in &lt;red&gt;" not in strip([Exhibit(0, 0, "classes", asked, found)])
