"""Masked DistilBERTs in Hugging Face's layout, read and written: `config.json` and `model.safetensors`.

Weights come from safetensors alone: a pickle could run code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from huggingface_hub import constants, get_session, hf_hub_download
from huggingface_hub import errors as hub_errors
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from transformers import DistilBertConfig

from sslrec.artifacts import HUB_MODEL, HUB_REVISION
from sslrec.data.tokens import TextTokenizer
from sslrec.errors import HubError, TextError
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.models.language import MaskedLanguageModel

FILES = ("config.json", "model.safetensors", "tokenizer.json")
NETWORK_SECONDS = 10
"""How long the hub may take to answer at all."""
NUMBERS = frozenset({"float16", "bfloat16", "float32", "float64"})
"""What weights are stored as; integers would need scales that this layout has no place for."""


def from_hub(name: str = HUB_MODEL, revision: str = HUB_REVISION) -> tuple[MaskedLanguageModel, TextTokenizer]:
    """A pretrained model and its tokenizer, from a folder or from the Hugging Face hub.

    What was fetched once is kept in the hub's own cache (`HF_HOME`) and needs no network again.

    Args:
        name: a folder, or a repository of the hub.
        revision: the full hash of the repository's commit; not read for a folder.

    Raises:
        HubError: the revision is no commit hash, the hub does not have the model or cannot be reached, a file is
            missing, or the model is of another kind.
    """
    if not Path(name).is_dir():
        name = str(fetch(name, revision))
    _require(Path(name), FILES)
    tokenizer = _read_tokenizer(Path(name))
    model = load_folder(Path(name))
    if tokenizer.vocab_size != model.config.vocab_size:
        reason = f"{model.config.vocab_size} pieces, and {tokenizer.vocab_size} in its tokenizer"
        raise HubError("hub_format", folder=name, reason=reason)
    return model, tokenizer


def _require(folder: Path, files: tuple[str, ...]) -> None:
    for file in files:
        if not (folder / file).is_file():
            raise HubError("hub_files", folder=str(folder), file=file)


def _read_tokenizer(folder: Path) -> TextTokenizer:
    try:
        tokenizer = TextTokenizer.load(folder / "tokenizer.json")
    except TextError as error:
        reason = f"tokenizer.json: {error.params['reason']}"
        raise HubError("hub_format", folder=str(folder), reason=reason) from error
    if list(tokenizer.encode("[MASK]").ids) != [tokenizer.start_id, tokenizer.mask_id, tokenizer.end_id]:
        reason = "its tokenizer.json does not make [CLS], [MASK] and [SEP] of a gap"
        raise HubError("hub_format", folder=str(folder), reason=reason)
    return tokenizer


def fetch(name: str, revision: str = HUB_REVISION) -> Path:
    """Download a repository's configuration, weights and tokenizer.

    Returns:
        The folder that they lie in.

    Raises:
        HubError: see `from_hub`.
    """
    if not re.fullmatch("[0-9a-f]{40}", revision):
        raise HubError("hub_revision", revision=revision, name=name)
    try:
        return _download(name, revision, local_files_only=True)
    except hub_errors.LocalEntryNotFoundError:
        _require_network(name)
    except hub_errors.HFValidationError as error:
        raise HubError("hub_missing", name=name, revision=revision) from error
    try:
        return _download(name, revision)
    except (hub_errors.RepositoryNotFoundError, hub_errors.RevisionNotFoundError) as error:
        raise HubError("hub_missing", name=name, revision=revision) from error
    except hub_errors.RemoteEntryNotFoundError as error:
        raise HubError("hub_files", folder=name, file=" or ".join(FILES)) from error
    except Exception as error:  # the connection broke in one of the HTTP library's ways, or the disk is full
        raise HubError("hub_offline", name=name, reason=_reason(error)) from error


def _download(name: str, revision: str, local_files_only: bool = False) -> Path:
    files = [hf_hub_download(name, file, revision=revision, local_files_only=local_files_only) for file in FILES]
    return Path(files[0]).parent


def _require_network(name: str) -> None:
    """One quick try: the download itself would try for half a minute before it gives up."""
    try:
        get_session().head(constants.ENDPOINT, timeout=NETWORK_SECONDS)
    except Exception as error:  # whatever HTTP library the hub's client is built on
        raise HubError("hub_offline", name=name, reason=_reason(error)) from error


def _reason(error: BaseException) -> str:
    """The first line of the innermost cause: the outer ones repeat advice for other libraries' users."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def load_folder(folder: Path) -> MaskedLanguageModel:
    """Read a model that `DistilBertForMaskedLM.save_pretrained`, or `save_folder`, wrote.

    Raises:
        HubError: a file is missing or damaged, or the model is of another kind.
    """
    _require(folder, FILES[:2])
    config = _read_config(folder)
    try:
        tensors = load_file(folder / "model.safetensors")
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        raise HubError("hub_format", folder=str(folder), reason=str(error)) from error
    # Before a model of that size is made, which may be any.
    if reason := next(_faults(config, tensors), None):
        raise HubError("hub_format", folder=str(folder), reason=reason)
    model = MaskedLanguageModel(config)
    for variable, names in _layout(model):
        parts = [tensors[name].astype(np.float32) for name in names]
        variable.assign(np.concatenate([part.T if _is_kernel(variable) else part for part in parts], axis=-1))
    return model


