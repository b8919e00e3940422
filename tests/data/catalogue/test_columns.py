import csv

import pytest

from sslrec.data.catalogue import Columns, guess_columns
from sslrec.data.catalogue.columns import FIELDS

SHOPS = {
    # The header as the shop writes it, and the columns of id, title, description, image, category and price.
    "Shopify": (
        "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,"
        "Option1 name,Option1 value,Option1 Linked To,Option2 name,Option2 value,Option2 Linked To,Price,"
        "Compare-at price,Cost per item,Charge tax,Tax code,Unit price total measure,Unit price total measure unit,"
        "Unit price base measure,Unit price base measure unit,Inventory tracker,Inventory quantity,"
        "Continue selling when out of stock,Weight value (grams),Weight unit for display,Requires shipping,"
        "Fulfillment service,Product image URL,Image position,Image alt text,Variant image URL,Gift card,SEO title,"
        "SEO description,Color (product.metafields.shopify.color-pattern),Google Shopping / Google product category,"
        "Google Shopping / Gender,Google Shopping / Condition",
        "URL handle,Title,Description,Product image URL,Product category,Price",
    ),
    "Shopify until 2024": (
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
        "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,"
        "Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,"
        "Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,"
        "SEO Title,SEO Description,Google Shopping / Google Product Category,Variant Image,Variant Weight Unit,"
        "Variant Tax Code,Cost per item,Price / International,Compare At Price / International,Status",
        "Handle,Title,Body (HTML),Image Src,Product Category,Variant Price",
    ),
    "WooCommerce": (
        'ID,Type,SKU,"GTIN, UPC, EAN, or ISBN",Name,Published,"Is featured?","Visibility in catalog",'
        '"Short description",Description,"Date sale price starts","Date sale price ends","Tax status","Tax class",'
        '"In stock?",Stock,"Low stock amount","Backorders allowed?","Sold individually?","Weight (kg)","Length (cm)",'
        '"Width (cm)","Height (cm)","Allow customer reviews?","Purchase note","Sale price","Regular price",Categories,'
        'Tags,"Shipping class",Images,"Download limit","Download expiry days",Parent,"Grouped products",Upsells,'
        'Cross-sells,"External URL","Button text",Position,Brands,"Attribute 1 name","Attribute 1 value(s)",'
        '"Attribute 1 visible","Attribute 1 global"',
        "ID,Name,Description,Images,Categories,Regular price",
    ),
    "Magento": (
        "sku,store_view_code,attribute_set_code,product_type,categories,product_websites,name,description,"
        "short_description,weight,product_online,tax_class_name,visibility,price,special_price,"
        "special_price_from_date,special_price_to_date,url_key,meta_title,meta_keywords,meta_description,base_image,"
        "base_image_label,small_image,small_image_label,thumbnail_image,thumbnail_image_label,swatch_image,"
        "swatch_image_label,created_at,updated_at,new_from_date,new_to_date,display_product_options_in,map_price,"
        "msrp_price,map_enabled,country_of_manufacture,additional_attributes,qty,out_of_stock_qty,is_in_stock,"
        "website_id,related_skus,crosssell_skus,upsell_skus,additional_images,additional_image_labels,"
        "configurable_variations",
        "sku,name,description,base_image,categories,price",
    ),
    "Amazon, to be sent": (
        "feed_product_type,item_sku,brand_name,item_name,external_product_id,external_product_id_type,item_type,"
        "standard_price,quantity,main_image_url,other_image_url1,swatch_image_url,parent_child,parent_sku,"
        "relationship_type,variation_theme,update_delete,product_description,part_number,manufacturer,bullet_point1,"
        "generic_keywords,color_name,size_name,department_name,list_price,sale_price,sale_from_date,sale_end_date",
        "item_sku,item_name,product_description,main_image_url,feed_product_type,standard_price",
    ),
    "Amazon, for people": (
        "Product Type,Seller SKU,Brand Name,Product Name,Product ID,Product ID Type,Item Type Keyword,Standard Price,"
        "Quantity,Main Image URL,Other Image URL1,Product Description,Manufacturer,Sale Price",
        "Seller SKU,Product Name,Product Description,Main Image URL,Item Type Keyword,Standard Price",
    ),
    "Amazon, all listings": (
        "item-name,item-description,listing-id,seller-sku,price,quantity,open-date,image-url,item-is-marketplace,"
        "product-id-type,zshop-shipping-fee,item-note,item-condition,zshop-category1,zshop-browse-path,asin1,asin2,"
        "will-ship-internationally,product-id,add-delete,pending-quantity,fulfillment-channel,status",
        "seller-sku,item-name,item-description,image-url,,price",
    ),
    "Etsy": (
        "TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,TAGS,MATERIALS,IMAGE1,IMAGE2,IMAGE3,IMAGE4,IMAGE5,IMAGE6,"
        "IMAGE7,IMAGE8,IMAGE9,IMAGE10,VARIATION 1 TYPE,VARIATION 1 NAME,VARIATION 1 VALUES,VARIATION 2 TYPE,"
        "VARIATION 2 NAME,VARIATION 2 VALUES,SKU",
        "SKU,TITLE,DESCRIPTION,IMAGE1,,PRICE",
    ),
    "eBay, to be sent": (
        "*Action(SiteID=US|Country=US|Currency=USD|Version=1193|CC=UTF-8),Custom label (SKU),Category ID,"
        "Category name,Title,Relationship,Relationship details,Schedule Time,P:UPC,P:EPID,Start price,Quantity,"
        "Item photo URL,VideoID,Condition ID,Description,Format,Duration,Buy It Now price,Best Offer Enabled,Location",
        "Custom label (SKU),Title,Description,Item photo URL,Category name,Start price",
    ),
    "eBay, File Exchange": (
        "*Action(SiteID=US|Country=US|Currency=USD|Version=941),*Category,*Title,Subtitle,*Description,*ConditionID,"
        "PicURL,*Quantity,*Format,*StartPrice,BuyItNowPrice,*Duration,*Location,CustomLabel",
        "CustomLabel,*Title,*Description,PicURL,*Category,*StartPrice",
    ),
    "eBay, active listings": (
        "Item number,Title,Variation details,Custom label (SKU),Available quantity,Format,Currency,Start price,"
        "Auction Buy It Now price,Reserve price,Current price,Sold quantity,Watchers,Bids,Start date,End date,"
        "eBay category 1 name,eBay category 1 number,eBay category 2 name,Condition,Listing site",
        "Item number,Title,,,eBay category 1 name,Current price",
    ),
    "Kaggle's styles.csv": (
        "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName",
        "id,productDisplayName,,,masterCategory,",
    ),
    "H&M": (
        "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,"
        "graphical_appearance_no,graphical_appearance_name,colour_group_code,colour_group_name,"
        "perceived_colour_value_id,perceived_colour_value_name,perceived_colour_master_id,"
        "perceived_colour_master_name,department_no,department_name,index_code,index_name,index_group_no,"
        "index_group_name,section_no,section_name,garment_group_no,garment_group_name,detail_desc",
        "article_id,prod_name,detail_desc,,product_type_name,",
    ),
    "Google's feed": (
        "id,title,description,link,image link,additional image link,availability,price,sale price,brand,gtin,mpn,"
        "google product category,product type,condition",
        "id,title,description,image link,product type,price",
    ),
    "Taobao": (
        "宝贝名称,宝贝类目,店铺类目,新旧程度,省,城市,出售方式,宝贝价格,加价幅度,宝贝数量,有效期,运费承担,平邮,EMS,快递,"
        "付款方式,支付宝,发票,保修,自动重发,放入仓库,橱窗推荐,开始时间,心情故事,宝贝描述,宝贝图片,宝贝属性,团购价,"
        "最小团购件数,邮费模版ID,会员打折,修改时间,上传状态,图片状态,返点比例,新图片,视频,销售属性组合,用户输入ID串,"
        "用户输入名-值对,商家编码,销售属性别名,代充类型,宝贝编号,数字ID",
        "宝贝编号,宝贝名称,宝贝描述,宝贝图片,宝贝类目,宝贝价格",
    ),
    "WooCommerce in German": (
        "ID,Typ,Artikelnummer,Name,Veröffentlicht,Kurzbeschreibung,Beschreibung,Steuerstatus,Bestand,Gewicht (kg),"
        "Angebotspreis,Regulärer Preis,Kategorien,Schlagwörter,Versandklasse,Bilder,Übergeordnetes Produkt,Position",
        "ID,Name,Beschreibung,Bilder,Kategorien,Regulärer Preis",
    ),
    "WooCommerce in Spanish": (
        "ID,Tipo,SKU,Nombre,Publicado,Descripción corta,Descripción,Inventario,Precio rebajado,Precio normal,"
        "Categorías,Etiquetas,Clase de envío,Imágenes,Superior,Posición",
        "ID,Nombre,Descripción,Imágenes,Categorías,Precio normal",
    ),
    "WooCommerce in French": (
        "ID,Type,UGS,Nom,Publié,Description courte,Description,Stock,Tarif promo,Tarif régulier,Catégories,Étiquettes,"
        "Classe d’expédition,Images,Parent,Position",
        "ID,Nom,Description,Images,Catégories,Tarif régulier",
    ),
    "WooCommerce in Italian": (
        "ID,Tipo,COD,Nome,Pubblicato,Breve descrizione,Descrizione,Magazzino,Prezzo in offerta,Prezzo di listino,"
        "Categorie,Tag,Classe di spedizione,Immagini,Genitore,Posizione",
        "ID,Nome,Descrizione,Immagini,Categorie,Prezzo di listino",
    ),
    "WooCommerce in Portuguese": (
        "ID,Tipo,SKU,Nome,Publicado,Descrição curta,Descrição,Estoque,Preço promocional,Preço,Categorias,Tags,"
        "Classe de entrega,Imagens,Ascendente,Posição",
        "ID,Nome,Descrição,Imagens,Categorias,Preço",
    ),
    "WooCommerce in Dutch": (
        "ID,Type,SKU,Naam,Gepubliceerd,Korte beschrijving,Beschrijving,Voorraad,Actieprijs,Reguliere prijs,"
        "Categorieën,Tags,Verzendklasse,Afbeeldingen,Hoofd,Positie",
        "ID,Naam,Beschrijving,Afbeeldingen,Categorieën,Reguliere prijs",
    ),
    "WooCommerce in Japanese": (
        "ID,タイプ,SKU,名前,公開済み,簡単な説明,説明,在庫,セール価格,通常価格,カテゴリー,タグ,配送クラス,画像,親,位置",
        "ID,名前,説明,画像,カテゴリー,通常価格",
    ),
    "WooCommerce in Chinese": (
        "ID,类型,SKU,名称,已发布,简短描述,描述,库存,促销价格,常规价格,分类,标签,运费类,图片,父级,位置",
        "ID,名称,描述,图片,分类,常规价格",
    ),
    "Google's feed in German": (
        "ID,Titel,Beschreibung,Link,Bildlink,zusätzlicher Bildlink,Verfügbarkeit,Preis,Sonderangebotspreis,Marke,GTIN,"
        "Google Produktkategorie,Produkttyp,Zustand",
        "ID,Titel,Beschreibung,Bildlink,Produkttyp,Preis",
    ),
    "Google's feed in Chinese": (
        "ID,标题,说明,链接,图片链接,库存状况,价格,促销价,品牌,GTIN,Google 商品类别,商品类型,状况",
        "ID,标题,说明,图片链接,商品类型,价格",
    ),
    "a Chinese warehouse": (
        "商品编码,商品名称,规格,颜色,类目,单价(元),库存,主图链接,商品链接,商品详情",
        "商品编码,商品名称,商品详情,主图链接,类目,单价(元)",
    ),
}


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
        (["movieId", "title", "genres"], Columns("movieId", "title", category="genres")),
        (["id", "overview", "poster_path", "title"], Columns("id", "title", "overview", "poster_path")),
        (["link", "headline", "category"], Columns(title="headline", category="category")),
        (
            ["ISBN", "Book-Title", "Image-URL-S", "Image-URL-M", "Image-URL-L"],
            Columns(title="Book-Title", image="Image-URL-L"),
        ),
        (["id", "title", "content"], Columns("id", "title", "content")),
        (["track_id", "track_name", "track_genre"], Columns("track_id", "track_name", category="track_genre")),
        (["RecipeId", "Name", "RecipeCategory"], Columns("RecipeId", "Name", category="RecipeCategory")),
        (["job_id", "job_title"], Columns("job_id", "job_title")),
        (
            ["Artikelnr.", "Artikelbezeichnung", "Bruttopreis", "Produktbild"],
            Columns("Artikelnr.", "Artikelbezeichnung", None, "Produktbild", None, "Bruttopreis"),
        ),
        (["Bild 1", "Titel"], Columns(title="Titel", image="Bild 1")),
        (["Nom du produit", "Prix TTC"], Columns(title="Nom du produit", price="Prix TTC")),
        (["Nombre del producto", "Precio"], Columns(title="Nombre del producto", price="Precio")),
        (["Nome do produto", "Preço"], Columns(title="Nome do produto", price="Preço")),
        (["商品全称", "类目名称", "拼单价"], Columns(title="商品全称", category="类目名称", price="拼单价")),
        (["商品名", "販売価格", "商品画像URL"], Columns(title="商品名", image="商品画像URL", price="販売価格")),
        (["Price tax excluded", "Price tax included", "Name *"], Columns(title="Name *", price="Price tax included")),
        (["Product Name", "Product Image File - 1"], Columns(title="Product Name", image="Product Image File - 1")),
        (["Product Title", "Selling Price"], Columns(title="Product Title", price="Selling Price")),
        (["book_title", "cover_url"], Columns(title="book_title", image="cover_url")),
        (["name", "genres", "header_image"], Columns(title="name", image="header_image", category="genres")),
        (
            ["product_id", "product_title", "product_bullet_point"],
            Columns("product_id", "product_title", "product_bullet_point"),
        ),
        (["product_name", "img_link"], Columns(title="product_name", image="img_link")),
        (["brand_name", "game_title", "song name"], Columns(title="game_title")),
        (["brandName", "GameName"], Columns(title="GameName")),
        (["File Name", "category_title", "user name", "authorName", "subtitle"], Columns(image="File Name")),
        (["foo", "bar"], Columns()),
        ([], Columns()),
    ],
)
def test_columns_are_guessed_by_name(names: list[str], expected: Columns):
    assert guess_columns(names) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Product,Price,Category,Image", Columns(None, "Product", None, "Image", "Category", "Price")),
        ("产品,价格,图片", Columns(title="产品", image="图片", price="价格")),
        ("Produkt;Preis inkl. MwSt.", Columns(title="Produkt", price="Preis inkl. MwSt.")),
        ("Artikel;Bezeichnung", Columns(title="Bezeichnung")),
        ("Product,game_title", Columns(title="game_title")),
        ("Product (EN),Name (EN)", Columns(title="Name (EN)")),
        ("Item #,Foto", Columns("Item #", image="Foto")),
        ("Producto,Precio", Columns(title="Producto", price="Precio")),
        ("Produit,Prix", Columns(title="Produit", price="Prix")),
    ],
)
def test_what_is_called_a_product_is_the_title_where_nothing_better_is(names: str, expected: Columns):
    assert guess_columns(names.replace(";", ",").split(",")) == expected


