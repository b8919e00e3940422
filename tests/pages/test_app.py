"""The launcher."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

from sslrec.config import ROOT
from sslrec.ui.texts import CATALOGUES


def test_streamlit_finds_the_app_with_its_routes():
    found = discover_asgi_app(ROOT / "app.py")
    assert found.is_asgi_app
    assert found.import_string == "app:app"


def test_a_host_that_executes_it_as_a_plain_script_shows_the_pages():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not app.exception
    assert app.title[0].value == CATALOGUES["en"]["home.title"]


def run_with_app(script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, in which the launcher is imported."""
    return subprocess.run(
        [sys.executable, "-c", f"import app\n{script}", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_wrong_setting_stops_the_server_with_one_sentence():
    done = run_with_app("", SSLREC_MAX_RUNS="lots")
    assert done.returncode == 1
    assert done.stderr == "error: SSLREC_MAX_RUNS is 'lots'; it must be a whole number above zero.\n"


LARGE_ONES = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sslrec.data.images import decode_picture

def held():
    line = next(line for line in open("/proc/self/status") if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024

data = Path(sys.argv[1]).read_bytes()
before = held()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda _: decode_picture(data, "large"), range(16)))
    print(held() - before)
"""


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="needs Linux with glibc"
)
def test_large_pictures_in_many_threads_leave_no_memory_behind(tmp_path: Path):
    Image.new("RGBA", (4000, 3000), (20, 40, 60, 200)).save(tmp_path / "large.png")
    done = run_with_app(LARGE_ONES, str(tmp_path / "large.png"))
    assert done.returncode == 0, done.stderr
    # One picture takes 48 MB while it is decoded; with glibc's own way 400 MB stayed.
    assert int(done.stdout) < 160_000_000
