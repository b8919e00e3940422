import json
import shutil
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import keras
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from transformers import AutoTokenizer, DistilBertConfig, DistilBertForMaskedLM, DistilBertForSequenceClassification
from transformers.utils import logging

from sslrec.data.tokens import train_tokenizer
from sslrec.errors import HubError
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.models import hub
from sslrec.learning.models.language import MaskedLanguageModel

logging.disable_progress_bar()
SMALL = TextConfig(30, 10, 8, 1, 2, 12)


def reference(config: TextConfig, seed: int, folder: Path) -> DistilBertForMaskedLM:
    """A random model of the reference library, saved; biases and norms are random too."""
    torch.manual_seed(seed)
    model = DistilBertForMaskedLM(DistilBertConfig(**asdict(config))).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * (0.1 if parameter.dim() == 1 else 0.02))
    model.save_pretrained(folder)
    return model


def texts(config: TextConfig, seed: int, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Random ids, with padding after a random length of each text."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, length + 1, batch)
    lengths[0] = length
    mask = (np.arange(length) < lengths[:, None]).astype(np.int64)
    return rng.integers(0, config.vocab_size, (batch, length)) * mask, mask


def answers(model: DistilBertForMaskedLM, ids: np.ndarray, mask: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    with torch.no_grad():
        found = model(torch.tensor(ids), torch.tensor(mask), output_hidden_states=True)
    return [state.numpy() for state in found.hidden_states], found.logits.numpy()


def agree(ours: MaskedLanguageModel, theirs: DistilBertForMaskedLM, ids: np.ndarray, mask: np.ndarray) -> None:
    expected_states, expected_logits = answers(theirs, ids, mask)
    states, _ = ours.encoder(ids, mask)
    assert len(states) == len(expected_states)
    for state, expected in zip(states, expected_states, strict=True):
        np.testing.assert_allclose(state, expected, atol=1e-4, rtol=0)
    np.testing.assert_allclose(ours(ids, mask), expected_logits, atol=1e-4, rtol=0)


configs = st.builds(
    lambda vocab, positions, heads, width, layers, hidden: TextConfig(
        vocab, positions, heads * width, layers, heads, hidden
    ),
    st.integers(6, 120),
    st.integers(1, 20),
    st.integers(1, 4),
    st.integers(4, 9),  # the norm of one or two numbers is 0 or 1, whatever they are: all rounding
    st.integers(1, 3),
    st.integers(1, 40),
)


@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(config=configs, seed=st.integers(0, 1000), batch=st.integers(1, 4))
def test_weights_of_the_reference_give_the_same_numbers_and_find_their_way_back(
    tmp_path: Path, config: TextConfig, seed: int, batch: int
):
    folder = tmp_path / "theirs"
    theirs = reference(config, seed, folder)
    ours = hub.load_folder(folder)
    assert ours.config == config
    ids, mask = texts(config, seed, batch, config.max_position_embeddings)
    agree(ours, theirs, ids, mask)
    hub.save_folder(ours, tmp_path / "ours")
    loaded: Any = DistilBertForMaskedLM.from_pretrained(tmp_path / "ours", output_loading_info=True)
    again, report = loaded
    assert not any(report.values())
    np.testing.assert_array_equal(answers(again.eval(), ids, mask)[1], answers(theirs, ids, mask)[1])


def test_the_full_size_gives_the_same_numbers(tmp_path: Path):
    config = TextConfig(30522, 512, 768, 6, 12, 3072)
    theirs = reference(config, 0, tmp_path)
    agree(hub.load_folder(tmp_path), theirs, *texts(config, 0, 2, 24))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reference(SMALL, 1, tmp_path / "model")
    return tmp_path / "model"


def test_our_own_start_is_saved_and_loaded_as_it_was(tmp_path: Path):
    keras.utils.set_random_seed(3)
    ours = MaskedLanguageModel(SMALL)
    hub.save_folder(ours, tmp_path)
    for weight, again in zip(ours.get_weights(), hub.load_folder(tmp_path).get_weights(), strict=True):
        np.testing.assert_array_equal(again, weight)


def test_half_numbers_take_half_the_place(folder: Path, tmp_path: Path):
    ours = hub.load_folder(folder)
    hub.save_folder(ours, tmp_path / "half", half=True)
    tensors = load_file(tmp_path / "half" / "model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float16)}
    for weight, again in zip(ours.get_weights(), hub.load_folder(tmp_path / "half").get_weights(), strict=True):
        assert again.dtype == np.float32
        np.testing.assert_allclose(again, weight, atol=2e-3)
    theirs = DistilBertForMaskedLM.from_pretrained(tmp_path / "half")
    assert theirs.dtype == torch.float16


def test_numbers_with_short_mantissas_are_read(folder: Path):
    theirs = DistilBertForMaskedLM.from_pretrained(folder).to(torch.bfloat16)
    theirs.save_pretrained(folder)
    ids, mask = texts(SMALL, 0, 2, 6)
    agree(hub.load_folder(folder), theirs.to(torch.float32), ids, mask)


def test_a_folder_with_its_tokenizer_is_taken_as_a_hub_model_would_be(folder: Path):
    tokenizer = train_tokenizer(["blue shoes", "red shoes"] * 3, 30)
    hub.save_folder(hub.load_folder(folder), folder, tokenizer)
    model, again = hub.from_hub(str(folder))
    assert isinstance(model, MaskedLanguageModel)
    assert again.encode("blue shoes").tokens == tokenizer.encode("blue shoes").tokens
    assert AutoTokenizer.from_pretrained(folder)("blue shoes")["input_ids"] == list(again.encode("blue shoes").ids)


def test_a_tokenizer_of_another_model_is_said(folder: Path):
    train_tokenizer(["blue shoes", "red shoes"] * 3, 25).save(folder)
    with pytest.raises(HubError, match="30 pieces, and 25 in its tokenizer"):
        hub.from_hub(str(folder))


def test_a_folder_without_a_tokenizer_is_said_before_its_weights_are_read(folder: Path):
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(HubError, match=r"has no tokenizer\.json; .* of a model and of its tokenizer") as told:
        hub.from_hub(str(folder))
    assert told.value.code == "hub_files"


def test_a_damaged_tokenizer_is_said(folder: Path):
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(HubError, match=r"\(tokenizer\.json: ") as told:
        hub.from_hub(str(folder))
    assert told.value.code == "hub_format"


@pytest.mark.parametrize("change", [{"post_processor": None}, {"added_tokens": []}])
def test_a_tokenizer_that_puts_no_signs_around_a_text_or_knows_no_gap_is_said(folder: Path, change: dict[str, object]):
    train_tokenizer(["blue shoes", "red shoes"] * 3, 30).save(folder)
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(HubError, match=r"does not make \[CLS\], \[MASK\] and \[SEP\] of a gap"):
        hub.from_hub(str(folder))


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_missing_file_is_said(folder: Path, file: str):
    (folder / file).unlink()
    with pytest.raises(HubError, match=f"has no {file}"):
        hub.load_folder(folder)


def test_a_pickle_is_not_read(folder: Path):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(HubError, match=r"has no model\.safetensors"):
        hub.load_folder(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_type": "bert"}, "a bert"),
        ({"activation": "relu"}, "activation relu"),
        ({"n_heads": 3}, "3 heads do not share 8"),
        ({"n_heads": 0}, "n_heads 0"),
        ({"n_heads": -2}, "n_heads -2"),
        ({"dim": 0}, "dim 0"),
        ({"hidden_dim": 0}, "hidden_dim 0"),
        ({"hidden_dim": 13}, r"ffn\.lin1\.weight has the shape \(12, 8\)"),
        ({"max_position_embeddings": 0}, "max_position_embeddings 0"),
        ({"max_position_embeddings": 10**12}, r"position_embeddings\.weight has the shape \(10, 8\)"),
        ({"vocab_size": -1}, "vocab_size -1"),
        ({"n_layers": -1}, "n_layers -1"),
        ({"n_layers": 10**12}, r"no distilbert\.transformer\.layer\.1"),
        ({"dropout": 2.0}, r"dropout 2\.0"),
        ({"attention_dropout": -0.1}, r"attention_dropout -0\.1"),
        ({"dim": "wide"}, "config.json"),
        ({"dim": 12}, r"word_embeddings\.weight has the shape \(30, 8\)"),
        ({"n_layers": 2}, r"no distilbert\.transformer\.layer\.1"),
    ],
)
def test_another_kind_of_model_is_said(folder: Path, change: dict[str, object], reason: str):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(HubError, match=reason):
        hub.load_folder(folder)


EMBEDDINGS = "distilbert.embeddings.word_embeddings.weight"
QUERY, KEY = (f"distilbert.transformer.layer.0.attention.{part}_lin.weight" for part in "qk")


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        (KEY, lambda tensor: tensor[:, :5], r"k_lin\.weight has the shape \(8, 5\)"),
        (QUERY, lambda tensor: tensor[:4], r"q_lin\.weight has the shape \(4, 8\)"),
        ("vocab_projector.bias", lambda tensor: tensor[:1], r"vocab_projector\.bias has the shape \(1,\)"),
        (KEY, lambda tensor: tensor * np.float32(np.nan), r"k_lin\.weight holds what is no number"),
        (EMBEDDINGS, lambda tensor: tensor + np.float32(np.inf), r"word_embeddings\.weight holds what is no number"),
        (EMBEDDINGS, lambda tensor: tensor.astype(np.int8), r"word_embeddings\.weight holds int8"),
    ],
)
def test_weights_that_are_none_are_said(folder: Path, name: str, change, reason: str):
    tensors = load_file(folder / "model.safetensors")
    tensors[name] = np.ascontiguousarray(change(tensors[name]))
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(HubError, match=reason) as told:
        hub.load_folder(folder)
    assert told.value.code == "hub_format"


