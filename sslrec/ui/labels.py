"""What choices are called: Streamlit takes those of one label for the same, and answers with the last of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

Option = TypeVar("Option")


def unique_labels(options: Sequence[Option], label: Callable[[Option], str]) -> dict[Option, str]:
    """A label for each option; one that occurs already gets a number.

    Args:
        options: what can be chosen, each once.
        label: what an option is called, if no other is called so.
    """
    wanted = [label(option) for option in options]
    plain, taken = set(wanted), set()
    found = {}
    for option, text in zip(options, wanted, strict=True):
        unique, number = text, 1
        while unique in taken or (number > 1 and unique in plain):
            number += 1
            unique = f"{text} ({number})"
        taken.add(unique)
        found[option] = unique
    return found


def ending(text: str, most: int) -> str:
    """The end of a long text, which tells paths apart: they begin alike."""
    return text if len(text) <= most else f"…{text[len(text) - most + 1 :]}"


def short_labels(texts: Sequence[str], most: int) -> dict[str, str]:
    """The end of each text that is too long, of those that end alike the beginning as well.

    So "Women > Shoes > Sneakers" and "Men > Shoes > Sneakers" are told apart by what they differ in. They may still be
    called the same: see `unique_labels`.

    Args:
        texts: whole labels.
        most: characters of a short one, at most.
    """
    ends = {text: ending(text, most) for text in texts}
    count = Counter(ends.values())
    half = most // 2
    return {
        text: end if count[end] == 1 or len(text) <= most else f"{text[: most - half]}{ending(text[half:], half)}"
        for text, end in ends.items()
    }
