"""The digits page in pieces of HTML: typed results in, markup in the visitor's language out.

One element per piece keeps the way from a stroke to the answer short; the classes are in `style.css`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from sslrec.data.digits import BUDGETS
from sslrec.serving.digits import METHODS, BudgetReading, DigitReading, Prototype
from sslrec.ui.language import current_language, t
from sslrec.ui.pictures import digit_uri, heat_uri, overlay_uri


def block(markup: str, kind: str) -> str:
    """Wrap markup in a part's element, which also tells the browser the language."""
    return f'<div class="sx-{kind}" lang="{current_language()}">{markup}</div>'


def percent(value: float, digits: int = 1) -> str:
    """A share as per cent, such as `98.6 %`; never rounded up to 100: then it gets a decimal, and 99.9 is the most."""
    shown = f"{value * 100:.{digits}f}"
    if value < 1 and shown.startswith("100"):
        shown = f"{min(value * 100, 99.9):.1f}"
    return f"{shown} %"


def size_of(size: int) -> str:
    """A number of bytes in a unit that suits it, such as `1.5 MB`."""
    number, unit = (size / 1e6, "MB") if size >= 1e5 else (size / 1e3, "kB")
    return f"{number:,.1f}".removesuffix(".0") + f" {unit}"


def figure(uri: str, caption: str, alt: str, extra: str = "") -> str:
    """A model's picture with its caption.

    Args:
        uri: the picture.
        caption: shown below.
        alt: for those who do not see the picture.
        extra: additional class names.
    """
    return (
        f'<figure class="sx-tile {extra}"><img src="{uri}" alt="{escape(alt)}" width="112" height="112">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def verdict(reading: DigitReading) -> str:
    """The answer: the class and how sure it is, or that this is no digit."""
    best = int(reading.probabilities.argmax())
    sure = float(reading.probabilities[best])
    if reading.label is None:
        mark, headline = "?", t("verdict.no_digit")
        detail = t("verdict.nearest", label=best, sure=percent(sure))
    else:
        mark, headline = str(reading.label), t("verdict.digit", label=reading.label)
        detail = t("verdict.sure" if sure >= 0.9 else "verdict.unsure", sure=percent(sure))
    spoken = escape(t("verdict.novelty", value=f"{reading.novelty:.2f}"))
    novelty = (
        f'<div class="sx-novelty" role="img" aria-label="{spoken}">'
        f'<span class="sx-scale"><i style="left:{reading.novelty * 100:.1f}%"></i></span>'
        f'<span class="sx-ends"><b>{t("verdict.familiar")}</b><b>{t("verdict.strange")}</b></span></div>'
    )
    known = "" if reading.label is not None else " sx-unknown"
    several = f"<p>{escape(t('verdict.several'))}</p>" if reading.several_shapes else ""
    return block(
        f'<div class="sx-mark{known}" aria-hidden="true">{mark}</div><div class="sx-says" role="status">'
        f"<h3>{escape(headline)}</h3><p>{escape(detail)}</p>{several}</div>"
        f'{novelty}<p class="sx-time">{t("verdict.time", milliseconds=f"{reading.milliseconds:.1f}")}</p>',
        "verdict",
    )


def waiting() -> str:
    """What stands in the answer's place while there is nothing to read."""
    steps = "".join(f"<li>{escape(t(f'waiting.step_{step}'))}</li>" for step in ("draw", "see", "label"))
    ghosts = "".join(
        f'<figure class="sx-tile sx-ghost" aria-hidden="true"><i></i><figcaption>{escape(t(f"views.{view}", count=64))}'
        "</figcaption></figure>"
        for view in ("seen", "rebuilt", "error")
    )
    return block(
        f'<div class="sx-mark sx-blank" aria-hidden="true">…</div><div class="sx-says" role="status">'
        f"<h3>{escape(t('waiting.title'))}</h3><ol>{steps}</ol></div>",
        "verdict",
    ) + block(ghosts, "tiles")


def views(reading: DigitReading) -> str:
    """What the model sees, what it rebuilds from the code, and where the two differ."""
    difference = float(np.abs(reading.error).mean())
    return block(
        figure(digit_uri(reading.image), t("views.seen"), t("views.seen_alt"))
        + figure(digit_uri(reading.reconstruction), t("views.rebuilt", count=len(reading.code)), t("views.rebuilt_alt"))
        + figure(
            heat_uri(reading.error, 0.6),
            t("views.error"),
            t("views.error_alt", value=f"{difference:.3f}"),
        )
        + f"<p>{escape(t('views.legend'))}</p>",
        "tiles",
    )


def prototypes(found: Sequence[Prototype]) -> str:
    """The nearest cluster centres, nearest first."""
    return block(
        "".join(
            figure(
                digit_uri(one.image),
                t("prototypes.similarity", value=f"{one.similarity:.2f}"),
                t("prototypes.alt", rank=rank, share=percent(one.share)),
                "sx-small",
            )
            for rank, one in enumerate(found, 1)
        ),
        "tiles",
    )


def budget_grid(accuracy: dict[str, dict[str, float]], readings: Sequence[BudgetReading], selected: str) -> str:
    """The label-budget comparison: a row per method, a column per budget.

    Args:
        accuracy: known test accuracy, by method and budget.
        readings: how each classifier reads the visitor's digit; empty while there is none.
        selected: the budget that stands out.
    """
    found = {(one.method, one.budget): one for one in readings}
    head = "".join(
        f'<th scope="col" class="{"sx-on" if budget == selected else ""}">{t(f"budget.{budget}")}'
        f"<small>{t(f'budget.{budget}_total')}</small></th>"
        for budget in BUDGETS
    )
    rows = []
    for method in METHODS:
        cells = []
        for budget in BUDGETS:
            known = accuracy[method][budget]
            on = " sx-on" if budget == selected else ""
            reading = found.get((method, budget))
            if reading is None:
                said = '<span class="sx-read sx-none" aria-hidden="true">·</span>'
            else:
                best = int(reading.probabilities.argmax())
                sure = float(reading.probabilities[best])
                said = (
                    f'<span class="sx-read" style="--sure:{sure:.2f}">{best}</span>'
                    f'<span class="sx-sure">{t("budget.sure", sure=percent(sure, 0))}</span>'
                )
            cells.append(
                f'<td class="{on}">{said}<span class="sx-known" title="{escape(t("budget.known_help"))}">'
                f'<i style="width:{known * 100:.1f}%"></i></span><small>{percent(known)}</small></td>'
            )
        rows.append(
            f'<tr class="sx-{method}"><th scope="row">{t(f"method.{method}")}<small>{t(f"method.{method}_how")}'
            f"</small></th>{''.join(cells)}</tr>"
        )
    table = f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return block(f"{table}<p>{escape(t('budget.caption'))}</p>", "budget")


def budget_takeaway(accuracy: dict[str, dict[str, float]], selected: str) -> str:
    """One sentence: what pretraining is worth at this label budget."""
    scratch = accuracy["scratch"][selected]
    method = max(("frozen", "finetuned"), key=lambda name: accuracy[name][selected])
    pretrained = accuracy[method][selected]
    factor = (1 - scratch) / max(1 - pretrained, 1e-6)
    shown = {"scratch": percent(scratch), "pretrained": percent(pretrained)}
    key = "budget.takeaway" if factor >= 1.15 and shown["scratch"] != shown["pretrained"] else "budget.takeaway_even"
    sentence = t(key, labels=t(f"budget.{selected}_said"), factor=f"{factor:.1f}", **shown)
    return block(f"<p>{escape(sentence)}</p>", "takeaway")


def heading(text: str) -> str:
    """A small heading above a piece."""
    return block(f"<h3>{escape(text)}</h3>", "heading")


def mattered(image: np.ndarray, occlusion: np.ndarray, label: int) -> str:
    """What mattered for a class, on the digit itself.

    Args:
        image: `(28, 28)` float32 in [0, 1].
        occlusion: `(28, 28)` float32, as `DigitReader.occlusion` returns it.
        label: the class.
    """
    return block(
        figure(overlay_uri(image, occlusion), "", t("inside.mattered_alt", label=label))
        + f"<p>{escape(t('inside.mattered_note', label=label, most=percent(max(0.0, float(occlusion.max())))))}</p>",
        "tiles sx-beside",
    )


def repair_views(image: np.ndarray, damaged: np.ndarray, rebuilt: np.ndarray, probabilities: np.ndarray) -> str:
    """The damaged digit, the rebuilt one and the original, with what the first two read as.

    Args:
        image: `(28, 28)` float32 in [0, 1], as the other two.
        damaged: what the denoiser sees.
        rebuilt: what it answers.
        probabilities: `(2, 10)` float32, of `damaged` and `rebuilt`.
    """
    return block(
        figure(digit_uri(damaged), t("repair.damaged", reads=_reads(probabilities[0])), t("repair.damaged_alt"))
        + figure(digit_uri(rebuilt), t("repair.rebuilt", reads=_reads(probabilities[1])), t("repair.rebuilt_alt"))
        + figure(digit_uri(image), t("repair.original"), t("repair.original_alt")),
        "tiles",
    )


def _reads(probabilities: np.ndarray) -> str:
    best = int(probabilities.argmax())
    return t("repair.reads", label=best, sure=percent(float(probabilities[best]), 0))


def film(images: np.ndarray, probabilities: np.ndarray, position: int) -> str:
    """A strip of pictures from one digit to another, with one of them large.

    Args:
        images: `(n, 28, 28)` float32 in [0, 1].
        probabilities: `(n, 10)` float32, how each one reads.
        position: index of the picture that stands out.
    """
    frames = "".join(
        f'<img class="{"sx-on" if index == position else ""}" src="{digit_uri(image)}" '
        f'alt="{escape(t("walk.frame_alt", index=index + 1, count=len(images)))}" width="64" height="64">'
        for index, image in enumerate(images)
    )
    large = figure(digit_uri(images[position]), "", t("walk.here_alt"))
    here = t("walk.here", reads=_reads(probabilities[position]))
    return block(frames, "film") + block(f"{large}<p>{escape(here)}</p>", "tiles sx-beside")
