import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from sslrec.data.catalogue.source import open_source
from sslrec.errors import SslrecError
from sslrec.serving.ingest import stages
from sslrec.serving.ingest.stages import SIDE, Decoder, kept_picture, make_stages, reader
from sslrec.serving.multimodal import IMAGE, TEXT
from sslrec.serving.recommender import Recommender
from tests.data.catalogue.samples import picture
from tests.data.catalogue.test_archive import packed

SOURCE = open_source(b"title,img\nMug,a.png\n", packed(("a.png", picture((10, 200, 30), (60, 80)))))


def test_a_picture_becomes_what_the_tower_takes_from_its_bytes_or_its_name(recommender: Recommender):
    decode = Decoder(SOURCE, recommender)
    for given in ("a.png", picture((10, 200, 30), (60, 80))):
        seen = decode((given, "a.png"))
        assert seen.pixels.shape == (recommender.height, recommender.width, 3)
        assert seen.pixels[40, 30].tolist() == [10, 200, 30]
        assert Image.open(io.BytesIO(seen.kept)).size == (60, 80)


def test_a_picture_that_is_none_is_told_by_its_name(recommender: Recommender):
    with pytest.raises(SslrecError, match=r"'a\.png' is not a picture"):
        Decoder(SOURCE, recommender)((b"text", "a.png"))


def test_beyond_some_bytes_a_picture_waits_no_more_but_is_decoded_at_once(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
):
    data = picture(kind="BMP")
    monkeypatch.setattr(stages, "WAITING", 2 * len(data))
    decode = Decoder(SOURCE, recommender)
    first, second, third = (decode.admit(data, "a") for _ in range(3))
    assert first == second == (data, "a")
    assert isinstance(third, stages.Seen)
    assert decode(third) is third
    assert isinstance(decode.admit(b"BM" + data, "a"), SslrecError)
    decode(first)
    assert decode.admit(data, "a") == (data, "a")
    assert decode.admit("a.png", "a.png") == ("a.png", "a.png")


def test_a_picture_that_is_too_large_does_not_wait_at_all(recommender: Recommender, set_variables: Callable[..., None]):
    set_variables(MAX_IMAGE_BYTES=10)
    refused = Decoder(SOURCE, recommender).admit(picture(), "a")
    assert isinstance(refused, SslrecError)
    assert refused.code == "image_too_large"


@pytest.mark.parametrize(
    ("size", "mode", "wanted"),
    [((60, 80), "RGB", (60, 80)), ((480, 960), "RGB", (SIDE // 2, SIDE)), ((500, 5), "L", (SIDE, 2))],
)
def test_what_is_kept_is_small(size: tuple[int, int], mode: str, wanted: tuple[int, int]):
    kept = Image.open(io.BytesIO(kept_picture(Image.new(mode, size))))
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", wanted)


def test_a_title_becomes_pieces_and_says_whether_a_word_is_known(recommender: Recommender):
    read = reader(recommender)
    assert read("red mug").is_known
    assert not read("xqzvkj").is_known
    assert len(read("red mug " * 500).pieces) == recommender.settings["text_length"]


def test_a_symbol_takes_no_word_of_a_title_along(recommender: Recommender):
    said = reader(recommender)("Nike® ｓｎｅａｋｅｒｓ👟")
    assert said.is_known
    np.testing.assert_array_equal(said.pieces, recommender.tokenizer.encode("Nike sneakers").ids)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("<strong>Blue slim fit jeans</strong>", "Blue slim fit jeans"),
        ("Tea&nbsp;pot &trade;", "Tea pot"),
        ("Size < 10 & > 5", "Size < 10 & > 5"),
        ("Pen&notebook set", "Pen&notebook set"),
    ],
)
def test_html_in_a_title_is_not_read(recommender: Recommender, title: str, said: str):
    found = reader(recommender)(title)
    assert found.is_known
    np.testing.assert_array_equal(found.pieces, recommender.tokenizer.encode(said).ids)


def test_a_title_of_html_alone_has_no_known_word(recommender: Recommender):
    assert not reader(recommender)("<strong></strong>").is_known


def test_the_stages_end_with_vectors(recommender: Recommender):
    made = make_stages(Decoder(SOURCE, recommender), recommender, workers=3)
    assert [(name, [stage.name for stage in line]) for name, line in made.items()] == [
        (IMAGE, ["decode", "encode"]),
        (TEXT, ["tokenize", "encode"]),
    ]
    assert made[IMAGE][0].workers == 3
    decoded = [made[IMAGE][0].function(("a.png", "a.png")) for _ in range(2)]
    for one in made[IMAGE][1].function(decoded):
        np.testing.assert_allclose(one.pixels, recommender.encode_pictures(decoded[0].pixels[None])[0], atol=1e-5)
    said = [made[TEXT][0].function(title) for title in ("red mug", "a much longer title of a blue cap")]
    for one, title in zip(made[TEXT][1].function(said), ("red mug", "a much longer title of a blue cap"), strict=True):
        np.testing.assert_allclose(one.pieces, recommender.encode_texts([title])[0], atol=1e-5)
