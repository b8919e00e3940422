"""Bringing a table and pictures: the uploaders, what was found in them, and which column is what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, partial
from html import escape
from itertools import islice
from pathlib import Path

import streamlit as st

from sslrec.config import settings
from sslrec.data.catalogue.columns import FIELDS
from sslrec.data.catalogue.delimited import SEPARATORS, DelimitedSheet
from sslrec.data.catalogue.encodings import ENCODINGS
from sslrec.data.catalogue.example import PICTURES, TABLE, make_example
from sslrec.data.catalogue.json_lines import JsonLinesSheet
from sslrec.data.catalogue.sheets import SAMPLE, SheetRow, shown
from sslrec.errors import SslrecError
from sslrec.ui.catalogue_misfits import misfits, misfits_title
from sslrec.ui.catalogue_visit import File, Visit
from sslrec.ui.digit_parts import block, size_of
from sslrec.ui.language import explain, has_text, t
from sslrec.ui.shell import note, problems, section_title, told

OTHERS = 12
"""Columns without a field that the preview shows, at most."""
NOTHING = ""
"""What stands for no column among the choices: a column's name is never empty."""


@cache
def _style_sheet() -> str:
    return (Path(__file__).parent / "catalogue.css").read_text("utf-8")


def style() -> str:
    """The page's style sheet, with what its uploaders say."""
    texts = {"browse": t("bring.browse"), "drop": t("bring.drop", megabytes=st.get_option("server.maxUploadSize"))}
    said = "".join(f"--sx-upload-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in texts.items())
    return f"<style>{_style_sheet()} .st-key-bring {{ {said} }}</style>"


def bring(visit: Visit) -> None:
    """The uploaders, and the example for who has nothing at hand."""
    with st.container(key="bring"):
        left, right = st.columns(2, gap="medium")
        with left:
            _uploader(visit, "table")
        with right:
            _uploader(visit, "pictures")
    with st.container(horizontal=True, vertical_alignment="center", key="example"):
        st.button(
            # It takes the place of what was sent.
            t("bring.example_instead" if visit.pictures and not visit.table else "bring.example"),
            key="bring.example",
            type="secondary" if visit.table or visit.pictures else "primary",
            on_click=take_example,
            args=(visit,),
        )
        # Made when asked for: the built-in catalogue is not opened for everybody who looks at the page.
        for kind, name, mime in (("table", TABLE, "text/csv"), ("pictures", PICTURES, "application/zip")):
            st.download_button(
                t(f"bring.example_{kind}"),
                partial(_example, kind),
                name,
                mime,
                on_click="ignore",
                key=f"example.{kind}",
                type="tertiary",
            )


def _example(kind: str) -> bytes:
    return getattr(make_example(), kind)


def _uploader(visit: Visit, kind: str) -> None:
    """One uploader; the file stays until another comes, though the uploader forgets it when it is hidden."""
    changed = st.session_state.setdefault(f"bring.{kind}.changed", [])
    sent = st.file_uploader(
        t(f"bring.{kind}"),
        key=f"bring.{kind}.{visit.turn}",
        help=t(f"bring.{kind}_help"),
        on_change=changed.append,
        args=(True,),
    )
    if changed:
        changed.clear()
        with st.spinner(t("bring.reading")):
            visit.take(kind, None if sent is None else File(sent.name, sent.getvalue()))
    file = visit.table if kind == "table" else visit.pictures
    if file is not None and (sent is None or sent.name != file.name):
        with st.container(horizontal=True, vertical_alignment="center", key=f"held-{kind}"):
            st.html(block(f"<p><i>✓</i> <b>{escape(file.name)}</b> <span>{size_of(len(file.data))}</span></p>", "held"))
            st.button(t("bring.remove"), key=f"remove.{kind}", type="tertiary", on_click=_remove, args=(visit, kind))
    if kind in visit.problems:
        said = [explain(visit.problems[kind])]
        if file is not None:
            said.append(t("bring.still", name=file.name))
        problems("", said)


def _remove(visit: Visit, kind: str) -> None:
    visit.take(kind, None)
    visit.turn += 1


def take_example(visit: Visit) -> None:
    """Take the example as if it had been sent."""
    try:
        example = make_example()
    except SslrecError as error:
        visit.problems["table"] = error
        return
    visit.forget()
    visit.bring_table(File(TABLE, example.table))
    visit.bring_pictures(File(PICTURES, example.pictures))


def found(visit: Visit) -> None:
    """What was found in the files, for the visitor to look at and correct."""
    section_title(t("found.title"), t("found.lead"))
    st.html(facts(visit))
    if visit.first is not None:
        assert visit.sheet is not None
        problems("", [t("found.first", limit=visit.first, count=visit.sheet.count)])
    columns(visit)
    if not visit.can_start:
        problems("", [t("found.no_title")])
        with told():
            st.html(preview(visit))
        return
    with told():
        visit.fit()
        st.html(preview(visit))
        if said := misfits(visit):
            problems(misfits_title(visit), said)
    refused_files(visit)


def pictures_alone(visit: Visit) -> None:
    """What to do next where there are pictures and no table."""
    if visit.archive is None:
        return
    count = len(visit.archive)
    alone = "bring.alone_none" if not count else "bring.alone_one" if count == 1 else "bring.alone"
    note(t(alone, count=count))
    refused_files(visit)


def refused_files(visit: Visit) -> None:
    """Files of the zip that are not used, where there are such."""
    count, refused = visit.refused
    if count:
        with st.expander(t("found.refused", count=count), key="refused"):
            st.html(refused_list([(one.name, explain(one.error)) for one in refused[:100]], count))


def facts(visit: Visit) -> str:
    """Rows, encoding, separator, pictures: a figure each, as HTML."""
    sheet = visit.sheet
    assert sheet is not None
    width = len(sheet.columns)
    figures = [(f"{sheet.count:,}", t("found.rows_one" if sheet.count == 1 else "found.rows"))]
    figures.append((f"{width:,}", t("found.columns_one" if width == 1 else "found.columns")))
    is_tabbed = isinstance(sheet, DelimitedSheet) and sheet.separator == "\t"
    figures.append(("TSV" if is_tabbed else sheet.kind, t("found.kind")))
    if encoding := getattr(sheet, "encoding", ""):
        figures.append((encoding_name(encoding), t("found.encoding")))
    if isinstance(sheet, DelimitedSheet):
        figures.append((separator_name(sheet.separator), t("found.separator")))
    if visit.archive is not None:
        pictures = len(visit.archive)
        figures.append((f"{pictures:,}", t("found.pictures_one" if pictures == 1 else "found.pictures")))
    if visit.can_start:
        try:
            fit = visit.fit()
        except SslrecError:
            fit = None
        if fit is not None and fit.rows:
            key = "found.pictured_one" if fit.rows == 1 else "found.pictured"
            said = t("found.pictured_first" if fit.is_part else key)
            figures.append((f"{fit.pictured:,} / {fit.rows:,}", said))
    cells = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for value, name in figures)
    return block(cells, "figures sx-found")


