"""The texts of the Recommend page, in both languages."""

ENGLISH: dict[str, str] = {}
CHINESE: dict[str, str] = {}
