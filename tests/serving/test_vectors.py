from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pytest

from sslrec.data.catalogue import Catalogue
from sslrec.serving.vectors import encode_catalogue, index_vectors, keep, kept_path, load_kept
from tests.data.catalogue.samples import picture, row, table


class StandIn:
    reads_descriptions = False
    """Encoders whose vectors tell what went in: a title's on the first axis, a picture's on the second."""

    height, width, dim = 4, 3, 2

    def __init__(self, reads_descriptions: bool = False) -> None:
        self.reads_descriptions = reads_descriptions
        self.texts: list[str] = []
        self.pictures = 0

    def encode_texts(self, texts: Collection[str]) -> np.ndarray:
        self.texts += texts
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        assert pictures.shape[1:] == (4, 3, 3)
        assert pictures.dtype == np.uint8
        self.pictures += len(pictures)
        return np.tile(np.array([0, 1], np.float32), (len(pictures), 1))

    def reads(self, text: str) -> bool:
        return text.isascii()


def catalogue(*rows: dict[str, object]) -> Catalogue:
    return Catalogue("mine", "mine.parquet", table(*rows))


BOTH, TEXT, IMAGE, NEITHER = [2**-0.5, 2**-0.5], [1, 0], [0, 1], [0, 0]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, BOTH),
        ({"image": None}, TEXT),
        ({"title": ""}, IMAGE),
        ({"title": "红色杯子"}, IMAGE),  # it would say nothing, and the picture is there
        ({"title": "红色杯子", "image": None}, TEXT),
        ({"image": b"no picture"}, TEXT),
        ({"title": " ", "image": b"no picture"}, NEITHER),
    ],
)
def test_a_products_vector_is_of_what_it_has(changes: dict[str, object], wanted: list[float]):
    np.testing.assert_allclose(encode_catalogue(StandIn(), catalogue(row(**changes))), [wanted], atol=1e-6)


def test_descriptions_are_read_by_towers_that_were_trained_on_them():
    items = catalogue(
        row(title="Shirt.", description="Made of linen."),
        row(item_id="b", title="Cap", description=None),
        row(item_id="c", title=" ", description="For winter"),
    )
    for reads, texts in ((False, ["Shirt.", "Cap"]), (True, ["Shirt. Made of linen", "Cap", "For winter"])):
        encoders = StandIn(reads)
        encode_catalogue(encoders, items)
        assert encoders.texts == texts


def test_symbols_are_not_encoded_and_words_beside_them_are():
    titles = ("Nike® Sneakers", "ｒｅｄ dress👗", "👗")
    encoders = StandIn()
    encode_catalogue(encoders, catalogue(*(row(item_id=title, title=title, image=None) for title in titles)))
    assert encoders.texts == ["Nike  Sneakers", "red dress ", " "]


def test_vectors_of_titles_with_symbols_are_not_those_kept_before_symbols_were_folded(monkeypatch: pytest.MonkeyPatch):
    titles = ("Nike® Sneakers", "Nike Sneakers é")
    now = [kept_path(catalogue(row(title=title)), "model") for title in titles]
    monkeypatch.setattr("sslrec.serving.vectors.fold_symbols", str)
    before = [kept_path(catalogue(row(title=title)), "model") for title in titles]
    assert now[0] != before[0]
    assert now[1] == before[1]


MARKED = ("<strong>Blue slim fit jeans</strong>", "Blue slim fit jeans")
AS_THEY_ARE = ("Size < 10 & > 5", "Pen&notebook set", "a <new>  shirt")


def test_html_in_a_title_is_not_encoded_and_signs_are():
    encoders = StandIn()
    titles = (*MARKED, *AS_THEY_ARE)
    encode_catalogue(encoders, catalogue(*(row(item_id=title, title=title) for title in titles)))
    assert [text.split() for text in encoders.texts] == [
        title.split() for title in (MARKED[1], MARKED[1], *AS_THEY_ARE)
    ]


def test_a_title_of_which_html_alone_is_known_leaves_the_picture_to_speak():
    np.testing.assert_allclose(encode_catalogue(StandIn(), catalogue(row(title="<b></b>"))), [IMAGE], atol=1e-6)


def test_vectors_of_titles_with_html_are_not_those_kept_when_it_was_read(monkeypatch: pytest.MonkeyPatch):
    titles = (*MARKED, "Size < 10 & > 5")
    now = [kept_path(catalogue(row(title=title)), "model") for title in titles]
    monkeypatch.setattr("sslrec.serving.vectors.plain_text", str)
    before = [kept_path(catalogue(row(title=title)), "model") for title in titles]
    assert now[0] == now[1] != before[0]
    assert now[1:] == before[1:]


def test_every_product_is_encoded_and_told():
    encoders, told = StandIn(), []
    items = catalogue(*(row(item_id=str(i), title=f"Mug {i}") for i in range(150)))
    vectors = encode_catalogue(encoders, items, lambda done, total: told.append((done, total)))
    assert vectors.shape == (150, 2)
    assert vectors.dtype == np.float32
    assert sorted(encoders.texts) == sorted(items.titles)
    assert encoders.pictures == 150
    assert told == [(64, 150), (128, 150), (150, 150)]


def test_index_vectors_are_the_normalised_mean():
    text = np.array([[0.6, 0.8], [1, 0], [0, 0], [0, 0]], np.float16)
    image = np.array([[1, 0], [0, 0], [0, 1], [0, 0]], np.float16)
    mean = (text[0].astype(float) + image[0]) / 2
    wanted = [mean / np.linalg.norm(mean), [1, 0], [0, 1], [0, 0]]
    found = index_vectors(text, image)
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert found.dtype == np.float32


def test_vectors_are_kept_and_found_again(set_variables: Callable[..., None], tmp_path: Path):
    set_variables(HOME=tmp_path)
    path, vectors = kept_path(catalogue(row()), "model"), np.eye(3, dtype=np.float32)
    assert load_kept(path, (3, 3)) is None
    keep(path, vectors)
    found = load_kept(path, (3, 3))
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, vectors)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.is_relative_to(tmp_path)


def test_vectors_of_another_shape_or_a_damaged_file_are_no_vectors(tmp_path: Path):
    path = tmp_path / "kept.npy"
    keep(path, np.eye(3, dtype=np.float32))
    assert load_kept(path, (3, 4)) is None
    path.write_bytes(path.read_bytes()[:100])
    assert load_kept(path, (3, 3)) is None
    path.write_bytes(b"")
    assert load_kept(path, (3, 3)) is None


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="no space left"):
        keep(tmp_path / "kept.npy", np.eye(3, dtype=np.float32))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes", [{"title": "Blue mug"}, {"item_id": "a2"}, {"image": picture((1, 2, 3))}, {"image": None}]
)
def test_another_title_id_or_picture_is_another_file(changes: dict[str, object]):
    assert kept_path(catalogue(row(**changes)), "model") != kept_path(catalogue(row()), "model")


def test_another_description_is_another_file_for_models_that_read_it():
    paths = {kept_path(catalogue(row(description=text)), "model", described=True) for text in ("a", "b", None)}
    assert len(paths) == 3
    assert len({kept_path(catalogue(row(description=text)), "model") for text in ("a", "b", None)}) == 1


def test_what_the_models_do_not_see_is_the_same_file():
    assert kept_path(catalogue(row(price=1.0, category="Kitchen")), "model") == kept_path(catalogue(row()), "model")
    assert kept_path(catalogue(row()), "another") != kept_path(catalogue(row()), "model")
