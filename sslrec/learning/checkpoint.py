"""A training as arrays, and back: what goes on in another process is bit for bit the same training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from sslrec.learning.loop import Training


class CheckpointError(ValueError):
    """A checkpoint belongs to another training.

    Args:
        message: what does not fit.
        code: of the sentence for people, a key of `sslrec.errors.MESSAGES`.
    """

    def __init__(self, message: str, code: str = "run_foreign") -> None:
        super().__init__(message)
        self.code = code


def capture(training: Training, origin: Mapping[str, Any] | None = None) -> dict[str, np.ndarray]:
    """Everything that a training needs to go on: all variables, the policy, where it is in its epoch.

    Args:
        training: see above.
        origin: what it learns from and builds on; JSON-able.
    """
    meta = {
        "origin": origin,
        "total": training.total,
        "step": training.step,
        "losses": training.losses,
        "seconds": training.seconds,
        "history": training.history,
        "policy": training.policy.state(),
        "guard": training.guard.state(),
    }
    arrays = {f"model/{i}": variable.numpy() for i, variable in enumerate(training.task.model.variables)}
    arrays |= {f"optimizer/{i}": variable.numpy() for i, variable in enumerate(training.policy.optimizer.variables)}
    return arrays | {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8)}


def is_sound(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether every weight of the model is a number."""
    return all(np.isfinite(array).all() for name, array in arrays.items() if name.startswith("model/"))


def restore(training: Training, arrays: Mapping[str, np.ndarray], origin: Mapping[str, Any] | None = None) -> None:
    """Take over what `capture` gave.

    Args:
        training: new, of the same task and schedule.
        arrays: by name, such as an open `.npz` file.
        origin: as for `capture`; older checkpoints say neither theirs nor their length, and are taken as they are.

    Raises:
        CheckpointError: the arrays are those of another model or optimizer, or of a training of another length or
            origin.
    """
    groups = {"model": training.task.model.variables, "optimizer": training.policy.optimizer.variables}
    wanted = {f"{group}/{i}": variable for group, found in groups.items() for i, variable in enumerate(found)}
    if {*wanted, "meta"} != set(arrays):
        raise CheckpointError("its checkpoint belongs to another model")
    loaded = {name: arrays[name] for name in wanted}
    if any(tuple(wanted[name].shape) != array.shape for name, array in loaded.items()):
        raise CheckpointError("its checkpoint belongs to another model")
    meta = json.loads(arrays["meta"].tobytes())
    if (meta.get("origin", origin), meta.get("total", training.total)) != (origin, training.total):
        raise CheckpointError("its data, its length or what it builds on has changed", "run_changed")
    for name, array in loaded.items():
        wanted[name].assign(array)
    training.step, training.losses, training.seconds = meta["step"], meta["losses"], meta["seconds"]
    training.history, training.batches = meta["history"], None
    training.policy.restore(meta["policy"])
    training.guard.restore(meta["guard"])
