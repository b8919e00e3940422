"""What a model makes of the same few examples, moment by moment, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sslrec.runs.events import Exhibit, Item
from sslrec.ui.digit_parts import block, percent
from sslrec.ui.language import t

ROWS = 6
"""Moments shown at once; the newest come first."""
COMPOSED = "composed"
"""The kind of exhibit whose examples are a picture with a wish."""
GAPS = "gaps"
"""The kind whose examples are sentences, which need a row each: their moments stand side by side."""
COLUMNS = 5
"""Moments of sentences shown at once, the newest last, as they are read."""
GAP = "[MASK]"


def strip(exhibits: Sequence[Exhibit], rows: int = ROWS) -> str:
    """The examples and under them what the model made of them, the newest moment first; of sentences, beside them.

    Args:
        exhibits: of one run, oldest first; not empty.
        rows: moments to show; of more, evenly chosen ones with the first and the last.
    """
    if exhibits[-1].kind == GAPS:
        return _sentences([("", one) for one in chosen(exhibits, min(rows, COLUMNS))])
    head = _row("", t("strip.input"), _asked(exhibits[-1]), "input")
    body = [_moment(one, one is exhibits[-1]) for one in reversed(chosen(exhibits, rows))]
    return block(f"<table>{head}{''.join(body)}</table>", f"strip sx-{exhibits[-1].kind}")


def latest(named: Sequence[tuple[str, Exhibit]]) -> str:
    """The latest moments of several runs, a row each.

    Args:
        named: the name of each run and its latest exhibit; not empty.
    """
    if named[0][1].kind == GAPS:
        return _sentences(named)
    head = _row("", t("strip.input"), _asked(named[0][1]), "input")
    body = [_row(name, _when(one), [_cell(item) for item in one.outputs], "now") for name, one in named]
    return block(f"<table>{head}{''.join(body)}</table>", f"strip sx-named sx-{named[0][1].kind}")


def chosen(exhibits: Sequence[Exhibit], count: int) -> list[Exhibit]:
    """At most `count` moments, evenly spread, the first and the last among them."""
    if len(exhibits) <= count:
        return list(exhibits)
    last = len(exhibits) - 1
    return [exhibits[round(index * last / (count - 1))] for index in range(count)]


def _sentences(named: Sequence[tuple[str, Exhibit]]) -> str:
    """A row for each sentence with what fills its gap, a column for each moment or run."""
    columns = "".join(_column(name, one) for name, one in named)
    head = f'<tr class="sx-input"><td>{escape(t("strip.input"))}</td>{columns}</tr>'
    body = ""
    for index, item in enumerate(named[-1][1].inputs):
        sentence = f"<i>{t('strip.gap')}</i>".join(map(escape, item.text.split(GAP)))
        cells = "".join(_cell(one.outputs[index]) for _, one in named)
        body += f'<tr><th scope="row">{sentence}</th>{cells}</tr>'
    return block(f"<table><thead>{head}</thead><tbody>{body}</tbody></table>", f"strip sx-{GAPS}")


def _column(name: str, exhibit: Exhibit) -> str:
    title = f"<b>{escape(name)}</b>" if name else ""
    return f'<th scope="col">{title}<span>{escape(_when(exhibit))}</span></th>'


def _moment(exhibit: Exhibit, newest: bool) -> str:
    return _row("", _when(exhibit), [_cell(item) for item in exhibit.outputs], "now" if newest else "past")


def _when(exhibit: Exhibit) -> str:
    return t("strip.epoch", epoch=exhibit.epoch) if exhibit.step else t("strip.before")


def _row(name: str, when: str, cells: Sequence[str], kind: str) -> str:
    title = f"<b>{escape(name)}</b>" if name else ""
    return f'<tr class="sx-{kind}"><th scope="row">{title}<span>{escape(when)}</span></th>{"".join(cells)}</tr>'


def _asked(exhibit: Exhibit) -> list[str]:
    """The examples; a wish belongs to its picture, the label of a digit does not."""
    return [_cell(item, plain=True, worded=exhibit.kind == COMPOSED) for item in exhibit.inputs]


def _cell(item: Item, plain: bool = False, worded: bool = False) -> str:
    """One example: its pictures, and its words where it has no picture, or is an answer, or `worded`."""
    pictures = "".join(f'<img src="{uri}" alt="" width="44" height="44">' for uri in item.images)
    tone = "" if plain or item.right is None else " class='sx-right'" if item.right else " class='sx-wrong'"
    words = item.text if worded or not item.images or not plain else ""
    if len(item.images) > 1:
        # Neighbours: the pictures say it, the labels are for those who do not see them.
        pictures, words = f'<span class="sx-few" role="img" aria-label="{escape(item.text)}">{pictures}</span>', ""
    text = f"<span>{escape(words)}</span>" if words else ""
    value = f"<small>{percent(item.value, 0)}</small>" if item.value is not None and not plain else ""
    return f"<td{tone}>{pictures}{text}{value}</td>"
