"""Everything the digits page, the CLI and the API say about one digit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from sslrec import artifacts
from sslrec.data.digits import BUDGETS
from sslrec.data.images import PreparedDigit, decode_picture, prepare_largest
from sslrec.evaluation.softmax import softmax
from sslrec.explain import occlusion_map
from sslrec.litert import LiteModel
from sslrec.serving.novelty import NoveltyModel, Seen, binary_cross_entropy

METHODS = ("scratch", "frozen", "finetuned")
"""How the compared classifiers were trained: without pretraining, on the frozen encoder, fine-tuned from it."""


@dataclass(frozen=True)
class DigitReading:
    """What the models make of one digit.

    Attributes:
        image: `(28, 28)` float32 in [0, 1], what the models saw.
        reconstruction: `(28, 28)` float32 in [0, 1].
        code: `(d,)` float32, the autoencoder's code; the shipped one's has 64 numbers.
        probabilities: `(10,)` float32, of the classes 0 to 9.
        label: the most probable class, or None where `is_digit` is false.
        novelty: 0 to 1; above 0.5 the picture is taken for no digit.
        is_digit: whether `novelty` is at most 0.5.
        reconstruction_bce: mean binary cross-entropy per pixel, in nats.
        milliseconds: time of the whole answer.
        several_shapes: whether the picture showed further shapes apart from the one that was read.
    """

    image: np.ndarray
    reconstruction: np.ndarray
    code: np.ndarray
    probabilities: np.ndarray
    label: int | None
    novelty: float
    is_digit: bool
    reconstruction_bce: float
    milliseconds: float
    several_shapes: bool = False

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


def _encoder_and_decoder(code: int) -> tuple[LiteModel, LiteModel]:
    found = artifacts.load(f"autoencoder-{code}")
    return LiteModel(found.file("encoder.tflite")), LiteModel(found.file("decoder.tflite"))


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
        return _encoder_and_decoder(64)

    @cached_property
    def _denoiser(self) -> LiteModel:
        return LiteModel(artifacts.load("denoiser-64").file("denoiser.tflite"))

    @cached_property
    def _encoder(self) -> tuple[LiteModel, dict[str, np.ndarray], artifacts.Manifest]:
        found = artifacts.load("digit-encoder")
        with np.load(found.file("heads.npz"), allow_pickle=False) as arrays:
            return LiteModel(found.file("encoder.tflite")), dict(arrays), found.manifest

    @cached_property
    def _novelty(self) -> NoveltyModel:
        found = artifacts.load("digit-novelty")
        with np.load(found.file("novelty.npz"), allow_pickle=False) as arrays:
            return NoveltyModel(**arrays)

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
        return self.restore_all(image[None])[0]

    def restore_all(self, images: np.ndarray) -> np.ndarray:
        """Rebuild damaged digits: `(n, 28, 28)` float32 in [0, 1] to the same."""
        return self._denoiser.in_batches(images[..., None])[..., 0]

    def features(self, images: np.ndarray) -> np.ndarray:
        """Self-supervised features: `(n, 28, 28)` float32 in [0, 1] to `(n, d)` float32."""
        return self._encoder[0].in_batches(images[..., None])

    def classify(self, images: np.ndarray) -> np.ndarray:
        """Class probabilities by the classifier that answers: `(n, 28, 28)` to `(n, 10)` float32."""
        return softmax(self.logits(images))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """What the classifier that answers says, here the one fine-tuned on every label: `(n, 28, 28)` to `(n, 10)`."""
        return self.compared("finetuned", "all")(images)

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
        probabilities = self.classify(image[None])[0]
        bce = float(binary_cross_entropy(image[None], reconstruction[None])[0])
        novelty = float(self.novelty(image[None], reconstruction[None], probabilities[None])[0])
        is_digit = novelty <= 0.5
        return DigitReading(
            image=image,
            reconstruction=reconstruction,
            code=code[0],
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
        prepared = prepare_largest(decode_picture(data, name), name)
        reading = read_prepared(self.read, prepared)
        return replace(reading, milliseconds=(time.perf_counter() - began) * 1000)

    def novelty(self, images: np.ndarray, reconstructions: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
        """How unlike a digit each picture is; shapes as in `Seen`."""
        return self._novelty.score(Seen(images, reconstructions, probabilities, self.features(images)))

    def autoencoder(self, code: int) -> Callable[[np.ndarray], np.ndarray]:
        """The autoencoder with a code of 64 or 32 numbers: `(n, 28, 28)` to reconstructions of that shape."""
        encoder, decoder = self._autoencoder if code == 64 else _encoder_and_decoder(code)
        return lambda images: decoder.in_batches(encoder.in_batches(images[..., None]))[..., 0]

    def compared(self, method: str, budget: str, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
        """One of the compared classifiers: `(n, 28, 28)` float32 to `(n, 10)` logits.

        Args:
            method: one of `METHODS`.
            budget: labels per class it saw, a key of `BUDGETS`.
            seed: which draw of the labelled digits, below `seeds(method, budget)`.
        """
        if method == "frozen":
            heads = self._encoder[1]
            weights, bias = heads[f"weights_{budget}"][seed], heads[f"bias_{budget}"][seed]
            return lambda images: self.features(images) @ weights + bias
        return lambda images: self._classifier(method, budget, seed).in_batches(images[..., None])

    def seeds(self, method: str, budget: str) -> int:
        """How many draws of labelled digits a compared classifier was trained on."""
        if method == "frozen":
            return len(self._encoder[1][f"bias_{budget}"])
        return len(self._classifiers.manifest.metrics["accuracy"][method][budget]["seeds"])

    def accuracies(self) -> dict[str, dict[str, float]]:
        """Test accuracy of every compared classifier, by method and budget: the mean over its draws."""
        found = {"frozen": self._encoder[2].metrics["accuracy"], **self._classifiers.manifest.metrics["accuracy"]}
        return {method: {budget: float(found[method][budget]["mean"]) for budget in BUDGETS} for method in METHODS}

    def compare(self, image: np.ndarray) -> list[BudgetReading]:
        """Read one digit by every compared classifier: 4 label budgets x 3 methods, budget by budget."""
        batch = np.asarray(image, np.float32)[None]
        accuracy = self.accuracies()
        return [
            BudgetReading(budget, method, softmax(self.compared(method, budget)(batch))[0], accuracy[method][budget])
            for budget in BUDGETS
            for method in METHODS
        ]

    def prototypes(self, image: np.ndarray, count: int = 5) -> list[Prototype]:
        """The cluster centres nearest to a digit `(28, 28)` in the self-supervised features, nearest first."""
        return nearest_prototypes(self._encoder[1], self.features(image[None])[0], count)

    def occlusion(self, image: np.ndarray, label: int) -> np.ndarray:
        """What mattered for a class: `(28, 28)` float32, the fall in its probability when a spot is hidden."""
        return occlusion_map(lambda images: self.classify(images)[:, label], image)

    def _classifier(self, method: str, budget: str, seed: int = 0) -> LiteModel:
        key = f"{method}-{budget}-{seed}.tflite"
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = LiteModel(self._classifiers.file(key))
            return self._loaded[key]


def read_prepared(read: Callable[[np.ndarray], DigitReading], digit: PreparedDigit) -> DigitReading:
    """Read a prepared digit, and tell of its picture what the digit alone does not show.

    Args:
        read: answers for a `(28, 28)` float32 picture, such as `DigitReader.read`.
        digit: the digit.
    """
    return replace(read(digit.image), several_shapes=digit.several_shapes)


def nearest_prototypes(heads: dict[str, np.ndarray], features: np.ndarray, count: int) -> list[Prototype]:
    """The cluster centres nearest to features `(d,)`, nearest first.

    Args:
        heads: an encoder's `heads.npz`.
        features: of one digit.
        count: how many.
    """
    similarity = heads["prototype_features"] @ (features / np.linalg.norm(features))
    nearest = np.argsort(-similarity)[:count]
    images = heads["prototype_images"].astype(np.float32) / 255
    return [Prototype(images[i], float(similarity[i]), float(heads["prototype_share"][i])) for i in nearest]


@cache
def shared_reader() -> DigitReader:
    """The one reader of this process: pages and API share its models."""
    return DigitReader()
