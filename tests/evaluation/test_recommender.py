import io
import zlib
from collections.abc import Mapping, Sequence
from itertools import count, product
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sslrec.data.catalogue import Catalogue, is_held_out
from sslrec.evaluation import recommender as measured
from sslrec.evaluation.probes import unit_length
from sslrec.evaluation.recommender import evaluate
from tests.data.catalogue.samples import row, table

COLOURS, TYPES, OWN = ("Red", "Blue", "Green"), ("Shirt", "Bag"), 16
HELD_OUT, OTHERS = 7, 12
"""Items of each colour and type."""


def own(name: str) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(name.encode())).normal(size=OWN) * 0.1


def features(colour: str | None, kind: str | None, name: str | None) -> np.ndarray:
    seen = [colour == other for other in COLOURS] + [kind == other for other in TYPES]
    return np.concatenate([np.array(seen, float), own(name) if name else np.zeros(OWN)])


class StandIn:
    """Models that see everything, and change the colour of a picture as they are told."""

    height, width = 80, 60

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        found = []
        for text in texts:
            words = text.title().split()
            colour = next((word for word in words if word in COLOURS), None)
            kind = next((word for word in words if word in TYPES), None)
            found.append(features(colour, kind, text if text in self._names else None))
        return unit_length(np.array(found)).astype(np.float32)

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        found = []
        for picture in pictures:
            number, *check = picture[0, 0]
            # A cropped picture shows nothing of it.
            name = self._names[number] if check == [7, 7] and number < len(self._names) else None
            colour, kind = name.split()[1:3] if name is not None else (None, None)
            found.append(features(colour, kind, name))
        return unit_length(np.array(found)).astype(np.float32)

    def fuse(self, vectors: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        if len(vectors) == 1:
            return next(iter(vectors.values()))[:, None], np.ones((1, 1))
        text, image = vectors["text"].copy(), vectors["image"].copy()
        image[:, : len(COLOURS)] = 0
        total = np.linalg.norm(text + image, axis=1)[:, None, None]
        return np.stack([text, image], axis=1) / np.maximum(total, 1e-9), np.full((len(text), 2), 0.5)

    def score(self, cosines: np.ndarray, ranking: str) -> np.ndarray:
        return np.full(len(cosines), {"text": 1 / 3, "image": 0.0, "fused": 1.0}[ranking])


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    rows: list[dict[str, Any]] = []
    for held_out, number in ((True, HELD_OUT), (False, OTHERS)):
        for colour, kind in product(COLOURS, TYPES):
            names = (f"Acme {colour} {kind} {suffix}" for suffix in count())
            for name in [next(n for n in names if is_held_out(n) == held_out) for _ in range(number)]:
                picture = np.full((80, 60, 3), len(rows), np.uint8)
                picture[0, 0] = (len(rows), 7, 7)
                stream = io.BytesIO()
                Image.fromarray(picture).save(stream, "PNG")
                pairs = [("gender", "Men"), ("articleType", kind), ("baseColour", colour)]
                rows.append(
                    row(item_id=str(len(rows)), title=name, image=stream.getvalue(), attributes=pairs, category=kind)
                )
    return Catalogue("products", "here", table(*rows))


@pytest.fixture(scope="module")
def results(catalogue: Catalogue) -> dict[str, Any]:
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measured, "GALLERY", 20)
        patch.setattr(measured, "ROUNDS", 50)
        found = evaluate(StandIn(catalogue.titles), catalogue, told.append, 60)
    assert told == ["pictures", "vectors", "retrieval", "words", "composed", "half query", "calibration", "probes"]
    return found


def test_the_held_out_items_are_measured_and_the_others_learned_from(results: dict[str, Any]):
    assert results["data"] == {"held_out": 42, "others": 72, "reference": 60, "seed": 0}


def test_perfect_towers_find_every_name_s_picture(results: dict[str, Any]):
    assert set(results["retrieval"]) == {"20", "all", "baseline"}
    assert results["retrieval"]["20"]["items"] == 20
    assert results["retrieval"]["all"]["items"] == 42
    for gallery in ("20", "all"):
        for direction in ("text_to_image", "image_to_text"):
            systems = results["retrieval"][gallery][direction]
            assert systems["towers"]["r@1"] == {"mean": 1, "low": 1, "high": 1}
            assert systems["baseline"]["r@1"]["mean"] < 1
            assert set(systems["towers"]) == {"r@1", "r@5", "r@10", "mrr"}


def test_a_word_finds_the_products_of_which_it_is_true(results: dict[str, Any]):
    words = results["words"]
    # Three colours and two kinds; "acme" is in all names.
    assert words["queries"] == 5
    for system in ("pictures", "products"):
        assert words[system]["p@10"]["mean"] == 1
    assert words["baseline"]["p@10"]["mean"] < 1


def test_a_head_that_changes_the_colour_beats_each_modality_and_their_sum(results: dict[str, Any]):
    composed = results["composed"]
    assert composed["queries"] == 42
    gain = {name: composed[name]["ndcg@10"]["mean"] for name in ("text", "image", "sum", "fused")}
    assert gain["fused"] == pytest.approx(1)
    # Seven of the first ten are relevant, which is all there are.
    assert composed["fused"]["p@10"]["mean"] == pytest.approx(0.7)
    assert gain["image"] < gain["sum"] < 1
    ratio = composed["fused_over_best_single"]
    assert ratio["mean"] == pytest.approx(1 / gain[ratio["single"]])
    assert ratio["low"] <= ratio["mean"] <= ratio["high"]
    assert composed["fused_less_sum"]["mean"] == pytest.approx(1 - gain["sum"])
    assert {"tfidf", "hand_made", "rank_fusion"} <= set(composed)


def test_half_queries_have_every_system_in_one_table(results: dict[str, Any]):
    half = results["half_query"]
    assert half["queries"] == 42
    for system in ("text", "image", "sum", "fused", "tfidf", "hand_made", "rank_fusion"):
        figure = half[system]["r@10"]
        assert 0 <= figure["low"] <= figure["mean"] <= figure["high"] <= 1
    assert half["fused_less_best_single"]["single"] in ("text", "image")


def test_calibration_compares_scores_with_what_came_true(results: dict[str, Any]):
    assert results["calibration"]["pairs"] == 126
    errors = results["calibration"]["expected_calibration_error"]
    assert errors == pytest.approx({"text": 0, "image": 1 / 3, "fused": 2 / 3}, abs=1e-6)


def test_probes_of_perfect_features_are_perfect(results: dict[str, Any]):
    probes = results["probes"]
    assert (probes["classes"], probes["train"], probes["test"]) == (2, 60, 42)
    assert probes["encoder"]["linear"]["mean"] == probes["encoder"]["knn"]["mean"] == 1
    for kind in ("random_encoder", "colour_histogram", "raw_pixels"):
        assert 0 <= probes[kind]["linear"]["mean"] <= 1


def test_the_same_seed_gives_the_same_figures(results: dict[str, Any], catalogue: Catalogue):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measured, "GALLERY", 20)
        patch.setattr(measured, "ROUNDS", 50)
        assert evaluate(StandIn(catalogue.titles), catalogue, reference=60) == results
