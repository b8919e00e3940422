import base64
from decimal import Decimal
from types import SimpleNamespace

import pytest

from sslrec.data.catalogue import values
from sslrec.data.catalogue.values import attributes_of, called, offered_price, picture_of, price_of
from sslrec.errors import CatalogueError
from tests.data.catalogue.samples import picture


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("1.jpg|2.jpg", "1.jpg"),
        ("a b.JPG; c.png", "a b.JPG"),
        ("https://x.example/1.jpg?w=3, https://x.example/2.jpg", "https://x.example/1.jpg?w=3"),
        ("https://x.example/1.jpg https://x.example/2.jpg", "https://x.example/1.jpg"),
        ("['1.jpg', '2.jpg']", "1.jpg"),
        ('["1.jpg"]', "1.jpg"),
        ("mug, red.jpg", "mug, red.jpg"),
        ("1.jpg copy.jpg", "1.jpg copy.jpg"),
        ("12.5", "12.5"),
        ("a.jpg,", "a.jpg"),
        ("a.jpg ; ", "a.jpg"),
        ("my mug.jpg (https://v5.example/a/b)", "my mug.jpg"),
        ("a.jpg (https://v5.example/a),b.jpg (https://v5.example/b)", "a.jpg"),
        ("a (front).jpg", "a (front).jpg"),
        *((f"1.jpg{apart}2.jpg", "1.jpg") for apart in ("；", "，", "、", " ； ")),
        ("红，蓝.jpg", "红，蓝.jpg"),
        ("红、蓝.jpg；2.jpg", "红、蓝.jpg"),
        ("1.jpg；", "1.jpg"),
        ("https://x.example/1.jpg；https://x.example/2.jpg", "https://x.example/1.jpg"),
        ("https://x.example/1.jpg?v=1；https://x.example/2.jpg?v=1", "https://x.example/1.jpg?v=1"),
        ("https://x.example/a?id=1；https://x.example/a?id=2", "https://x.example/a?id=1"),
        ("https://x.example/a,b, https://x.example/c", "https://x.example/a,b"),
        ("https://x.example/w_3,h_3/https://y.example/a.jpg", "https://x.example/w_3,h_3/https://y.example/a.jpg"),
        ('="1.jpg"', "1.jpg"),
        ("[{'id': 7, 'src': 'https://x.example/a.jpg', 'alt': None}]", "https://x.example/a.jpg"),
        ('{"url": "https:\\/\\/x.example\\/a.jpg"}', "https://x.example/a.jpg"),
        ('[{"src": "a.jpg"}, {"src": "b.jpg"}]', "a.jpg"),
        ("{'alt': 'a'}", None),
        ('{"alt": 1}', None),
        ("{a}.jpg", "{a}.jpg"),
    ],
)
def test_of_several_pictures_in_a_cell_the_first_counts(cell: str, name: str | None):
    assert picture_of(cell, "1") == name


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_picture_may_be_base64_alone(kind: str):
    data = picture(size=(60, 40), kind=kind)
    whole, lines = base64.b64encode(data).decode(), base64.encodebytes(data).decode()
    for cell in (whole, lines, f"\n {whole} ", lines.replace("\n", "\r\n"), [whole], {"url": whole}):
        assert picture_of(cell, "1") == data


def test_base64_alone_that_is_cut_off_is_damaged():
    code = base64.b64encode(picture(size=(60, 40))).decode().rstrip("=")
    with pytest.raises(CatalogueError) as raised:
        picture_of(code[: len(code) // 4 * 4 - 3], "A1")
    assert raised.value.code == "image_truncated"
    assert str(raised.value) == "'A1' is damaged or cut off; save or send it again."


@pytest.mark.parametrize(
    "name",
    ["/9j/" + "a" * 96, "/9j/" + "a" * 200 + ".jpg", "pictures/" * 20 + "red", "iVBORw0KGgo", "Qk0" + "mugs/" * 40],
)
def test_a_name_is_no_base64(name: str):
    assert picture_of(name, "1") == name


def test_base64_with_blanks_without_end_takes_no_longer_than_others():
    name = "iVBORw0KGgo" + " " * 1_000_000 + ".png"
    assert isinstance(picture_of(name, "1"), str)


def test_a_cell_that_holds_a_whole_book_takes_no_longer_than_what_is_kept(monkeypatch: pytest.MonkeyPatch):
    looked_at = []
    monkeypatch.setattr(values, "_CONTROLS", SimpleNamespace(sub=lambda _, text: looked_at.append(len(text)) or text))
    book = "word " * 1_000_000
    assert values.text(book).startswith("word word")
    assert picture_of(book, "1").startswith("word word")
    assert max(looked_at) <= 4 * values.MAX_TEXT


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        (Decimal("12.500"), 12.5),
        (Decimal("3.999"), 3.999),
        (Decimal("NaN"), None),
        ([12.99, 24.99], 12.99),
        ([None, "", "$12"], 12.0),
        ([[1.0]], None),
        ({"amount": "12,50", "currency": "EUR"}, 12.5),
        ({"currency": "EUR"}, None),
        ({"regular": 9.5, "sale": 8}, 9.5),
        ({"sale-price": "8,50", "id": 7}, 8.5),
        ({"regular": None, "current": {"amount": 7, "currency": "EUR"}}, 7.0),
        ({"USD": 9.5}, 9.5),
        ({"id": 7}, None),
        ([], None),
        (12345678901234567890, None),  # an order's number
    ],
)
def test_a_price_may_be_a_decimal_number_or_the_first_of_several(cell, price):
    assert price_of(cell) == price


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"id": 7, "name": "Kitchen"}, "Kitchen"),
        ([{"id": 9, "name": "Hats", "slug": "hats"}, {"id": 10, "name": "Caps"}], "Hats, Caps"),
        ({"en": "Bag", "zh": "包"}, "Bag"),
        ({"de-DE": "Tasche", "en-US": "Bag"}, "Bag"),
        ({"de": "Tasche"}, "Tasche"),
        ({"value": 17, "label": "Shoes"}, "Shoes"),
        ({"id": 7, "slug": "kitchen"}, "kitchen"),
        ({"name": {"en": "Bag", "zh": "包"}}, "Bag"),
        ({"Title": " Red\nmug "}, "Red mug"),
        ({"de": "Tasche", "zh": "包"}, ""),
        ({"id": 7}, ""),
        ({"name": None}, ""),
        ("[{'id': 16, 'name': 'Animation'}, {'id': 35, 'name': \"Children's\"}]", "Animation, Children's"),
        ('[{"id": 16, "name": "Animation"}]', "Animation"),
        ("{Mug}", "{Mug}"),
        ("[S-XXL] {red} mug", "[S-XXL] {red} mug"),
        (["Home", ["Kitchen"]], "Home, Kitchen"),
        ("Home", "Home"),
        (None, ""),
    ],
)
def test_a_title_or_a_category_may_be_an_object_that_says_it(cell, said):
    assert called(cell) == said


