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
    "image": "image img picture photo pic imagebytes imagedata imagebase64 images pictures photos productimage "
    "productimg mainimage baseimage image1 thumbnail imagefile imagepath imgfile imgpath picturefile picturepath "
    "photofile photopath imagefilename picturefilename photofilename filename file imagename imgname picturename "
    "imageurl imgurl mainimageurl productimageurl imagesrc "
    "imagelink pictureurl photourl itemphotourl picurl imageurll imageurlm imageurls hostedimageurls smallimage "
    "thumbnailimage 图片 图像 照片 图片文件 商品图片 产品图片 宝贝图片 主图 商品主图 产品主图 宝贝主图 图片路径 "
    "图片名称 图片地址 图片链接 图片url 主图地址 主图链接 主图url 商品图片链接 bild bilddatei bildurl foto imagen "
    "immagine imagem 圖片 商品圖片 画像 商品画像 商品画像url 画像url posterpath posterurl coverurl coverimage "
    "headerimage imglink productimagefile1 bild1 produktbild produktbildurl",
    "category": "category maincategory mastercategory subcategory productcategory categoryname categories "
    "producttypename productgroupname feedproducttype itemtypekeyword producttype ebaycategory1name "
    "googleproductcategory articletype recipecategory trackgenre genre genres 类别 分类 品类 类目 商品类别 商品分类 "
    "商品类目 类目名称 产品类别 产品分类 宝贝类目 宝贝分类 kategorie produktkategorie warengruppe catégorie categoría "
    "類別 分類 カテゴリー カテゴリ",
    # Before `saleprice`: only what is reduced has that.
    "price": "price regularprice standardprice saleprice sellingprice currentprice discountedprice discountprice "
    "retailprice listprice unitprice variantprice productprice startprice buyitnowprice pricetaxincluded "
    "pricetaxexcluded priceusd priceeur pricecny 价格 售价 单价 商品价格 商品售价 产品价格 宝贝价格 "
    "销售价 销售价格 零售价 一口价 拼单价 preis preiseur bruttopreis prix prixttc precio prezzo preço 價格 售價 価格 "
    "販売価格 通常購入販売価格",
}
"""What columns are called in the tables of shops, the best names first."""
_FURTHER = {
    "item_id": "identifiant ugs",
    "title": "produkttitel artikeltitel nomdelarticle nomarticle titreduproduit libellé désignation títulodelproducto "
    "nombredelartículo titolodelprodotto titoloprodotto denominazione títulodoproduto naam productnaam artikelnaam "
    "producttitel 货品名称 产品全称 物品名称 產品名稱 商品標題 名前 製品名 タイトル 商品タイトル",
    "description": "说明 商品说明 产品说明 详细描述 简短描述 produktbeschreibung artikelbeschreibung langbeschreibung "
    "kurzbeschreibung descriptionduproduit descriptioncourte descripcióndelproducto descripcióncorta "
    "descrizioneprodotto descrizionedelprodotto brevedescrizione descriçãodoproduto descriçãocurta beschrijving "
    "omschrijving productbeschrijving productomschrijving kortebeschrijving 商品說明 產品說明 產品描述 商品説明文 "
    "商品紹介 簡単な説明",
    "image": "picture1 photo1 图片1 主图1 主图片 商品图 产品图 bilder bildlink produktbilder artikelbild artikelbilder "
    "hauptbild bildname bildpfad produktfoto abbildung foto1 fotos lienimage urlimage imageprincipale imágenes "
    "enlaceimagen imagenprincipal urlimagen imagenurl immagini linkimmagine immagineprincipale urlimmagine imagens "
    "linkdaimagem imagemprincipal urldaimagem afbeelding afbeeldingen afbeeldingslink afbeeldinglink afbeeldingurl "
    "hoofdafbeelding productfoto productafbeelding 圖片連結 圖片網址 商品圖 主圖 画像1 商品画像1 画像リンク "
    "商品画像リンク 画像ファイル メイン画像",
    "category": "商品类型 产品类型 google商品类别 google产品类别 kategorien produktkategorien hauptkategorie "
    "artikelkategorie produktgruppe artikelgruppe produkttyp googleproduktkategorie catégorieproduit "
    "catégoriedeproduit typedeproduit catégoriedeproduitsgoogle categorías categoríadelproducto categoríaprincipal "
    "tipodeproducto categoriaprodotto categoriadelprodotto tipodiprodotto categoriaprodottogoogle categoriadoproduto "
    "tipodeproduto categorieën productcategorie googleproductcategorie 產品類別 商品類別 產品分類 商品類型 產品類型 "
    "google產品類別 商品カテゴリー 商品カテゴリ ジャンル 商品ジャンル google商品カテゴリ",
    # In each language the usual price and today's, then that of a reduced product alone.
    "price": "salesprice priceinclvat priceincltax baseprice finalprice grossprice netprice priceexclvat priceexcltax "
    "specialprice 现价 常规价格 常规售价 商品单价 产品单价 定价 标价 促销价 促销价格 优惠价 折后价 活动价 特价 "
    "regulärerpreis normalpreis verkaufspreis aktuellerpreis preisinklmwst preisinklmehrwertsteuer preisbrutto "
    "endpreis einzelpreis stückpreis listenpreis ladenpreis vkpreis preisin preisineur preisineuro angebotspreis "
    "sonderangebotspreis aktionspreis sonderpreis nettopreis preisnetto preisexklmwst preiszzglmwst tarifrégulier "
    "tarifnormal prixnormal prixrégulier prixactuel prixdevente prixpublic prixunitaire tarif tarifttc tarifpromo "
    "prixpromo prixpromotionnel prixsoldé prixht precionormal precioregular preciohabitual precioactual preciodeventa "
    "pvp preciofinal preciounitario precioconiva preciorebajado preciodeoferta preciosiniva prezzodilistino "
    "prezzonormale prezzoattuale prezzodivendita prezzounitario prezzoinofferta prezzoscontato preçonormal "
    "preçoregular preçoatual preçodevenda preçounitário preçopromocional prijs reguliereprijs normaleprijs "
    "huidigeprijs verkoopprijs prijsinclbtw actieprijs aanbiedingsprijs prijsexclbtw 現價 商品價格 單價 定價 促銷價 "
    "特價 通常価格 標準価格 税込価格 単価 定価 セール価格 特別価格 税抜価格",
}
"""Names that count where a table has none of those, be it within or without brackets."""
_LAST = {
    # Variants of a product may share the last ones.
    "item_id": "编码 編碼 ean ref refno refnr 款号 款號 品番 型番",
    # What a shop sells may be called by a number there, too.
    "title": "product item article produkt artikel produit producto artículo prodotto articolo produto artigo 产品 "
    "商品 宝贝 货品 產品 製品",
    # In WooCommerce and Magento a type says how a product is sold, such as `simple`.
    "category": "type department departmentname group class kind collection label",
    # What a product cost before or costs elsewhere, and then what the shop itself pays for it.
    "price": "msrp msrpprice rrp originalprice actualprice compareatprice variantcompareatprice 原价 市场价 划线价 "
    "吊牌价 uvp streichpreis prixconseillé prixbarré adviesprijs 原價 市價 建議售價 参考価格 希望小売価格 "
    "メーカー希望小売価格 costprice purchaseprice 成本价 进价 采购价 einkaufspreis prixdachat preciodecompra "
    "preciodecosto prezzodiacquisto preçodecusto inkoopprijs 仕入価格 cost amount",
}
"""Names that will do where nothing better is found."""
SURE = 2
"""How sure a guess is that names a title or a picture."""
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
_NUMBER = re.compile(
    r"(?:item|product|prod|produkt|article|artikel|art)(?:no|nr|number|nummer|code|ref|reference)"
    r"|(?:id|code|codigo|codice|ref|reference|referencia)(?:de|du|del|do)?"
    r"(?:produit|article|producto|articulo|prodotto|articolo|produto|artigo)"
    r"|(?:商品|产品|產品|货品|貨品)(?:编号|编码|編號|編碼|代码|代碼|sku)"
)
"""A product's number, as a plain name in which `#` is `no`."""
_PICTURE = re.compile(
    r"(?:main|primary|featured|front|cover|product|item)?(?:image|img|picture|photo|pic)s?1?"
    r"(?:file|filename|name|path|urls?|link|src|bytes|base64)?1?"
    r"|(?:商品|产品|產品|宝贝|货品)?(?:图片|图像|照片|主图|圖片|主圖|画像)1?"
    r"(?:文件名?|文件名称|檔名|名称?|路径|地址|链接|ファイル名?|url|base64)?1?"
)
"""A picture or where it lies, as a plain name."""


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
    def sureness(self) -> int:
        """`SURE`, or 1 where there is a title alone that is called like a product, such as `Item`, or 0 without any."""
        is_sure = self.image is not None or _forms(self.title or "").isdisjoint(("", *_ALIASES[-1]["title"]))
        return SURE if is_sure else int(self.show_products)

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
    it if it ends so, such as `movieId`, and then one that is a product's number, such as `Product #`; where none is
    called like a picture, one such as `image 1 url` is it; where none is called like a title, the first one that ends
    so is it, such as `game_title`, but for those of other things, such as `brand_name`; and then one such as `Product`.

    Args:
        names: the table's column names.

    Returns:
        The guess, for a reader to follow or a person to correct.
    """
    found: dict[str, str] = {}
    best, further, last = _ALIASES
    for aliases in (best, further):
        _look(names, aliases, found)
    if "item_id" not in found and names and _ID.search(names[0]) and names[0] not in found.values():
        found["item_id"] = names[0]
    for field, is_it in (("item_id", _is_number), ("image", _is_picture), ("title", _is_title)):
        free = (name for name in names if name not in found.values() and is_it(name))
        if field not in found and (match := next(free, None)) is not None:
            found[field] = match
    # `Item #` is its number.
    _look([name for name in names if "#" not in name], last, found)
    return Columns(**found)


def _look(names: Sequence[str], aliases: Mapping[str, Sequence[str]], found: dict[str, str]) -> None:
    """Look for the columns of the fields that have none yet."""
    # First as they are: `Category name` says more than `Category (ID)`.
    for form in (_plain, _without_brackets):
        plain: dict[str, str] = {}
        for name in names:
            plain.setdefault(form(name), name)
        for field, known in aliases.items():
            free = (plain[alias] for alias in known if alias in plain and plain[alias] not in found.values())
            if field not in found and (match := next(free, None)) is not None:
                found[field] = match


def _forms(name: str) -> set[str]:
    """A column's name as it is compared, with what stands in brackets and without it."""
    return {_plain(name), _without_brackets(name)}


def _is_number(name: str) -> bool:
    name = name.replace("#", " no ")
    return any(map(_NUMBER.fullmatch, _forms(name)))


def may_repeat(name: str) -> bool:
    """Whether the variants of a product may share the id that a column of this name holds, such as a style number."""
    return not _forms(name).isdisjoint(map(_plain, _LAST["item_id"].split()))


def _is_picture(name: str) -> bool:
    return any(map(_PICTURE.fullmatch, _forms(name)))


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


_ALIASES = tuple(
    {field: tuple(map(_plain, names.split())) for field, names in group.items()} for group in (_NAMES, _FURTHER, _LAST)
)
