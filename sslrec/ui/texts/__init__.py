"""Every visible text, as one flat dictionary per language: key to text with `{braces}` for what varies."""

from sslrec.ui.texts.en import TEXTS as ENGLISH
from sslrec.ui.texts.zh_cn import TEXTS as SIMPLIFIED_CHINESE

CATALOGUES: dict[str, dict[str, str]] = {"en": ENGLISH, "zh-CN": SIMPLIFIED_CHINESE}
"""The texts by language tag; the first is the default."""
