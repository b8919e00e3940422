"""The home page in pieces of HTML."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np

from sslrec.artifacts import SHIPPED, Manifest
from sslrec.ui.digit_parts import block
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


def state_list(models: Mapping[str, tuple[str, Manifest | None]], data: Mapping[str, bool]) -> str:
    """Which models and data sets are here; a model that is not, with the command that rebuilds it."""
    model_rows = []
    for name, (state, _) in models.items():
        mend = "" if state == "ok" else f"<code>{t('state.rebuild')}: {escape(SHIPPED[name])}</code>"
        model_rows.append(_row(t(f"model.{name}"), state, t(f"state.{state}"), mend))
    data_rows = [
        _row(t(f"data.{name}"), "ok" if here else "absent", t("state.present" if here else "state.absent"), "")
        for name, here in data.items()
    ]
    return block(
        f"<div><h3>{t('home.models')}</h3><ul>{''.join(model_rows)}</ul></div>"
        f"<div><h3>{t('home.data')}</h3><ul>{''.join(data_rows)}</ul><p>{escape(t('home.data_note'))}</p></div>",
        "states",
    )


def _row(name: str, state: str, said: str, below: str) -> str:
    return f'<li class="sx-{state}"><span>{escape(name)}</span><b>{escape(said)}</b>{below}</li>'
