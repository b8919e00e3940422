import io
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from sslrec.config import settings as settings_of_the_app
from sslrec.data import images
from sslrec.data.images import SMALLEST_SIDE, WORKING_SIDE, decode_picture, prepare_digit
from sslrec.errors import ImageError
from tests.pictures import BAD, Bad, encoded, seven

SEVEN = seven()
WANTED = prepare_digit(SEVEN, "seven")


def read(data: bytes) -> np.ndarray:
    return prepare_digit(decode_picture(data, "picture"), "picture")


def deep(factor: int, dtype: type) -> Image.Image:
    """The seven with values of another depth."""
    return Image.fromarray((np.asarray(SEVEN, np.float64) * factor).astype(dtype))


@pytest.mark.parametrize(("large", "at_once"), [(images.LARGE, 2), (0, 1)])
def test_only_two_pictures_are_decoded_at_once_and_one_large_one(
    large: int, at_once: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(images, "LARGE", large)
    lock, inside, most = threading.Lock(), 0, 0
    load = ImageFile.ImageFile.load

    def slow_load(picture):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.02)
        with lock:
            inside -= 1
        return load(picture)

    monkeypatch.setattr(ImageFile.ImageFile, "load", slow_load)
    data = encoded(SEVEN, "BMP")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read, [data] * 12))
    assert most == at_once


def test_a_small_picture_does_not_wait_for_large_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(images, "LARGE", 84 * 84)
    go_on, load = threading.Event(), ImageFile.ImageFile.load

    def load_when_told(picture):
        if picture.width > 84:
            go_on.wait(60)
        return load(picture)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load_when_told)
    large = encoded(seven(100), "BMP")
    with ThreadPoolExecutor(3) as pool:
        try:
            waiting = [pool.submit(read, large) for _ in range(2)]
            time.sleep(0.2)
            assert pool.submit(read, encoded(SEVEN, "BMP")).result(30).shape == (28, 28)
            assert not any(future.done() for future in waiting)
        finally:
            go_on.set()
    assert all(future.result().shape == (28, 28) for future in waiting)


def on_glass(ink: int) -> Image.Image:
    """The seven in black or white ink on nothing."""
    picture = Image.new("RGB", SEVEN.size, (ink,) * 3)
    picture.putalpha(SEVEN.point(lambda value: 255 - value))
    return picture


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_file_is_refused_with_its_name_and_the_reason(bad: Bad):
    with pytest.raises(ImageError) as caught:
        prepare_digit(decode_picture(bad.make(), bad.name), bad.name)
    assert caught.value.code == bad.code
    assert f"'{bad.name}'" in str(caught.value)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"])
def test_every_mode_of_tiff_shows_the_same_digit(mode: str):
    depths = {"I;16": (257, np.uint16), "I": (257, np.int32), "F": (1 / 255, np.float32)}
    picture = deep(*depths[mode]) if mode in depths else SEVEN.convert("RGB").convert(mode)
    assert picture.mode == mode
    assert np.abs(read(encoded(picture, "TIFF")) - WANTED).mean() < 0.01


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_shows_the_same_digit(mode: str):
    picture = deep(257, np.uint16) if mode == "I;16" else SEVEN.convert(mode)
    assert np.abs(read(encoded(picture)) - WANTED).mean() < 0.01


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"),
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("WEBP", "RGB"),
        ("AVIF", "RGB"),
        ("GIF", "P"),
        ("BMP", "1"),
        ("BMP", "RGB"),
    ],
)
def test_every_format_shows_the_same_digit(kind: str, mode: str):
    assert np.abs(read(encoded(SEVEN.convert(mode), kind)) - WANTED).mean() < 0.01


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "HSV", "YCbCr", "LAB", "F", "I", "I;16", "CMYK", "1", "P", "PA"])
def test_a_picture_in_memory_may_have_any_mode(mode: str):
    depths = {"I;16": (257, np.uint16), "I": (257, np.int32), "F": (1 / 255, np.float32)}
    picture = deep(*depths[mode]) if mode in depths else SEVEN.convert("RGB").convert(mode)
    assert np.abs(prepare_digit(picture, "seven") - WANTED).mean() < 0.01


