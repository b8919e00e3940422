"""Both languages say everything, and nothing that no page shows."""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from sslrec.artifacts import SHIPPED
from sslrec.config import ROOT
from sslrec.data.sets import DATA_SETS
from sslrec.errors import MESSAGES
from sslrec.ui.texts import CATALOGUES

ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh-CN"]
LIBRARYS = {"error.archive_damaged", "error.table_damaged"}
"""What is in these braces of the English sentences is a library's own English."""
SOURCES = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "sslrec" / "ui").glob("*.py")]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def used_patterns() -> Iterator[str]:
    """A regular expression per `t(...)` call and per `["a.key"]` of a catalogue, in the screen's sources."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                yield from patterns_in(node.args[0])
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                key = node.slice.value
                if isinstance(key, str) and key in ENGLISH:
                    yield re.escape(key)


def patterns_in(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.IfExp):
        yield from patterns_in(argument.body)
        yield from patterns_in(argument.orelse)
    elif isinstance(argument, ast.JoinedStr):
        yield "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[^.]+" for part in argument.values
        )
    elif isinstance(argument, ast.Constant):
        yield re.escape(str(argument.value))


def test_both_languages_have_the_same_keys():
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_both_languages_fill_the_same_braces(key):
    assert fields(CHINESE[key]) == fields(ENGLISH[key]) - ({"reason"} if key in LIBRARYS else set())
    assert ENGLISH[key].strip()
    assert CHINESE[key].strip()


def test_every_text_that_is_asked_for_exists():
    missing = [pattern for pattern in used_patterns() if not any(re.fullmatch(pattern, key) for key in ENGLISH)]
    assert missing == []


def test_every_text_is_asked_for():
    patterns = list(used_patterns())
    # A key that is passed on in a variable is looked for as a plain string.
    sources = "".join(path.read_text("utf-8") for path in SOURCES)
    unused = [
        key
        for key in ENGLISH
        if not any(re.fullmatch(pattern, key) for pattern in patterns) and f'"{key}"' not in sources
    ]
    assert unused == []


def test_every_error_every_model_and_every_data_set_has_a_text():
    assert {f"error.{code}" for code in MESSAGES} <= CHINESE.keys()
    assert {f"model.{name}" for name in SHIPPED} <= CHINESE.keys()
    assert {f"data.{name}" for name in DATA_SETS} <= CHINESE.keys()


def test_the_chinese_texts_are_chinese():
    # Names of products and of data formats stay as they are; a whole sentence does not.
    left = [key for key, text in CHINESE.items() if len(text) > 24 and not re.search("[\u4e00-\u9fff]", text)]
    assert left == []


@pytest.mark.parametrize(
    ("catalogue", "trained", "kept"), [(ENGLISH, "train", "keep by name"), (CHINESE, "训练", "取名保存")]
)
@pytest.mark.parametrize("key", ["app.footer", "bring.limits"])
def test_what_outlives_a_visit_is_not_said_to_go_with_it(key, catalogue, trained, kept):
    # An own text and an adapted catalogue lie in SSLREC_HOME, as does what a visitor keeps.
    assert kept in catalogue[key]
    assert trained in catalogue["app.footer"]


def test_the_classifiers_are_not_said_to_have_learned_without_labels():
    assert "without its labels at first, the classifiers then with them" in ENGLISH["app.credits"]
    assert "先不用标签，分类器再用标签" in CHINESE["app.credits"]


def test_both_languages_say_how_many_products_are_found_for_a_wish():
    # `NEAREST` of `sslrec.learning.recipes.fusion`, which brings Keras.
    source = (ROOT / "sslrec" / "learning" / "recipes" / "fusion.py").read_text("utf-8")
    assert "NEAREST = 6, 3\n" in source
    assert "nearest three" in ENGLISH["exhibit.composed_note"]
    assert "最接近的三件" in CHINESE["exhibit.composed_note"]
