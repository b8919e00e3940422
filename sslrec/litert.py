"""LiteRT models behind a lock: arrays in, arrays out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from sslrec.quiet import quietly

_SAID = threading.Event()


@contextmanager
def _without_its_note() -> Iterator[None]:
    """Keep quiet what LiteRT prints on stderr, whatever its log level, when a process's first model gets its memory."""
    if _SAID.is_set():
        yield
        return
    with quietly():
        yield
    _SAID.set()


class LiteModel:
    """One `.tflite` model with one input and one output to ask for.

    An interpreter is not thread-safe, so each model has one lock; at a tenth of a millisecond a call a
    pool would buy nothing.

    Args:
        path: the `.tflite` file.
    """

    def __init__(self, path: Path) -> None:
        # One thread is fastest for models this small.
        self._interpreter = Interpreter(model_path=str(path), num_threads=1)
        self._lock = threading.Lock()
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = self._interpreter.get_output_details()
        self._shape: tuple[int, ...] | None = None

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Run the model.

        Args:
            batch: `(batch, ...)` float32; any batch size.

        Returns:
            The first output, `(batch, ...)` float32, a copy of its own.
        """
        batch = np.ascontiguousarray(batch, np.float32)
        with self._lock:
            if self._shape != batch.shape:
                self._shape = None  # until the tensors fit the new batch, should that fail
                self._interpreter.resize_tensor_input(self._input["index"], batch.shape)
                with _without_its_note():
                    self._interpreter.allocate_tensors()
                self._shape = batch.shape
            self._interpreter.set_tensor(self._input["index"], batch)
            self._interpreter.invoke()
            return self._interpreter.get_tensor(self._outputs[0]["index"])

    def in_batches(self, inputs: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Run the model over many inputs; equal to one call, in bounded memory.

        The interpreter keeps what its largest batch needed: 12 MB less than for batches of 256, as fast.
        """
        parts = [self(inputs[i : i + batch_size]) for i in range(0, len(inputs), batch_size)]
        return np.concatenate(parts)


class NamedLiteModel:
    """One `.tflite` model with several inputs and outputs, each by its name.

    Like `LiteModel` it may be shared by threads: they take turns.

    Args:
        path: the `.tflite` file.
        threads: how many threads one call may use; more than one pays for models of some ten million weights.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        # The runner does not keep the interpreter alive by itself in every version.
        self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
        self._run = self._interpreter.get_signature_runner("serving_default")
        self._types = {name: tensor["dtype"] for name, tensor in self._run.get_input_details().items()}
        self._lock = threading.Lock()

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Run the model.

        Args:
            inputs: every input by its name, of any size in the dimensions that the model leaves open.

        Returns:
            Every output by its name, copies of their own.

        Raises:
            ValueError: an input is missing, or there is one of another name.
        """
        if inputs.keys() != self._types.keys():
            raise ValueError(f"the model takes {', '.join(self._types)}, and got {', '.join(inputs)}")
        arrays = {name: np.ascontiguousarray(inputs[name], kind) for name, kind in self._types.items()}
        with self._lock, _without_its_note():
            return self._run(**arrays)
