"""What the app's process must not load: the pages' memory is budgeted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sslrec.config import ROOT
from tests.data.catalogue.test_fashion import write_folder
from tests.recommenders import tiny_assets

ANSWER = """
import io, sys
from sslrec.data.catalogue import load_catalogue
from sslrec.serving.profile import Profile
from sslrec.serving.recommender import Recommender

recommender = Recommender()
for name in sys.argv[1:]:
    index = recommender.open_catalogue(load_catalogue(name))
    picture = next(product.image for product in index.catalogue if product.image)
    profile = Profile((0,), (1,))
    answer = recommender.recommend(index, "red mug", picture, profile=profile, price=(0, None), diversity=0.5)
    recommender.reasons(index, answer, profile)
    index.catalogue.index_of("1"), index.price_range
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A Parquet file of somebody else's: other names, prices as texts, an empty picture, attributes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tests.data.catalogue.samples import picture

    path = tmp_path / "shop.parquet"
    columns = {"name": ["Mug", "Cup", " "], "price": ["$1,299.00", None, "3"], "colour": ["red", None, "blue"]}
    pq.write_table(pa.table({**columns, "image": [picture(), b"", picture()], "size": [[1], None, [2]]}), path)
    return path


def test_answers_from_every_kind_of_catalogue_need_no_pandas(foreign: Path, tmp_path: Path):
    pytest.importorskip("pandas", reason="without it there is nothing to see")
    write_folder(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", ANSWER, "builtin", "fashion_products", str(foreign)],
        cwd=ROOT,
        env={
            **os.environ,
            "SSLREC_ASSETS": str(tiny_assets()),
            "SSLREC_DATA": str(tmp_path),
            "SSLREC_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & {"pandas", "scipy", "sklearn", "transformers", "tensorflow", "keras"}
