"""Everything the digits page, the CLI and the API say about one digit."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sslrec import artifacts
from sslrec.data.images import decode_picture, prepare_digit
from sslrec.explain import occlusion_map
from sslrec.serving.runtime import LiteModel

BUDGETS = ("1", "10", "100", "all")
"""Labels per class that the compared classifiers saw."""
METHODS = ("scratch", "frozen", "finetuned")
"""How the compared classifiers were trained: without pretraining, on the frozen encoder, fine-tuned from it."""


@dataclass(frozen=True)
class DigitReading:
    """What the models make of one digit.

    Attributes:
        image: `(28, 28)` float32 in [0, 1], what the models saw.
        reconstruction: `(28, 28)` float32 in [0, 1].
        code: `(64,)` float32, the autoencoder's code.
        features: `(d,)` float32, the self-supervised encoder's features.
        probabilities: `(10,)` float32, of the classes 0 to 9.
        label: the most probable class, or None where `is_digit` is false.
        novelty: 0 to 1; above 0.5 the picture is taken for no digit.
        is_digit: whether `novelty` is at most 0.5.
        reconstruction_bce: mean binary cross-entropy per pixel, in nats.
        milliseconds: time of the whole answer.
    """

    image: np.ndarray
    reconstruction: np.ndarray
    code: np.ndarray
    features: np.ndarray
    probabilities: np.ndarray
    label: int | None
    novelty: float
    is_digit: bool
    reconstruction_bce: float
    milliseconds: float

    @property
    def error(self) -> np.ndarray:
        """`(28, 28)` float32, reconstruction minus image, in [-1, 1]."""
        return self.reconstruction - self.image


@dataclass(frozen=True)
class BudgetReading:
    """How one of the compared classifiers reads the digit.

    Attributes:
        budget: labels per class it saw, one of `BUDGETS`.
        method: one of `METHODS`.
        probabilities: `(10,)` float32.
        accuracy: its accuracy on the 10,000 MNIST test digits, mean over seeds.
    """

    budget: str
    method: str
    probabilities: np.ndarray
    accuracy: float


@dataclass(frozen=True)
class Prototype:
    """A cluster centre of the self-supervised features, decoded to a picture.

    Attributes:
        image: `(28, 28)` float32 in [0, 1].
        similarity: cosine of the digit's features and the centre, -1 to 1.
        share: the part of the training digits in this cluster.
    """

    image: np.ndarray
    similarity: float
    share: float


def binary_cross_entropy(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Mean binary cross-entropy per pixel, in nats: `(n, 28, 28)` twice to `(n,)`."""
    clipped = np.clip(reconstructions, 1e-6, 1 - 1e-6)
    losses = -(images * np.log(clipped) + (1 - images) * np.log(1 - clipped))
    return losses.reshape(len(images), -1).mean(axis=1)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


