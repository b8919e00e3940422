"""Who may import whom: DESIGN's wings, read from the source rather than from what happens to run."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from sslrec.config import ROOT

GROUND = {"errors", "config", "channels", "artifacts", "data", "explain", "litert", "quiet", "runs.events"}
"""What every room may stand on."""
ALLOWED = {
    "errors": set(),
    "config": set(),
    "channels": {"errors"},
    "artifacts": {"errors", "config"},
    "data": {"errors", "config", "channels", "artifacts"},
    "explain": set(),
    "litert": {"quiet"},
    "quiet": set(),
    "evaluation": {"errors", "config", "data"},
    "runs": GROUND,
    "serving": GROUND | {"evaluation"},
    "learning": GROUND | {"evaluation", "runs"},
    "api": GROUND | {"serving", "version", "api_forms"},
    "api_forms": {"errors", "config"},
    "cli": GROUND | {"serving", "learning", "evaluation", "runs", "version"},
    "ui": GROUND | {"serving", "runs", "evaluation", "version"},
    "pages": GROUND | {"serving", "runs", "evaluation", "ui", "version"},
    "app": GROUND | {"serving", "runs", "ui", "api", "version"},
    "version": {"errors", "config", "data", "artifacts", "explain", "serving"},
    "main": {"cli"},
}
"""Room by room what it may import besides itself; `version` is the package's own `__init__`."""
LEARNING_ONLY = {"tensorflow", "keras"}
SCREEN_ONLY = {"streamlit"}
SCREEN = {"ui", "pages", "app"}


def sources() -> list[Path]:
    return sorted([ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("sslrec/**/*.py")])


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] != "sslrec":
        return parts[0]
    return {"__init__": "version", "__main__": "main"}.get(parts[1], parts[1])


def imported(path: Path) -> set[str]:
    """Every module that a file names in an import, at the top, in a function or for type checkers alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            found.add(module)
            if module == "sslrec" or (ROOT / module.replace(".", "/")).is_dir():
                found.update(f"{module}.{alias.name}" for alias in node.names)
    return found


def rooms_imported(path: Path) -> set[str]:
    rooms = set()
    for module in imported(path):
        parts = module.split(".")
        if parts[0] in ("pages", "app"):
            rooms.add(parts[0])
        elif parts[:3] == ["sslrec", "runs", "events"]:
            rooms.add("runs.events")
        elif parts[0] == "sslrec" and len(parts) > 1:
            is_room = (ROOT / "sslrec" / parts[1]).exists() or (ROOT / "sslrec" / f"{parts[1]}.py").exists()
            rooms.add(parts[1] if is_room else "version")
    return rooms


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_it_may(path: Path):
    room = room_of(path)
    assert room in ALLOWED, f"{room} has no place in the design"
    assert rooms_imported(path) - {room} <= ALLOWED[room]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_keras_stays_in_learning_and_streamlit_on_the_screen(path: Path):
    room, libraries = room_of(path), {module.split(".")[0] for module in imported(path)}
    if room != "learning":
        assert not libraries & LEARNING_ONLY
    if room not in SCREEN:
        assert not libraries & SCREEN_ONLY


def test_an_import_for_type_checkers_and_one_in_a_function_are_seen(tmp_path: Path):
    file = tmp_path / "sample.py"
    file.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from sslrec.learning import train\n"
        "def later():\n    import keras.layers\n    from sslrec import artifacts, __version__\n"
    )
    assert {"sslrec.learning", "sslrec.learning.train", "keras.layers", "sslrec.artifacts"} <= imported(file)
    assert rooms_imported(file) == {"learning", "artifacts", "version"}


def screen_modules() -> list[str]:
    """Every module of the screen; the main script runs when it is imported, so it is not among them."""
    return [f"sslrec.ui.{path.stem}" for path in sorted((ROOT / "sslrec" / "ui").glob("*.py")) if path.stem != "main"]


@pytest.mark.parametrize(
    "modules",
    [["sslrec"], ["sslrec.serving.digits", "sslrec.serving.answers"], ["sslrec.api"], ["sslrec.cli"], screen_modules()],
    ids=["package", "serving", "api", "cli", "ui"],
)
def test_serving_runs_without_tensorflow(modules: list[str]):
    script = f"import sys, {', '.join(modules)}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert not loaded & LEARNING_ONLY
    if modules[0] in ("sslrec", "sslrec.cli"):
        assert not loaded & {"streamlit", "sklearn", "scipy", "ai_edge_litert"}


@pytest.mark.usefixtures("shipped_models")
def test_an_answer_needs_no_tensorflow():
    script = (
        "import sys, numpy as np\n"
        "from sslrec.serving.digits import DigitReader\n"
        "reader = DigitReader(); reader.warm_up(); reader.compare(np.zeros((28, 28), np.float32))\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
