import inspect

import pytest

import sslrec


def test_the_public_names_are_sorted_and_once():
    assert list(sslrec.__all__) == sorted(set(sslrec.__all__))


@pytest.mark.parametrize("name", [name for name in sslrec.__all__ if name != "__version__"])
def test_a_public_name_is_there_and_explained(name: str):
    found = getattr(sslrec, name)
    assert found.__name__ == name
    assert found.__module__.startswith("sslrec.")
    # A dataclass without a docstring of its own gets its signature as one.
    assert not (inspect.getdoc(found) or f"{name}(").startswith(f"{name}(")
    assert name in dir(sslrec)


def test_every_name_that_loads_lazily_is_public():
    lazy = {name for names in sslrec._HOMES.values() for name in names}
    assert lazy | {"__version__"} == set(sslrec.__all__)


def test_all_errors_are_public():
    from sslrec import errors

    classes = {
        name for name, found in vars(errors).items() if inspect.isclass(found) and found.__module__ == errors.__name__
    }
    assert classes <= set(sslrec.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'sslrec' has no attribute 'nonsense'"):
        sslrec.nonsense  # noqa: B018
