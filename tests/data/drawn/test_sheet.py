import numpy as np
import pytest

from sslrec.data.drawn.cloth import PATTERNS, Cloth, Gradient
from sslrec.data.drawn.colours import HUES, SHADES, shaded
from sslrec.data.drawn.outline import curve, slab
from sslrec.data.drawn.sheet import Fold, Sheet

RED = (0.8, 0.1, 0.1)


def sheet() -> Sheet:
    return Sheet(np.random.default_rng(0))


def test_a_part_is_drawn_in_its_colour_and_framed():
    made = sheet()
    made.part(slab(40, 50, 60, 90), RED, relief=0, edge=0)
    pixels = np.asarray(made.finish(lift=0))
    assert pixels.shape == (200, 160, 3)
    assert pixels[100, 80].tolist() == [204, 26, 26]
    # Twice as high as wide: it fills the height within the margins.
    rows = np.flatnonzero((pixels[:, 80] < 200).any(1))
    assert rows[0] == pytest.approx(9, abs=1)
    assert rows[-1] == pytest.approx(190, abs=1)
    assert (pixels[:, :20] == 255).all()


def test_a_hole_shows_the_ground_and_mirroring_swaps_sides():
    made = sheet()
    made.part(slab(20, 40, 120, 140), RED, holes=[slab(30, 50, 60, 130)], relief=0, edge=0)
    plain, swapped = made.finish(lift=0), made.finish(lift=0, mirror=True)
    assert np.asarray(plain)[100, 40].tolist() == [255, 255, 255]
    np.testing.assert_array_equal(np.asarray(plain), np.asarray(swapped)[:, ::-1])


def test_light_comes_from_the_upper_left():
    made = sheet()
    made.part(slab(30, 30, 130, 130), (0.5, 0.5, 0.5), puff=12, relief=0.6, edge=0)
    pixels = np.asarray(made.finish(lift=0)).astype(int)[..., 0]
    assert pixels[100, 14] > pixels[100, 80] > pixels[100, 145]


def test_a_fold_is_light_on_one_side_and_dark_on_the_other():
    def across(depth: float) -> np.ndarray:
        made = sheet()
        made.part(slab(20, 20, 140, 180), (0.5, 0.5, 0.5), folds=[Fold(curve("80,30 80,170"), 8, depth)])
        return np.asarray(made.finish(lift=0)).astype(int)[100, 70:90, 0]

    ridge, flat, crease = across(1.0), across(0.0), across(-1.0)
    assert ridge[:8].max() > flat.max() + 5
    assert ridge[12:].min() < flat.min() - 5
    assert crease[:8].min() < flat.min() - 5


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_has_its_colours_and_only_plain_has_one(pattern: str):
    hue = HUES["navy"]
    cloth = Cloth(pattern, hue.rgb, tuple(HUES[name].rgb for name in hue.mates), seed=3)
    colours = cloth.colours((100, 200, 540, 700), 20)
    assert colours.shape == (500, 440, 3)
    assert colours.min() >= 0
    assert colours.max() <= 1
    assert (np.ptp(colours.reshape(-1, 3), axis=0).max() > 0.1) == (pattern != "plain")
    np.testing.assert_array_equal(
        colours, Cloth(pattern, hue.rgb, cloth.mates, seed=3).colours((100, 200, 540, 700), 20)
    )


def test_a_gradient_passes_from_stop_to_stop():
    ramp = Gradient(((0, (0.0, 0.0, 0.0)), (160, (1.0, 1.0, 1.0)))).colours((0, 0, 640, 4), 0)
    assert ramp[0, 0, 0] == pytest.approx(0, abs=0.01)
    assert ramp[0, 319, 0] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("name", HUES)
def test_shades_are_ordered_and_stay_nearest_to_their_own_hue(name: str):
    rgb = {shade: np.array(shaded(HUES[name].rgb, shade)) for shade in SHADES}
    assert rgb["pale"].sum() > rgb["true"].sum() > rgb["deep"].sum()
    assert all(mate in HUES for mate in HUES[name].mates)
    assert len(HUES[name].mates) >= 2
