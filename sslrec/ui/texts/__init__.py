"""Every visible text, as one flat dictionary per language: key to text with `{braces}` for what varies.

The frame and the older pages have a file per language; a page with a file of its own has both languages in it.
"""

from sslrec.ui.texts import adapt_parts, catalogue_page, language_page, recommend_page
from sslrec.ui.texts.en import TEXTS as ENGLISH
from sslrec.ui.texts.zh_cn import TEXTS as SIMPLIFIED_CHINESE

_PARTS = (language_page, recommend_page, catalogue_page, adapt_parts)

CATALOGUES: dict[str, dict[str, str]] = {
    "en": ENGLISH | {key: text for part in _PARTS for key, text in part.ENGLISH.items()},
    "zh-CN": SIMPLIFIED_CHINESE | {key: text for part in _PARTS for key, text in part.CHINESE.items()},
}
"""The texts by language tag; the first is the default."""
