"""The texts of the Language page, in both languages."""

ENGLISH: dict[str, str] = {}
CHINESE: dict[str, str] = {}
