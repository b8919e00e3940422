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


PAGE = """
import sys
from streamlit.testing.v1 import AppTest

for view in ("grid", "compare", "map"):
    page = AppTest.from_file("pages/recommend.py", default_timeout=60)
    page.session_state["lang"] = "en"
    page.query_params.update({"q": "red mug", "view": view, "likes": "t-shirt-001"})
    page.run()
    assert not page.exception and not page.error, page
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""
UNWANTED = {"pandas", "scipy", "sklearn", "transformers", "tensorflow", "keras"}


def run(script: str, *arguments: str, **variables: str) -> set[str]:
    """The words that a script prints in a process of its own, with the small recommender's assets."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, "SSLREC_ASSETS": str(tiny_assets()), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


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
    found = run(
        ANSWER, "builtin", "fashion_products", str(foreign), SSLREC_DATA=str(tmp_path), SSLREC_HOME=str(tmp_path)
    )
    assert "pyarrow" in found
    assert not found & UNWANTED


def test_the_page_needs_no_pandas_in_any_view(tmp_path: Path):
    pytest.importorskip("pandas", reason="without it there is nothing to see")
    found = run(PAGE, SSLREC_DATA=str(tmp_path), SSLREC_HOME=str(tmp_path))
    assert "plotly" in found
    assert not found & UNWANTED


def test_the_app_takes_memory_for_tables_from_the_system():
    script = "import app, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    assert run("import os; os.environ.pop('ARROW_DEFAULT_MEMORY_POOL', None); " + script) == {"system"}


DIGITS = """
import sys
from streamlit.testing.v1 import AppTest

page = AppTest.from_file("pages/digits.py", default_timeout=60)
page.session_state["lang"] = "en"
page.run()
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_the_digits_page_reads_no_catalogues_and_no_texts():
    # Arrow and the tokenizer's library would take 40 MB of its 200.
    assert not run(DIGITS) & {"pyarrow", "tokenizers", *UNWANTED}