def columns(visit: Visit) -> None:
    """A select box for each field, and how the text is to be read."""
    sheet = visit.sheet
    assert sheet is not None
    none, guessed = t("field.none"), t("found.guessed")
    with st.container(key="mapping"):
        for field in FIELDS:
            key = f"column.{field}"
            # What the visit says is shown, whatever the widget held for another table.
            st.session_state[key] = getattr(visit.columns, field) or NOTHING
            st.selectbox(
                t(f"field.{field}"),
                [NOTHING, *sheet.columns],
                key=key,
                format_func=lambda name: name or none,
                on_change=_choose,
                args=(visit, field),
            )
    if not isinstance(sheet, DelimitedSheet | JsonLinesSheet):
        return
    # Of texts read wrong no column is known: what helps lies open.
    unknown = not visit.can_start
    with st.expander(t("found.read_otherwise"), unknown, key="otherwise"), st.container(horizontal=True):
        encodings = {NOTHING: guessed} | {name: encoding_name(name) for name in ENCODINGS}
        _read_as(visit, "encoding", visit.encoding, encodings)
        if isinstance(sheet, DelimitedSheet):
            marks = {NOTHING: guessed} | {mark: separator_name(mark) for mark in SEPARATORS}
            _read_as(visit, "separator", visit.separator, marks)


