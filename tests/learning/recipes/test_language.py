import json
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from transformers import AutoTokenizer, DistilBertForMaskedLM

from sslrec.data import corpora, text
from sslrec.data.tokens import TextTokenizer, train_tokenizer
from sslrec.errors import DataError
from sslrec.learning.loop import fit
from sslrec.learning.models.hub import from_hub
from sslrec.learning.recipes import language
from sslrec.runs.events import RunConfig
from sslrec.runs.tasks import TASKS, Option, TaskSpec

COLOURS = ("blue", "red", "green", "black")
SPEC = TaskSpec(
    "sslrec.learning.recipes.language",
    ("builtin", "text"),
    "Hidden words.",
    lambda options: "language",
    {"size": Option("tiny", "Size.", choices=("tiny", "small"))},
)


@pytest.fixture(scope="module")
def corpus() -> text.Corpus:
    return text.from_lines("names", [f"{COLOURS[n % 4]} shoe in {COLOURS[n % 4]} {n}" for n in range(300)], "test")


@pytest.fixture(scope="module")
def tokenizer(corpus: text.Corpus) -> TextTokenizer:
    return train_tokenizer(corpus.train(), 60)


@pytest.fixture(scope="module")
def recipe(corpus: text.Corpus, tokenizer: TextTokenizer) -> Iterator[language.LanguageRecipe]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TASKS, "language", SPEC)
        keras.utils.set_random_seed(0)
        yield language.build(RunConfig("language", "builtin", epochs=2, batch_size=8), [corpus], tokenizer)


def test_watchers_see_gaps_being_filled(recipe: language.LanguageRecipe, tokenizer: TextTokenizer):
    event = recipe.show(0, 0)
    json.dumps(event)
    assert event["kind"] == "gaps"
    assert len(event["inputs"]) == len(event["outputs"]) == 8
    assert event["inputs"][0]["text"] == "black shoe [MASK] black 19"
    for item in event["outputs"]:
        assert 0 < item["value"] <= 1
        assert item["right"] in (True, False)


def test_what_is_left_serves_the_app_and_other_libraries(
    recipe: language.LanguageRecipe, tokenizer: TextTokenizer, corpus: text.Corpus, tmp_path: Path
):
    fit(recipe.task, recipe.schedule, 0)
    metrics = recipe.finish(tmp_path, lambda event: None)
    found = metrics["corpora"]["names"]
    assert found["hidden"] > 10
    assert 0 <= found["unigram_top_1"] <= found["unigram_top_5"] <= 1
    assert found["trigram_top_1"] > found["unigram_top_1"]
    assert found["loss"] == pytest.approx(recipe.task.validate()["validation_loss_names"])

    ids = tokenizer.encode("blue shoe in [MASK] 7").ids[None]
    runner = Interpreter(model_path=str(tmp_path / "fill-in.tflite")).get_signature_runner("serving_default")
    served = runner(token_ids=ids, attention_mask=np.ones_like(ids), gaps=np.array([[4]], np.int32))
    model, again = from_hub(str(tmp_path))
    np.testing.assert_allclose(served["logits"][0, 0], model(ids)[0, 4], atol=2e-2)
    assert again.vocab_size == tokenizer.vocab_size
    assert DistilBertForMaskedLM.from_pretrained(tmp_path).config.dim == 128
    assert AutoTokenizer.from_pretrained(tmp_path)("blue shoe in [MASK] 7")["input_ids"] == ids[0].tolist()


@pytest.mark.parametrize(
    ("size", "policy", "kind", "rate"),
    [
        ("small", "cosine", "Muon", 2.5e-3),
        ("small", "constant", "Adam", 1e-3),
        ("tiny", "cosine", "Adam", 1e-3),
    ],
)
def test_the_small_model_learns_by_muon_under_the_cosine_schedule(
    corpus: text.Corpus, tokenizer: TextTokenizer, size: str, policy: str, kind: str, rate: float
):
    found = language.build(RunConfig("language", "builtin", policy, options={"size": size}), [corpus], tokenizer)
    made = found.schedule.make_policy()
    assert (type(made.optimizer).__name__, made.learning_rate) == (kind, rate)


def test_the_hidden_words_are_those_that_validation_hides(recipe: language.LanguageRecipe, tokenizer: TextTokenizer):
    left, right, target = recipe.task.hidden_words("names")
    assert len(left) == len(right) == len(target)
    assert not tokenizer.special[target].any()
    # Each hidden piece stands between what is shown of its neighbours: start, end, gaps, or other pieces.
    assert set(left.tolist()) <= set(range(tokenizer.vocab_size)) - {tokenizer.pad_id, tokenizer.end_id}
    assert set(right.tolist()) <= set(range(tokenizer.vocab_size)) - {tokenizer.pad_id, tokenizer.start_id}


def test_without_corpora_the_data_set_text_is_missed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(corpora, "find", lambda name: None)
    with pytest.raises(DataError, match="SSLREC_DATA"):
        corpora.require("text")
    corpora.require("builtin")
