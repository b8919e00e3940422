"""What choices are called: Streamlit takes those of one label for the same, and answers with the last of them."""

from __future__ import annotations

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
