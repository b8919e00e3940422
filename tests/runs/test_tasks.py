import re
from importlib.util import find_spec

import pytest

from sslrec.config import ROOT
from sslrec.runs.tasks import POLICIES, TASKS


@pytest.mark.parametrize("name", TASKS)
def test_a_task_names_a_recipe_and_explains_its_options(name: str):
    spec = TASKS[name]
    assert find_spec(spec.recipe).origin
    source = (ROOT / f"{spec.recipe.replace('.', '/')}.py").read_text("utf-8")
    assert re.search(r"^def build\(\s*config: RunConfig", source, re.MULTILINE)
    for option in spec.options.values():
        assert option.help.endswith(".")
        assert not isinstance(option.default, str) or option.pattern or option.default in option.choices
    assert spec.name({key: option.default for key, option in spec.options.items()})


def test_policies_are_named_once():
    assert list(POLICIES) == sorted(set(POLICIES))
