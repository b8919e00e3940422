import os
from pathlib import Path

import pytest

from sslrec.data.catalogue.sheets import open_sheet
from sslrec.errors import CatalogueError


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_told_by_what_it_is(kind: str, tmp_path: Path):
    path = tmp_path / "shop"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(CatalogueError, match=str(path)) as caught:
        open_sheet(path)
    assert caught.value.code == f"table_{kind}"
