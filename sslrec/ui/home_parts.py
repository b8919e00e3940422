"""The home page in pieces of HTML."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from sslrec.artifacts import SHIPPED, Manifest
from sslrec.ui.digit_parts import block, percent
from sslrec.ui.language import t
from sslrec.ui.pictures import digit_uri


def painted_strip(images: np.ndarray) -> str:
    """A ribbon of pictures that the model painted: `(n, 28, 28)` float32 in [0, 1]."""
    frames = "".join(f'<img src="{digit_uri(image)}" alt="" width="64" height="64">' for image in images)
    return block(
        f'<figure><div role="img" aria-label="{escape(t("home.strip_alt"))}">{frames}</div>'
        f"<figcaption>{escape(t('home.strip'))}</figcaption></figure>",
        "ribbon",
    )


def highlights(results: Mapping[str, Any]) -> str:
    """The figures that say most, of what `python -m sslrec evaluate digits` kept.

    Args:
        results: see `sslrec.evaluation.digits.evaluate`.
    """
    budgets = results["label_budgets"]
    shown = {
        "finetuned": percent(budgets["finetuned"]["10"]["mean"]),
        "scratch": percent(budgets["scratch"]["10"]["mean"]),
        "all": percent(budgets["finetuned"]["all"]["mean"]),
        "canvas": percent(results["canvas"]["mean"]),
        "novelty": f"{results['novelty']['auroc']:.3f}",
        "rebuilt": f"{results['reconstruction']['64']['excess']:.4f}",
    }
    boxes = "".join(
        f"<div><b>{value}</b><span>{escape(t(f'measured.{name}'))}</span></div>" for name, value in shown.items()
    )
    return block(boxes, "figures")


def state_list(models: Mapping[str, tuple[str, Manifest | None]], data: Mapping[str, bool]) -> str:
    """Which models and data sets are here; a model that is not, with the command that rebuilds it."""
    model_chips = "".join(_chip(t(f"model.{name}"), state, t(f"state.{state}")) for name, (state, _) in models.items())
    data_chips = "".join(
        _chip(t(f"data.{name}"), "ok" if here else "absent", t("state.present" if here else "state.absent"))
        for name, here in data.items()
    )
    mend = "".join(
        f"<li>{escape(t('state.rebuild', name=t(f'model.{name}')))} <code>{escape(SHIPPED[name])}</code></li>"
        for name, (state, _) in models.items()
        if state != "ok"
    )
    return block(
        f"<div><h3>{t('home.models')}</h3><ul>{model_chips}</ul></div>"
        f"<div><h3>{t('home.data')}</h3><ul>{data_chips}</ul></div>"
        + (f'<ul class="sx-mend">{mend}</ul>' if mend else f"<p>{escape(t('home.data_note'))}</p>"),
        "states",
    )


def _chip(name: str, state: str, said: str) -> str:
    return f'<li class="sx-{state}">{escape(name)} <b>{escape(said)}</b></li>'
