"""The recommender's towers and head in Keras again, from the files that the app runs, to be trained on.

A `.tflite` file keeps every weight under the name of its layer: rounded to a byte with a scale for each channel,
which costs nothing that matters, and with each batch normalisation folded into the convolution before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from keras import layers

from sslrec.artifacts import Artifact
from sslrec.errors import ArtifactError
from sslrec.learning.encoders.image import HEIGHT, WIDTH
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.models.recommender import FusionHead, TwoTowers

TABLE = "GatherV2/ReadVariableOp$"
"""How the name of an embedding's weights goes on."""
KERNEL, BIAS = "MatMul$", "BiasAdd$"
"""How the names of a layer's weights go on in the head's file."""
ALIKE = 0.99
"""Least cosine between what a tower and its file make of the same input; 0.999 and more is usual."""


@dataclass(frozen=True)
class _Stored:
    name: str
    read: Callable[[], np.ndarray]
    shape: tuple[int, ...]


class LiteWeights:
    """The weights in a `.tflite` file by the layers they belong to.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._interpreter = Interpreter(model_path=str(path), num_threads=2)
        self._interpreter.allocate_tensors()
        self.run = self._interpreter.get_signature_runner("serving_default")
        self._stored = [
            _Stored(entry["name"], self._reader(entry), tuple(map(int, entry["shape"])))
            for entry in self._interpreter.get_tensor_details()
        ]

    def _reader(self, entry: dict) -> Callable[[], np.ndarray]:
        def read() -> np.ndarray:
            weights = self._interpreter.get_tensor(entry["index"]).astype(np.float32)
            scales = np.asarray(entry["quantization_parameters"]["scales"], np.float32)
            if not len(scales):
                return weights
            along = [1] * weights.ndim
            along[entry["quantization_parameters"]["quantized_dimension"]] = len(scales)
            return weights * scales.reshape(along)

        return read

    def find(self, layer: str, shape: tuple[int | None, ...], after: str = "") -> np.ndarray:
        """The one array of a shape under a layer's name.

        Args:
            layer: the names of a layer and of those that it lies in, with slashes.
            shape: of the array; None for any length.
            after: how the name goes on.

        Returns:
            float32.

        Raises:
            LookupError: there is none, or more than one.
        """
        # Keras numbers the names of layers that it has traced before.
        path = r"(_\d+)*/".join(re.escape(part) for part in layer.split("/")) + rf"(_\d+)*/{after}"
        found = [
            one
            for one in self._stored
            if len(one.shape) == len(shape)
            and all(wanted in (None, length) for wanted, length in zip(shape, one.shape, strict=True))
            and re.search(rf"(^|[/;]){path}", one.name)
        ]
        if len(found) != 1:
            raise LookupError(f"{layer}{shape}: {[one.name for one in found]}")
        return found[0].read()


def load_towers(recommender: Artifact, sizes: dict[str, dict[str, int]], dropout: float = 0.0) -> TwoTowers:
    """Rebuild the towers of a recommender.

    Their batch normalisations, folded into the convolutions, stay as they are: they are not trainable any more.

    Args:
        recommender: the artefact; `text.tflite` and `image.tflite` are read.
        sizes: the text encoder's sizes that there are.
        dropout: share of the text encoder's hidden states dropped in training.

    Raises:
        ArtifactError: the files hold other towers than these.
    """
    text, image = (LiteWeights(recommender.file(name)) for name in ("text.tflite", "image.tflite"))
    try:
        towers = _empty_towers(text, image, sizes, dropout)
        _fill_text(towers, text)
        _fill_image(towers.image_encoder, image)
    except (LookupError, ValueError) as error:
        raise _unlike(recommender) from error
    _check(recommender, towers, text, image)
    return towers


def load_head(recommender: Artifact) -> FusionHead:
    """Rebuild the fusion head of a recommender; its scale, which the file does not keep, is the initial one.

    Args:
        recommender: the artefact; `fusion.tflite` is read.

    Raises:
        ArtifactError: the file holds another head than these.
    """
    stored, root = LiteWeights(recommender.file("fusion.tflite")), "fusion_head"
    random = np.random.default_rng(0)
    try:
        modalities = len(stored.find(f"{root}/gate", (None,), BIAS))
        width = stored.find(f"{root}/gate", (modalities, None), KERNEL).shape[1]
        dim = len(stored.find(f"{root}/shift", (None,), BIAS)) // modalities
        head = FusionHead(modalities, dim, width)
        for layer in (*head.hidden, head.gate, head.shift):
            inputs, units = layer.weights[0].shape
            path = f"{root}/{layer.name}"
            kernel, bias = stored.find(path, (units, inputs), KERNEL), stored.find(path, (units,), BIAS)
            layer.set_weights([kernel.T, bias])
    except (LookupError, ValueError) as error:
        raise _unlike(recommender, "fusion.tflite") from error
    vectors = random.normal(size=(4, modalities, dim)).astype(np.float32)
    present, bias = np.ones((4, modalities), np.float32), np.zeros((4, modalities), np.float32)
    ran = stored.run(vectors=vectors, present=present, bias=bias)["parts"]
    if not np.allclose(ran, head(vectors, present, bias)[0], atol=0.02):
        raise _unlike(recommender, "fusion.tflite")
    return head


def _unlike(recommender: Artifact, file: str = "text.tflite") -> ArtifactError:
    manifest = recommender.manifest
    return ArtifactError("artifact_damaged", name=manifest.name, file=file, command=manifest.command)


def _empty_towers(text: LiteWeights, image: LiteWeights, sizes: dict[str, dict[str, int]], dropout: float) -> TwoTowers:
    words = text.find("text_encoder/word_embeddings", (None, None), TABLE)
    places = text.find("text_encoder/position_embeddings", (None, None), TABLE)
    size = next((size for size in sizes.values() if size["dim"] == words.shape[1]), None)
    if size is None:
        raise LookupError(f"there is no size of {words.shape[1]} hidden units")
    config = TextConfig(len(words), len(places), **size, dropout=dropout, attention_dropout=0.0)
    dim = len(text.find("text_projection", (None,)))
    stages: list[int] = []
    while True:
        try:
            stages.append(len(image.find(f"image_encoder/down{len(stages) + 1}_conv", (None, 3, 3, None))))
        except LookupError:
            break
    return TwoTowers(config, dim, tuple(stages))


def _fill_dense(layer: keras.Layer, weights: LiteWeights, path: str) -> None:
    width, units = layer.kernel.shape
    layer.set_weights([weights.find(path, (units, width)).T, weights.find(path, (units,))])


def _fill_norm(layer: keras.Layer, weights: LiteWeights, path: str) -> None:
    shape = (1, 1, layer.gamma.shape[0])
    layer.set_weights([weights.find(path, shape, after).reshape(-1) for after in (r"Reshape(;|$)", r"Reshape_1(;|$)")])


def _fill_text(towers: TwoTowers, weights: LiteWeights) -> None:
    encoder, root = towers.text_encoder, "text_encoder"
    for name in ("word_embeddings", "position_embeddings"):
        getattr(encoder, name).set_weights([weights.find(f"{root}/{name}", (None, None), TABLE)])
    _fill_norm(encoder.embedding_norm, weights, f"{root}/embedding_norm")
    for number, block in enumerate(encoder.blocks):
        path = f"{root}/block_{number}"
        _fill_dense(block.attention.qkv, weights, f"{path}/attention/qkv")
        _fill_dense(block.attention.out, weights, f"{path}/attention/out")
        _fill_dense(block.widen, weights, f"{path}/widen")
        _fill_dense(block.narrow, weights, f"{path}/narrow")
        _fill_norm(block.attention_norm, weights, f"{path}/attention_norm")
        _fill_norm(block.output_norm, weights, f"{path}/output_norm")
    _fill_dense(towers.text_projection, weights, "text_projection")


def _fill_image(encoder: keras.Model, weights: LiteWeights) -> None:
    root = "image_encoder"
    _fill_dense(encoder.get_layer("vector"), weights, f"{root}/vector")
    wide = encoder.get_layer("widen")
    width, units = wide.kernel.shape
    wide.set_weights([weights.find(f"{root}/widen_norm", (units, width)).T])
    for layer in encoder.layers:
        if isinstance(layer, layers.Conv2D):
            height, width, channels, filters = layer.weights[0].shape
            kernel = weights.find(f"{root}/{layer.name}", (filters, height, width, channels), "convolution$")
            layer.set_weights([kernel.transpose(1, 2, 3, 0)])
        elif isinstance(layer, layers.BatchNormalization):
            bias = weights.find(f"{root}/{layer.name}", (layer.weights[0].shape[0],))
            layer.set_weights(
                [np.full_like(bias, np.sqrt(1 + layer.epsilon)), bias, np.zeros_like(bias), np.ones_like(bias)]
            )
            layer.trainable = False


def _check(recommender: Artifact, towers: TwoTowers, text: LiteWeights, image: LiteWeights) -> None:
    random = np.random.default_rng(0)
    ids = random.integers(0, towers.text_encoder.config.vocab_size, (4, 8)).astype(np.int32)
    pictures = random.uniform(size=(4, HEIGHT, WIDTH, 3)).astype(np.float32)
    mask = np.ones_like(ids)
    pairs = (
        (text.run(token_ids=ids, attention_mask=mask)["vector"], towers.encode_text(ids, mask)),
        (image.run(image=pictures)["vector"], towers.encode_pictures(pictures)),
    )
    if min(float(np.min(np.sum(stored * np.asarray(built), axis=1))) for stored, built in pairs) < ALIKE:
        raise _unlike(recommender)
