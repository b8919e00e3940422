"""What of a wish no model weighs: what is wished away, and what a product may cost."""

from __future__ import annotations

import re
from dataclasses import dataclass

Span = tuple[int, int]

# Bounded, and from a number's first digit alone: a text of digits would be looked through once for each of them.
_NUMBER = r"(?<![\d.,])\d[\d.,]{0,15}"
_MONEY = rf"(?:[$€£¥]\s?{_NUMBER}|{_NUMBER}\s?(?:[$€£¥]|(?:dollars?|euros?|pounds?|bucks|yuan|usd|eur|gbp|cny)\b))"
_LIMIT = r"(?:under|below|less than|cheaper than|no more than|at most|up to|over|above|more than)"
_PRICE = re.compile(
    # "between $20 and $50"; "under 50" without a currency where nothing follows that it could be the size of.
    rf"(?:\b(?:{_LIMIT}|between|from|for|around|about|to|and)\s+|-\s*)?{_MONEY}"
    rf"|\b{_LIMIT}\s+{_NUMBER}(?=\s*(?:[,;!?]|$))",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:but\s+)?(?:not|no|without|except(?:\s+for)?|excluding)\s+(?!only\b|just\b|\d)"
    r"(?:(?:any|in|an?|the|too|very|so|of)\s+)*[^\W\d_][\w'’-]*(?:\s+n?or\s+[^\W\d_][\w'’-]*)*",
    re.IGNORECASE,
)
_IN_TITLE = re.compile(r"(?:Not|No|Without)\s+[A-Z]")
"""Titles such as "No Country for Old Men" wish nothing away."""


@dataclass(frozen=True)
class Unweighed:
    """Parts of a text that are left out, with their places: start and end.

    Attributes:
        negated: what is wished away. Text encoders of contrastive training read "not red" as red (Yuksekgonul et al.
            2022, arXiv:2210.01936: they are close to bags of words).
        prices: what a product may cost, which neither its name nor its picture shows.
    """

    negated: tuple[Span, ...]
    prices: tuple[Span, ...]


def find_unweighed(text: str) -> Unweighed:
    """Find what of a text no model weighs."""
    prices = tuple(match.span() for match in _PRICE.finditer(text))
    negated = tuple(match.span() for match in _NEGATED.finditer(text) if not _IN_TITLE.match(match.group()))
    return Unweighed(negated, prices)
