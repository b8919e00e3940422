import pytest

from sslrec.data.catalogue.prices import parse_price


@pytest.mark.parametrize(
    "text",
    [
        *("-$5.00", "- $5", "-US$ 5", "-CHF 5.00", "-€ 5,00", "-$.99", "–5,00 €"),
        *("\u22125.00", "\u2212$5.00", "$\u22125.00", "\uff0d５"),
        *("($5.00)", "(5.00)", "(5,00 €)", " ($1,299.00) "),
        *("-1.5E+03", "1E+13", "1e999"),
    ],
)
def test_what_is_below_zero_or_beyond_all_prices_is_none(text: str):
    assert parse_price(text) is None


@pytest.mark.parametrize(
    ("text", "price"),
    [
        *(("1.5E+03", 1500), ("1e3", 1000), ("1,5E+03", 1500), ("1.500E+03", 1500), ("5E-01 €", 0.5)),
        *(("12 EUR", 12), ("12e", 12), ("12EUR", 12), ("2 E27", 2), ("12e5x", 12)),
        *(("10-20", 10), ("$10 - $20", 10), ("$10 – $20", 10), ("5.00 (sale)", 5), ("sale (5.00)", 5), ("(5 - 7)", 5)),
    ],
)
def test_exponents_count_and_other_marks_do_not(text: str, price: float):
    assert parse_price(text) == price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        *(("2.5万", 25_000), ("¥3.8万", 38_000), ("3.8万元起", 38_000), ("1.5萬", 15_000), ("２．５万", 25_000)),
        *(("$1.5K", 1_500), ("1.5k", 1_500), ("€2k", 2_000), ("1.5k USD", 1_500), ("$1.5k each", 1_500)),
        *(("1.15k", 1_150), ("1.299万", 12_990), ("1.299k", 1_299), (".5k", 500)),
        *(("1.5万-2万", 15_000), ("1.5-2万", 15_000), ("3.8-5万元", 38_000), ("1至2万", 10_000)),
        *(("$1k - $2k", 1_000), ("1-2k", 1_000), ("1k to 2k", 1_000), ("$500-1k", 500), ("5000-1万", 5_000)),
        *(("5 kg", 5), ("5kg", 5), ("3 Kč", 3), ("3Kč", 3), ("12kr", 12), ("2 k", 2), ("15k gold", 15), ("18K金", 18)),
        *(("14K gold $299", 299), ("4K TV 300 €", 300)),
    ],
)
def test_what_stands_right_after_a_number_for_its_zeros_counts(text: str, price: float):
    assert parse_price(text) == price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        *(("Pack of 2 - $15", 15), ("3 for $10", 10), ("inkl. 19% MwSt 12,00 EUR", 12), ("2 x 15 €", 15)),
        *(
            ("$9.50 for 2", 9.5),
            ("2件 ¥99", 99),
            ("5 pcs: 1.299,00 kr", 1299),
            ("3 for USD 7", 7),
            ("3 for Rs.500", 500),
        ),
        *(("10 - 20 €", 10), ("10 -20 EUR", 10), ("10 to 20 USD", 10), ("12 (was 20 €)", 12), ("12 (2 pcs)", 12)),
        *(("99¢", 0.99), ("2 for 99 ¢", 0.99), ("$0.99¢", 0.99), ("2 francs 5", 2), ("Pack of 2 eurosigns 3", 2)),
    ],
)
def test_the_number_with_the_currency_is_the_price(text: str, price: float):
    assert parse_price(text) == pytest.approx(price)
