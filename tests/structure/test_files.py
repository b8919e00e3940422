import ast
import re
import subprocess
from pathlib import Path

import pytest

from sslrec.config import ROOT

LONGEST = 320
"""Lines; the design says about 300."""
TEXTS = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".json", ".css", ".js", ".html", ""}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("needs a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def sources() -> list[Path]:
    return sorted(
        [
            ROOT / "app.py",
            *(file for room in ("pages", "sslrec", "benchmarks") for file in ROOT.glob(f"{room}/**/*.py")),
        ]
    )


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_it_is(path: Path):
    text = path.read_text("utf-8")
    # The catalogues of texts are tables, not code.
    if path.parent.name != "texts":
        assert text.count("\n") <= LONGEST
    assert ast.get_docstring(ast.parse(text))


def test_no_file_names_a_place_on_one_machine():
    place = re.compile(r"(?<![\w.])/(?:home|root|Users|work|mnt)/\w")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked()
        if path.suffix in TEXTS and path != Path(__file__)
        for line in path.read_text("utf-8").splitlines()
        if place.search(line)
    ]
    assert found == []


def test_everything_in_a_room_of_tests_mirrors_something():
    rooms = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    packages = {path.name for path in (ROOT / "sslrec").iterdir() if path.is_dir()}
    assert rooms <= packages | {"browser", "pages", "structure", "benchmarks"}
