"""The query of the Recommend page: its text and its picture, from wherever the visitor has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from PIL import Image, ImageChops, ImageOps

from sslrec.data.catalogue import letterbox
from sslrec.data.images import WHITE, decode_picture
from sslrec.errors import ImageError
from sslrec.serving.catalogues import CatalogueIndex
from sslrec.ui.canvas import Ink, drawing_canvas
from sslrec.ui.language import sentence, t
from sslrec.ui.recommend_examples import assortment, is_shown, name_of_catalogue, title_of
from sslrec.ui.recommend_pictures import product_uri, small_uri
from sslrec.ui.recommend_state import ITEM, PICTURE, PICTURES, ask, start_over
from sslrec.ui.recommend_widgets import Tile, taken_events, tile_buttons
from sslrec.ui.shell import note, problems
from sslrec.ui.uploads import SentFile, picture_megabytes
from sslrec.ui.url import together

HEIGHT, WIDTH = 80, 60
OFFERED = 12
_SENT, _TAKEN = "wish.sent", "wish.taken"
"""Products to start from."""
COLOURS = {
    "black": "#202024",
    "grey": "#8d8d92",
    "brown": "#7a4a26",
    "beige": "#d9c19a",
    "red": "#c8201f",
    "orange": "#ee7b1e",
    "yellow": "#f2c32c",
    "green": "#2f8f4e",
    "blue": "#2b62c4",
    "navy": "#1c2c55",
    "purple": "#7a3fae",
    "pink": "#ee82ab",
}
"""The inks of the drawing, by the names of colours that products have."""


@dataclass(frozen=True, eq=False)
class Shown:
    """The query's picture.

    Attributes:
        pixels: `(80, 60, 3)` uint8 RGB on white; None where it is a product's own picture.
        uri: a small copy for the page.
        title: what it shows, or the file's name.
        item: the product's id, or None where the picture is the visitor's own.
    """

    pixels: np.ndarray | None
    uri: str
    title: str
    item: str | None = None


def framed(picture: Image.Image, title: str) -> Shown:
    """A visitor's picture, ready for the model and for the page."""
    return Shown(letterbox(picture, HEIGHT, WIDTH), small_uri(picture), title)


def picture_input(index: CatalogueIndex) -> Shown | None:
    """Let the visitor show a picture.

    Args:
        index: the catalogue, each of whose products may be the picture.

    Returns:
        The picture, or None while there is none.
    """
    st.segmented_control(
        t("wish.picture"),
        PICTURES,
        key=PICTURE.key,
        required=True,
        format_func=lambda name: t(f"wish.picture_{name}"),
        on_change=start_over,
        args=(PICTURE,),
        persist_state="session",
        wrap=True,
    )
    kinds: dict[str, Callable[[], Shown | None]] = {
        "item": lambda: product(index),
        "upload": sent,
        "camera": photographed,
        "draw": drawn,
    }
    shown = kinds[PICTURE.value]() if PICTURE.value in kinds else None
    if shown and shown.item is None:
        note(t("wish.picture_unlinked"))
    return shown


def product(index: CatalogueIndex) -> Shown | None:
    """One of the catalogue's products."""
    catalogue = index.catalogue
    row = catalogue.index_of(ITEM.value) if ITEM.value else None
    if ITEM.value and not is_shown(index, row):
        problems("", [t("wish.item_gone", catalogue=name_of_catalogue(catalogue))])
        row = None
    # Where nothing is pictured, products are told by their names.
    pictured = index.shown & catalogue.pictured
    rows = [int(one) for one in assortment(index, pictured if pictured.any() else index.shown)[:OFFERED]]
    if row is not None and row not in rows:
        rows = [row, *rows[:-1]]
    products = [(one, catalogue.product(one)) for one in rows]
    tiles = [Tile(one.item_id, product_uri(catalogue, place), alt=title_of(one)) for place, one in products]
    tile_buttons("wish.products", t("wish.products"), tiles, "strip", ITEM.value)
    if row is None:
        note(t("wish.item_how"))
        return None
    chosen = catalogue.product(row)
    return Shown(None, product_uri(catalogue, row), title_of(chosen), chosen.item_id)


@together()
def clicked_product() -> None:
    """Take a click on one of the offered products; call it before the widgets are shown."""
    for event in taken_events("wish.products"):
        ITEM.set(event.id)
        start_over()


def clear() -> None:
    """Ask for nothing, and let go of files and photos: the next visitor is another one. A button's callback.

    A drawing stays, for its canvas has a button of its own.
    """
    ask("")
    for key in (_SENT, _TAKEN):
        st.session_state.pop(key, None)
        st.session_state.pop(f"{key}.wrong", None)


def sent() -> Shown | None:
    """A file of the visitor's; it stays until another comes, though the uploader forgets it when it is hidden."""
    changed = st.session_state.setdefault("wish.changed", [])
    file = st.file_uploader(
        t("wish.upload"),
        key="wish.file",
        max_upload_size=picture_megabytes(),
        on_change=changed.append,
        args=(True,),
    )
    if changed:
        changed.clear()
        start_over()
        _keep(_SENT, file)
    return _kept(_SENT)


def photographed() -> Shown | None:
    """A photo."""
    changed = st.session_state.setdefault("wish.shot", [])
    photo = st.camera_input(t("wish.camera"), key="wish.photo", on_change=changed.append, args=(True,))
    if changed:
        changed.clear()
        start_over()
        _keep(_TAKEN, photo)
    return _kept(_TAKEN, t("wish.photo_name"))


def drawn() -> Shown | None:
    """A drawing in colours, cropped to what is drawn."""
    inks: list[Ink] = [(colour, t(f"ink.{name}")) for name, colour in COLOURS.items()]
    drawing = drawing_canvas("sketch", inks, t("wish.draw_invitation"), t("wish.draw_label"))
    if drawing.is_blank:
        return None
    return framed(cropped(drawing.to_colours(inks)), t("wish.drawing_name"))


def cropped(picture: Image.Image) -> Image.Image:
    """A drawing without most of its white margin: product pictures have little of it."""
    box = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    if box is None:
        return picture
    inside = picture.crop(box)
    return ImageOps.expand(inside, max(inside.size) // 12 + 2, "white")


def _keep(key: str, file: SentFile | None) -> None:
    """Read a file, so that what it showed, or what is wrong with it, outlasts the widget.

    One that cannot be read leaves the picture in use as it is, and so does taking it away again.
    """
    wrong = st.session_state.pop(f"{key}.wrong", None)
    if file is None:
        if wrong is None:
            st.session_state[key] = None
        return
    try:
        st.session_state[key] = framed(decode_picture(file.getvalue(), file.name, WHITE), file.name)
    except ImageError as error:
        st.session_state[f"{key}.wrong"] = error


def _kept(key: str, name: str = "") -> Shown | None:
    """What was read; a photo, whose file has no name that its visitor knows, is called by one in their language."""
    wrong: ImageError | None = st.session_state.get(f"{key}.wrong")
    if wrong is not None:
        problems("", [sentence(wrong.code, {**wrong.params, "name": name or wrong.params.get("name")})])
    shown: Shown | None = st.session_state.get(key)
    return replace(shown, title=name) if shown is not None and name else shown
