"""What a visitor has brought: nothing of it is lost by what comes after."""

import pytest

from sslrec.errors import CatalogueError
from sslrec.ui.catalogue_visit import File, Visit
from tests.data.catalogue.samples import picture
from tests.data.catalogue.test_archive import packed

TABLE = File("shop.csv", b"nr,title,img,shelf\n1,Red mug,a.png,Home\n2,Blue mug,b.png,Home\n")


@pytest.fixture
def visit():
    made = Visit()
    made.bring_table(TABLE)
    return made


def test_the_columns_are_guessed_and_corrected(visit):
    assert (visit.columns.title, visit.columns.image, visit.columns.category) == ("title", "img", None)
    visit.choose({"category": "shelf"})
    assert visit.columns.category == "shelf"
    assert visit.can_start
    with visit.source() as source:
        assert source.columns == visit.columns


def test_a_table_with_the_same_columns_keeps_their_meaning_and_another_is_guessed_anew(visit):
    visit.choose({"category": "shelf"})
    visit.bring_table(File("more.csv", b"nr,title,img,shelf\n3,Green mug,,Home\n"))
    assert (visit.name, visit.columns.category) == ("more", "shelf")
    visit.bring_table(File("other.csv", b"name,shelf\nGreen mug,Home\n"))
    assert (visit.columns.title, visit.columns.category) == ("name", None)


def test_what_cannot_be_used_changes_nothing(visit):
    visit.choose({"category": "shelf"})
    for file in (File("x.csv", b""), File("x.csv", picture()), File("x.parquet", b"PAR1?")):
        visit.bring_table(file)
        assert visit.problems["table"].params["name"] == file.name
        assert (visit.table, visit.columns.category) == (TABLE, "shelf")
    visit.bring_pictures(File("x.zip", b"no zip"))
    assert visit.problems["pictures"].code == "archive_damaged"
    assert visit.pictures is None


def test_the_same_again_takes_nothing_back_that_was_said_of_the_last_start(visit):
    visit.read_so("utf-8", ",")
    visit.problems["start"] = CatalogueError("catalogue_cancelled", name="shop")
    visit.take("table", File(TABLE.name, bytes(TABLE.data)))
    visit.take("pictures", None)
    visit.choose({"title": "title"})
    assert "start" in visit.problems
    assert (visit.encoding, visit.separator) == ("utf-8", ",")
    visit.choose({"category": "shelf"})
    assert "start" not in visit.problems


def test_a_catalogue_is_called_like_its_table_but_never_like_one_of_the_apps():
    for name, called in (("a/b/shop.v2.csv", "shop.v2"), ("builtin.csv", "builtin 2"), ("\u202e.csv", "catalogue")):
        visit = Visit()
        visit.bring_table(File(name, TABLE.data))
        assert visit.name == called


def test_how_files_fit_is_counted(visit):
    assert (visit.fit().lacking, visit.fit().pictured) == (2, 0)
    visit.forget()
    assert (visit.table, visit.sheet, visit.can_start) == (None, None, False)


def test_whether_the_pictures_are_used_is_told(visit):
    for name, used in (("SKU_1.png", False), ("a.png", True)):
        visit.bring_pictures(File("pics.zip", packed((name, picture()))))
        assert visit.fit().uses_pictures is used
