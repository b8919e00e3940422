"""What one thread of a stage does: take values, call the stage's function, hand the results on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anyio import EndOfStream

from sslrec.channels.channel import ReceiveStream, SendStream
from sslrec.channels.join import Item, Join
from sslrec.channels.rows import FAILURES, Stage

LINGER = 0.05
"""Seconds that a stage waits for a full batch."""
Task = tuple[Item, Any]


def work(
    join: Join, modality: str, stage: Stage, receive: ReceiveStream[Task], target: SendStream[Task] | None = None
) -> None:
    """Work until no more values come.

    Args:
        join: gets what fails, and what the modality's last stage returns.
        modality: whose stage it is.
        stage: what to do.
        receive: the values, each with the item that it is a part of.
        target: the next stage's channel, or None at the last.
    """
    function = stage.function() if stage.per_worker else stage.function
    while True:
        try:
            tasks = receive.receive_many(stage.batch, LINGER)
        except EndOfStream:
            return
        _handle(join, modality, stage, function, tasks, target)
        del tasks  # nothing is kept while it waits for more


def _handle(
    join: Join,
    modality: str,
    stage: Stage,
    function: Callable[..., Any],
    tasks: list[Task],
    target: SendStream[Task] | None,
) -> None:
    live: list[Task] = []
    for item, value in tasks:
        if join.is_lost(item):
            join.arrive(item)
        else:
            live.append((item, value))
    if not live:
        return
    try:
        results = _results(function, [value for _, value in live], stage)
    except BaseException as error:
        more = f" and {len(live) - 1} more" if len(live) > 1 else ""
        error.add_note(f"in the stage '{modality}.{stage.name}' with the item {live[0][0].key!r}{more}")
        raise
    for (item, _), result in zip(live, results, strict=True):
        if isinstance(result, FAILURES):
            join.fail(item, modality, stage.name, result)
        elif target is None:
            join.arrive(item, modality, result)
        else:
            target.send((item, result))


def _results(function: Callable[..., Any], values: list[Any], stage: Stage) -> list[Any]:
    """What the function returns for each value, or the rejection that it raises."""
    if stage.batch == 1:
        return [_attempt(function, value) for value in values]
    try:
        results = list(function(values))
    except FAILURES as error:
        if len(values) == 1:
            return [error]
        return [result for value in values for result in _results(function, [value], stage)]
    if len(results) != len(values):
        raise ValueError(f"the stage '{stage.name}' returned {len(results)} results for {len(values)} values")
    return results


def _attempt(function: Callable[..., Any], value: Any) -> Any:
    try:
        return function(value)
    except FAILURES as error:
        return error
