"""Results that are kept as long as what they were made of, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

Made = TypeVar("Made")
Result = TypeVar("Result")


class KeptWith(Generic[Made, Result]):
    """A function of one object whose result is kept while that object lives.

    A cache of the usual kind would keep the object, such as a visitor's catalogue, for the sake of the result.

    Args:
        function: called once for each object; two threads that ask at once may call it twice.
    """

    def __init__(self, function: Callable[[Made], Result]) -> None:
        update_wrapper(self, function)
        self._function = function
        self._kept: WeakKeyDictionary[Any, Result] = WeakKeyDictionary()

    def __call__(self, made_of: Made) -> Result:
        """The function's result, made now or before."""
        try:
            return self._kept[made_of]
        except KeyError:
            return self._kept.setdefault(made_of, self._function(made_of))

    def cache_clear(self) -> None:
        """Forget all results."""
        self._kept.clear()