def test_what_is_looked_for_in_a_folder_is_what_is_left_in_one(tmp_path: Path):
    config = TextConfig(30, 10, 8, 2, 2, 12)
    hub.save_folder(MaskedLanguageModel(config), tmp_path)
    saved = load_file(tmp_path / "model.safetensors")
    assert dict(hub._shapes(config)) == {name: tensor.shape for name, tensor in saved.items()}


def test_a_model_without_a_language_head_is_said(folder: Path, tmp_path: Path):
    theirs = DistilBertForSequenceClassification(DistilBertConfig(**asdict(SMALL)))
    theirs.save_pretrained(tmp_path / "classifier")
    with pytest.raises(HubError, match="no vocab_transform"):
        hub.load_folder(tmp_path / "classifier")


def test_output_weights_of_their_own_are_refused(folder: Path):
    tensors = load_file(folder / "model.safetensors")
    tensors["vocab_projector.weight"] = tensors["distilbert.embeddings.word_embeddings.weight"] + 1
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(HubError, match="its output weights are not its word embeddings"):
        hub.load_folder(folder)


def test_damaged_weights_are_said(folder: Path):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(HubError, match="cannot read"):
        hub.load_folder(folder)


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No name server answers, and nothing was fetched before."""

    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_without_network_it_is_said_at_once(no_names: Path):
    with pytest.raises(HubError, match=r"'distilbert/distilbert-base-uncased' is not on this machine and the hub"):
        hub.from_hub()


def test_what_was_fetched_before_needs_no_network(no_names: Path, folder: Path):
    train_tokenizer(["blue shoes", "red shoes"] * 3, 30).save(folder)
    repository = no_names / "models--distilbert--distilbert-base-uncased"
    shutil.copytree(folder, repository / "snapshots" / hub.HUB_REVISION)
    model, _ = hub.from_hub()
    assert model.config == SMALL


@pytest.mark.parametrize("revision", ["main", "12040ac", "12040accade4e8a0f71eabdb258fecc2e7e948bg"])
def test_a_revision_that_can_move_is_refused(revision: str):
    with pytest.raises(HubError, match=f"'{revision}' is no full commit hash"):
        hub.from_hub(revision=revision)


def test_the_pinned_revision_is_a_full_hash():
    assert len(hub.HUB_REVISION) == 40


def test_a_name_that_is_none_is_said(no_names: Path):
    with pytest.raises(HubError, match="The hub has no 'no/such/place'"):
        hub.from_hub("no/such/place")
