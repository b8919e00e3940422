"""Cells as Excel writes them into CSV files, so that a text such as `00123` stays one."""

from __future__ import annotations

import re

_FORMULA = re.compile(r'="((?:[^"]|"")*)"')


def without_formula(cell: str) -> str:
    """A cell such as `="00123"` as the text that it stands for; any other, other formulas too, as it is."""
    formula = _FORMULA.fullmatch(cell) if cell.startswith('="') else None
    return formula[1].replace('""', '"') if formula else cell
