import pytest

from sslrec.data.catalogue import Columns, guess_columns


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["id", "name", "desc", "img", "type", "price"], Columns("id", "name", "desc", "img", "type", "price")),
        (["product_title", "picture"], Columns(title="product_title", image="picture")),
        (
            ["SKU", "Product Name", "Image-URL", "Sale Price"],
            Columns("SKU", "Product Name", None, "Image-URL", None, "Sale Price"),
        ),
        (
            ["id", "productDisplayName", "masterCategory", "image"],
            Columns("id", "productDisplayName", None, "image", "masterCategory"),
        ),
        (["商品编号", "标题", "图片", "价格", "类别"], Columns("商品编号", "标题", None, "图片", "类别", "价格")),
        (["image", "text", "label"], Columns(None, "text", None, "image", "label")),
        (["caption", "text"], Columns(title="caption", description="text")),
        (["asin", "title", "categories"], Columns("asin", "title", None, None, "categories")),
        (["movieId", "title", "plot"], Columns("movieId", "title", "plot")),
        (["film_id", "name"], Columns("film_id", "name")),
        (["name", "brand_id"], Columns(title="name")),
        (["paid", "name"], Columns(title="name")),
        (["ID", "TITLE", "PRICE (USD)"], Columns("ID", "TITLE", price="PRICE (USD)")),
        (["Artikelnummer", "Titel", "Preis", "Bild"], Columns("Artikelnummer", "Titel", None, "Bild", None, "Preis")),
        (["Nom", "Catégorie", "Prix"], Columns(title="Nom", category="Catégorie", price="Prix")),
        (["ti\u0301tulo", "descripción"], Columns(title="ti\u0301tulo", description="descripción")),
        (["商品編號", "名稱", "價格", "圖片"], Columns("商品編號", "名稱", None, "圖片", None, "價格")),
        (["ｎａｍｅ", "価格", "カテゴリー"], Columns(title="ｎａｍｅ", category="カテゴリー", price="価格")),
        (["foo", "bar"], Columns()),
        ([], Columns()),
    ],
)
def test_columns_are_guessed_by_name(names: list[str], expected: Columns):
    assert guess_columns(names) == expected


def test_the_plainer_name_wins_whatever_the_order():
    assert guess_columns(["name", "title"]).title == guess_columns(["title", "name"]).title == "title"


def test_no_column_serves_twice_and_the_rest_is_left_for_attributes():
    guess = guess_columns(["text", "title", "colour"])
    assert guess == Columns(title="title", description="text")
    assert guess.used == {"title", "text"}