class DigitReader:
    """The digit models of `assets/`, loaded when first needed and shared by all visitors.

    Raises:
        ArtifactError: from the method that needs a missing or damaged artefact.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, LiteModel] = {}
        self._lock = threading.Lock()

    @cached_property
    def _autoencoder(self) -> tuple[LiteModel, LiteModel]:
        found = artifacts.load("autoencoder-64")
        return LiteModel(found.file("encoder.tflite")), LiteModel(found.file("decoder.tflite"))

    @cached_property
    def _denoiser(self) -> LiteModel:
        return LiteModel(artifacts.load("denoiser-64").file("denoiser.tflite"))

    @cached_property
    def _encoder(self) -> tuple[LiteModel, dict[str, np.ndarray]]:
        found = artifacts.load("digit-encoder")
        with np.load(found.file("heads.npz"), allow_pickle=False) as arrays:
            return LiteModel(found.file("encoder.tflite")), dict(arrays)

    @cached_property
    def _classifiers(self) -> artifacts.Artifact:
        return artifacts.load("digit-classifiers")

    def warm_up(self) -> None:
        """Load what the first answer needs, so that no visitor waits for it."""
        self.read(np.zeros((28, 28), np.float32))

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Autoencoder codes: `(n, 28, 28)` float32 in [0, 1] to `(n, 64)` float32."""
        return self._autoencoder[0].in_batches(images[..., None])

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Pictures of codes: `(n, 64)` float32 to `(n, 28, 28)` float32 in [0, 1]."""
        return self._autoencoder[1].in_batches(codes)[..., 0]

    def restore(self, image: np.ndarray) -> np.ndarray:
        """Rebuild a damaged digit: `(28, 28)` float32 in [0, 1] to the same."""
        return self._denoiser(image[None, ..., None])[0, ..., 0]

    def features(self, images: np.ndarray) -> np.ndarray:
        """Self-supervised features: `(n, 28, 28)` float32 in [0, 1] to `(n, d)` float32."""
        return self._encoder[0].in_batches(images[..., None])

    def classify(self, images: np.ndarray) -> np.ndarray:
        """Class probabilities by the fine-tuned classifier: `(n, 28, 28)` to `(n, 10)` float32."""
        return softmax(self._classifier("finetuned", "all").in_batches(images[..., None]))

    def read(self, image: np.ndarray) -> DigitReading:
        """Answer for one prepared digit.

        Args:
            image: `(28, 28)` float32 in [0, 1], as `prepare_digit` returns it.
        """
        began = time.perf_counter()
        image = np.asarray(image, np.float32)
        batch = image[None, ..., None]
        encoder, decoder = self._autoencoder
        code = encoder(batch)
        reconstruction = decoder(code)[0, ..., 0]
        probabilities = softmax(self._classifier("finetuned", "all")(batch))[0]
        bce = float(binary_cross_entropy(image[None], reconstruction[None])[0])
        features = self.features(image[None])[0]
        novelty = float(self.novelty(image[None], reconstruction[None], probabilities[None], features[None])[0])
        is_digit = novelty <= 0.5
        return DigitReading(
            image=image,
            reconstruction=reconstruction,
            code=code[0],
            features=features,
            probabilities=probabilities,
            label=int(probabilities.argmax()) if is_digit else None,
            novelty=novelty,
            is_digit=is_digit,
            reconstruction_bce=bce,
            milliseconds=(time.perf_counter() - began) * 1000,
        )

    def read_bytes(self, data: bytes, name: str) -> DigitReading:
        """Decode, prepare and read one picture file.

        Args:
            data: the file's bytes.
            name: what to call the file in an error.

        Raises:
            ImageError: the bytes are no usable picture, or it is blank.
        """
        began = time.perf_counter()
        reading = self.read(prepare_digit(decode_picture(data, name), name))
        return replace(reading, milliseconds=(time.perf_counter() - began) * 1000)

    def novelty(
        self, images: np.ndarray, reconstructions: np.ndarray, probabilities: np.ndarray, features: np.ndarray
    ) -> np.ndarray:
        """How unlike a digit each picture is, from reconstruction error and class entropy.

        A logistic function of both, fitted on MNIST's validation part against damaged and composed
        digits (no other data set): 0.5 is the point where one digit in two hundred is turned away.

        Args:
            images: `(n, 28, 28)` float32 in [0, 1].
            reconstructions: `(n, 28, 28)` float32 in [0, 1].
            probabilities: `(n, 10)` float32.
            features: `(n, d)` float32.

        Returns:
            `(n,)` float32 in [0, 1].
        """
        raise AssertionError

    def compare(self, image: np.ndarray) -> list[BudgetReading]:
        """Read one digit by every compared classifier: 4 label budgets x 3 methods, budget by budget."""
        batch = np.asarray(image, np.float32)[None, ..., None]
        features = self.features(batch[..., 0])
        heads = self._encoder[1]
        accuracy = self._classifiers.manifest.metrics["accuracy"]
        readings = []
        for budget in BUDGETS:
            for method in METHODS:
                if method == "frozen":
                    logits = features @ heads[f"weights_{budget}"][0] + heads[f"bias_{budget}"][0]
                else:
                    logits = self._classifier(method, budget)(batch)
                readings.append(
                    BudgetReading(budget, method, softmax(logits)[0], accuracy[method][budget]["mean"])
                )
        return readings

    def prototypes(self, features: np.ndarray, count: int = 5) -> list[Prototype]:
        """The nearest cluster centres of a digit's features `(d,)`, nearest first."""
        heads = self._encoder[1]
        centres = heads["prototype_features"]
        unit = features / np.linalg.norm(features)
        similarity = centres @ unit
        nearest = np.argsort(-similarity)[:count]
        images = self.decode(heads["prototype_codes"][nearest])
        return [
            Prototype(picture, float(similarity[i]), float(heads["prototype_share"][i]))
            for picture, i in zip(images, nearest, strict=True)
        ]

    def occlusion(self, image: np.ndarray, label: int) -> np.ndarray:
        """What mattered for a class: `(28, 28)` float32, the fall in its probability when a spot is hidden."""
        return occlusion_map(lambda images: self.classify(images)[:, label], image)

    def _classifier(self, method: str, budget: str, seed: int = 0) -> LiteModel:
        key = f"{method}-{budget}-{seed}.tflite"
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = LiteModel(self._classifiers.file(key))
            return self._loaded[key]
