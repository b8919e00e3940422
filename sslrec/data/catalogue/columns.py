"""Which column of somebody's table is the title, which the picture: guessed from the columns' names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sslrec.errors import CatalogueError

_NAMES = {
    "item_id": "itemid id productid sku asin articleid uid uniqid styleid parentasin handle code 编号 商品编号 商品id "
    "商品编码 货号 商品货号 sku编号 artikelnummer artikelnr artikelid produktid 商品編號 貨號 商品番号",
    "title": "title name producttitle productname productdisplayname displayname itemname itemtitle caption "
    "heading 名称 标题 商品名称 商品标题 商品名 产品名称 品名 titel produktname artikelname bezeichnung titre nom "
    "título nombre titolo nome 名稱 標題 商品名稱 text",
    "description": "description desc productdescription itemdescription productdesc details detail about text summary "
    "body bodyhtml shortdescription longdescription overview plot synopsis abstract 描述 详情 商品描述 商品详情 "
    "产品描述 简介 beschreibung descripción descrizione descrição 說明 説明 商品説明",
    "image": "image img picture photo pic imagebytes imagedata images pictures photos productimage productimg "
    "mainimage thumbnail imagefile imagepath imgfile imgpath picturefile picturepath photofile photopath filename file "
    "imagename imgname picturename imageurl imgurl imagesrc imagelink pictureurl photourl 图片 图像 照片 "
    "图片文件 商品图片 产品图片 主图 图片路径 图片名称 图片地址 图片链接 bild bilddatei bildurl foto imagen immagine "
    "imagem 圖片 商品圖片 画像",
    "category": "category maincategory mastercategory subcategory productcategory categoryname producttype articletype "
    "type department group class kind genre categories label 类别 分类 品类 类目 商品类别 商品分类 商品类目 "
    "kategorie warengruppe catégorie categoría 類別 分類 カテゴリー カテゴリ",
    "price": "price saleprice currentprice discountedprice discountprice retailprice listprice unitprice variantprice "
    "productprice cost amount priceusd priceeur pricecny 价格 售价 单价 商品价格 销售价 preis preiseur prix precio "
    "prezzo preço 價格 售價 価格",
}
_ID = re.compile(r"[\W_](?:id|Id|ID)$|[a-z](?:Id|ID)$")


@dataclass(frozen=True)
class Columns:
    """The column of a table that each field of the catalogue is read from, or None where there is none."""

    item_id: str | None = None
    title: str | None = None
    description: str | None = None
    image: str | None = None
    category: str | None = None
    price: str | None = None

    @property
    def used(self) -> frozenset[str]:
        """The columns that are read; what else a table has becomes attributes."""
        return frozenset(filter(None, vars(self).values()))

    @property
    def named(self) -> dict[str, str]:
        """The fields that have a column, with its name."""
        return {field: column for field, column in vars(self).items() if column is not None}


FIELDS = tuple(Columns.__dataclass_fields__)
"""What a column can be."""


def change_columns(columns: Columns, changes: Mapping[str, str | None]) -> Columns:
    """Correct a mapping.

    Args:
        columns: such as a guess.
        changes: by field its column, or None for none. A column that another field has is taken from it.

    Raises:
        CatalogueError: there is no such field.
    """
    for field in changes:
        if field not in FIELDS:
            raise CatalogueError("table_field", field=field, known=", ".join(FIELDS))
    taken = set(changes.values())
    kept = {field: column for field, column in columns.named.items() if column not in taken}
    return Columns(**{**kept, **changes})


def guess_columns(names: Sequence[str]) -> Columns:
    """Guess the columns of a table by their names, whatever their case and punctuation.

    A name that is listed earlier for a field wins over a later one; no column serves two fields. Where none is called
    like an id, the first one is it if it ends so, such as `movieId`.

    Args:
        names: the table's column names.

    Returns:
        The guess, for a reader to follow or a person to correct.
    """
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    found: dict[str, str] = {}
    for field, aliases in _ALIASES.items():
        match = next((plain[alias] for alias in aliases if alias in plain and plain[alias] not in found.values()), None)
        if match is not None:
            found[field] = match
    if "item_id" not in found and names and _ID.search(names[0]) and names[0] not in found.values():
        found["item_id"] = names[0]
    return Columns(**found)


def _plain(name: str) -> str:
    """A name without case, accents and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKD", name)).casefold()


_ALIASES = {field: tuple(map(_plain, names.split())) for field, names in _NAMES.items()}