@pytest.mark.parametrize("depth", [1023, 4095, 16383])
def test_values_that_fill_a_part_of_16_bits_are_scaled_by_their_depth(depth: int):
    values = (np.asarray(SEVEN, np.float64) / 255 * depth).astype(np.uint16)
    assert np.abs(read(encoded(Image.fromarray(values), "TIFF")) - WANTED).mean() < 0.01


def test_a_large_picture_of_16_bits_is_scaled_as_a_whole():
    large = np.asarray(seven(1400, pen=133), np.uint16) * 16
    large[:200] = 3000  # the darkest strip must not get a scale of its own
    shown = np.asarray(decode_picture(encoded(Image.fromarray(large)), "large"))
    assert shown[0].mean() == pytest.approx(3000 / 4095 * 255, abs=2)
    assert shown[-1].mean() == pytest.approx(4080 / 4095 * 255, abs=2)


def test_values_that_are_no_numbers_are_read_as_black():
    values = np.asarray(SEVEN, np.float32) / 255
    values[0, 0], values[1, 1] = np.nan, np.inf
    assert np.isfinite(read(encoded(Image.fromarray(values), "TIFF"))).all()


@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "GIF"])
def test_ink_on_a_transparent_ground_is_seen_whatever_its_colour(ink: int, kind: str):
    options = {"lossless": True} if kind == "WEBP" else {}
    assert np.abs(read(encoded(on_glass(ink), kind, **options)) - WANTED).mean() < 0.03


@pytest.mark.parametrize("ink", [0, 255])
def test_a_palette_with_transparency_is_seen(ink: int):
    assert np.abs(read(encoded(on_glass(ink).quantize(8))) - WANTED).mean() < 0.01


@pytest.mark.parametrize(("mode", "ground"), [("L", 255), ("RGB", (255, 255, 255)), ("I;16", 65535)])
def test_a_transparent_colour_is_seen_as_ground(mode: str, ground: int | tuple[int, ...]):
    picture = deep(257, np.uint16) if mode == "I;16" else SEVEN.convert(mode)
    assert np.abs(read(encoded(picture, transparency=ground)) - WANTED).mean() < 0.01


def test_transparent_corners_take_the_colour_of_the_paper():
    picture = SEVEN.convert("LA")
    alpha = np.full((84, 84), 255, np.uint8)
    alpha[:10, :10] = 0
    picture.putalpha(Image.fromarray(alpha))
    assert np.abs(read(encoded(picture)) - WANTED).mean() < 0.01


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "taken"),
    [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90), (8, Image.Transpose.ROTATE_270)],
)
def test_the_orientation_of_the_camera_is_applied(kind: str, orientation: int, taken: Image.Transpose):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(SEVEN.transpose(taken), kind, exif=exif)
    assert np.abs(read(data) - WANTED).mean() < 0.01


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_an_orientation_that_cannot_be_read_is_passed_over():
    data = encoded(SEVEN, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffnonsense")
    assert np.abs(read(data) - WANTED).mean() < 0.01


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_of_an_animation_the_first_frame_is_read(kind: str):
    others = [Image.new("L", (84, 84), 0), seven(pen=3)]
    data = encoded(SEVEN.convert("RGB"), kind, save_all=True, append_images=[frame.convert("RGB") for frame in others])
    assert np.abs(read(data) - WANTED).mean() < 0.02


def test_the_name_decides_nothing():
    assert decode_picture(encoded(SEVEN, "JPEG"), "notes.txt").size == (84, 84)


def test_a_large_photo_is_shrunk_while_it_is_decoded():
    photo = seven(750).resize((4000, 3000))
    picture = decode_picture(encoded(photo, "JPEG"), "photo.jpg")
    assert WORKING_SIDE / 2 < max(picture.size) <= WORKING_SIDE
    assert picture.width / picture.height == pytest.approx(4 / 3, abs=0.01)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(4, 9000), (9000, 4), (9000, 30)])
