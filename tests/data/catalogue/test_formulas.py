import pytest

from sslrec.data.catalogue.formulas import without_formula


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="00123"', "00123"),
        ('="a ""b"" c"', 'a "b" c'),
        ('=""', ""),
        ('="a"&"b"', '="a"&"b"'),
        ('=HYPERLINK("x")', '=HYPERLINK("x")'),
        ('="00123', '="00123'),
        ('"00123"', '"00123"'),
        ("=A1", "=A1"),
        ("", ""),
    ],
)
def test_a_text_that_is_written_as_a_formula_is_the_text(cell: str, text: str):
    assert without_formula(cell) == text
