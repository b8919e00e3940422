"""Every kind of product: what it is called, who draws it, which choices, patterns, materials and colours it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sslrec.data.drawn import (
    accessories,
    bags,
    bottoms,
    dresses,
    headwear,
    home,
    knitwear,
    outerwear,
    shoes,
    tops,
)
from sslrec.data.drawn.colours import HUES
from sslrec.data.drawn.look import Drawing

BRIGHT = tuple(HUES)
LEATHERS = ("black", "brown", "tan", "burgundy", "navy", "grey", "cream", "olive", "red", "white", "green", "beige")
DENIMS = ("blue", "navy", "sky blue", "black", "charcoal", "grey", "white", "cream", "olive", "brown", "pink", "mint")
SOBER = ("navy", "charcoal", "black", "grey", "beige", "tan", "brown", "olive", "burgundy", "green", "teal", "blue", "cream", "red", "mustard", "pink")  # fmt: skip

_WEEKEND = ("weekends", "every day", "travel", "festivals")
_WORK = ("the office", "every day", "weddings", "evenings out")
_OUTDOOR = ("hiking", "commuting", "travel", "winter walks")
_SUMMER = ("the beach", "holidays", "garden parties", "festivals")
_HOME = ("the living room", "the bedroom", "a housewarming", "reading corners")


@dataclass(frozen=True)
class Kind:
    """One kind of product.

    Attributes:
        name: its English name as an attribute, such as `t-shirt`.
        noun: what a title ends in.
        chinese: the same in Chinese.
        plural: whether the noun is a plural, as of shoes.
        category: what a page filters by.
        draw: the function that draws it.
        price: the middle of its prices.
        choices: visible details by name; the first one's choice is in the title. An empty choice is none.
        patterns: the patterns that it comes in besides plain.
        materials: what it may be made of; the picture shows the same for each.
        occasions: what a description recommends it for.
        colours: the hues that it comes in.
        split: where its colour blocks meet, in drawing units.
    """

    name: str
    noun: str
    chinese: str
    plural: bool
    category: str
    draw: Drawing
    price: float
    choices: Mapping[str, tuple[str, ...]]
    patterns: tuple[str, ...]
    materials: tuple[str, ...]
    occasions: tuple[str, ...]
    colours: tuple[str, ...] = field(default=BRIGHT)
    split: float = 100.0


_KNITS = ("merino wool", "cashmere", "organic cotton", "alpaca", "recycled wool")
_COTTONS = ("organic cotton", "cotton jersey", "bamboo jersey", "linen", "hemp")
_FELTS = ("leather", "vegan leather", "nubuck", "cork leather")
_CERAMICS = ("stoneware", "porcelain", "earthenware", "bone china")

KINDS = (
    Kind("t-shirt", "T-shirt", "T恤", False, "Tops", tops.t_shirt, 24,
         {"neck": ("crew-neck", "V-neck", "scoop-neck"), "sleeve": ("short-sleeved", "short-sleeved", "long-sleeved"),
          "trim": ("", "contrast trim", "chest pocket", "")},
         ("striped", "dotted", "floral", "camouflage", "tie-dyed", "gradient", "colour block", "leopard", "zigzag"),
         _COTTONS, _WEEKEND, split=92),
    Kind("shirt", "shirt", "衬衫", False, "Tops", tops.shirt, 49,
         {"collar": ("point-collar", "band collar"), "sleeve": ("long-sleeved", "short-sleeved", "long-sleeved"),
          "pocket": ("", "chest pocket")},
         ("pinstriped", "checked", "tartan", "floral", "dotted", "striped"),
         ("cotton poplin", "linen", "flannel", "silk", "chambray"), _WORK),
    Kind("polo shirt", "polo shirt", "Polo衫", False, "Tops", tops.polo, 39,
         {"neck": ("buttoned", "zip-neck"), "sleeve": ("short-sleeved", "short-sleeved", "long-sleeved"),
          "trim": ("", "contrast trim")},
         ("striped", "colour block", "gradient", "zigzag", "dotted"),
         ("cotton piqué", "organic cotton", "merino wool", "recycled polyester"), ("golf", "the office", "weekends", "sailing"), split=84),
    Kind("hoodie", "hoodie", "连帽卫衣", False, "Tops", knitwear.hoodie, 59,
         {"front": ("pullover", "zip-front"), "trim": ("", "contrast trim")},
         ("colour block", "camouflage", "tie-dyed", "gradient", "striped"),
         ("brushed fleece", "organic cotton", "French terry", "recycled polyester"), ("weekends", "the gym", "travel", "campfires"), split=104),
    Kind("sweater", "sweater", "毛衣", False, "Knitwear", knitwear.sweater, 79,
         {"neck": ("crew-neck", "roll-neck", "V-neck"), "knit": ("fine-knit", "cable-knit", "ribbed"),
          "trim": ("", "contrast trim", "")},
         ("striped", "argyle", "zigzag", "colour block", "gradient"), _KNITS, _WORK, split=96),
    Kind("cardigan", "cardigan", "开衫", False, "Knitwear", knitwear.cardigan, 85,
         {"knit": ("fine-knit", "cable-knit", "ribbed"), "pocket": ("", "patch pockets"), "trim": ("", "contrast trim")},
         ("striped", "argyle", "gradient", "zigzag", "dotted"), _KNITS, ("the office", "every day", "quiet evenings", "travel")),
    Kind("jacket", "jacket", "夹克", False, "Outerwear", outerwear.jacket, 99,
         {"cut": ("bomber", "trucker"), "trim": ("", "contrast trim")},
         ("camouflage", "colour block", "checked", "tartan", "gradient"),
         ("cotton twill", "suede", "recycled nylon", "waxed canvas"), ("commuting", "weekends", "road trips", "concerts"), split=94),
    Kind("puffer", "puffer jacket", "羽绒服", False, "Outerwear", outerwear.puffer, 129,
         {"sleeve": ("long-sleeved", "sleeveless")}, ("colour block", "gradient", "camouflage"),
         ("recycled nylon", "ripstop", "matte polyester", "waxed canvas"), _OUTDOOR, split=92),
    Kind("coat", "coat", "大衣", False, "Outerwear", outerwear.coat, 189,
         {"cut": ("trench", "single-breasted")}, ("checked", "tartan", "pinstriped"),
         ("wool", "cotton gabardine", "cashmere", "recycled wool"), ("the office", "commuting", "evenings out", "city breaks"), SOBER),
    Kind("blazer", "blazer", "西装外套", False, "Outerwear", outerwear.blazer, 149,
         {"lapel": ("notch-lapel",), "pocket": ("", "pocket square")}, ("pinstriped", "checked", "tartan"),
         ("wool", "linen", "cotton velvet", "hopsack", "stretch crepe"), _WORK),
    Kind("jeans", "jeans", "牛仔裤", True, "Bottoms", bottoms.jeans, 69,
         {"fit": ("straight", "skinny", "wide-leg", "flared"), "wash": ("", "faded", "ripped")}, ("gradient",),
         ("rigid denim", "stretch denim", "organic denim", "recycled denim"), _WEEKEND, DENIMS, split=120),
    Kind("trousers", "trousers", "长裤", True, "Bottoms", bottoms.trousers, 65,
         {"cut": ("chino", "tailored", "jogger")}, ("pinstriped", "checked", "camouflage", "tartan"),
         ("cotton twill", "wool", "linen", "stretch cotton"), _WORK),
    Kind("shorts", "shorts", "短裤", True, "Bottoms", bottoms.shorts, 39,
         {"style": ("turn-up", "cargo", "drawstring")},
         ("camouflage", "floral", "striped", "dotted", "checked", "gradient"),
         ("cotton twill", "linen", "seersucker", "recycled nylon"), _SUMMER, split=60),
    Kind("dress", "dress", "连衣裙", False, "Dresses and skirts", dresses.dress, 79,
         {"sleeve": ("strappy", "short-sleeved", "sleeveless"), "length": ("knee-length", "maxi", "knee-length"),
          "extra": ("", "belted", "button-front")},
         ("floral", "striped", "dotted", "gradient", "leopard", "checked", "colour block", "tie-dyed"),
         ("viscose", "linen", "silk", "cotton poplin", "crepe"), ("garden parties", "weddings", "holidays", "the office"), split=112),
    Kind("skirt", "skirt", "半身裙", False, "Dresses and skirts", dresses.skirt, 49,
         {"cut": ("A-line", "pleated", "pencil"), "length": ("mini", "midi"), "extra": ("", "tie-waist", "button-front", "")},
         ("floral", "checked", "dotted", "tartan", "striped", "leopard", "gradient"),
         ("viscose", "wool", "linen", "satin", "corduroy"), _WORK, split=76),
    Kind("sneakers", "sneakers", "运动鞋", True, "Shoes", shoes.sneaker, 79,
         {"height": ("low-top", "high-top"), "side": ("side stripe", ""), "sole": ("", "gum sole", "dark sole")},
         ("camouflage", "checked", "leopard", "floral", "dotted"),
         ("canvas", "leather", "recycled mesh", "suede"), ("every day", "skating", "city breaks", "the gym")),
    Kind("boots", "boots", "靴子", True, "Shoes", shoes.boot, 129,
         {"closure": ("Chelsea", "lace-up"), "sole": ("", "chunky sole")}, ("leopard", "camouflage"), _FELTS, _OUTDOOR, LEATHERS),
    Kind("loafers", "loafers", "乐福鞋", True, "Shoes", shoes.loafer, 109,
         {"style": ("penny", "horsebit", "tasselled")}, ("leopard", "checked"), _FELTS, _WORK, LEATHERS),
    Kind("heels", "heels", "高跟鞋", True, "Shoes", shoes.heel, 99,
         {"heel": ("stiletto", "block-heel", "kitten-heel"), "extra": ("", "bow", "ankle strap")},
         ("leopard", "dotted", "floral"), ("leather", "satin", "suede", "vegan leather"), ("weddings", "evenings out", "the office", "parties")),
    Kind("sandals", "sandals", "凉鞋", True, "Shoes", shoes.sandal, 59,
         {"strap": ("two-strap", "slide", "flip-flop", "cross-strap"), "sole": ("", "dark sole", "")},
         ("striped", "floral", "leopard", "dotted"), ("leather", "vegan leather", "recycled rubber", "cork leather"), _SUMMER),
    Kind("backpack", "backpack", "双肩包", False, "Bags", bags.backpack, 79,
         {"top": ("zip-top", "flap-top")}, ("camouflage", "floral", "colour block", "checked", "dotted", "gradient"),
         ("waxed canvas", "recycled nylon", "cotton canvas", "leather"), ("school", "hiking", "commuting", "travel"), split=98),
    Kind("handbag", "handbag", "手提包", False, "Bags", bags.handbag, 119,
         {"shape": ("top-handle", "flap", "bucket"), "surface": ("", "quilted")}, ("leopard", "checked", "gradient"),
         ("leather", "vegan leather", "suede", "raffia"), ("evenings out", "the office", "weddings", "every day")),
    Kind("tote", "tote bag", "托特包", False, "Bags", bags.tote, 35,
         {"handles": ("long-handled", "leather handles"), "pocket": ("", "front pocket", "")},
         ("striped", "floral", "colour block", "gradient", "dotted", "checked", "leopard"),
         ("cotton canvas", "jute", "linen", "recycled polyester"), ("the market", "the beach", "the library", "every day"), split=120),
    Kind("cap", "cap", "棒球帽", False, "Hats", headwear.cap, 25,
         {"brim": ("curved-brim", "flat-brim"), "trim": ("", "mesh back", "contrast brim")},
         ("camouflage", "tartan", "leopard", "checked", "floral"),
         ("cotton twill", "corduroy", "wool", "recycled polyester"), ("sunny days", "running", "festivals", "fishing")),
    Kind("beanie", "beanie", "毛线帽", False, "Hats", headwear.beanie, 27,
         {"edge": ("close-fitting", "turn-up"), "top": ("bobble", "", "bobble")},
         ("striped", "zigzag", "colour block", "argyle", "gradient"), _KNITS, ("skiing", "winter walks", "commuting", "campfires"), split=84),
    Kind("hat", "hat", "帽子", False, "Hats", headwear.hat, 45,
         {"brim": ("wide-brimmed", "bucket"), "extra": ("", "ribbon bow", "")},
         ("floral", "camouflage", "striped", "checked", "leopard"),
         ("paper straw", "cotton canvas", "raffia", "linen"), _SUMMER),
    Kind("scarf", "scarf", "围巾", False, "Accessories", accessories.scarf, 39,
         {"edge": ("fringed", "hemmed"), "weave": ("", "chunky")},
         ("tartan", "striped", "leopard", "checked", "dotted", "floral", "zigzag"),
         ("lambswool", "cashmere", "silk", "organic cotton"), ("winter walks", "the office", "travel", "evenings out")),
    Kind("sunglasses", "sunglasses", "太阳镜", True, "Accessories", accessories.sunglasses, 69,
         {"frame": ("aviator", "round", "square", "cat-eye"), "lens": ("", "brown lenses", "mirrored lenses")},
         ("leopard", "checked"), ("bio-acetate", "acetate", "recycled nylon", "titanium"), ("the beach", "driving", "skiing", "sunny days")),
    Kind("watch", "watch", "手表", False, "Accessories", accessories.watch, 149,
         {"case": ("round", "square"), "band": ("strap", "steel bracelet", "strap"), "dial": ("", "chronograph", "pale dial")}, (),
         ("stainless steel", "recycled steel", "titanium", "ceramic"), ("the office", "diving", "every day", "weddings")),
    Kind("belt", "belt", "腰带", False, "Accessories", accessories.belt, 45,
         {"buckle": ("square-buckle", "round-buckle"), "surface": ("", "braided")}, ("leopard",), _FELTS, _WORK, LEATHERS + ("yellow", "blue", "pink", "lilac")),
    Kind("umbrella", "umbrella", "雨伞", False, "Accessories", accessories.umbrella, 32,
         {"handle": ("crook-handled", "wooden-handled")},
         ("dotted", "colour block", "floral", "striped", "tartan", "checked", "leopard", "gradient"),
         ("recycled polyester", "pongee", "nylon", "waxed cotton"), ("rainy commutes", "travel", "weddings", "city breaks"), split=58),
    Kind("mug", "mug", "马克杯", False, "Home", home.mug, 16,
         {"shape": ("straight", "round", "tapered"), "extra": ("", "contrast trim", "steaming")},
         ("dotted", "striped", "floral", "gradient", "zigzag", "leopard", "checked"), _CERAMICS,
         ("morning coffee", "tea time", "a desk", "a housewarming"), split=96),
    Kind("lamp", "table lamp", "台灯", False, "Home", home.lamp, 69,
         {"base": ("turned", "ball", "tripod"), "lampshade": ("drum", "cone")},
         ("floral", "striped", "gradient", "leopard", "dotted", "zigzag", "checked"),
         ("linen", "cotton", "silk", "recycled polyester"), _HOME, split=64),
    Kind("cushion", "cushion", "抱枕", False, "Home", home.cushion, 29,
         {"shape": ("square", "oblong"), "edge": ("piped", "tasselled", "buttoned", "")},
         ("striped", "floral", "zigzag", "checked", "dotted", "tartan", "leopard", "tie-dyed"),
         ("linen", "velvet", "organic cotton", "wool"), _HOME),
    Kind("vase", "vase", "花瓶", False, "Home", home.vase, 35,
         {"shape": ("bottle", "amphora", "cylinder"), "extra": ("with stems", "")},
         ("striped", "gradient", "dotted", "zigzag", "floral", "colour block"), _CERAMICS, _HOME, split=138),
    Kind("bottle", "water bottle", "水杯", False, "Home", home.bottle, 27,
         {"cap": ("screw-cap", "loop-cap")}, ("gradient", "colour block", "floral", "camouflage", "dotted", "striped", "leopard"),
         ("insulated steel", "recycled steel", "aluminium", "titanium"), ("hiking", "the gym", "a desk", "cycling"), split=112),
)  # fmt: skip
"""All kinds, in the order of the catalogue."""