def test_objects_within_one_another_without_end_say_nothing():
    cell = "Mug"
    for _ in range(30):
        cell = {"name": cell}
    assert called(cell) == ""


@pytest.mark.parametrize(
    ("cells", "attributes"),
    [
        ({"tags": [{"id": 34, "name": "Leather"}, {"id": 35, "name": "Zip"}]}, (("tags", "Leather, Zip"),)),
        (
            {
                "attributes": [
                    {"id": 6, "name": "Color", "options": ["Black", "Green"]},
                    {"name": "Size", "option": "S"},
                ]
            },
            (("Color", "Black, Green"), ("Size", "S")),
        ),
        ({"options": [{"name": "Size", "values": ["S", "M"]}]}, (("options.Size", "S, M"),)),
        ({"variants": [{"title": "S", "price": "8"}, {"title": "M", "price": "9"}]}, (("variants", "S, M"),)),
        ({"reviews": [{"rating": 2, "comment": "Dull"}, {"comment": "Great"}]}, (("reviews", "Dull, Great"),)),
        (
            {"sizes": [{"eu": 40, "us": 8}, {"eu": 41}]},
            (("sizes.1.eu", "40"), ("sizes.1.us", "8"), ("sizes.2.eu", "41")),
        ),
        (
            {"more": [{"bytes": b"x", "path": "a.jpg"}], "meta": [{"key": "fit", "value": "slim"}]},
            (("meta.fit", "slim"),),
        ),
    ],
)
def test_a_list_of_objects_is_an_attribute(cells, attributes):
    assert attributes_of(cells) == attributes


def test_many_objects_without_names_leave_room_for_other_attributes():
    found = list(attributes_of({"sizes": [{"eu": number, "us": number} for number in range(90)], "colour": "red"}))
    assert len(found) < 12
    assert found[-1] == ("colour", "red")


@pytest.mark.parametrize(
    ("cells", "price"),
    [
        ({"variants": [{"id": 9, "title": "S", "price": "87.90"}, {"price": "99"}]}, 87.9),
        ({"offers": {"@type": "Offer", "price": 12, "priceCurrency": "EUR"}}, 12.0),
        ({"Offers": {"lowPrice": "3,50"}}, 3.5),
        ({"variants": {"edges": [{"node": {"price": {"amount": "7.5"}}}]}}, 7.5),
        ({"variations": [101, 102]}, None),
        ({"variants": "S, M"}, None),
        ({"shipping": {"price": 4}}, None),
    ],
)
def test_the_first_of_a_products_sizes_or_offers_has_its_price(cells, price):
    assert offered_price(cells) == price


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Men&#39;s &quot;Oxford&quot;&nbsp; shoe", 'Men\'s "Oxford" shoe'),
        ("AT&T a & b &copy &unknown; &#x26; R&amp;D", "AT&T a & b &copy &unknown; & R&D"),
        ("Mug&#7;&#27;&#xD800;", "Mug\ufffd"),
        ("&lt;b&gt;Mug&lt;/b&gt;", "<b>Mug</b>"),
        ({"name": "Men&#39;s"}, "Men's"),
    ],
)
def test_htmls_entities_become_what_they_stand_for(cell, said):
    assert called(cell) == said


@pytest.mark.parametrize("cell", ["N/A", "-", " nan ", "NULL", {"url": "none"}])
def test_a_cell_that_says_there_is_no_picture_names_none(cell: str | dict[str, str]):
    assert picture_of(cell, "1") is None
