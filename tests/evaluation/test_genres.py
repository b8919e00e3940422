"""The genre probe."""

import numpy as np
import pytest
from scipy import sparse

from sslrec.data.films import Film
from sslrec.evaluation import genres
from sslrec.evaluation.genres import GENRES, labelled, probe

FILMS = [
    Film(f"Film {n}", (genre, "War"), f"the {genre.lower() if n % 3 else 'other'} film number {n}")
    for n in range(40)
    for genre in GENRES
]


def test_films_of_exactly_one_of_the_genres_are_used():
    films = [Film("a", ("Drama",), ""), Film("b", ("Drama", "Comedy"), ""), Film("c", ("War",), ""), FILMS[0]]
    kept, labels = labelled(films)
    assert [film.title for film in kept] == ["a", "Film 0"]
    assert [GENRES[label] for label in labels] == ["Drama", "Action"]


def knows(texts):
    """Vectors that tell the genre of every film apart, and nothing else."""
    place = {film.abstract: GENRES.index(film.genres[0]) for film in FILMS if int(film.title[5:]) % 3}
    rng = np.random.default_rng(0)
    return np.eye(5)[[place.get(text, 4) for text in texts]] + rng.normal(0, 0.01, (len(texts), 5))


def unit(embed):
    """Vectors of length 1."""
    return lambda texts: embed(texts) / np.linalg.norm(embed(texts), axis=1, keepdims=True)


def test_only_the_span_of_what_is_learned_from_matters():
    """The same guesses as those of a classifier of all numbers, of which there are many."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 30)
    vectors = rng.normal(size=(120, 300)) + 2 * np.eye(4, 300)[labels]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    train = np.sort(rng.permutation(120)[:40])
    fresh = np.zeros(120, bool)
    whole = genres._score(sparse.csr_matrix(vectors), labels, fresh, train, "tfidf")
    assert genres._score(vectors, labels, fresh, train, "pretrained") == whole


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_vectors_that_tell_genres_apart_beat_vectors_that_tell_nothing():
    unseen = {film.abstract for film in FILMS[:12]}
    nothing = lambda seed: lambda texts: np.random.default_rng(seed).normal(size=(len(texts), 5))  # noqa: E731
    pretrained = {"words": unit(knows), "states": knows}
    scratch = lambda seed: {"words": unit(nothing(seed)), "states": nothing(seed)}  # noqa: E731
    found = probe(FILMS, pretrained, scratch, unseen, seeds=3, budgets=(10,))
    assert found["films"] == 160
    assert found["unseen_films"] == 12
    assert found["genres"] == dict.fromkeys(GENRES, 40)
    scores = found["10"]
    assert scores["pretrained"]["test"]["mean"] > 0.6
    assert scores["scratch"]["test"]["mean"] < 0.45
    assert scores["pretrained_states"]["test"]["mean"] > 0.6
    assert scores["scratch_states"]["test"]["mean"] < 0.45
    assert scores["gain_over_scratch_states"]["low"] > 0
    assert scores["tfidf"]["test"]["mean"] > 0.6
    assert len(scores["pretrained"]["unseen"]["seeds"]) == 3
    gains = [a - b for a, b in zip(*(scores[name]["test"]["seeds"] for name in ("pretrained", "scratch")), strict=True)]
    assert scores["gain_over_scratch"]["mean"] == pytest.approx(np.mean(gains))
    assert scores["gain_over_scratch"]["low"] > 0


def test_what_is_gained_comes_in_the_order_of_the_methods():
    names = ["pretrained", "pretrained_states", "tfidf", "scratch", "scratch_states", "counts"]
    found = genres._summary({name: [{"test": 0.5, "unseen": None}] * 2 for name in names})
    assert list(found) == names + [f"gain_over_{name}" for name in names[1:]]
