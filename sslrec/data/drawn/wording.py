"""What a drawn product is called and how it is described, in English; its title in Chinese.

The text names kind, colour, material, occasion and visible details. It never names the pattern or the shade, which
only the picture shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sslrec.data.drawn.colours import HUES

if TYPE_CHECKING:
    from sslrec.data.drawn.kinds import Kind

_PHRASES = {
    "short-sleeved": "short sleeves", "long-sleeved": "long sleeves", "sleeveless": "no sleeves",
    "contrast trim": "contrast trim", "chest pocket": "a chest pocket", "patch pockets": "two patch pockets",
    "fine-knit": "a fine knit", "cable-knit": "a cable knit", "ribbed": "a ribbed knit", "faded": "a faded wash",
    "ripped": "ripped knees", "knee-length": "a hem at the knee", "maxi": "a hem to the ankle", "belted": "a belt",
    "button-front": "buttons down the front", "mini": "a short hem", "midi": "a hem below the knee",
    "tie-waist": "a bow at the waist", "side stripe": "a stripe at the side", "gum sole": "a gum sole",
    "dark sole": "a dark sole", "chunky sole": "a chunky sole", "bow": "a bow", "ankle strap": "an ankle strap",
    "quilted": "a quilted flap", "front pocket": "a front pocket", "mesh back": "a mesh back",
    "contrast brim": "a contrasting brim", "bobble": "a bobble", "ribbon bow": "a ribbon bow", "chunky": "a chunky rib",
    "brown lenses": "brown lenses", "mirrored lenses": "mirrored lenses", "strap": "a strap",
    "steel bracelet": "a steel bracelet", "chronograph": "a chronograph dial", "pale dial": "a pale dial",
    "braided": "a braided surface", "steaming": "room for a large coffee", "drum": "a drum shade", "cone": "a cone shade",
    "piped": "piped edges", "tasselled": "tasselled corners", "buttoned": "buttons", "with stems": "stems of flowers",
    "pocket square": "a pocket square",
}  # fmt: skip
"""How a description speaks of the details that are not in the title."""

_CHINESE = {
    "notch-lapel": "平驳领", "crew-neck": "圆领", "V-neck": "V领", "scoop-neck": "大圆领", "point-collar": "尖领", "band collar": "立领",
    "buttoned": "扣襟", "zip-neck": "拉链领", "pullover": "套头", "zip-front": "拉链", "roll-neck": "高领",
    "fine-knit": "细针织", "cable-knit": "绞花", "ribbed": "罗纹", "bomber": "飞行员", "trucker": "牛仔式",
    "long-sleeved": "长袖", "sleeveless": "无袖", "trench": "风衣式", "single-breasted": "单排扣", "straight": "直筒",
    "skinny": "紧身", "wide-leg": "阔腿", "flared": "喇叭", "chino": "休闲", "tailored": "西装", "jogger": "束脚",
    "turn-up": "卷边", "cargo": "工装", "drawstring": "抽绳", "strappy": "吊带", "short-sleeved": "短袖",
    "A-line": "A字", "pleated": "百褶", "pencil": "铅笔", "low-top": "低帮", "high-top": "高帮", "Chelsea": "切尔西",
    "lace-up": "系带", "penny": "便士", "horsebit": "马衔扣", "tasselled": "流苏", "stiletto": "细跟",
    "block-heel": "粗跟", "kitten-heel": "低跟", "two-strap": "双带", "slide": "一字", "flip-flop": "人字",
    "cross-strap": "交叉带", "zip-top": "拉链", "flap-top": "翻盖", "top-handle": "手拎", "flap": "翻盖链条",
    "bucket": "水桶", "long-handled": "长柄", "leather handles": "皮柄", "curved-brim": "弯檐", "flat-brim": "平檐",
    "close-fitting": "贴头", "wide-brimmed": "宽檐", "fringed": "流苏", "hemmed": "锁边", "aviator": "飞行员",
    "round": "圆形", "square": "方形", "cat-eye": "猫眼", "square-buckle": "方扣", "round-buckle": "圆扣",
    "crook-handled": "弯柄", "wooden-handled": "木柄", "tapered": "锥形", "turned": "车木", "ball": "球形",
    "tripod": "三脚", "oblong": "长方形", "bottle": "瓶形", "amphora": "双耳瓶形", "cylinder": "圆筒", "screw-cap": "旋盖",
    "loop-cap": "提环盖",
    "organic cotton": "有机棉", "cotton jersey": "棉针织", "bamboo jersey": "竹纤维", "linen": "亚麻", "hemp": "麻",
    "cotton poplin": "府绸", "flannel": "法兰绒", "silk": "真丝", "chambray": "青年布", "cotton piqué": "珠地棉",
    "merino wool": "美利奴羊毛", "recycled polyester": "再生涤纶", "brushed fleece": "抓绒", "French terry": "毛圈棉",
    "cashmere": "羊绒", "alpaca": "羊驼毛", "recycled wool": "再生羊毛", "cotton twill": "斜纹棉", "suede": "麂皮",
    "recycled nylon": "再生尼龙", "waxed canvas": "蜡帆布", "ripstop": "防撕裂尼龙", "matte polyester": "哑光涤纶",
    "wool": "羊毛", "cotton gabardine": "棉华达呢", "cotton velvet": "棉天鹅绒", "hopsack": "席纹呢",
    "stretch crepe": "弹力绉", "rigid denim": "硬挺丹宁", "stretch denim": "弹力丹宁", "organic denim": "有机丹宁",
    "recycled denim": "再生丹宁", "stretch cotton": "弹力棉", "seersucker": "泡泡纱", "viscose": "粘胶", "crepe": "绉纱",
    "satin": "缎面", "corduroy": "灯芯绒", "canvas": "帆布", "leather": "真皮", "recycled mesh": "再生网布",
    "vegan leather": "素皮", "nubuck": "磨砂皮", "cork leather": "软木皮", "recycled rubber": "再生橡胶",
    "cotton canvas": "棉帆布", "raffia": "拉菲草", "jute": "黄麻", "paper straw": "纸草", "lambswool": "羔羊毛",
    "bio-acetate": "生物醋酸", "acetate": "醋酸", "titanium": "钛", "stainless steel": "不锈钢", "ceramic": "陶瓷",
    "pongee": "春亚纺", "nylon": "尼龙", "waxed cotton": "蜡棉",
    "stoneware": "炻瓷", "porcelain": "瓷", "earthenware": "陶", "bone china": "骨瓷", "cotton": "棉", "velvet": "天鹅绒",
    "insulated steel": "保温钢", "recycled steel": "再生钢", "aluminium": "铝",
}  # fmt: skip
"""Title words in Chinese."""


def title(kind: Kind, colour: str, material: str, choice: str) -> str:
    """Such as `Navy merino wool roll-neck sweater`; neighbours differ in a word."""
    text = " ".join(word for word in (colour, material, choice, kind.noun) if word)
    return text[0].upper() + text[1:]


def title_zh(kind: Kind, colour: str, material: str, choice: str) -> str:
    """The title in Chinese."""
    chosen = _CHINESE[choice] if choice else ""
    return f"{HUES[colour].chinese}{_CHINESE[material]}{chosen}{kind.chinese}"


def description(kind: Kind, material: str, details: Mapping[str, str], occasion: str) -> str:
    """Two sentences that name material, visible details and occasion."""
    choices = list(details.values())
    noun = " ".join(word for word in (choices[0], kind.noun) if word)
    noun = noun[0].upper() + noun[1:] if kind.plural else f"{'An' if noun[0] in 'aeiouA' else 'A'} {noun}"
    phrases = [_PHRASES[choice] for choice in choices[1:] if choice]
    extras = "" if not phrases else ", with " + (" and ".join(phrases) if len(phrases) < 3 else
                                                f"{', '.join(phrases[:-1])} and {phrases[-1]}")  # fmt: skip
    verb = "Made" if kind.plural else "Good"
    return f"{noun} in {material}{extras}. {verb} for {occasion}."
