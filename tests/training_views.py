"""Runs as the page sees them, made up."""

from pathlib import Path

import numpy as np

from sslrec.runs.events import Exhibit, Item, Message, RunConfig, Status
from sslrec.runs.view import Curves, EpochPoint, RateChange, RunView

PIXEL = "data:image/png;base64,AAAA"


def exhibit(step=10, epoch=1, text=""):
    return Exhibit(step, epoch, "reconstruction", (Item((PIXEL,)),) * 10, (Item((PIXEL,), text=text),) * 10)


def run_view(policy="cosine", losses=(0.4, 0.3, 0.2), status=Status.FINISHED, **given):
    """A run with an epoch of ten steps for each validation loss."""
    steps = np.arange(1, 10 * len(losses) + 1)
    curve = 0.9 / steps
    epochs = tuple(EpochPoint(10 * e, e, loss - 0.01, loss, {"knn_accuracy": 0.5}) for e, loss in enumerate(losses, 1))
    shown = (exhibit(0, 0), *(exhibit(10 * e, e) for e in range(1, len(losses) + 1)))
    fields = {
        "id": "20260101-120000-0123abcd",
        "config": RunConfig("autoencoder", "digits", policy),
        "name": "autoencoder-64-digits",
        "owner": "a-session",
        "keep_running": False,
        "created": 1.7e9,
        "race": "",
        "status": status,
        "place": None,
        "message": None,
        "started": {"learning_rate": 0.002, "epochs": len(losses), "batch_size": 128, "of": len(steps)},
        "step": len(steps),
        "total": len(steps),
        "epoch": len(losses),
        "seconds": 12.0,
        "seconds_left": None,
        "curves": Curves(steps, curve, np.full(len(steps), 0.002), curve * 2, np.full(len(steps), 1000.0)),
        "epochs": epochs,
        "changes": (),
        "exhibit": shown[-1],
        "exhibits": shown,
        "snapshots": (),
        "metrics": {"bce": 0.15, "excess": 0.01} if status is Status.FINISHED else None,
        "artifact": None,
        "folder": Path("nowhere"),
    }
    return RunView(**{**fields, **given})


def failed(policy="constant"):
    message = Message("run_not_finite", {"step": 20, "loss": "nan"})
    return run_view(policy, (0.4, 0.5), Status.FAILED, message=message)


def change(step=12, after=0.001, reason="plateau", **params):
    return RateChange(step, 0.002, after, reason, params)
