# Checking one import of this package takes as long as a quarter of the rest: it names thousands of models, and no
# types of its own are strict enough to be worth it. Its names count as Any.
from typing import Any

def __getattr__(name: str) -> Any: ...
