"""The genre probe."""

import numpy as np
import pytest

from sslrec.data.films import Film
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


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_vectors_that_tell_genres_apart_beat_vectors_that_tell_nothing():
    unseen = {film.abstract for film in FILMS[:12]}
    nothing = lambda seed: lambda texts: np.random.default_rng(seed).normal(size=(len(texts), 5))  # noqa: E731
    found = probe(FILMS, knows, nothing, unseen, seeds=3, budgets=(10,))
    assert found["films"] == 160
    assert found["unseen_films"] == 12
    assert found["genres"] == dict.fromkeys(GENRES, 40)
    scores = found["10"]
    assert scores["pretrained"]["test"]["mean"] > 0.6
    assert scores["scratch"]["test"]["mean"] < 0.45
    assert scores["tfidf"]["test"]["mean"] > 0.6
    assert len(scores["pretrained"]["unseen"]["seeds"]) == 3
    gains = [a - b for a, b in zip(*(scores[name]["test"]["seeds"] for name in ("pretrained", "scratch")), strict=True)]
    assert scores["gain_over_scratch"]["mean"] == pytest.approx(np.mean(gains))
    assert scores["gain_over_scratch"]["low"] > 0
