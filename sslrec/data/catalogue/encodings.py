"""How the text of somebody's file is encoded: told by its first bytes, or by what decodes without a fault."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any, BinaryIO

ENCODINGS = (
    *("utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc-kr"),
    *("cp1252", "latin-1", "cp1250", "cp1251", "cp1254"),
)
"""What a person may choose from where the guess is wrong."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHIFT_JIS = "cp932"
"""Shift-JIS with the signs that Windows adds."""
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff60]{2,}")
_KANA, _HALF_WIDTH = re.compile("[\u3041-\u3096\u30a1-\u30fa]"), re.compile("[\uff61-\uff9f]")
_BLOCK = 1 << 20
_HEADER = 64  # bytes of a picture that hold its size, and so a zero
_RUN = re.compile(rb"(?:[\x81-\xfe][\x40-\xfe])+")
"""What may be Chinese characters side by side, of two bytes each."""
_LATIN_ONLY = "cp1252"
"""Latin-1 with the euro sign and the curly quotes, as Windows writes it."""


def readable(value: Any) -> Any:
    """A value with its bytes as texts where they are such, as Spark, Hive and Impala write theirs.

    Args:
        value: bytes, anything else, or a list, tuple or dict of such.
    """
    if isinstance(value, bytes):
        # A picture begins with a header that has zeros in it, or with what is no UTF-8; a text does neither.
        if b"\0" not in value[:_HEADER]:
            with suppress(UnicodeDecodeError):
                return value.decode()
        return value
    if isinstance(value, dict):
        return {readable(name): readable(part) for name, part in value.items()}
    return type(value)(map(readable, value)) if isinstance(value, list | tuple) else value


def guess_encoding(stream: BinaryIO) -> str:
    """Guess how a text file is encoded.

    A byte-order mark decides; then zeros in every other byte tell UTF-16; what is UTF-8 throughout, or but for a few
    spoilt characters, is UTF-8. The rest is Shift-JIS where that makes it Japanese with kana; GB18030 (of which GBK and
    GB2312 are parts) where its high bytes come in pairs as Chinese characters' do; and Windows' Latin-1 otherwise, in
    which a high byte mostly stands between plain letters, and so does a pair of them, such as in `Größe`.

    Args:
        stream: the file, read from its beginning; it stands anywhere afterwards.

    Returns:
        A name that `open` takes.
    """
    stream.seek(0)
    head = stream.read(_BLOCK)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head:
        zeros = [head[place::2].count(0) / max(len(head[place::2]), 1) for place in (0, 1)]
        if max(zeros) > 0.3 and min(zeros) < 0.1:
            return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if is_utf8(stream):
        return "utf-8"
    if is_shift_jis(head) and _decodes(stream, _SHIFT_JIS):
        return _SHIFT_JIS
    if _looks_chinese(stream) and _decodes(stream, "gb18030"):
        return "gb18030"
    return _LATIN_ONLY if _decodes(stream, _LATIN_ONLY) else "latin-1"


def is_utf8(stream: BinaryIO) -> bool:
    """Whether a file is UTF-8, but for a tenth of its characters beyond ASCII at most, such as one that was cut off."""
    if _decodes(stream, "utf-8"):
        return True
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    high = spoilt = 0
    for block in chain(_blocks(stream), [b""]):
        text = decoder.decode(block, final=not block)
        high += len(text) - len(text.encode("ascii", "ignore"))
        spoilt += text.count("\ufffd")
    return spoilt * 10 <= high


def is_shift_jis(data: bytes) -> bool:
    """Whether bytes, which may be cut off, are Japanese in Shift-JIS: characters side by side with kana among them.

    On a Mac and under DOS the first byte of kana is an accented letter, such as that of `Élégant`, whose next byte is a
    plain one. Of the kana that count the second byte is no letter either.
    """
    try:
        text = codecs.getincrementaldecoder(_SHIFT_JIS)().decode(data)
    except UnicodeDecodeError:
        return False
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    within = "".join(_JAPANESE.findall(text))
    kana = sum(one.encode(_SHIFT_JIS)[1] >= 0x80 for one in _KANA.findall(within))
    return kana >= max(1, 0.1 * beyond) and len(within) >= 0.5 * (beyond - len(_HALF_WIDTH.findall(text)))


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while block := stream.read(_BLOCK):
        yield block


def _decodes(stream: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for block in _blocks(stream):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(stream: BinaryIO) -> bool:
    """Whether nearly all high bytes come in pairs of GB2312, whose second byte is high too, and more than by chance."""
    pairs = chinese = doubtful = 0
    for run, letters in _runs(stream):
        high = [run[place : place + 2] for place in range(0, len(run), 2) if run[place + 1] >= 0xA1]
        pairs += len(run) // 2
        # Two accented letters may stand side by side, as in `créée`, but hardly four of them.
        if (
            len(set(high)) > 1
            or any(map(_is_mark, high))
            or (letters < 2 and any(map(_is_common, high)))
            or (letters < 1 and any(map(_is_sign, high)))
        ):
            chinese += len(high)
        else:
            doubtful += len(high)
        if pairs > 10_000:
            break
    return chinese >= max(1, doubtful) and chinese >= 0.8 * (pairs - doubtful)


def _runs(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """What may be Chinese characters side by side, each with how many plain letters stand right before and after it."""
    for block in _blocks(stream):
        for match in _RUN.finditer(block):
            start, end = match.span()
            yield match[0], block[max(start - 1, 0) : start].isalpha() + block[end : end + 1].isalpha()


def _is_common(pair: bytes) -> bool:
    """Whether a pair is one of the characters that GB2312 lists first, the usual ones.

    None of them begins with a small accented letter of Latin-1; a capital one mostly stands before its like.
    """
    return 0xB0 <= pair[0] <= 0xD7 and pair not in _CAPITALS


_CAPITALS = tuple(pair.encode("latin-1") for pair in ("ÄÄ", "ÉÉ"))  # as in `JÄÄ` and `CRÉÉ`


def _is_mark(pair: bytes) -> bool:
    """Whether a pair is one of GB2312's marks such as `，` and `（`; the `¡¡` of Latin-1 is none of them."""
    return pair[0] in (0xA1, 0xA3) and 0xA1 < pair[1] < 0xC0


def _is_sign(pair: bytes) -> bool:
    """Whether a pair is one of GB2312's signs, such as the `×` of `10×20` and the `℃` of `20℃`.

    In Latin-1 its first byte is a sign as well, such as `¡`, which stands before a letter.
    """
    return 0xA1 <= pair[0] <= 0xA9 and pair[0] != pair[1]
