"""The policies by name."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import keras

from sslrec.errors import PolicyError
from sslrec.learning.optim.policy import Change, CosinePolicy, Policy

SPARED = (r"(^|/)[^/]*(bias|gamma|beta)[^/]*$",)
"""Variables that weight decay never touches, by the last part of their path: a layer's name does not count."""


class PlateauPolicy(Policy):
    """Keras's `ReduceLROnPlateau`: the rate times `factor` after `patience` epochs without improvement.

    Args:
        optimizer: the optimizer whose rate is set.
        learning_rate: the initial rate.
        patience: epochs without improvement before the rate falls.
        factor: what the current rate is multiplied with.
        min_delta: how much lower than the best so far counts as improvement, in units of the figure.
        cooldown: epochs after a fall in which none is counted.
        floor: the lowest rate.
    """

    name = "plateau"

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        learning_rate: float,
        *,
        patience: int = 3,
        factor: float = 0.3,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        floor: float = 0.0,
    ) -> None:
        super().__init__(optimizer, learning_rate)
        self.rule = keras.callbacks.ReduceLROnPlateau(
            "figure", factor, patience, mode="min", min_delta=min_delta, cooldown=cooldown, min_lr=floor
        )
        self.rule.set_model(SimpleNamespace(optimizer=optimizer))

    def after_epoch(self, figure: float) -> Change | None:
        """Lower the rate where the rule says so."""
        before = self.rate
        self.rule.on_epoch_end(0, {"figure": figure})
        if self.rate == before:
            return None
        params = {"epochs": float(self.rule.patience), "best": float(self.rule.best or 0.0)}
        return Change(before, self.rate, "plateau", params)

    def state(self) -> dict[str, Any]:
        """The best figure and the counters."""
        return {"best": self.rule.best, "wait": self.rule.wait, "cooldown": self.rule.cooldown_counter}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave."""
        self.rule.best, self.rule.wait = state["best"], int(state["wait"])
        self.rule.cooldown_counter = int(state["cooldown"])


def _adam(common: dict[str, Any]) -> keras.optimizers.Optimizer:
    """Adam, whose weight decay is decoupled in Keras: AdamW."""
    return keras.optimizers.Adam(**common)


def _constant(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    return Policy(_adam(common), rate, **options)


def _cosine(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    return CosinePolicy(_adam(common), rate, warmup, **options)


def _plateau(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    return PlateauPolicy(_adam(common), rate, **options)


_MAKERS: dict[str, Callable[..., Policy]] = {
    "constant": _constant,
    "cosine": _cosine,
    "plateau": _plateau,
}

POLICIES = tuple(sorted(_MAKERS))
"""The names that `make_policy` knows."""


def make_policy(
    name: str,
    learning_rate: float,
    *,
    weight_decay: float = 0.0,
    average: float = 0.0,
    warmup: float = 0.05,
    **options: Any,
) -> Policy:
    """Build a policy with its optimizer.

    Args:
        name: one of `POLICIES`.
        learning_rate: the initial rate, the peak for schedules.
        weight_decay: decoupled weight decay (AdamW, Loshchilov and Hutter 2017, arXiv:1711.05101); never
            touches a variable whose own name has `bias`, `gamma` or `beta` in it.
        average: momentum of the exponential moving average of the weights that evaluation and saving
            use; 0 switches it off (Polyak averaging).
        warmup: share of all steps that the linear warm-up takes, where the policy has one.
        options: keyword arguments of the policy, such as `patience` of `plateau`.

    Raises:
        PolicyError: there is no such policy, or the rate is not a positive finite number.
    """
    if name not in _MAKERS:
        raise PolicyError("policy_unknown", name=name, known=", ".join(POLICIES))
    if not 0 < learning_rate < float("inf"):
        raise PolicyError("policy_rate", rate=learning_rate)
    common = {
        "learning_rate": float(learning_rate),
        "weight_decay": weight_decay or None,  # 0.0 would cost a pass over the weights every step
        "use_ema": average > 0,
        "ema_momentum": average or 0.99,
    }
    policy = _MAKERS[name](float(learning_rate), common, warmup, **options)
    policy.optimizer.exclude_from_weight_decay(var_names=list(SPARED))
    return policy
