# TensorFlow ships no types, and the partial stubs that pyright brings along reject valid calls
# (a tensor as a seed or inside a shape), so its names count as Any.
from typing import Any

def __getattr__(name: str) -> Any: ...