def test_a_long_strip_keeps_the_smallest_side(size: tuple[int, int], kind: str):
    strip = Image.new("L", size, 255)
    strip.paste(0, (size[0] // 2, size[1] // 2, size[0] // 2 + 40, size[1] // 2 + 40))
    picture = decode_picture(encoded(strip, kind), "strip")
    assert min(picture.size) >= SMALLEST_SIDE
    assert max(picture.size) <= WORKING_SIDE
    # Drawn ink is left on it, so it is a digit or blank, and never too small.
    assert read(encoded(strip, kind)).shape == (28, 28)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I", "F"])
def test_strip_by_strip_a_large_picture_is_shrunk_as_a_whole(mode: str, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (1111, 1500, 4), np.uint8))
    depths = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    picture = Image.fromarray(np.asarray(noise)[..., 0].astype(depths[mode])) if mode in depths else noise.convert(mode)
    data = encoded(picture, "TIFF")
    monkeypatch.setattr(images, "_STRIP", 1 << 30)
    whole = np.asarray(decode_picture(data, "large"))
    monkeypatch.setattr(images, "_STRIP", 1 << 15)
    assert whole.shape[:2] == (556, 750)
    np.testing.assert_array_equal(np.asarray(decode_picture(data, "large")), whole)


def test_the_photo_of_a_telephone_is_within_the_limit():
    size = (8064, 6048)
    assert size[0] * size[1] <= settings_of_the_app().max_image_pixels
    assert decode_picture(encoded(Image.new("L", size, 255), "JPEG"), "phone.jpg").size == (1008, 756)


def test_limits_come_from_the_settings(set_variables: Callable[..., None]):
    data = encoded(SEVEN)
    set_variables(MAX_IMAGE_BYTES=len(data), MAX_IMAGE_PIXELS=84 * 84)
    assert decode_picture(data, "seven.png").size == (84, 84)
    set_variables(MAX_IMAGE_BYTES=len(data) - 1)
    with pytest.raises(ImageError, match=f"{len(data):,} bytes, more than the {len(data) - 1:,} allowed"):
        decode_picture(data, "seven.png")
    set_variables(MAX_IMAGE_BYTES=len(data), MAX_IMAGE_PIXELS=84 * 84 - 1)
    with pytest.raises(ImageError, match="84 x 84 pixels, more than the 7,055 allowed"):
        decode_picture(data, "seven.png")


SOUND = [
    encoded(SEVEN),
    encoded(SEVEN.convert("P")),
    encoded(on_glass(0)),
    encoded(SEVEN, "JPEG"),
    encoded(SEVEN, "TIFF", compression="tiff_lzw"),
    encoded(SEVEN, "GIF"),
    encoded(SEVEN, "BMP"),
    encoded(SEVEN, "WEBP"),
    encoded(SEVEN, "AVIF"),
]


@pytest.mark.filterwarnings("ignore")
@given(
    data=st.sampled_from(SOUND),
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
    end=st.floats(0.02, 1),
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(data: bytes, places: list[tuple[float, int]], end: float):
    damaged = bytearray(data[: max(1, int(len(data) * end))])
    for place, value in places:
        # Most damage that matters is in the first bytes, where the headers are.
        damaged[int(len(damaged) * place**3)] = value
    try:
        image = read(bytes(damaged))
    except ImageError:
        return
    assert image.shape == (28, 28)
    assert np.isfinite(image).all()


@pytest.mark.filterwarnings("ignore")
@given(start=st.sampled_from([data[:40] for data in SOUND]), rest=st.binary(max_size=400))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_noise_behind_a_header_is_read_or_refused_and_nothing_else(start: bytes, rest: bytes):
    try:
        image = read(start + rest)
    except ImageError:
        return
    assert np.isfinite(image).all()


@pytest.mark.parametrize(
    "header", [b"VP8L\0\0\0\0\x2f\xff\xff\xff\x0f", b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f"]
)
def test_the_declared_size_of_every_kind_of_webp_is_told(header: bytes):
    data = b"RIFF" + struct.pack("<I", 90) + b"WEBP" + header + bytes(60)
    with pytest.raises(ImageError, match=r"declares 1638\d x 1638\d pixels"):
        decode_picture(data, "huge.webp")


def test_a_tiff_that_points_beyond_itself_is_refused():
    header = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1)
    entry = struct.pack("<HHII", 0x0100, 4, 0xFFFFFFFF, 0xFFFFFFF0)
    with pytest.raises(ImageError):
        decode_picture(header + entry, "bad.tiff")


def test_an_opened_picture_is_independent_of_its_file():
    picture = decode_picture(encoded(SEVEN), "seven.png")
    copy = io.BytesIO()
    picture.save(copy, "PNG")
    assert picture.mode == "L"
