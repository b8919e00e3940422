"""The registry of what can be trained: one line a task, read by the app, the command line and the trainer alike.

The recipes are named by their module, so that a list of tasks costs no import of Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sslrec.data import corpora, digits, shops
from sslrec.errors import DataError

DIGIT_SETS = ("digits", "mnist", "fashion_mnist")
"""What the digit tasks learn from; the first comes with scikit-learn."""


def require_digits(data: str) -> None:
    """Make sure that a digit set is on this machine, without reading it.

    Raises:
        DataError: it is not.
    """
    if data != "digits" and digits.find(data) is None:
        raise DataError("data_missing", name=data, path=f"SSLREC_DATA/{data}/{data}.npz")


POLICIES = (
    "adaptive",
    "auto",
    "constant",
    "cosine",
    "hypergradient",
    "hypergradient_sgd",
    "plateau",
    "prodigy",
    "schedule_free",
)
"""The learning-rate policies by name; `sslrec.learning.optim.policies` makes them."""
RATELESS = ("auto", "prodigy")
"""Those that find their rate themselves: a given one plays no part."""
DEFAULT_POLICY = "auto"
"""The policy of a training that is not told another one: the one that ends within a few per cent of the best tuned rate
wherever it begins (`benchmarks/learning_rates.py`)."""
RATED_POLICY = "cosine"
"""That of a training whose rate is given, or was tuned: `auto` would not go by it."""


@dataclass(frozen=True)
class Option:
    """One setting of a task.

    Attributes:
        default: the value where none is given; its type is the option's type (int, bool or str).
        help: one sentence for the command line.
        low: smallest integer.
        high: largest integer.
        choices: the words that a text may be.
        pattern: where there are no such words, a regular expression of what it may be.
    """

    default: int | bool | str
    help: str
    low: int = 1
    high: int = 10_000
    choices: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class TaskSpec:
    """A task that can be trained.

    Attributes:
        recipe: the module of its recipe, which has `build`.
        data: the data sets it learns from; the first is the one that needs no download.
        about: one sentence for the command line.
        name: the artefact's name for the options, without the data set.
        options: the settings by name.
        shipped: the data set of the models that the app ships; theirs go without its name.
        usual: the policy of a training that is told neither policy nor rate, for the options.
        require: raises `DataError` where a data set is not on this machine; called with its name.
    """

    recipe: str
    data: tuple[str, ...]
    about: str
    name: Callable[[Mapping[str, Any]], str]
    options: Mapping[str, Option] = field(default_factory=dict)
    shipped: str = "mnist"
    usual: Callable[[Mapping[str, Any]], str] = lambda options: DEFAULT_POLICY
    require: Callable[[str], None] = require_digits

    def policy(self, learning_rate: float | None, options: Mapping[str, Any]) -> str:
        """The policy of a training that is not told one: one that keeps to the rate, where that is given."""
        return self.usual(options) if learning_rate is None else RATED_POLICY


CODE = Option(64, "Numbers in the code.", high=784)
DENOISE = Option(False, "Learn to rebuild damaged digits.")
BUDGET = Option("10", "Labels per class.", choices=("1", "10", "100", "all"))
START = Option(
    "auto",
    "Start from an encoder of the same data, or from scratch; auto takes the encoder if it is there.",
    choices=("auto", "pretrained", "scratch"),
)
SIZE = Option("small", "Size of the model: small is the one that the app ships.", choices=("small", "tiny"))
OBJECTIVE = Option(
    "softmax", "How pictures and names are told apart: CLIP's way or SigLIP's.", choices=("softmax", "sigmoid")
)
TOWER = Option(
    "auto",
    "Start the text tower from the language model, or from scratch; auto takes the model if one of the size is there.",
    choices=("auto", "pretrained", "scratch"),
)
TEXT = Option("", "The text of the data set own: a UTF-8 file.", pattern="[0-9a-f]{16}")
CATALOGUE = Option("", "The catalogue of the data set own.", pattern="[0-9a-f]{16}")


def _recommender(options: Mapping[str, Any]) -> str:
    """Another size goes by another name, so that it does not take the place of the model that the app ships."""
    parts = ["scratch"] if options["start"] == "scratch" else []
    parts += [] if options["size"] == SIZE.default else [options["size"]]
    return "-".join(["recommender", *parts])


TASKS: dict[str, TaskSpec] = {
    "autoencoder": TaskSpec(
        "sslrec.learning.recipes.autoencoder",
        DIGIT_SETS,
        "The convolutional autoencoder, plain or denoising.",
        lambda options: f"{'denoiser' if options['denoise'] else 'autoencoder'}-{options['code']}",
        {"code": CODE, "denoise": DENOISE},
    ),
    "encoder": TaskSpec(
        "sslrec.learning.recipes.encoder",
        DIGIT_SETS,
        "The encoder that learns without labels, from two views of each digit.",
        lambda options: "digit-encoder",
    ),
    "classifier": TaskSpec(
        "sslrec.learning.recipes.classifier",
        DIGIT_SETS,
        "One classifier on a label budget, from the encoder or from scratch.",
        lambda options: f"digit-classifier-{options['budget']}",
        {"budget": BUDGET, "start": START},
        # An encoder that has learned already shall move little: auto would move it at many times the rate.
        usual=lambda options: DEFAULT_POLICY if options["start"] == "scratch" else RATED_POLICY,
    ),
    "language": TaskSpec(
        "sslrec.learning.recipes.language",
        ("builtin", "text", "own"),
        "The masked language model: a DistilBERT that guesses hidden words.",
        lambda options: "language" if options["size"] == "small" else f"language-{options['size']}",
        {"size": SIZE, "text": TEXT},
        shipped="text",
        require=corpora.require,
    ),
    "multimodal": TaskSpec(
        "sslrec.learning.recipes.multimodal",
        (shops.BUILTIN, shops.FASHION),
        "The recommender: pictures and names into one space, and the head that fuses them.",
        _recommender,
        {"objective": OBJECTIVE, "start": TOWER, "size": SIZE},
        shipped=shops.FASHION,
        require=shops.require,
    ),
    "fusion": TaskSpec(
        "sslrec.learning.recipes.fusion",
        (shops.BUILTIN, shops.FASHION),
        "The head that fuses text and picture, on the towers of the recommender that is there.",
        lambda options: "recommender-fusion",
        shipped=shops.FASHION,
        require=shops.require,
    ),
    "adapt": TaskSpec(
        "sslrec.learning.recipes.adapt",
        (shops.OWN,),
        "The recommender, adapted to a catalogue of one's own.",
        lambda options: "recommender-adapted",
        {"catalogue": CATALOGUE},
        shipped=shops.OWN,
        # What has learned already shall move little; how far auto would move it follows from its weights' size.
        usual=lambda options: RATED_POLICY,
        require=shops.require,
    ),
}
"""Every task by name. A new one is a recipe and its line here."""