@pytest.mark.parametrize(
    "prices",
    [
        *("Sales price,MSRP,Cost", "MSRP,Purchase price", "Price (USD),MSRP", "Sale price,Compare-at price"),
        *("Verkaufspreis,Einkaufspreis", "Regulärer Preis,Angebotspreis,UVP", "Preis (EUR),UVP,Einkaufspreis"),
        *("现价,原价", "促销价,原价,成本价", "单价(元),原价", "价格,促销价", "原价,进价"),
        *("Tarif régulier,Tarif promo,Prix d'achat", "Precio normal,Precio rebajado", "通常価格,セール価格,参考価格"),
        *("Prezzo di listino,Prezzo in offerta", "Preço,Preço promocional", "Reguliere prijs,Actieprijs,Adviesprijs"),
    ],
)
def test_what_a_product_costs_wins_over_what_it_cost_before_or_costs_the_shop(prices: str):
    names = prices.split(",")
    for order in (names, names[::-1]):
        assert guess_columns(["title", *order]).price == names[0]


def test_how_sure_a_guess_is():
    named = ("Title", "Product", "Price", "Product,Image")
    assert [guess_columns(names.split(",")).sureness for names in named] == [2, 1, 0, 2]


def test_the_plainer_name_wins_whatever_the_order():
    assert guess_columns(["name", "title"]).title == guess_columns(["title", "name"]).title == "title"


