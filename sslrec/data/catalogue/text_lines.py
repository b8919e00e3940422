"""The lines of a table that is text, for a reader of rows that may have to go back to some of them."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator

LONGEST = 32 << 20
"""Characters of a line of a CSV file or one like it; a picture within it takes most of them."""
_SPANNED = 1 << 17  # characters of further lines within quotes; more than any text of a product takes
_COUNTED = 1 << 13  # of one line at most
_AGAIN = 4  # times that each character may be read again; more would let a file of quotes take hours
_BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}[\r\n]*")


class BadLine(csv.Error):
    """An error's code."""


class Lines:
    """The lines of a text, none longer than a line of a table can be, and no more for one row than it can have.

    Args:
        text: the file, from where it stands.
        escapable: the character that a backslash may stand before, if any. One before anything else is written twice
            here, for the reader would take it away.
        number: of the first line.

    Attributes:
        number: of the line that comes next.
        taken: how many the row has so far.
        row: these, or none where they are too long to be kept.
        ended: whether the row asked for more than there are.
    """

    def __init__(self, text: io.TextIOWrapper, escapable: str, number: int) -> None:
        self._new = bounded_lines(text, LONGEST)
        self._escape = re.compile(rf"\\[{re.escape(escapable)}\\]|\\") if escapable else None
        self._again: deque[str] = deque()
        self._credit = 0
        self.number = number
        self.begin()

    def begin(self) -> int:
        """Begin a row.

        Returns:
            The number of its first line.
        """
        self.row: list[str] = []
        self._size = self._spanned = self.taken = 0
        self.ended = False
        return self.number

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self._spanned > _SPANNED:
            raise BadLine("row_quote")
        line = self._again.popleft() if self._again else self._read()
        # A long line holds a picture, and so do many of letters without a blank: no sign of a quote that is not closed.
        if self.taken and not _BASE64.fullmatch(line):
            self._spanned += min(len(line), _COUNTED)
        self.number += 1
        self.taken += 1
        self._size += len(line)
        if self._size <= LONGEST:
            self.row.append(line)
        else:
            self.row.clear()
        return line

    def give_back(self, but: int) -> bool:
        """Let the row's lines come once more, but for so many of its first ones.

        Returns:
            Whether they do; not where they are too long to be kept, or lines have come again too often.
        """
        lines = self.row[but:]
        size = sum(map(len, lines))
        if self._size > LONGEST or size > self._credit:
            return False
        self._credit -= size
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)
        return True

    def give_back_as(self, pattern: re.Pattern[str], wanted: str) -> bool:
        """Let all the row's lines come once more, with another text in the last one.

        Returns:
            Whether they do; not where the pattern is nowhere in it, or as for `give_back`.
        """
        last = self.row[-1] if self.row else ""
        changed = pattern.sub(wanted, last)
        if changed == last or not self.give_back(but=0):
            return False
        self._again[self.taken - 1] = changed
        return True

    def _read(self) -> str:
        line = next(self._new, "")
        if line is None:
            self.number += 1
            raise BadLine("row_long")
        if not line:
            self.ended = True
            raise StopIteration
        self._credit += _AGAIN * len(line)
        return self._escape.sub(_doubled, line) if self._escape and "\\" in line else line


def bounded_lines(text: io.TextIOWrapper, longest: int) -> Iterator[str | None]:
    """Every line of a text, with its end, or None for one that has more characters than allowed."""
    while line := text.readline(longest):
        if len(line) < longest or line[-1] in "\r\n":
            yield line
        else:
            while (rest := text.readline(longest)) and rest[-1] not in "\r\n":
                pass
            yield None


def _doubled(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) == 2 else "\\\\"
