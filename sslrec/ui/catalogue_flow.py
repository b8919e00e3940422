"""The channels of an ingest as gauges that move: what waits before each stage, and who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from sslrec.channels import ChannelStatistics
from sslrec.ui.language import t

_HERE = Path(__file__).parent
_flow = component(
    "sslrec.flow",
    html='<div role="group"></div>',
    css=(_HERE / "catalogue_flow.css").read_text("utf-8"),
    js=(_HERE / "catalogue_flow.js").read_text("utf-8"),
)
PLACES = {
    "image.decode": 1,
    "image.encode": 2,
    "text.tokenize": 1,
    "text.encode": 2,
    "join": 3,
    "joined": 4,
}
"""The channels in the order of the way through, and the column of each."""
_SHARED = "both"  # where both modalities have come together


def flow(key: str, channels: Mapping[str, ChannelStatistics]) -> None:
    """Show the channels.

    Args:
        key: the component's key in the session.
        channels: by their names, as `IngestProgress.channels` has them; before the start there are none.
    """
    # Tuples: see `sslrec.ui.canvas`.
    gauges = tuple(gauge(name, channels.get(name)) for name in PLACES)
    _flow(key=key, data={"label": t("flow.label"), "gauges": gauges})


def gauge(name: str, channel: ChannelStatistics | None) -> dict[str, Any]:
    """One channel as the component shows it; every text is ready to be read."""
    modality = name.partition(".")[0]
    used, limit, sent = (0, 0, 0) if channel is None else (channel.buffer_used, channel.limit, channel.sent)
    return {
        "name": name,
        "kind": modality if "." in name else _SHARED,
        "place": PLACES[name],
        "title": t(f"flow.{name.replace('.', '_')}"),
        "count": t("flow.level", used=used, limit=limit) if limit else "–",
        "used": used,
        "limit": limit,
        "sent": t("flow.sent", count=sent),
        "waits": waits(channel),
        # The limit holds the sender back: what comes after it is the slow one.
        "full": bool(channel and channel.waiting_senders),
    }


def waits(channel: ChannelStatistics | None) -> str:
    """Who waits at a channel, in words; empty where nobody does."""
    if channel is None:
        return ""
    if channel.waiting_senders:
        return t("flow.senders", count=channel.waiting_senders)
    return t("flow.receivers", count=channel.waiting_receivers) if channel.waiting_receivers else ""
