"""The policies by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

from sslrec.errors import PolicyError
from sslrec.learning.optim.auto import AutoPolicy, RecoverableAdam
from sslrec.learning.optim.feedback import AdaptivePolicy, HypergradientPolicy, PlateauPolicy, ProdigyPolicy
from sslrec.learning.optim.hypergradient import HypergradientAdam, HypergradientSGD
from sslrec.learning.optim.policy import CosinePolicy, Policy, ScheduledPolicy
from sslrec.learning.optim.prodigy import Prodigy
from sslrec.learning.optim.schedule_free import ScheduleFreeAdamW
from sslrec.runs.events import require_rate

SPARED = (r"(^|/)[^/]*(bias|gamma|beta)[^/]*$",)
"""Variables that weight decay never touches, by the last part of their path: a layer's name does not count."""
MUON_ADAM = 0.8
"""Adam's rate over Muon's, whose own is for updates as long as Adam's (Liu et al. 2025, arXiv:2502.16982)."""
LEAST_D0 = 1e-8
"""Where Prodigy's estimate begins at least: squares of gradients times it have to stay numbers beside 0 in float32."""


class ScheduleFreePolicy(ScheduledPolicy):
    """Schedule-free AdamW: a warm-up, then one rate; measured and saved is the average of the steps.

    Args:
        optimizer: the optimizer.
        learning_rate: the rate after the warm-up.
        warmup: share of all steps that the linear warm-up takes.
    """

    name = "schedule_free"

    @contextmanager
    def evaluation_weights(self, variables: list[keras.Variable]) -> Iterator[bool]:
        """Put the average `x` into `variables`; the trained `y` comes back exactly."""
        with self.optimizer.averaged(variables) as differ:
            yield differ


def _adam(common: dict[str, Any]) -> keras.optimizers.Optimizer:
    """Adam, whose weight decay is decoupled in Keras: AdamW."""
    return keras.optimizers.Adam(**common)


def _muon(common: dict[str, Any]) -> keras.optimizers.Optimizer:
    """Muon for the matrices between the layers (Jordan et al. 2024, kellerjordan.github.io/posts/muon), Adam elsewhere.

    The gradient's norm is held to 1: the momentum adds up gradients, not directions, so that a single long one would
    steer dozens of steps.
    """
    for_adam: dict[str, Any] = {"adam_weight_decay": common["weight_decay"], "adam_lr_ratio": MUON_ADAM}
    return keras.optimizers.Muon(**common, **for_adam, global_clipnorm=1.0)


def _adaptive(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    return AdaptivePolicy(_adam(common), rate, **options)


def _auto(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    return AutoPolicy(RecoverableAdam(**common), rate, warmup, **options)


def _constant(rate: float, common: dict[str, Any], warmup: float) -> Policy:
    return Policy(_adam(common), rate)


def _cosine(rate: float, common: dict[str, Any], warmup: float, muon: bool = False) -> Policy:
    return CosinePolicy((_muon if muon else _adam)(common), rate, warmup)


def _hypergradient(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    options = {"rule": "multiplicative", "hyper_rate": 0.02, **options}
    return HypergradientPolicy(HypergradientAdam(**common, **options), rate)


def _hypergradient_sgd(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    options = {"rule": "multiplicative", "hyper_rate": 0.02, "momentum": 0.9, **options}
    policy = HypergradientPolicy(HypergradientSGD(**common, **options), rate)
    policy.name = "hypergradient_sgd"
    return policy


def _plateau(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    return PlateauPolicy(_adam(common), rate, **options)


def _prodigy(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    # The estimate only grows, so it begins below any sensible rate: the initial one plays no part. Without the bias
    # correction the first steps are three times as long as the estimate says; an autoencoder did not survive them.
    estimating = {"learning_rate": 1.0, "d0": max(LEAST_D0, min(1e-5, rate)), "use_bias_correction": True}
    return ProdigyPolicy(Prodigy(**{**common, **estimating, **options}))


def _schedule_free(rate: float, common: dict[str, Any], warmup: float, **options: Any) -> Policy:
    # Its average is the one to measure and save; another on top would be an average of the wrong weights.
    return ScheduleFreePolicy(ScheduleFreeAdamW(**{**common, "use_ema": False}, **options), rate, warmup)


_MAKERS: dict[str, Callable[..., Policy]] = {
    "adaptive": _adaptive,
    "auto": _auto,
    "constant": _constant,
    "cosine": _cosine,
    "hypergradient": _hypergradient,
    "hypergradient_sgd": _hypergradient_sgd,
    "plateau": _plateau,
    "prodigy": _prodigy,
    "schedule_free": _schedule_free,
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
        learning_rate: the initial rate, the peak for schedules; `prodigy` and `auto` find theirs themselves.
        weight_decay: decoupled weight decay (AdamW, Loshchilov and Hutter 2017, arXiv:1711.05101); never
            touches a variable whose own name has `bias`, `gamma` or `beta` in it.
        average: momentum of the exponential moving average of the weights that evaluation and saving
            use; 0 switches it off (Polyak averaging). `schedule_free` averages in its own way instead.
        warmup: share of all steps that the linear warm-up takes, where the policy has one.
        options: keyword arguments of the policy or its optimizer, such as `patience` of `plateau`, `d_coef` of
            `prodigy` or `muon` of `cosine`: whether Muon takes the place of Adam for the matrices between the layers.

    Raises:
        PolicyError: there is no such policy, or the rate is not within `RATE_LIMITS`.
    """
    if name not in _MAKERS:
        raise PolicyError("policy_unknown", name=name, known=", ".join(POLICIES))
    learning_rate = float(learning_rate)
    require_rate(learning_rate)
    common = {
        "learning_rate": learning_rate,
        "weight_decay": weight_decay or None,  # 0.0 would cost a pass over the weights every step
        "use_ema": average > 0,
        "ema_momentum": average or 0.99,
    }
    policy = _MAKERS[name](learning_rate, common, warmup, **options)
    policy.optimizer.exclude_from_weight_decay(var_names=list(SPARED))
    return policy
