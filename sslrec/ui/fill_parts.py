"""The language page in pieces of HTML: typed results in, markup in the visitor's language out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from sslrec.data.tokens import CONTINUES
from sslrec.serving.language_reading import Filling, Gap, TextReading, around_gaps
from sslrec.ui.digit_parts import block, percent
from sslrec.ui.language import t
from sslrec.ui.training_words import corpus_name

SHOWN_GAPS = 6
"""Gaps whose guesses are listed; the sentence fills all."""


def said(token: str) -> str:
    """A piece as people read it: one that goes on with a word starts with an ellipsis."""
    return f"…{token.removeprefix(CONTINUES)}" if token.startswith(CONTINUES) else token


def sentence(reading: TextReading) -> str:
    """The text with its gaps filled, the guesses standing out; what the model did not read is pale."""
    best = [gap.fillings[0] for gap in reading.gaps]
    around = around_gaps(reading.text, reading.gaps, [one.token for one in best])
    parts = [
        # A guess has its own direction, or an English one in front would turn a Hebrew text around.
        f'{escape(before)}<mark dir="auto" title="{percent(one.probability)}">{escape(word)}</mark>'
        for (before, word), one in zip(around, best, strict=True)
    ]
    at = reading.gaps[-1].end if reading.gaps else 0
    end = reading.pieces.spans[-2][1] if reading.pieces.dropped else len(reading.text)
    parts.append(escape(reading.text[at:end]))
    if reading.pieces.dropped:
        parts.append("<i>…</i>")
    time = t("words.time", milliseconds=f"{reading.milliseconds:.1f}", count=len(reading.pieces.ids))
    return block(f'<p role="status" dir="auto">{"".join(parts)}</p><small>{escape(time)}</small>', "sentence")


def guesses(gaps: Sequence[Gap], hidden: Sequence[str | None], spelling: Callable[[str], Sequence[str]]) -> str:
    """For each gap its likeliest fillings as bars.

    Args:
        gaps: of a text.
        hidden: for each the word that the visitor has hidden there, or None.
        spelling: the pieces that a word becomes.
    """
    cards = []
    for number, (gap, word) in enumerate(list(zip(gaps, hidden, strict=True))[:SHOWN_GAPS], 1):
        title = t("words.gap_number", number=number) if len(gaps) > 1 else t("words.guesses")
        spelled = () if word is None else spelling(word)
        rows = "".join(_row(one, spelled) for one in gap.fillings)
        told = "" if word is None else f"<p>{escape(_outcome(gap, word, spelled))}</p>"
        cards.append(f"<section><h3>{escape(title)}</h3><ol>{rows}</ol>{told}</section>")
    return block("".join(cards), "guesses")


def _outcome(gap: Gap, hidden: str, spelled: Sequence[str]) -> str:
    """Whether a hidden word was guessed, or why it could not be."""
    if len(spelled) > 1:
        return t("words.spelled", word=hidden, count=len(spelled))
    if "[UNK]" in spelled:
        return t("words.unspelled", word=hidden)
    found = next((place for place, one in enumerate(gap.fillings, 1) if _same(one, spelled)), None)
    key = "words.found" if found else "words.not_found"
    return t(key, word=hidden, place=found, count=len(gap.fillings))


def _row(one: Filling, spelled: Sequence[str]) -> str:
    tone = ' class="sx-right"' if _same(one, spelled) else ""
    return (
        f'<li{tone}><b>{escape(said(one.token))}</b><span><i style="width:{max(0.5, one.probability * 100):.1f}%"></i>'
        f"</span><small>{percent(one.probability)}</small></li>"
    )


def _same(one: Filling, spelled: Sequence[str]) -> bool:
    """Whether a filling is a hidden word, as the model spells it: some tell capitals, others do not."""
    return list(spelled) == [one.token]


def pieces(reading: TextReading) -> str:
    """How the text becomes pieces and ids; the pieces of one word stand close together."""
    found = reading.pieces
    words: list[str] = []
    kinds = {"[MASK]": "mask", "[UNK]": "unknown", "[CLS]": "sign", "[SEP]": "sign"}
    for index, (token, number) in enumerate(zip(found.tokens, found.ids, strict=True)):
        start, end = found.spans[index]
        kind = kinds.get(token, "part" if token.startswith(CONTINUES) else "word")
        source = f' title="{escape(reading.text[start:end])}"' if end > start else ""
        chip = f'<span class="sx-{kind}"{source}><b>{escape(token)}</b><small>{int(number)}</small></span>'
        word = found.words[index]
        if index and word is not None and word == found.words[index - 1]:
            words[-1] += chip
        else:
            words.append(chip)
    return block("".join(f"<li>{word}</li>" for word in words).join(("<ul>", "</ul>")), "pieces")


def likeness(texts: Sequence[str], cosines: np.ndarray, known: Sequence[bool]) -> str:
    """Texts beside each other with the cosines of their vectors, tinted from the least to the most alike.

    Args:
        texts: two or more.
        cosines: `(n, n)`.
        known: whether the model knows a word of each text; of others a cosine says nothing.
    """
    told = np.outer(known, known) & ~np.eye(len(texts), dtype=bool)
    low, high = float(cosines.min(where=told, initial=np.inf)), float(cosines.max(where=told, initial=-np.inf))
    head = "".join(f'<th scope="col">{number}</th>' for number in range(1, len(texts) + 1))
    rows = ""
    for row, text in enumerate(texts):
        cells = ""
        for column, value in enumerate(cosines[row]):
            if row == column:
                cells += '<td class="sx-self">·</td>'
                continue
            if not told[row, column]:
                cells += "<td>–</td>"
                continue
            share = (float(value) - low) / (high - low) if high > low else 1.0
            best = ' class="sx-best"' if value == max(cosines[row][told[row]]) else ""
            cells += f'<td{best} style="--tint:{share:.2f}">{float(value):.3f}</td>'
        rows += f'<tr><th scope="row"><b>{row + 1}</b> {escape(text)}</th>{cells}</tr>'
    return block(f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>", "likeness")


def corpora(metrics: Mapping[str, Any], length: int) -> str:
    """What the model learned from, and how often it guesses a hidden word, beside counting neighbours.

    Args:
        metrics: of the model's manifest.
        length: pieces of a row.
    """
    rows = ""
    for name, found in metrics.get("corpora", {}).items():
        bars = _share("model", found["top_1"]) + _share("counts", found["trigram_top_1"])
        read = metrics.get("rows", {}).get(name)
        count = f"<small>{escape(t('words.rows', count=read, length=length))}</small>" if read else ""
        rows += f"<li><h3>{escape(corpus_name(name))}{count}</h3>{bars}</li>"
    return block(f"<ul>{rows}</ul>", "corpora")


def _share(who: str, share: float | None) -> str:
    if share is None or not math.isfinite(share):
        return ""  # of a text in which no word could be hidden there is nothing to tell
    return (
        f'<div class="sx-{who}"><span>{escape(t(f"words.by_{who}"))}</span>'
        f'<i><u style="width:{share * 100:.1f}%"></u></i><b>{percent(share)}</b></div>'
    )