def test_no_column_serves_twice_and_the_rest_is_left_for_attributes():
    guess = guess_columns(["text", "title", "colour"])
    assert guess == Columns(title="title", description="text")
    assert guess.used == {"title", "text"}


@pytest.mark.parametrize("shop", SHOPS)
def test_the_tables_of_the_usual_shops_need_no_correction(shop: str):
    header, columns = SHOPS[shop]
    wanted = dict(zip(FIELDS, (column or None for column in columns.split(",")), strict=True))
    assert guess_columns(next(csv.reader([header]))) == Columns(**wanted)


@pytest.mark.parametrize(
    "name", ["价格(元)", "售价（元）", "单价 [元]", "【特价】价格", "Price (incl. VAT)", "price(a(b))"]
)
def test_what_stands_in_brackets_may_be_there_or_not(name: str):
    assert guess_columns(["title", name]).price == name


def test_a_name_without_brackets_wins_over_one_that_is_alike_but_for_them():
    assert guess_columns(["Name (zh)", "Name", "(title)"]).named == {"title": "(title)"}
    assert guess_columns(["Name (zh)", "Name", "()"]).named == {"title": "Name"}


@pytest.mark.parametrize(
    ("header", "field", "column"),
    [
        ("ID,Category (ID),Category name,Title", "category", "Category name"),
        ("sku,name,image (alt text),image_1", "image", "image_1"),
        ("Images (count),main_image_url", "image", "main_image_url"),
    ],
)
def test_a_name_as_it_is_wins_over_one_without_its_brackets(header: str, field: str, column: str):
    assert guess_columns(header.split(",")).named[field] == column
