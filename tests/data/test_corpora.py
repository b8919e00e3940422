import pytest

from sslrec.data import corpora
from sslrec.data.catalogue import builtin_path
from sslrec.errors import DataError


def test_a_corpus_is_found_where_all_its_files_are(tmp_path, set_variables):
    set_variables(DATA=tmp_path)
    (tmp_path / "text").mkdir()
    paths = tuple(tmp_path / "text" / name for name in corpora.FILES["wikitext2"])
    paths[0].touch()
    assert corpora.find("wikitext2") is None
    paths[1].touch()
    assert corpora.find("wikitext2") == paths
    assert corpora.find("poems") is None
    corpora.require("text")


def test_the_built_in_corpus_lies_where_the_catalogue_does(tmp_path, set_variables):
    assert corpora.find("builtin") == (builtin_path(),)
    set_variables(ASSETS=tmp_path)
    assert corpora.find("builtin") is None


def test_without_texts_their_folder_is_asked_for(tmp_path, set_variables):
    set_variables(DATA=tmp_path)
    with pytest.raises(DataError, match="SSLREC_DATA"):
        corpora.require("text")
    corpora.require("builtin")