def _read_as(visit: Visit, name: str, chosen: str | None, offered: Mapping[str, str]) -> None:
    st.session_state[f"read.{name}"] = chosen or NOTHING
    st.selectbox(
        t(f"found.{name}"),
        list(offered),
        key=f"read.{name}",
        format_func=offered.__getitem__,
        on_change=_read_so,
        args=(visit,),
    )


def _choose(visit: Visit, field: str) -> None:
    visit.choose({field: st.session_state[f"column.{field}"] or None})


def _read_so(visit: Visit) -> None:
    encoding, separator = (st.session_state.get(f"read.{name}") or None for name in ("encoding", "separator"))
    visit.read_so(encoding, separator)


def preview(visit: Visit) -> str:
    """The first rows as an HTML table: what each column is taken for above its name, pictures as such."""
    sheet = visit.sheet
    assert sheet is not None
    fields = {column: field for field, column in visit.columns.named.items()}
    others = [name for name in sheet.columns if name not in fields]
    order = [*fields, *others[:OTHERS]]
    head = ""
    for column in order:
        role = t(f"field.{fields[column]}") if column in fields else t("field.attribute")
        kind = "sx-field" if column in fields else ""
        head += f'<th scope="col" class="{kind}"><small>{escape(role)}</small>{escape(column[:60])}</th>'
    pictures = {found.draft.line: found for found in visit.fit().sample} if visit.can_start else {}
    body = ""
    for row in islice((row for row in sheet.rows() if isinstance(row, SheetRow)), SAMPLE):
        cells = ""
        for column in order:
            uri = ""
            if column == visit.columns.image and row.line in pictures:
                uri = visit.thumbnail(pictures[row.line])
            picture = f'<img src="{uri}" alt="">' if uri else ""
            cells += f"<td>{picture}<span>{escape(shown(row.cells.get(column, '')))}</span></td>"
        body += f"<tr>{cells}</tr>"
    rest = len(others) - OTHERS
    said = t("found.more_columns_one" if rest == 1 else "found.more_columns", count=rest)
    more = f"<p>{escape(said)}</p>" if rest > 0 else ""
    return block(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}", "preview")


def refused_list(refused: Sequence[tuple[str, str]], count: int) -> str:
    """Files of the zip that are not used, with their reasons, as HTML."""
    rows = "".join(f"<li>{escape(reason)}</li>" for _, reason in refused)
    more = f"<p>{escape(t('rejected.more', count=count - len(refused)))}</p>" if count > len(refused) else ""
    return block(f"<ul>{rows}</ul>{more}", "refused")


def how() -> str:
    """What will happen, step by step, for who has brought nothing yet; as HTML."""
    steps = "".join(
        f"<li><b>{number}</b><h3>{escape(t(f'how.{step}'))}</h3><p>{escape(t(f'how.{step}_text'))}</p></li>"
        for number, step in enumerate(("read", "stream", "search"), 1)
    )
    return block(f"<ol>{steps}</ol>", "how")


def limits_note() -> None:
    """How much a visitor may bring, and what becomes of it."""
    limits = settings()
    note(t("bring.limits", items=limits.max_visitor_items, size=size_of(limits.max_visitor_bytes)))


def encoding_name(encoding: str) -> str:
    """An encoding as people write it."""
    plain = encoding.replace("_", "-").lower()
    return t(f"encoding.{plain}") if has_text(f"encoding.{plain}") else plain.upper()


def separator_name(mark: str) -> str:
    """A separator by its name; one without a name stands for itself."""
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
    return t(f"separator.{names[mark]}") if mark in names else mark
