"""Every visible text, as one flat dictionary per language: key to text with `{braces}` for what varies.

The frame and the older pages have a file per language; a page with a file of its own has both languages in it.
"""

from sslrec.ui.texts import language_page, recommend_page
from sslrec.ui.texts.en import TEXTS as ENGLISH
from sslrec.ui.texts.zh_cn import TEXTS as SIMPLIFIED_CHINESE

CATALOGUES: dict[str, dict[str, str]] = {
    "en": ENGLISH | language_page.ENGLISH | recommend_page.ENGLISH,
    "zh-CN": SIMPLIFIED_CHINESE | language_page.CHINESE | recommend_page.CHINESE,
}
"""The texts by language tag; the first is the default."""
