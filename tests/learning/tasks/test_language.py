import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from sslrec.data import text
from sslrec.data.tokens import TextTokenizer, train_tokenizer
from sslrec.errors import TextError
from sslrec.learning.encoders.text import TextConfig
from sslrec.learning.loop import Schedule, fit
from sslrec.learning.objectives.masked import Masking, mask_words
from sslrec.learning.tasks.language import LanguageTask

SEED = tf.constant([0, 1], tf.int32)
COLOURS = ("blue", "red", "green", "black")


def lines(count: int, kind: str) -> list[str]:
    """Sentences whose words tell each other: a colour comes twice."""
    rng = np.random.default_rng(len(kind))
    colours = [COLOURS[number] for number in rng.integers(0, 4, count)]
    return [f"{colour} {kind} in {colour} number {n}" for n, colour in enumerate(colours)]


@pytest.fixture(scope="module")
def corpora() -> tuple[text.Corpus, ...]:
    return tuple(text.from_lines(kind, lines(count, kind), "test") for kind, count in (("shoes", 400), ("hats", 200)))


@pytest.fixture(scope="module")
def tokenizer(corpora: tuple[text.Corpus, ...]) -> TextTokenizer:
    return train_tokenizer([line for corpus in corpora for line in corpus.train()], 120)


def build(corpora, tokenizer: TextTokenizer, dropout: float = 0.0, **options) -> LanguageTask:
    keras.utils.set_random_seed(0)
    config = TextConfig(tokenizer.vocab_size, 24, 32, 1, 2, 64, dropout, dropout)
    return LanguageTask(corpora, tokenizer, config, length=24, **options)


@pytest.fixture(scope="module")
def task(corpora, tokenizer: TextTokenizer) -> LanguageTask:
    """Not to be trained."""
    return build(corpora, tokenizer)


@pytest.fixture(scope="module")
def dropping(corpora, tokenizer: TextTokenizer) -> LanguageTask:
    """With dropout; not to be trained."""
    return build(corpora, tokenizer, dropout=0.3)


def test_an_epoch_is_every_row_once(task: LanguageTask):
    assert task.size == sum(task.rows.values())
    assert task.rows["shoes"] == pytest.approx(2 * task.rows["hats"], rel=0.1)
    drawn = task.draw_rows(tf.range(task.size), SEED)
    np.testing.assert_array_equal(np.sort(drawn), np.arange(task.size))


def test_weights_draw_rows_more_or_less_often(corpora, tokenizer: TextTokenizer):
    task = build(corpora, tokenizer, weights={"shoes": 0.5, "hats": 3.0})
    shoes, hats = task.rows["shoes"], task.rows["hats"]
    assert task.size == round(0.5 * shoes) + 3 * hats
    seen = np.zeros(shoes + hats, int)
    for step in range(20):
        drawn = task.draw_rows(tf.range(task.size), tf.constant([0, step], tf.int32)).numpy()
        counts = np.bincount(drawn, minlength=shoes + hats)
        assert counts[:shoes].max() == 1
        assert (counts[shoes:] == 3).all()
        seen += counts
    assert (seen > 0).all()  # another half each time
    assert build(corpora, tokenizer, weights={"shoes": 0}).size == hats


def test_the_loss_is_that_of_the_hidden_pieces_each_text_read_alone(task: LanguageTask, tokenizer: TextTokenizer):
    loss, scalars = task.loss(tf.range(5), SEED)
    ids, texts, _ = (tf.gather(part, task.draw_rows(tf.range(5), SEED)).numpy() for part in task._rows)
    shown, chosen = mask_words(
        tf.constant(ids),
        tf.constant(tokenizer.continues[ids]),
        tf.constant((texts > 0) & (ids >= 5)),
        SEED,
        task.masking,
    )
    losses, hits = [], []
    for row in range(5):
        for number in range(1, texts[row].max() + 1):
            own = texts[row] == number
            logits = task.model(shown.numpy()[row, own][None]).numpy()[0].astype(np.float64)
            for place in np.flatnonzero(chosen.numpy()[row, own]):
                target = ids[row, own][place]
                losses.append(math.log(np.exp(logits[place]).sum()) - logits[place, target])
                hits.append(logits[place].argmax() == target)
    assert len(losses) > 3
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-4)
    assert float(scalars["accuracy"]) == pytest.approx(np.mean(hits))


def test_a_step_follows_from_seed_and_step_dropout_included(dropping: LanguageTask):
    first = float(dropping.loss(tf.range(5), SEED)[0])
    assert float(dropping.loss(tf.range(5), tf.constant([0, 2], tf.int32))[0]) != first
    assert float(dropping.loss(tf.range(5), SEED)[0]) == first


