import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sslrec.config import settings
from sslrec.data.catalogue import Catalogue, load_catalogue
from sslrec.errors import DataError
from sslrec.serving.vectors import kept_path
from tests.data.catalogue.samples import picture

HEADER = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"


@pytest.fixture
def folder(set_variables: Callable[..., None], tmp_path: Path) -> Path:
    """A fashion_products of three rows, of which the second has no picture."""
    set_variables(DATA=tmp_path)
    return write_folder(tmp_path)


def write_folder(data: Path) -> Path:
    """Make the set in a data folder."""
    made = data / "fashion_products"
    made.mkdir()
    rows = [
        "1,Men,Apparel,Topwear,Tshirts,Red,Summer,2012,NA,Red Tee",
        '2,Women,Apparel,Innerwear,Bra,Black,Winter,2016,Casual,"Lace, black"',
        "3,Men,Footwear,Shoes,Heels,Blue,,2011,Party,Blue Heels",
    ]
    (made / "styles.csv").write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    with zipfile.ZipFile(made / "images.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("3.jpg", picture((0, 0, 200), kind="JPEG"))
        archive.writestr("1.jpg", picture((200, 0, 0), kind="JPEG"))
    return made


def test_names_pictures_and_attributes_belong_together(folder: Path):
    found = load_catalogue("fashion_products")
    assert found.source == str(folder)
    assert found.titles == ["Red Tee", "Lace, black", "Blue Heels"]
    assert [product.image for product in found] == [
        picture((200, 0, 0), kind="JPEG"),
        None,
        picture((0, 0, 200), kind="JPEG"),
    ]
    assert found.product(0).attributes == {
        "gender": "Men", "masterCategory": "Apparel", "articleType": "Tshirts", "baseColour": "Red", "season": "Summer",
        "year": "2012", "usage": "NA",
    }  # fmt: skip
    assert found.table.column("image").to_pylist() == [product.image for product in found]
    found.table.column("image").validate(full=True)


@pytest.mark.skipif(not Path("/proc/self/smaps").is_file(), reason="needs Linux's account of a process's memory")
def test_pictures_that_were_looked_at_do_not_stay_in_memory(folder: Path):
    found = load_catalogue("fashion_products")
    assert found.image(2)
    assert found.picture(0, 8, 6).any()
    kept_path(found, "model")
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    resident = [next(line for line in lines if line.startswith("Rss:")) for line in lines if str(folder) in line]
    assert [line.split()[1] for line in resident] == ["0"]


def test_a_picture_file_that_went_away_is_told(folder: Path):
    found = load_catalogue("fashion_products")
    (folder / "images.zip").unlink()
    with pytest.raises(DataError, match=r"images\.zip") as caught:
        found.image(0)
    assert caught.value.code == "data_damaged"


def test_there_are_no_prices_nor_descriptions_and_underwear_is_not_shown(folder: Path):
    found = load_catalogue("fashion_products")
    assert {product.price for product in found} == {product.description for product in found} == {None}
    assert found.shown.tolist() == [True, False, True]


def test_without_the_files_it_says_where_they_are_looked_for(set_variables: Callable[..., None], tmp_path: Path):
    set_variables(DATA=tmp_path)
    with pytest.raises(DataError, match="set SSLREC_DATA") as caught:
        load_catalogue("fashion_products")
    assert caught.value.code == "data_missing"


def test_a_damaged_table_and_a_damaged_zip_are_told(folder: Path):
    whole = (folder / "images.zip").read_bytes()
    (folder / "images.zip").write_bytes(whole[:100])
    with pytest.raises(DataError) as caught:
        load_catalogue("fashion_products")
    assert caught.value.code == "data_damaged"
    (folder / "images.zip").write_bytes(whole)
    (folder / "styles.csv").write_text("id,title\n1,a\n")
    with pytest.raises(DataError, match="cannot be read"):
        load_catalogue("fashion_products")


def test_compressed_pictures_cannot_be_mapped_and_are_refused(folder: Path):
    with zipfile.ZipFile(folder / "images.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.jpg", b"a" * 1000)
    with pytest.raises(DataError, match=r"1\.jpg is compressed"):
        load_catalogue("fashion_products")


@pytest.fixture(scope="module")
def real() -> Catalogue:
    settings.cache_clear()
    data_dir = settings().data_dir
    if data_dir is None or not (data_dir / "fashion_products" / "images.zip").is_file():
        pytest.skip("needs SSLREC_DATA/fashion_products")
    return load_catalogue("fashion_products")


def test_the_real_set_has_its_counts(real: Catalogue):
    assert len(real) == 44_110
    assert real.pictured.all()
    assert real.held_out.sum() == 4_514
    categories = np.array(real.categories)
    assert not set(categories[real.shown]) & {"Innerwear", "Loungewear and Nightwear"}
    assert (~real.shown).sum() == 1_806 + 464


def test_the_real_pictures_are_those_of_the_zip(real: Catalogue):
    with zipfile.ZipFile(Path(real.source) / "images.zip") as archive:
        for row in range(0, len(real), 4_001):
            product = real.product(row)
            assert product.image == archive.read(f"{product.item_id}.jpg")
    assert real.pictures([0, 44_109], 80, 60).shape == (2, 80, 60, 3)
