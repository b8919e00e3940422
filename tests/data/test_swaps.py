"""Kinds of words from names alone."""

import numpy as np
import pytest

from sslrec.data.swaps import find_swaps, normalised

BRANDS = ("Puma", "Nike", "Red Tape", "Fila")
COLOURS = ("Black", "Red", "Navy Blue", "Green")
KINDS = ("Cap", "Running Shoes", "Polo Shirt")
NAMES = [f"{brand} Men {colour} {kind}" for brand in BRANDS for colour in COLOURS for kind in KINDS]


@pytest.fixture(scope="module")
def swaps():
    return find_swaps(NAMES)


def test_colours_brands_and_kinds_find_their_like(swaps):
    assert set(swaps.partners["black"]) == {"red", "navy blue", "green"}
    assert set(swaps.partners["navy blue"]) == {"black", "red", "green"}
    assert set(swaps.partners["red tape"]) == {"puma", "nike", "fila"}
    assert swaps.partners["cap"] == {"polo shirt": 16, "running shoes": 16}
    assert "men" not in swaps.partners
    assert "men black" not in swaps.partners


def test_a_number_says_in_how_many_names_it_happened(swaps):
    # Black for red: four brands times three kinds.
    assert swaps.partners["black"]["red"] == 12
    assert not find_swaps(NAMES, at_least=13).partners.get("black")


def test_a_name_falls_into_phrases_and_the_longer_one_wins(swaps):
    assert swaps.phrases("PUMA men  navy blue Polo Shirt") == ["navy blue", "polo shirt", "puma"]
    assert swaps.phrases("nothing known") == []


def test_edits_exchange_one_phrase_and_leave_the_rest(swaps):
    random = np.random.default_rng(0)
    edits = swaps.edits("Nike Men Navy Blue Cap", 6, random)
    assert len({(edit.old, edit.new) for edit in edits}) == len(edits) == 6
    for edit in edits:
        assert edit.name == "nike men navy blue cap".replace(edit.old, edit.new)
        assert edit.new in swaps.partners[edit.old]
    assert swaps.edits("Nothing Known", 3, random) == []


def test_few_possible_edits_are_few_edits():
    swaps = find_swaps(["a b black", "a b red", "c d black", "c d red"], at_least=2)
    assert swaps.edits("A B Black", 5, np.random.default_rng(0)) == swaps.edits(
        "a b black", 1, np.random.default_rng(1)
    )
    assert swaps.edits("A B Black", 5, np.random.default_rng(0))[0].name == "a b red"


def test_names_differ_only_by_more_than_case_and_blanks():
    assert normalised("  Puma\tMEN  Cap ") == "puma men cap"
    assert not find_swaps(["A b Black", "a  b black"] * 9).partners