def _read_config(folder: Path) -> TextConfig:
    try:
        raw = json.loads((folder / "config.json").read_text("utf-8"))
        kind = raw.get("model_type")
        found = DistilBertConfig.from_dict(raw)
    except Exception as error:  # a wrong type of a field raises the library's own errors
        raise HubError("hub_format", folder=str(folder), reason=f"config.json: {_reason(error)}") from error
    if kind != "distilbert":
        raise HubError("hub_format", folder=str(folder), reason=f"a {kind or 'model without a name'}")
    if found.activation != "gelu":
        raise HubError("hub_format", folder=str(folder), reason=f"activation {found.activation}")
    size = {name: getattr(found, name) for name in TextConfig.__dataclass_fields__}
    for name, value in size.items():
        is_share = "dropout" in name
        sound = type(value) in (int, float) and 0 <= value < 1 if is_share else type(value) is int and value > 0
        if not sound:
            raise HubError("hub_format", folder=str(folder), reason=f"{name} {value}")
    if found.dim % found.n_heads:
        raise HubError("hub_format", folder=str(folder), reason=f"{found.n_heads} heads do not share {found.dim}")
    return TextConfig(**size)


def _shapes(config: TextConfig) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every tensor of a model in Hugging Face's layout with its shape."""
    vocab, dim, hidden = config.vocab_size, config.dim, config.hidden_dim

    def linear(name: str, inputs: int, outputs: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield f"{name}.weight", (outputs, inputs)
        yield f"{name}.bias", (outputs,)

    def norm(name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield from ((f"{name}.weight", (dim,)), (f"{name}.bias", (dim,)))

    yield "distilbert.embeddings.word_embeddings.weight", (vocab, dim)
    yield "distilbert.embeddings.position_embeddings.weight", (config.max_position_embeddings, dim)
    yield from norm("distilbert.embeddings.LayerNorm")
    for index in range(config.n_layers):
        prefix = f"distilbert.transformer.layer.{index}"
        for part in ("q", "k", "v", "out"):
            yield from linear(f"{prefix}.attention.{part}_lin", dim, dim)
        yield from norm(f"{prefix}.sa_layer_norm")
        yield from linear(f"{prefix}.ffn.lin1", dim, hidden)
        yield from linear(f"{prefix}.ffn.lin2", hidden, dim)
        yield from norm(f"{prefix}.output_layer_norm")
    yield from linear("vocab_transform", dim, dim)
    yield from norm("vocab_layer_norm")
    yield "vocab_projector.bias", (vocab,)


def _faults(config: TextConfig, tensors: dict[str, np.ndarray]) -> Iterator[str]:
    """What is wrong with weights: one is missing, of another shape or kind, no number, or not shared as it must be."""
    for name, shape in _shapes(config):
        if name not in tensors:
            yield f"no {name}"
            continue
        tensor = tensors[name]
        if tensor.shape != shape:
            yield f"{name} has the shape {tensor.shape}"
        elif tensor.dtype.name not in NUMBERS:
            yield f"{name} holds {tensor.dtype.name}"
        elif not np.isfinite(tensor.astype(np.float32)).all():
            yield f"{name} holds what is no number"
    output = tensors.get("vocab_projector.weight")
    if output is not None and not np.array_equal(tensors["distilbert.embeddings.word_embeddings.weight"], output):
        yield "its output weights are not its word embeddings"


def _layout(model: MaskedLanguageModel) -> list[tuple[keras.Variable, tuple[str, ...]]]:
    """Every variable with Hugging Face's names for it; three names are a query, a key and a value side by side."""
    encoder, head = model.encoder, model.head
    pairs: list[tuple[keras.Variable, tuple[str, ...]]] = [
        (encoder.word_embeddings.embeddings, ("distilbert.embeddings.word_embeddings.weight",)),
        (encoder.position_embeddings.embeddings, ("distilbert.embeddings.position_embeddings.weight",)),
    ]

    def linear(layer: keras.layers.Dense, *names: str) -> None:
        pairs.append((layer.kernel, tuple(f"{name}.weight" for name in names)))
        pairs.append((layer.bias, tuple(f"{name}.bias" for name in names)))

    def norm(layer: keras.layers.LayerNormalization, name: str) -> None:
        pairs.append((layer.gamma, (f"{name}.weight",)))
        pairs.append((layer.beta, (f"{name}.bias",)))

    norm(encoder.embedding_norm, "distilbert.embeddings.LayerNorm")
    for index, block in enumerate(encoder.blocks):
        prefix = f"distilbert.transformer.layer.{index}"
        linear(block.attention.qkv, *(f"{prefix}.attention.{part}_lin" for part in "qkv"))
        linear(block.attention.out, f"{prefix}.attention.out_lin")
        norm(block.attention_norm, f"{prefix}.sa_layer_norm")
        linear(block.widen, f"{prefix}.ffn.lin1")
        linear(block.narrow, f"{prefix}.ffn.lin2")
        norm(block.output_norm, f"{prefix}.output_layer_norm")
    linear(head.transform, "vocab_transform")
    norm(head.norm, "vocab_layer_norm")
    pairs.append((head.bias, ("vocab_projector.bias",)))
    return pairs


def _is_kernel(variable: keras.Variable) -> bool:
    """PyTorch keeps a linear layer's matrix transposed; embeddings are the same on both sides."""
    return variable.name == "kernel"


def save_folder(
    model: MaskedLanguageModel, folder: Path, tokenizer: TextTokenizer | None = None, half: bool = False
) -> None:
    """Write what `DistilBertForMaskedLM.from_pretrained` and `AutoTokenizer.from_pretrained` read.

    Args:
        model: its weights and size.
        folder: is made where it is missing.
        tokenizer: is written beside the weights.
        half: store float16 numbers, half the size; `load_folder` makes float32 of them again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dtype = np.float16 if half else np.float32
    tensors = {}
    for variable, names in _layout(model):
        value = np.asarray(variable.value).astype(dtype)
        for name, part in zip(names, np.split(value, len(names), axis=-1), strict=True):
            tensors[name] = np.ascontiguousarray(part.T if _is_kernel(variable) else part)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = DistilBertConfig(
        **asdict(model.config), architectures=["DistilBertForMaskedLM"], dtype=np.dtype(dtype).name
    )
    config.save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save(folder, model.config.max_position_embeddings)
