"""A run as files to take along: an HTML report that needs no network, and a ZIP with everything."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Sequence
from html import escape
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from sslrec.artifacts import RUN_FILES, plain
from sslrec.runs.events import RunConfig
from sslrec.runs.view import RunView
from sslrec.ui.language import current_language, t
from sslrec.ui.training_charts import COUNTER, QUIET, SIGNAL, thinned
from sslrec.ui.training_strip import strip
from sslrec.ui.training_svg import Line, line_plot
from sslrec.ui.training_words import (
    change_sentence,
    count,
    duration,
    figures,
    initial_rate,
    measured_title,
    policy_name,
    run_title,
    said,
    status_name,
)

STYLE = """
body{max-width:56rem;margin:2rem auto;padding:0 1rem;font:16px/1.55 system-ui,sans-serif;
color:#1d1c22;background:#fbf9f5}
h1,h2{font-family:"Iowan Old Style",Palatino,Georgia,serif;line-height:1.2}h1{margin-bottom:.2rem}h2{margin-top:2rem}
table{border-collapse:collapse}td,th{padding:.25rem .9rem .25rem 0;text-align:left;font-weight:400;vertical-align:top}
th{color:#625d56}svg{width:100%;height:auto}code{font-size:.85em;overflow-wrap:anywhere}.sx-strip{overflow-x:auto}
.sx-strip td,.sx-strip th{padding:.15rem .3rem;text-align:center;font-size:.8rem}
.sx-strip small{display:block;color:#625d56}
.sx-strip img{width:44px;height:44px;image-rendering:pixelated;border-radius:4px}.sx-few{display:flex;gap:1px}
.sx-few img{width:20px;height:20px}.sx-right span{color:#4d7c0f}.sx-wrong span{color:#b93b12}
.sx-gaps tbody th{text-align:left}.sx-gaps i{color:#b93b12}
"""


def report_html(view: RunView) -> str:
    """A page about one run with its settings, figures, plots and pictures, in the visitor's language."""
    rows = [(t("report.status"), status_name(view.status)), *_settings(view)]
    measured = figures(view.metrics or {})
    parts = [
        f"<h1>{escape(run_title(view.config))}</h1><p>{escape(t('report.of', run=view.id))}</p>",
        f"<p>{escape(said(view))}</p>" if view.message else "",
        _table(rows),
        f"<h2>{escape(measured_title(view.config))}</h2>{_table(measured)}" if measured else "",
        _plots(view),
        _changes(view),
        _pictures(view),
        f"<h2>{escape(t('report.again'))}</h2><p><code>{escape(view.config.command)}</code></p>",
    ]
    title = escape(f"{run_title(view.config)} · {t('app.name')}")
    return (
        f'<!doctype html><html lang="{current_language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>"
    )


def _settings(view: RunView) -> list[tuple[str, str]]:
    config, started = view.config, view.started
    rows = [
        (t("choose.policy"), policy_name(config)),
        *([(t("choose.rate"), f"{rate:g}")] if (rate := initial_rate(config, started)) else []),
        (t("choose.epochs"), str(started.get("epochs", config.epochs or ""))),
        (t("choose.batch"), str(started.get("batch_size", config.batch_size or ""))),
        (t("choose.seed"), str(config.seed)),
        (t("report.steps"), f"{count(view.step)} / {count(view.total)}"),
        (t("report.time"), duration(view.seconds)),
    ]
    return rows + [
        (t(f"option.{name}"), _said_option(config, name))
        for name in config.all_options
        if not config.spec.options[name].pattern
    ]


def _said_option(config: RunConfig, name: str) -> str:
    value = config.all_options[name]
    if isinstance(value, bool):
        return t("word.yes") if value else t("word.no")
    return t(f"option.{name}_{value}") if isinstance(value, str) else str(value)


def _table(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{body}</table>"


def _plots(view: RunView) -> str:
    steps = view.curves.steps
    if not len(steps):
        return ""
    means = [(one.step, one.loss) for one in view.epochs]
    validated = [(one.step, one.validation_loss) for one in view.epochs if one.validation_loss is not None]
    loss = [Line(t("chart.loss_step"), thinned(steps, view.curves.loss), QUIET, 1.0)]
    loss += [Line(t("chart.loss_train"), means, SIGNAL)] if means else []
    loss += [Line(t("chart.loss_validation"), validated, COUNTER)] if validated else []
    plots = [
        (t("chart.loss"), loss, 340, False),
        (t("chart.rate"), [Line("", thinned(steps, view.curves.learning_rate), SIGNAL)], 220, True),
        (t("chart.norm"), [Line("", thinned(steps, view.curves.gradient_norm), SIGNAL)], 200, True),
        (t("chart.pace"), [Line("", thinned(steps, view.curves.examples_per_second), SIGNAL)], 200, False),
    ]
    return "".join(
        f"<h2>{escape(title)}</h2>{line_plot(title, lines, height, log)}" for title, lines, height, log in plots
    )


def _changes(view: RunView) -> str:
    lines = "".join(f"<li>{escape(change_sentence(change))}</li>" for change in view.changes)
    return f"<h2>{escape(t('change.title'))}</h2><ul>{lines}</ul>" if lines else ""


def _pictures(view: RunView) -> str:
    if view.exhibit is None:
        return ""
    kind = view.exhibit.kind
    return (
        f"<h2>{escape(t(f'exhibit.{kind}'))}</h2>{strip(view.exhibits, 12)}<p>{escape(t(f'exhibit.{kind}_note'))}</p>"
    )


def curves_csv(view: RunView) -> str:
    """The curves, a row per kept step."""
    curves = view.curves
    columns = (curves.steps, curves.loss, curves.learning_rate, curves.gradient_norm, curves.examples_per_second)
    header = ["step", "loss", "learning_rate", "gradient_norm", "examples_per_second"]
    return _csv(header, [[int(row[0]), *(f"{value:.6g}" for value in row[1:])] for row in zip(*columns, strict=True)])


def epochs_csv(view: RunView) -> str:
    """What was measured at the ends of epochs, a row each."""
    names = sorted({name for one in view.epochs for name in one.figures})
    rows = [
        [one.step, one.epoch, one.loss, one.validation_loss, *(one.figures.get(name) for name in names)]
        for one in view.epochs
    ]
    return _csv(["step", "epoch", "loss", "validation_loss", *names], rows)


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def run_zip(view: RunView, report: str) -> bytes:
    """The run as a ZIP: settings, curves, report, and models with their manifests: the finished one, and snapshots.

    Args:
        view: the run.
        report: what `report_html` made of it.
    """
    settings = {"id": view.id, "name": view.name, "command": view.config.command, **view.config.to_json()}
    summary = {"status": str(view.status), "step": view.step, "total": view.total, "metrics": plain(view.metrics)}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        archive.writestr("config.json", json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
        archive.writestr("summary.json", json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        archive.writestr("curves.csv", curves_csv(view))
        archive.writestr("epochs.csv", epochs_csv(view))
        archive.writestr("report.html", report)
        for file in model_files(view.artifact):
            archive.write(file, f"model/{file.name}")
        for snapshot in view.snapshots:
            for file in model_files(snapshot.folder):
                archive.write(file, f"snapshots/step-{snapshot.step}/{file.name}")
    return buffer.getvalue()


def model_files(folder: Path | None) -> list[Path]:
    """The files of an artefact with its manifest, without those of the run around it."""
    if folder is None or not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name not in RUN_FILES and not path.name.startswith(".")
    ]
