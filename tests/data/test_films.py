import gzip

import pytest

from sslrec.data.films import load_films
from sslrec.errors import DataError

HEAD = "movieId,title,year,genres,abstract\n"


def test_films_with_an_abstract_are_read(tmp_path, set_variables):
    set_variables(DATA=tmp_path)
    folder = tmp_path / "movielens"
    folder.mkdir()
    with pytest.raises(DataError, match="SSLREC_DATA/movielens/items"):
        load_films()
    rows = '1,Heat,1995,Action|Crime,"A long, ""good"" film."\n2,Nothing,1996,Drama,  \n'
    (folder / "items.csv.gz").write_bytes(gzip.compress((HEAD + rows).encode()))
    (film,), digest = load_films()
    assert (film.title, film.genres, film.abstract) == ("Heat", ("Action", "Crime"), 'A long, "good" film.')
    assert len(digest) == 64
    (folder / "items.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(DataError, match="cannot be read"):
        load_films()
