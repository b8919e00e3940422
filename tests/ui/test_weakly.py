"""Results that live as long as what they were made of."""

import gc
from typing import Any
from weakref import ref

import pytest

from sslrec.ui.weakly import KeptWith


class Thing:
    def __init__(self, size):
        self.size = size


def size_of(thing: Any) -> int:
    return thing.size


def test_a_result_is_made_once_for_each_thing():
    asked = []
    double = KeptWith(lambda thing: asked.append(size_of(thing)) or [size_of(thing) * 2])
    one, two = Thing(1), Thing(2)
    assert double(one) is double(one)
    assert (double(one), double(two)) == ([2], [4])
    assert asked == [1, 2]
    double.cache_clear()
    assert double(one) == [2]
    assert asked == [1, 2, 1]


def test_nothing_is_kept_for_the_sake_of_a_result():
    sized = KeptWith(lambda thing: [size_of(thing)])
    thing = Thing(3)
    sized(thing)
    seen = ref(thing)
    del thing
    gc.collect()
    assert seen() is None


def test_an_error_is_passed_on_and_not_kept():
    failing = KeptWith(lambda thing: 1 // size_of(thing))
    thing = Thing(0)
    with pytest.raises(ZeroDivisionError):
        failing(thing)
    thing.size = 1
    assert failing(thing) == 1
