"""The built-in catalogue: which products there are, and their pictures."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from sslrec.data.drawn.cloth import Cloth
from sslrec.data.drawn.colours import HUES, SHADES, shaded
from sslrec.data.drawn.kinds import KINDS, Kind
from sslrec.data.drawn.look import Look
from sslrec.data.drawn.sheet import Colour, Sheet
from sslrec.data.drawn.wording import description, title, title_zh

TEXT_ONLY = ("material", "occasion")
"""Attributes that a product's text names and its picture does not show."""
PICTURE_ONLY = ("pattern", "shade")
"""Attributes that a product's picture shows and its text does not name."""
PER_KIND = 36
"""Products of each kind in the shipped catalogue."""
QUALITY = 74
"""WebP quality of the pictures."""

_PLAIN_SHARE = 0.36
_METALS: tuple[Colour, ...] = ((0.78, 0.78, 0.79), (0.85, 0.7, 0.4), (0.86, 0.68, 0.58))
_SIZES = (0.7, 1.0, 1.25)
_PRICED_UP = {
    "cashmere": 1.9, "silk": 1.6, "leather": 1.35, "suede": 1.3, "alpaca": 1.5, "merino wool": 1.25, "wool": 1.2,
    "titanium": 1.6, "bone china": 1.4, "cotton velvet": 1.2, "nubuck": 1.25,
}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """One product of the built-in catalogue, before it is drawn.

    Attributes:
        item_id: its id.
        kind: what it is.
        colour: the hue's name.
        pattern: the pattern's name.
        shade: one of `SHADES`.
        material: what it is made of.
        occasion: what it is recommended for.
        details: the visible choices of its kind.
        price: its price.
        seed: decides folds, the pattern's place and size, and the second colour.
    """

    item_id: str
    kind: Kind
    colour: str
    pattern: str
    shade: str
    material: str
    occasion: str
    details: dict[str, str]
    price: float
    seed: int

    @property
    def title(self) -> str:
        """The English title."""
        return title(self.kind, self.colour, self.material, self._choice)

    @property
    def description(self) -> str:
        """The English description."""
        return description(self.kind, self.material, self.details, self.occasion)

    @property
    def attributes(self) -> dict[str, str]:
        """What is known of the product, by name; `title_zh` is its title in Chinese."""
        return {
            "kind": self.kind.name,
            "colour": self.colour,
            "pattern": self.pattern,
            "shade": self.shade,
            "material": self.material,
            "occasion": self.occasion,
            **{name: choice for name, choice in self.details.items() if choice},
            "title_zh": title_zh(self.kind, self.colour, self.material, self._choice),
        }

    @property
    def _choice(self) -> str:
        return next(iter(self.details.values()))


def plan(seed: int, per_kind: int = PER_KIND) -> list[Drawn]:
    """Choose the products: every kind in many colours, patterns, materials and details, no title twice."""
    return [drawn for kind in KINDS for drawn in _plan_kind(kind, seed, per_kind)]


def _plan_kind(kind: Kind, seed: int, count: int) -> Iterator[Drawn]:
    rng = np.random.default_rng([seed, zlib.crc32(kind.name.encode())])
    # Cycles rather than draws, so that every colour, pattern and choice occurs.
    colours, patterns = list(rng.permutation(kind.colours)), list(rng.permutation(kind.patterns))
    first = next(iter(kind.choices))
    used: set[str] = set()
    patterned = 0
    # A kind with few patterns comes in plain cloth more often.
    plain_share = max(_PLAIN_SHARE, 1 - 0.16 * len(patterns))
    for number in range(count):
        colour = str(colours[number % len(colours)])
        details = {name: choices[rng.integers(len(choices))] for name, choices in kind.choices.items()}
        details[first] = kind.choices[first][number % len(kind.choices[first])]
        pattern = "plain"
        if patterns and rng.random() > plain_share:
            pattern, patterned = str(patterns[patterned % len(patterns)]), patterned + 1
        free = [m for m in rng.permutation(kind.materials) if title(kind, colour, str(m), details[first]) not in used]
        material = str(free[0])
        used.add(title(kind, colour, material, details[first]))
        yield Drawn(
            item_id=f"{kind.name.replace(' ', '-')}-{number + 1:03d}",
            kind=kind,
            colour=colour,
            pattern=pattern,
            shade=str(rng.choice(SHADES)),
            material=material,
            occasion=str(rng.choice(kind.occasions)),
            details=details,
            price=_price(kind, material, rng),
            seed=int(rng.integers(2**31)),
        )


def _price(kind: Kind, material: str, rng: np.random.Generator) -> float:
    price = kind.price * _PRICED_UP.get(material, 1.0) * float(rng.uniform(0.8, 1.3))
    return round(price) - 0.1 if price < 100 else float(5 * round(price / 5) - 1)


def draw(product: Drawn) -> Image.Image:
    """Draw a product; material, occasion and price play no part in it.

    Returns:
        An `RGB` picture of 160 x 200 pixels on white.
    """
    rng = np.random.default_rng(product.seed)
    hue = HUES[product.colour]
    start = int(rng.integers(len(hue.mates)))
    mates = tuple(shaded(HUES[name].rgb, product.shade) for name in hue.mates[start:] + hue.mates[:start])
    cloth = Cloth(
        pattern=product.pattern,
        base=shaded(hue.rgb, product.shade),
        mates=mates,
        size=float(rng.choice(_SIZES)),
        seed=product.seed,
        split=product.kind.split,
    )
    sheet = Sheet(rng)
    metal = _METALS[int(rng.choice(len(_METALS), p=(0.6, 0.25, 0.15)))]
    product.kind.draw(sheet, Look(cloth, mates[0], product.details, metal))
    mirror = product.kind.category in ("Shoes", "Hats") and bool(rng.random() < 0.5)
    return sheet.finish(fill=float(rng.uniform(0.92, 1.0)), mirror=mirror)


def encode(picture: Image.Image) -> bytes:
    """A picture as a WebP file."""
    stream = BytesIO()
    picture.save(stream, "WEBP", quality=QUALITY, method=6)
    return stream.getvalue()
