"""The home page in pieces of HTML."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, reduce
from html import escape
from operator import getitem
from typing import Any

import numpy as np

from sslrec.artifacts import SHIPPED, Manifest
from sslrec.config import ROOT
from sslrec.ui.digit_parts import block, percent
from sslrec.ui.language import t
from sslrec.ui.pictures import digit_uri

FIGURES = {
    "finetuned": (("label_budgets", "finetuned", "10", "mean"), percent),
    "scratch": (("label_budgets", "scratch", "10", "mean"), percent),
    "all": (("label_budgets", "finetuned", "all", "mean"), percent),
    "canvas": (("canvas", "mean"), percent),
    "novelty": (("novelty", "auroc"), lambda value: f"{value:.3f}" if value < 0.9995 else ">\u202f0.999"),
    "rebuilt": (("reconstruction", "64", "excess"), "{:.4f}".format),
}
"""Where in the kept results each shown figure lies, and how it is written."""


def painted_strip(images: np.ndarray) -> str:
    """A ribbon of pictures that the model painted: `(n, 28, 28)` float32 in [0, 1]."""
    frames = "".join(f'<img src="{digit_uri(image)}" alt="" width="64" height="64">' for image in images)
    return block(
        f'<figure><div role="img" aria-label="{escape(t("home.strip_alt"))}">{frames}</div>'
        f"<figcaption>{escape(t('home.strip'))}</figcaption></figure>",
        "ribbon",
    )


@cache
def _products_uri() -> str:
    data = (ROOT / "assets" / "pictures" / "products.webp").read_bytes()
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")


def products_strip() -> str:
    """A ribbon of products of the built-in catalogue.

    One picture, made beforehand: opening the catalogue here would cost every visitor's server the memory of it.
    """
    return block(
        f'<figure><div class="sx-white"><img src="{_products_uri()}" alt="{escape(t("home.products_alt"))}"></div>'
        f"<figcaption>{escape(t('home.products'))}</figcaption></figure>",
        "ribbon",
    )


def highlights(results: Mapping[str, Any]) -> str:
    """The figures that say most, of what `python -m sslrec evaluate digits` kept; one that is missing is left out.

    Args:
        results: see `sslrec.evaluation.digits.evaluate`.
    """
    shown = {}
    for name, (path, form) in FIGURES.items():
        with suppress(KeyError, TypeError, ValueError):
            shown[name] = form(reduce(getitem, path, results))
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
