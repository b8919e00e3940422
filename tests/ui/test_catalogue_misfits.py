"""What is said before the start of rows and pictures that do not go together."""

import pytest

from sslrec.ui import catalogue_visit
from sslrec.ui.catalogue_bring import facts
from sslrec.ui.catalogue_misfits import misfits, misfits_title
from sslrec.ui.catalogue_visit import File, Visit
from sslrec.ui.texts import CATALOGUES
from tests.data.catalogue.samples import picture
from tests.data.catalogue.test_archive import packed

ENGLISH = CATALOGUES["en"]


@pytest.fixture(autouse=True)
def few_looked_at(monkeypatch):
    monkeypatch.setattr(catalogue_visit, "LOOKED_AT", 4)


def visit(*rows, pictures=()):
    made = Visit()
    made.bring_table(File("shop.csv", "\n".join(["sku,title,img", *rows, ""]).encode()))
    if pictures:
        made.bring_pictures(File("pics.zip", packed(*((name, picture()) for name in pictures))))
    return made


def rows(count, name=""):
    return [f"A{place},Red mug,{name}" for place in range(count)]


def test_of_a_longer_table_only_the_rows_that_were_looked_at_are_spoken_of():
    # The last row does go with the picture.
    (said,) = misfits(visit(*rows(5), "A9,Red mug,b.png", pictures=["b.png"]))
    assert said.startswith("None of the first 4 rows goes with a picture of the zip, which holds 1;")
    (said,) = misfits(visit(*rows(4), pictures=["b.png"]))
    assert said.startswith("No row goes with")


@pytest.mark.parametrize(
    ("made", "key", "count"),
    [
        ((*rows(5, "x.png"),), "lacking_first_all", 4),
        ((*rows(4, "x.png"),), "lacking_all", 4),
        ((*rows(3), "A1,Again,", *rows(1)), "bad_first", 1),
        ((*rows(3), "A1,Again,"), "bad", 1),
    ],
)
def test_a_count_of_the_first_rows_says_so(made, key, count):
    assert misfits(visit(*made))[0] == ENGLISH[f"found.{key}"].format(count=count, rows=4)


def test_named_pictures_that_the_zip_lacks_are_counted_among_the_first_rows():
    said = misfits(visit("A8,Red mug,b.png", *rows(5, "x.png"), pictures=["b.png"]))
    assert said[0] == ENGLISH["found.lacking_first"].format(count=3, rows=4)


@pytest.mark.parametrize(("count", "key"), [(1, "pictured_one"), (4, "pictured"), (5, "pictured_first")])
def test_a_table_that_was_looked_at_whole_is_not_said_to_be_its_beginning(count, key):
    assert f"<span>{ENGLISH[f'found.{key}']}</span>" in facts(visit(*rows(count)))


def test_the_heading_speaks_of_rows_only_where_some_are_left_out():
    assert misfits_title(visit("A1,Red mug,", "A1,Again,")) == ENGLISH["found.misfits"]
    assert misfits_title(visit("A1,Red mug,x.png")) == ENGLISH["found.misfits_pictures"]
    assert misfits_title(visit("A1,Red mug,", pictures=["b.png"])) == ""


def test_a_picture_of_an_endless_name_makes_no_endless_sentence():
    said = misfits(visit(f"A1,Red mug,{'x' * 3000}.png"))
    assert len(said) == 2
    assert max(map(len, said)) < 300
