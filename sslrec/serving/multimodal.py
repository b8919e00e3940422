"""The recommender's models: texts and pictures to vectors, vectors to one query, cosines to probabilities."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sslrec import artifacts
from sslrec.data.tokens import TextTokenizer, pad
from sslrec.data.vocabulary import load_tokenizer
from sslrec.litert import NamedLiteModel
from sslrec.serving.recommendation import FUSED
from sslrec.serving.wishes import Wish, read_wish

NAME = "recommender"
"""The artefact's name."""
TEXT, IMAGE = "text", "image"
TRUST = 4.0
"""What full trust in a modality adds to its gate's logit, and takes from the others'."""
BATCH = 32


class MultimodalModels:
    """The recommender's models, loaded when first needed and shared by all visitors.

    Args:
        folder: of an artefact that a training has left; the shipped one by default.
        command: what rebuilds the artefact of that folder, for an error.

    Raises:
        ArtifactError: from whatever needs the missing or damaged artefact.
    """

    def __init__(self, folder: Path | None = None, command: str = "") -> None:
        self._folder, self._command = folder, command
        self._lock = threading.Lock()
        self._models: dict[str, NamedLiteModel] = {}

    @cached_property
    def artifact(self) -> artifacts.Artifact:
        """The verified artefact."""
        if self._folder is None:
            return artifacts.load(NAME)
        return artifacts.load_folder(self._folder, self._folder.name, self._command)

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """What `recommender.json` says."""
        return json.loads(self.artifact.file("recommender.json").read_text("utf-8"))

    @property
    def modalities(self) -> tuple[str, ...]:
        """What a query may consist of, in the order of the fusion's inputs."""
        return tuple(self.settings["modalities"])

    @property
    def height(self) -> int:
        """Height of a picture as the encoder takes it, in pixels."""
        return int(self.settings["height"])

    @property
    def width(self) -> int:
        """Width of a picture as the encoder takes it, in pixels."""
        return int(self.settings["width"])

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.settings["dim"])

    @property
    def reads_descriptions(self) -> bool:
        """Whether a product's text is its title and description, not its title alone."""
        return bool(self.settings.get("descriptions"))

    @cached_property
    def tokenizer(self) -> TextTokenizer:
        """The text model's tokenizer."""
        return load_tokenizer()

    def warm_up(self) -> None:
        """Load what the first answer needs, so that no visitor waits for it."""
        texts, pictures = self.encode_texts(["shoes"]), np.zeros((1, self.height, self.width, 3), np.uint8)
        self.fuse({TEXT: texts, IMAGE: self.encode_pictures(pictures)})

    def read(self, text: str) -> Wish:
        """Read a text: which words the model knows, and what to say about the others."""
        return read_wish(text, self.tokenizer, int(self.settings["text_length"]))

    def reads(self, text: str) -> bool:
        """Whether a text has a word that the model knows."""
        return self.read(text).ids is not None

    def encode_texts(self, texts: Collection[str]) -> np.ndarray:
        """Texts to `(n, dim)` float32 of length 1; what is beyond the model's length is cut off."""
        limit = int(self.settings["text_length"])
        return self.encode_ids([self.tokenizer.encode(text, limit).ids for text in texts])

    def encode_ids(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        """Texts as pieces, each `(n_i,)` int32 with `[CLS]` and `[SEP]`, to `(n, dim)` float32 of length 1."""
        model = self._model("text.tflite")
        vectors = np.empty((len(rows), self.dim), np.float32)
        # Of like length in a batch: less padding to compute.
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        for start in range(0, len(rows), BATCH):
            batch = order[start : start + BATCH]
            token_ids, attention_mask = pad([rows[row] for row in batch], self.tokenizer.pad_id)
            vectors[batch] = model(token_ids=token_ids, attention_mask=attention_mask)["vector"]
        return vectors

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures to vectors.

        Args:
            pictures: `(n, height, width, 3)` uint8 RGB, as `decode_rgb` gives them.

        Returns:
            `(n, dim)` float32 of length 1.
        """
        model = self._model("image.tflite")
        vectors = np.empty((len(pictures), self.dim), np.float32)
        for start in range(0, len(pictures), BATCH):
            batch = pictures[start : start + BATCH].astype(np.float32) / 255
            vectors[start : start + BATCH] = model(image=batch)["vector"]
        return vectors

    def fuse(
        self, vectors: Mapping[str, np.ndarray], trust: float = 0.0, present: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fuse any subset of the modalities into one query.

        Trust closes the other's gate by a bias. What the trusted modality's vector is shifted by follows from the
        other all the same, so that the query goes over to that of the trusted modality alone, in proportion.

        Args:
            vectors: `(n, dim)` float32 of length 1 by modality; those that are not there are missing.
            trust: -1 for the text to 1 for the picture, 0 for the learned balance.
            present: `(n, modalities)` bool, which of them each query uses; by default all that are there.

        Returns:
            `(n, modalities, dim)` float32 parts, whose sum over modalities is the query, of length 1; and
            `(n, modalities)` float32 gates, which sum to 1.
        """
        if not vectors.keys() <= set(self.modalities) or not vectors:
            raise ValueError(f"vectors are of {', '.join(vectors) or 'nothing'}; want {', '.join(self.modalities)}")
        if not -1 <= trust <= 1:
            raise ValueError(f"trust is {trust}; it runs from -1 to 1")
        there = np.array([name in vectors for name in self.modalities])
        count = len(next(iter(vectors.values())))
        stacked = np.zeros((count, len(self.modalities), self.dim), np.float32)
        for place, name in enumerate(self.modalities):
            if name in vectors:
                stacked[:, place] = vectors[name]
        used = np.broadcast_to(there if present is None else present & there, stacked.shape[:2])
        parts, gates = self._head(stacked, used, trust)
        if trust:
            trusted = np.array([name == (TEXT if trust < 0 else IMAGE) for name in self.modalities])
            alone = np.where((used & trusted).any(axis=1, keepdims=True), used & trusted, used)
            own_parts, own_gates = self._head(stacked, alone, trust)
            share = np.float32(abs(trust))
            parts, gates = parts + share * (own_parts - parts), gates + share * (own_gates - gates)
            lengths = np.linalg.norm(parts.sum(axis=1), axis=-1)
            parts /= np.maximum(lengths, 1e-12)[:, None, None]
        return parts, gates

    def _head(self, stacked: np.ndarray, used: np.ndarray, trust: float) -> tuple[np.ndarray, np.ndarray]:
        """The fusion head's parts and gates of the modalities that are used."""
        lean = np.array([{TEXT: -trust, IMAGE: trust}.get(name, 0.0) for name in self.modalities]) * TRUST
        bias = np.broadcast_to(lean, used.shape)
        found = self._model("fusion.tflite")(vectors=stacked * used[..., None], present=used, bias=bias)
        return found["parts"], found["gates"]

    def score(self, cosines: np.ndarray | float, ranking: str, trust: float = 0.0) -> np.ndarray:
        """Calibrated probabilities: `sigmoid(scale * cosine + offset)`.

        The line of `fused` was fitted with the learned gates. Full trust in a modality closes the others' gates, and
        cosines with the part that is left have a line of their own. From one line to the other scale and offset go in
        proportion to the trust, as the gates' bias does: each is
        `(1 - |trust|) * fused + |trust| * own`, where `own` is the text's for a trust below 0 and the picture's above.

        Args:
            cosines: of a query with products' index vectors, any shape.
            ranking: `fused`, or the one modality that the query consists of.
            trust: of a fused query, -1 for the text to 1 for the picture; the line of one modality alone is the same
                at any.

        Returns:
            Float64 in [0, 1], of the same shape.
        """
        lines = self.settings["calibration"]
        line = lines[ranking]
        if ranking == FUSED and trust:
            own, share = lines[TEXT if trust < 0 else IMAGE], abs(trust)
            line = {name: (1 - share) * line[name] + share * own[name] for name in ("scale", "offset")}
        logits = float(line["scale"]) * np.asarray(cosines, np.float64) + float(line["offset"])
        return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))

    def _model(self, file: str) -> NamedLiteModel:
        with self._lock:
            if file not in self._models:
                self._models[file] = NamedLiteModel(self.artifact.file(file))
            return self._models[file]
