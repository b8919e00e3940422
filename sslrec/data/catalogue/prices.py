"""Prices as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

# A blank or an apostrophe groups digits where three follow, and cents may stand apart; elsewhere a number begins.
_NUMBER = re.compile(
    r"(-?\s*(?:\d{1,3}(?:[\s'’]\d{3}(?!\d))+|\d+)(?:(?:[.,]\d{3})*\s[.,]\d\d?(?![\d.,])|(?:[.,]\d+)*))"
    r"(?:[eE]([+-]?\d{1,3})(?!\w))?"  # as spreadsheets write large numbers
    r"([万萬]|[kK](?!\w))?"
)
_ZEROS = {"万": 4, "萬": 4, "k": 3}
"""What stands right after a number in place of its zeros."""
_SIGN = (
    r"(?:[$€£¥￥₹₩₽₺₴₫฿₪₦₱¢元円圆원]|(?<![^\W\d_])(?:usd|euros?|eur|gbp|cny|rmb|jpy|chf|cad|aud|nzd|hkd|twd|sgd|inr|krw|"
    r"rub|pln|sek|nok|dkk|czk|huf|ron|brl|mxn|zar|thb|vnd|idr|php|myr|ils|aed|sar|kr|zł|kč|ft|lei|rs|fr|tl|руб)"
    r"(?![^\W\d_])\.?)"
)
_BEFORE, _AFTER = re.compile(rf"{_SIGN}\s*$", re.IGNORECASE), re.compile(rf"\s*{_SIGN}", re.IGNORECASE)
_NEAR = 8  # characters beside a number in which a currency stands
_UP_TO = re.compile(r"\s*(?:[-–—~～/]|to|bis|à|a|至|到)\s*|.*\b(?:was|statt|uvp|rrp|instead)\b.*", re.IGNORECASE)
"""What leads from a price to the end of its range, or to what it was before."""
_RANGE = re.compile(r"\s*(?:[-–—~～]|\b(?:to|bis)\b|à|至|到)\s*", re.IGNORECASE)
_WORDS = re.compile(r"\s*[^\W\d_]")
# `$.99` and `.99 €` are less than one. The point of `Rs.500` and `Rs .500` belongs to the word, that of `1 .99` to the
# number.
_BARE = re.compile(r"(?<![\w.,])(?<!\d\s)(?<!\brs\s)(?<!\bkr\s)(?<!\bfr\s)(?=[.,]\d)", re.IGNORECASE)
# The sign may stand before the currency, as in `-$5` and `-CHF 5`, or be brackets round it all, as in accounts; those
# round `(.99)` are none.
_NEGATIVE = re.compile(r"\s*(?:[-–]\s*[^\d\s]{0,4}\s*\d|\([^\d().,]*\d[\d.,\s'’]*[^\d()]*\)\s*$)")
_KEYBOARDS = str.maketrans("−－．，٫٬０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "--.,.," + 3 * "0123456789")
"""Signs and numbers as typesetters and as Chinese, Arabic and Persian keyboards have them."""
_CENTS = re.compile(r"\s*¢")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


LARGEST = 1e12
"""What is more is no price but a number of another kind, and a browser's slider cannot hold it."""


def as_price(value: float | Decimal) -> float | None:
    """A number as a price, or None where it is none: below zero, no number at all, or too large."""
    number = float(value) if isinstance(value, Decimal) else value
    return float(number) if 0 <= number <= LARGEST else None


def parse_price(text: str) -> float | None:
    """The number in a price such as `$1,299.00`, `1.299,00 €`, `¥99` or `12,5`.

    Where points and commas occur, the last one is the decimal one. One that is alone is the decimal one too, except
    before exactly three digits: `1,299` is over a thousand, `0.999` is not. Of `1.5E+03` the exponent counts, too, and
    so do the thousands of `$1.5K` and the ten thousands of `2.5万`, of `1-2万` for both.

    Args:
        text: any; of a range such as `$10 - $20`, and of several prices, the first number is taken. Where a currency
            stands beside another one alone, it is that, as in `3 for $10`; beside a cent sign it is cents.

    Returns:
        The number, or None where there is none, or it is negative or too large.
    """
    plain = text.translate(_KEYBOARDS)
    bare = _BARE.sub("0", plain)
    match = _priced(bare)
    if match is None or _NEGATIVE.match(plain):
        return None
    value = _value(match, _zeros(match, bare))
    if _CENTS.match(bare, match.end()) and not _BEFORE.search(bare[max(match.start() - _NEAR, 0) : match.start()]):
        value /= 100
    return None if match[1].startswith("-") else as_price(value)


def _value(match: re.Match[str], zeros: int) -> float:
    """The number that a match of `_NUMBER` writes, with so many zeros more; without its sign."""
    digits, exponent = re.sub(r"[-\s'’]", "", match[1]), match[2]
    kinds = {mark for mark in digits if mark in ".,"}
    if len(kinds) == 2:
        mark = digits[max(digits.rfind("."), digits.rfind(","))]
        # The decimal mark stands once; more of them group digits, as in `1,234,567.8,9`, which nobody means.
        decimal = mark if digits.count(mark) == 1 else ""
    else:
        mark = next(iter(kinds), "")
        is_short = exponent or (zeros and mark == ".")
        is_decimal = digits.count(mark) == 1 and (is_short or not _THOUSANDS.fullmatch(digits))
        decimal = mark if mark and is_decimal else ""
    whole, _, fraction = digits.rpartition(decimal) if decimal else (digits, "", "")
    power = int(exponent or 0) + zeros
    return float(f"{re.sub(r'[.,]', '', whole) or 0}.{re.sub(r'[.,]', '', fraction) or 0}e{power}")


def _zeros(match: re.Match[str], text: str) -> int:
    """How many zeros `万` or `k` stands for after a number, or after the larger one that its range ends with."""
    if match[3]:
        return _own_zeros(match, text)
    through = _RANGE.match(text, match.end())
    end = _NUMBER.match(text, through.end()) if through else None
    zeros = _own_zeros(end, text) if end else 0
    # `500-1k` begins with 500, `1-2k` with a thousand.
    return zeros if end and _value(match, zeros) < _value(end, zeros) else 0


def _own_zeros(match: re.Match[str], text: str) -> int:
    """As `_zeros`, but for the range; a `k` before words is another one's, such as that of `14k gold`."""
    sign = (match[3] or "").lower()
    is_price = sign != "k" or not _WORDS.match(text, match.end()) or _RANGE.match(text, match.end())
    return _ZEROS.get(sign, 0) if is_price or _has_currency(match, text) else 0


def _has_currency(match: re.Match[str], text: str) -> bool:
    """Whether a currency stands beside a number."""
    is_after = bool(_AFTER.match(text[match.end() : match.end() + _NEAR]))
    return is_after or bool(_BEFORE.search(text[max(match.start() - _NEAR, 0) : match.start()]))


def _priced(text: str) -> re.Match[str] | None:
    """The number that is the price: the first, or the first with a currency beside it which is no range's end."""
    first = last = None
    for match in _NUMBER.finditer(text):
        first = first or match
        if _has_currency(match, text):
            between = "" if last is None else text[last.end() : match.start(1)] + "-" * match[1].startswith("-")
            return last if last is not None and _UP_TO.fullmatch(between) else match
        last = match
    return first
