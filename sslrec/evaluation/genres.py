"""What pretraining buys: the genre of a film from its abstract, with few labels.

A linear classifier reads the vectors of the pretrained model, of the same model with random weights, and TF-IDF of
words and pairs of words. A model's vectors are of two kinds: the words that it expects in a text (`expectations`), and
the mean of its states. Each method gets the same labelled films, and chooses its own strength of regularisation by
cross-validation among them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from sslrec.data.films import Film
from sslrec.evaluation.significance import mean_interval

GENRES = ("Action", "Comedy", "Drama", "Horror")
"""The genres told apart; films that have exactly one of them are used."""
BUDGETS = (10, 100)
SEEDS = 5
STRENGTHS = (0.003, 0.03, 0.3, 3.0)
"""scikit-learn's `C` to choose from; ten times as much for vectors of length 1, whose numbers are that much smaller."""
KINDS = {"words": "", "states": "_states"}
"""Kinds of a model's vectors, and how the methods that read them end."""
FOLDS = 3

Embed = Callable[[Sequence[str]], np.ndarray]
Features = np.ndarray | sparse.csr_matrix


def labelled(films: Sequence[Film]) -> tuple[list[Film], np.ndarray]:
    """The films with exactly one of `GENRES`, and its number."""
    found = [(film, [number for number, genre in enumerate(GENRES) if genre in film.genres]) for film in films]
    kept = [(film, numbers[0]) for film, numbers in found if len(numbers) == 1]
    return [film for film, _ in kept], np.array([number for _, number in kept], int)


def probe(
    films: Sequence[Film],
    pretrained: Mapping[str, Embed],
    scratch: Callable[[int], Mapping[str, Embed]],
    unseen: Collection[str] = (),
    progress: Callable[[str], None] = lambda part: None,
    seeds: int = SEEDS,
    budgets: Sequence[int] = BUDGETS,
) -> dict[str, Any]:
    """Measure balanced accuracy by method and label budget.

    Args:
        films: with abstracts.
        pretrained: texts to `(n, dim)` vectors of each kind of `KINDS`; those of words are of length 1.
        scratch: the same of the model with the random weights of a seed.
        unseen: abstracts that pretraining has not read, blanks as single spaces. Their films are never among the
            labelled ones, and are measured on by themselves too: of the others the encoder has read the abstract,
            though never a genre.
        progress: called with the name of each part as it begins.
        seeds: draws of the labelled films, and random encoders.
        budgets: labels per class.

    Returns:
        For each budget and method `test` and `unseen`: the mean over seeds with its 95 % interval (Student's t) and
        each seed's figure; and how much more of `test` the words that the pretrained model expects get right than each
        other method, draw by draw.
    """
    chosen, labels = labelled(films)
    texts = [film.abstract for film in chosen]
    fresh = np.array([" ".join(text.split()) in unseen for text in texts])
    progress("genres, pretrained")
    known = {f"pretrained{end}": pretrained[kind](texts) for kind, end in KINDS.items()}
    known["tfidf"] = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2).fit_transform(texts)
    found: dict[str, Any] = {
        "films": len(texts),
        "unseen_films": int(fresh.sum()),
        "genres": {genre: int((labels == number).sum()) for number, genre in enumerate(GENRES)},
    }
    scores: dict[int, dict[str, list[dict[str, float | None]]]] = {budget: {} for budget in budgets}
    for seed in range(seeds):
        progress(f"genres, random weights {seed + 1}")
        random = scratch(seed)
        features = known | {f"scratch{end}": random[kind](texts) for kind, end in KINDS.items()}
        progress(f"genres, labels {seed + 1}")
        for budget in budgets:
            train = _draw(labels, fresh, budget, seed)
            for name, vectors in features.items():
                scores[budget].setdefault(name, []).append(_score(vectors, labels, fresh, train, name))
    return found | {str(budget): _summary(one) for budget, one in scores.items()}


def _draw(labels: np.ndarray, fresh: np.ndarray, budget: int, seed: int) -> np.ndarray:
    """`budget` films of each class, none of them unseen."""
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [rng.choice(np.flatnonzero((labels == one) & ~fresh), budget, replace=False) for one in np.unique(labels)]
    )


def _score(
    features: Features, labels: np.ndarray, fresh: np.ndarray, train: np.ndarray, name: str
) -> dict[str, float | None]:
    is_scaled = name.endswith(KINDS["states"])
    if is_scaled:
        scaled: Any = StandardScaler().fit(features[train]).transform(features)
        features = scaled
    elif isinstance(features, np.ndarray):
        # The weights lie in the span of what they are learned from: there are as many numbers as films to look at.
        features = features @ np.linalg.qr(features[train].T)[0]
    strengths = [strength * (1 if is_scaled else 10) for strength in STRENGTHS]
    search = GridSearchCV(LogisticRegression(max_iter=500), {"C": strengths}, cv=FOLDS, scoring="balanced_accuracy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        search.fit(features[train], labels[train])
    test = np.setdiff1d(np.arange(len(labels)), train)
    right = {"test": test, "unseen": np.flatnonzero(fresh)}
    return {
        part: float(balanced_accuracy_score(labels[rows], search.predict(features[rows]))) if len(rows) else None
        for part, rows in right.items()
    }


def _summary(scores: Mapping[str, Sequence[Mapping[str, float | None]]]) -> dict[str, Any]:
    summary: dict[str, Any] = {}
    for name, each in scores.items():
        summary[name] = {}
        for part in ("test", "unseen"):
            values = [one for score in each if (one := score[part]) is not None]
            if values:
                summary[name][part] = {**mean_interval(values), "seeds": values}
    ours = [score["test"] or 0.0 for score in scores["pretrained"]]
    for name in (name for name in scores if name != "pretrained"):
        others = [score["test"] or 0.0 for score in scores[name]]
        summary[f"gain_over_{name}"] = mean_interval([a - b for a, b in zip(ours, others, strict=True)])
    return summary