def test_validation_repeats_and_names_each_corpus(dropping: LanguageTask):
    figures = dropping.validate()
    kinds = ("loss", "top_1", "top_5")
    names = {f"validation_{kind}{corpus}" for kind in kinds for corpus in ("", "_shoes", "_hats")}
    assert set(figures) == names
    assert dropping.validate() == figures
    for kind in kinds:
        both = [figures[f"validation_{kind}_{corpus}"] for corpus in ("shoes", "hats")]
        assert figures[f"validation_{kind}"] == pytest.approx(np.mean(both))


@pytest.mark.parametrize("word", ["blue", "red", "green", "black", "shoes", "hats"])
def test_of_the_shortest_held_out_part_a_word_is_hidden_at_least(corpora, tokenizer: TextTokenizer, word: str):
    short = text.from_lines("short", [*lines(19, "shoes"), word], "test")
    task = build([short], tokenizer)
    assert list(short.held_out()) == [word]
    (target,) = {len(part) for part in task.hidden_words("short")}
    assert target > 0
    assert task.validate()["validation_loss"] > 1.0


def test_where_no_word_can_be_hidden_there_is_no_validation_loss(corpora, tokenizer: TextTokenizer):
    blank = text.from_lines("blank", [*lines(19, "shoes"), "一"], "test")
    figures = build([blank], tokenizer).validate()
    assert set(figures) == {f"validation_{kind}_blank" for kind in ("loss", "top_1", "top_5")}
    assert all(map(math.isnan, figures.values()))
    both = build([blank, corpora[0]], tokenizer).validate()
    assert both["validation_loss"] == both["validation_loss_shoes"] > 1.0


def test_a_held_out_part_without_pieces_hides_nothing(corpora, tokenizer: TextTokenizer):
    invisible = text.from_lines("invisible", [*lines(19, "shoes"), "\u200b"], "test")
    task = build([invisible], tokenizer)
    assert list(invisible.held_out()) == ["\u200b"]
    found = task.hidden_words("invisible")
    assert [part.shape for part in found] == [(0,)] * 3
    assert {part.dtype for part in found} == {np.dtype(np.int32)}
    assert all(map(math.isnan, task.validate().values()))


def test_validation_equals_the_model_on_masked_held_out_rows(corpora, tokenizer: TextTokenizer):
    task = build(corpora[:1], tokenizer)
    rows = task._held_out["shoes"]
    assert len(rows.token_ids) <= 32  # one batch
    masking = Masking(tokenizer.mask_id, tokenizer.vocab_size, mask=1.0, random=0)
    maskable = (rows.texts > 0) & (rows.token_ids >= 5)
    continues = tf.constant(tokenizer.continues[rows.token_ids])
    shown, chosen = mask_words(
        tf.constant(rows.token_ids), continues, tf.constant(maskable), tf.constant([0, 0]), masking
    )
    assert (shown.numpy()[chosen.numpy()] == tokenizer.mask_id).all()
    same = (rows.texts[:, :, None] == rows.texts[:, None, :]) & (rows.texts[:, None, :] > 0)
    states, _ = task.model.encoder(shown, same, rows.positions)
    logits = task.model.logits(states[-1]).numpy()[chosen.numpy()]
    targets = rows.token_ids[chosen.numpy()]
    order = np.argsort(-logits, axis=1)
    figures = task.validate()
    assert figures["validation_top_1"] == pytest.approx((order[:, 0] == targets).mean(), abs=1e-6)
    assert figures["validation_top_5"] == pytest.approx((order[:, :5] == targets[:, None]).any(axis=1).mean(), abs=1e-6)
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    losses = -np.log(probabilities[np.arange(len(targets)), targets])
    assert figures["validation_loss"] == pytest.approx(losses.mean(), rel=1e-4)


def test_a_few_epochs_teach_that_the_colour_comes_twice(corpora, tokenizer: TextTokenizer):
    task = build(corpora, tokenizer)
    before = task.validate()
    history = fit(task, Schedule(epochs=25, batch_size=16, learning_rate=5e-3, validate_every=25), seed=0)
    assert history[-1]["validation_loss"] < 0.6 * before["validation_loss"]
    ids = tokenizer.encode("green shoes in [MASK] number 1").ids
    guess = task.model(ids[None])[0, 4].numpy().argmax()
    assert tokenizer.token(int(guess)) == "green"


def test_a_model_for_another_tokenizer_is_refused(corpora, tokenizer: TextTokenizer):
    with pytest.raises(TextError, match="not one of the 20 of the vocabulary"):
        LanguageTask(corpora, tokenizer, TextConfig(20, 24, 32, 1, 2, 64), length=24)
