"""Which column of somebody's table is the title, which the picture: guessed from the columns' names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sslrec.errors import CatalogueError

_NAMES = {
    # `urlhandle` before `sku`: in Shopify's table it is the product's, and that one of its sizes'.
    "item_id": "itemid id itemsku sellersku productid urlhandle sku asin articleid uid uniqid styleid parentasin "
    "handle handleid itemnumber customlabel code 编号 商品编号 商品id 商品编码 货号 商品货号 sku编号 宝贝编号 宝贝id "
    "数字id 商家编码 产品编号 产品id artikelnummer artikelnr artikelid produktid 商品編號 貨號 商品番号 商品コード "
    "商品管理番号 référence referencia codice código",
    "title": "title name producttitle productname prodname productdisplayname displayname itemname itemtitle caption "
    "headline booktitle trackname articlename jobtitle coursetitle movietitle originaltitle heading 名称 标题 "
    "商品名称 商品标题 商品全称 商品名 产品名称 产品标题 产品名 品名 宝贝名称 宝贝标题 titel produktname artikelname "
    "artikelbezeichnung produktbezeichnung bezeichnung nomduproduit nomproduit nombredelproducto nombreproducto "
    "nomedoproduto nomeproduto nomeprodotto nomedelprodotto titre nom título nombre titolo nome 名稱 標題 商品名稱 "
    "text",
    "description": "description desc productdescription itemdescription productdesc detaildesc details detail about "
    "text summary body bodyhtml content productbulletpoint bulletpoint shortdescription longdescription overview "
    "plot synopsis abstract 描述 详情 商品描述 商品详情 产品描述 产品详情 宝贝描述 宝贝详情 简介 beschreibung "
    "descripción descrizione descrição 說明 説明 商品説明",
    "image": "image img picture photo pic imagebytes imagedata images pictures photos productimage productimg "
    "mainimage baseimage image1 thumbnail imagefile imagepath imgfile imgpath picturefile picturepath photofile "
    "photopath filename file imagename imgname picturename imageurl imgurl mainimageurl productimageurl imagesrc "
    "imagelink pictureurl photourl itemphotourl picurl imageurll imageurlm imageurls hostedimageurls smallimage "
    "thumbnailimage 图片 图像 照片 图片文件 商品图片 产品图片 宝贝图片 主图 商品主图 产品主图 宝贝主图 图片路径 "
    "图片名称 图片地址 图片链接 图片url 主图地址 主图链接 主图url 商品图片链接 bild bilddatei bildurl foto imagen "
    "immagine imagem 圖片 商品圖片 画像 商品画像 商品画像url 画像url posterpath posterurl coverurl coverimage "
    "headerimage imglink productimagefile1 bild1 produktbild produktbildurl",
    # Before `type`: it says in WooCommerce and Magento how a product is sold, such as `simple`.
    "category": "category maincategory mastercategory subcategory productcategory categoryname categories "
    "producttypename productgroupname feedproducttype itemtypekeyword producttype ebaycategory1name "
    "googleproductcategory articletype recipecategory trackgenre genre genres type department departmentname group "
    "class kind collection label 类别 分类 品类 类目 商品类别 商品分类 商品类目 类目名称 产品类别 产品分类 宝贝类目 "
    "宝贝分类 kategorie produktkategorie warengruppe catégorie categoría 類別 分類 カテゴリー カテゴリ",
    # Before `saleprice`: only what is reduced has that.
    "price": "price regularprice standardprice saleprice sellingprice currentprice discountedprice discountprice "
    "retailprice listprice unitprice variantprice productprice startprice buyitnowprice pricetaxincluded "
    "pricetaxexcluded cost amount priceusd priceeur pricecny 价格 售价 单价 商品价格 商品售价 产品价格 宝贝价格 "
    "销售价 销售价格 零售价 一口价 拼单价 preis preiseur bruttopreis prix prixttc precio prezzo preço 價格 售價 価格 "
    "販売価格 通常購入販売価格",
}
_BRACKETS = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
_WORD = re.compile(r"[^\W_]+?(?=[A-Z][a-z]|[\W_]|$)")
_UNTITLED = (
    "album alt artist attribute author brand category city class colour color company contact country customer "
    "department domain family field file filter first folder group host image img index language last location login "
    "manufacturer middle nick option owner path person photo picture province publisher region reviewer section seller "
    "shop size state store supplier tag taster type user variant vendor"
)
"""What has a name or a title that is not the product's."""
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
    def show_products(self) -> bool:
        """Whether one is the title or the picture, of which a product has one at least."""
        return self.title is not None or self.image is not None

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

    A name that is listed earlier for a field wins over a later one; no column serves two fields. What stands in
    brackets, such as the unit of `Price (USD)`, may be there or not. Where none is called like an id, the first one is
    it if it ends so, such as `movieId`; where none is called like a title, the first one that ends so is it, such as
    `game_title`, but for those of other things, such as `brand_name`.

    Args:
        names: the table's column names.

    Returns:
        The guess, for a reader to follow or a person to correct.
    """
    found: dict[str, str] = {}
    # First as they are: `Category name` says more than `Category (ID)`.
    for form in (_plain, _without_brackets):
        plain: dict[str, str] = {}
        for name in names:
            plain.setdefault(form(name), name)
        for field, aliases in _ALIASES.items():
            free = (plain[alias] for alias in aliases if alias in plain and plain[alias] not in found.values())
            if field not in found and (match := next(free, None)) is not None:
                found[field] = match
    if "item_id" not in found and names and _ID.search(names[0]) and names[0] not in found.values():
        found["item_id"] = names[0]
    if "title" not in found:
        free = (name for name in names if name not in found.values() and _is_title(name))
        if (match := next(free, None)) is not None:
            found["title"] = match
    return Columns(**found)


def _is_title(name: str) -> bool:
    """Whether a column's last word says that it holds what something is called, and none that this is no product."""
    *others, last = [word.casefold() for word in _WORD.findall(name)] or [""]
    return bool(others) and last in ("title", "name") and not set(_UNTITLED.split()).intersection(others)


def _plain(name: str) -> str:
    """A name without case, accents and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKD", name)).casefold()


def _without_brackets(name: str) -> str:
    """A name of plain form without what stands in its brackets."""
    return _plain(_BRACKETS.sub(" ", unicodedata.normalize("NFKD", name)))


_ALIASES = {field: tuple(map(_plain, names.split())) for field, names in _NAMES.items()}
