"""All figures of the recommender, measured from the served models on products that they never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sslrec.data.catalogue import Catalogue
from sslrec.data.half_names import half_names
from sslrec.evaluation.baselines import TfIdf, hand_made, in_parts
from sslrec.evaluation.matching import match_pairs
from sslrec.evaluation.picture_probes import probe_pictures
from sslrec.evaluation.probes import unit_length
from sslrec.evaluation.queries import composed_queries, cropped, word_queries
from sslrec.evaluation.ranking import (
    expected_calibration_error,
    hit_at_k,
    ndcg_at_k,
    precision_at_k,
    reciprocal_rank,
    reciprocal_rank_fusion,
)
from sslrec.evaluation.significance import percentile_interval, resampled_means

SEED = 0
"""Of queries, samples and resampling."""
GALLERY = 1000
"""Items of the smaller gallery: the first held-out ones."""
REFERENCE = 12_000
"""Training items that the probes and the baselines learn from, drawn at random."""
NEIGHBOURS = 10
"""Training items through which the baselines get from a text to a picture and back."""
ROUNDS = 1000
"""Bootstrap draws."""


class Models(Protocol):
    """The models under test, as `sslrec.serving.recommender.Recommender` offers them."""

    @property
    def height(self) -> int:
        """Height of a picture, in pixels."""
        ...

    @property
    def width(self) -> int:
        """Width of a picture, in pixels."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Texts to `(n, dim)` float32 of length 1."""
        ...

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """`(n, height, width, 3)` uint8 to `(n, dim)` float32 of length 1."""
        ...

    def fuse(self, vectors: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """`(n, dim)` by modality to parts `(n, modalities, dim)` and gates `(n, modalities)`."""
        ...

    def score(self, cosines: np.ndarray, ranking: str) -> np.ndarray:
        """Cosines to probabilities, by the calibration `fused`, `text` or `image`."""
        ...


@dataclass(frozen=True, eq=False)
class Products:
    """Some products, with what the models and the baselines make of them.

    Attributes:
        names: their names.
        pictures: `(n, height, width, 3)` uint8.
        groups: `(n,)` int64, equal where the names are, whatever their case.
        attributes: each attribute's values, by name.
    """

    names: list[str]
    pictures: np.ndarray
    groups: np.ndarray
    attributes: Mapping[str, list[str]]


def evaluate(
    models: Models,
    catalogue: Catalogue,
    progress: Callable[[str], None] = lambda part: None,
    reference: int = REFERENCE,
) -> dict[str, Any]:
    """Measure retrieval, single words, composed and half queries, probes and calibration, beside the baselines.

    Args:
        models: the models under test.
        catalogue: products with the attributes `gender`, `articleType` and `baseColour`; those that `held_out` names
            are measured on.
        progress: called with the name of each part as it begins.
        reference: how many of the others the probes and the baselines learn from.

    Returns:
        Figures by part; each with its 95 % interval by the paired bootstrap over queries.
    """
    progress("pictures")
    usable = catalogue.pictured & np.array([bool(name.strip()) for name in catalogue.titles])
    held = np.flatnonzero(catalogue.held_out & usable)
    others = np.flatnonzero(~catalogue.held_out & usable)
    drawn = np.random.default_rng(SEED).permutation(len(others))[:reference]
    test, train = _products(models, catalogue, held), _products(models, catalogue, others[np.sort(drawn)])
    progress("vectors")
    bench = _Bench(models, test, train)
    results: dict[str, Any] = {
        "data": {"held_out": len(held), "others": len(others), "reference": len(train.names), "seed": SEED},
        "bootstrap": {"rounds": ROUNDS, "confidence": 0.95, "seed": SEED},
    }
    for name, part in (
        ("retrieval", bench.retrieval),
        ("words", bench.single_words),
        ("composed", bench.composed),
        ("half_query", bench.half_query),
        ("calibration", bench.calibration),
    ):
        progress(name.replace("_", " "))
        results[name] = part()
    progress("probes")
    results["probes"] = probe_pictures(
        models.encode_pictures, train.pictures, test.pictures, train.attributes["articleType"],
        test.attributes["articleType"], SEED,
    )  # fmt: skip
    return results


class _Bench:
    """Vectors and features of the products, made once and shared by the measurements."""

    def __init__(self, models: Models, test: Products, train: Products) -> None:
        self.models, self.test = models, test
        self.text, self.image = models.encode_texts(test.names), models.encode_pictures(test.pictures)
        self.items = unit_length(self.text + self.image)
        self.same = test.groups[:, None] == test.groups[None, :]
        self.words = TfIdf(train.names)
        self.looks = in_parts(hand_made, test.pictures)
        self.train_names, self.train_looks = train.names, in_parts(hand_made, train.pictures)
        self.half_text = half_names(test.names, SEED)
        self.half_picture = cropped(test.pictures, SEED)
        half = {"text": models.encode_texts(self.half_text), "image": models.encode_pictures(self.half_picture)}
        self.half = self.queries(half)

    def queries(self, vectors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The served query by each modality alone and by both; and the plain sum of their vectors."""
        fused = {name: self.models.fuse({name: values})[0].sum(axis=1) for name, values in vectors.items()}
        fused["sum"] = unit_length(np.sum(list(vectors.values()), axis=0))
        fused["fused"] = self.models.fuse(vectors)[0].sum(axis=1)
        return fused

    def retrieval(self) -> dict[str, Any]:
        """Names to pictures and pictures to names."""
        by_words, by_looks = self._pictures_for(self.test.names), self._names_for_pictures()
        galleries = {str(min(GALLERY, len(self.same))): slice(0, GALLERY), "all": slice(None)}
        results = {}
        for gallery, part in galleries.items():
            same = self.same[part, part]
            found = {
                "text_to_image": {"towers": self.text[part] @ self.image[part].T, "baseline": by_words[part, part]},
                "image_to_text": {"towers": self.image[part] @ self.text[part].T, "baseline": by_looks[part, part]},
            }
            results[gallery] = {"items": len(same)} | {
                direction: _table(systems, lambda scores, same=same: _retrieved(scores, same))
                for direction, systems in found.items()
            }
        results["baseline"] = (
            f"TF-IDF to the {NEIGHBOURS} nearest of the reference items, and from their pictures' colour histograms "
            "and oriented gradients to the nearest pictures; or the other way round"
        )
        return results

    def single_words(self) -> dict[str, Any]:
        """Words of the names, to find what they are true of: by the pictures alone, and by pictures and names."""
        asked = word_queries(self.test.names)
        if not asked.texts:
            return {"queries": 0}
        texts = self.models.encode_texts(asked.texts)
        systems = {
            "pictures": texts @ self.image.T,
            "products": self.models.fuse({"text": texts})[0].sum(axis=1) @ self.items.T,
            "baseline": self._pictures_for(asked.texts),
        }
        return {"queries": len(asked.texts)} | _table(
            systems, lambda scores: {"p@10": precision_at_k(scores, asked.relevant, 10)}
        )

    def composed(self) -> dict[str, Any]:
        """Pictures with another colour asked for."""
        known = self.test.attributes
        asked = composed_queries(known["gender"], known["articleType"], known["baseColour"], SEED)
        texts = self.models.encode_texts(asked.texts)
        queries = self.queries({"text": texts, "image": self.image[asked.items]})
        systems = {name: query @ self.items.T for name, query in queries.items()}
        systems |= self._baselines(asked.texts, self.looks[asked.items])
        for scores in systems.values():
            scores[np.arange(len(asked.items)), asked.items] = -np.inf
        measured = {
            name: {"ndcg@10": ndcg_at_k(scores, asked.relevant, 10), "p@10": precision_at_k(scores, asked.relevant, 10)}
            for name, scores in systems.items()
        }
        results: dict[str, Any] = {"queries": len(asked.items)} | _summary(measured)
        gain = {name: figures["ndcg@10"] for name, figures in measured.items()}
        single = max(("text", "image"), key=lambda name: gain[name].mean())
        results["fused_over_best_single"] = {"single": single} | _ratio(gain["fused"], gain[single])
        results["fused_less_sum"] = _difference(gain["fused"], gain["sum"])
        return results

    def half_query(self) -> dict[str, Any]:
        """Half of a name and a quarter of the picture, to find the product by."""
        systems = {name: query @ self.items.T for name, query in self.half.items()}
        systems |= self._baselines(self.half_text, in_parts(hand_made, self.half_picture))
        measured = {name: _retrieved(scores, self.same) for name, scores in systems.items()}
        results: dict[str, Any] = {"queries": len(self.same)} | _summary(measured)
        hits = {name: figures["r@1"] for name, figures in measured.items()}
        single = max(("text", "image"), key=lambda name: hits[name].mean())
        results["fused_less_best_single"] = {"single": single} | _difference(hits["fused"], hits[single])
        return results

    def calibration(self) -> dict[str, Any]:
        """Whether the shown scores come true: own products among others, far and near, of half queries."""
        results = {}
        for name in ("text", "image", "fused"):
            cosines, matches = match_pairs(self.half[name], self.items, self.test.groups, SEED)
            results[name] = expected_calibration_error(self.models.score(cosines, name), matches)
        return {"pairs": 3 * len(self.items), "bins": 15, "expected_calibration_error": results}

    def _baselines(self, texts: Sequence[str], looks: np.ndarray) -> dict[str, np.ndarray]:
        """Scores of the products' names by TF-IDF, of their pictures by hand-made features, of both rankings fused."""
        by_text = self.words.cosines(texts, self.test.names)
        by_image = looks @ self.looks.T
        both = reciprocal_rank_fusion([by_text, by_image])
        return {"tfidf": by_text, "hand_made": by_image, "rank_fusion": both}

    def _pictures_for(self, texts: Sequence[str]) -> np.ndarray:
        """Baseline scores of the pictures for some texts, `(q, n)`, by the pictures of the names nearest to a text."""
        near = _nearest((self.words(texts) @ self.words(self.train_names).T).toarray())
        return unit_length(self.train_looks[near].mean(axis=1)) @ self.looks.T

    def _names_for_pictures(self) -> np.ndarray:
        """Baseline scores of the names for the pictures, `(n, n)`, by the names of the pictures nearest to one."""
        reference = self.words(self.train_names)
        near = _nearest(self.looks @ self.train_looks.T)
        seen: Any = sum(reference[near[:, place]] for place in range(near.shape[1]))
        seen = seen @ self.words(self.test.names).T
        return seen.toarray()


def _nearest(scores: np.ndarray) -> np.ndarray:
    count = min(NEIGHBOURS, scores.shape[1])
    return np.argpartition(-scores, count - 1, axis=1)[:, :count]


def _products(models: Models, catalogue: Catalogue, rows: np.ndarray) -> Products:
    titles = catalogue.titles
    names = [titles[row] for row in rows]
    _, groups = np.unique([name.strip().lower() for name in names], return_inverse=True)
    known = [dict(pairs) for pairs in catalogue.table.column("attributes").take(rows).to_pylist()]
    wanted = ("gender", "articleType", "baseColour")
    attributes = {name: [values.get(name, "") for values in known] for name in wanted}
    return Products(names, catalogue.pictures(rows, models.height, models.width), groups, attributes)


def _retrieved(scores: np.ndarray, same: np.ndarray) -> dict[str, np.ndarray]:
    figures = {f"r@{k}": hit_at_k(scores, same, k) for k in (1, 5, 10)}
    return {**figures, "mrr": reciprocal_rank(scores, same)}


def _table(systems: Mapping[str, np.ndarray], measure: Callable[[np.ndarray], dict[str, np.ndarray]]) -> dict[str, Any]:
    return _summary({name: measure(scores) for name, scores in systems.items()})


def _summary(measured: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, Any]:
    """Means over queries with intervals, by system and figure; every system's from the same draws."""
    return {
        system: {name: _interval(values) for name, values in figures.items()} for system, figures in measured.items()
    }


def _interval(values: np.ndarray) -> dict[str, float]:
    return percentile_interval(values.mean(), resampled_means(values[None], ROUNDS, SEED)[0])


def _difference(values: np.ndarray, others: np.ndarray) -> dict[str, float]:
    return _interval(values - others)


def _ratio(values: np.ndarray, others: np.ndarray) -> dict[str, float]:
    means = resampled_means(np.stack([values, others]), ROUNDS, SEED)
    floor = 1e-12
    figure = values.mean() / max(others.mean(), floor)
    return percentile_interval(figure, means[0] / np.maximum(means[1], floor))
