"""The tokenizer that the app ships: learned from every corpus, with the words of product names counted more often.

`python -m sslrec.data.vocabulary` builds it anew from `SSLREC_DATA/text`, in half a minute, to the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sslrec import artifacts
from sslrec.data.tokens import SPECIAL, VOCAB_SIZE, TextTokenizer, train_tokenizer

if TYPE_CHECKING:
    from sslrec.data.text import Corpus

NAME = artifacts.TOKENIZER
COMMAND = artifacts.SHIPPED[NAME]
REPEATS = {"product_names": 3}
"""How often a corpus counts: product names are few words beside the books, and the words that matter here."""
MAX_LENGTH = 128


def tokenizer_folder() -> Path:
    """Where the shipped tokenizer lies."""
    return artifacts.folder_of(NAME)


def load_tokenizer() -> TextTokenizer:
    """The shipped tokenizer, checked against its manifest.

    Raises:
        ArtifactError: it is missing or damaged.
    """
    return _load(tokenizer_folder())


@cache
def _load(folder: Path) -> TextTokenizer:
    return TextTokenizer.load(artifacts.load_folder(folder, NAME).file("tokenizer.json"))


def build_tokenizer(folder: Path, corpora: Sequence[Corpus], vocab_size: int = VOCAB_SIZE) -> TextTokenizer:
    """Learn a tokenizer from the training parts of some corpora and leave it as an artefact.

    Args:
        folder: is made where it is missing.
        corpora: what to read.
        vocab_size: pieces at most.
    """
    tokenizer = train_tokenizer(_lines(corpora), vocab_size)
    tokenizer.save(folder, MAX_LENGTH)
    # What the pieces cost: a word that needs many is harder to read.
    held_out = {corpus.name: list(corpus.held_out()) for corpus in corpora}
    per_word = {
        name: round(sum(map(len, tokenizer.encode_lines(lines))) / max(1, sum(len(line.split()) for line in lines)), 3)
        for name, lines in held_out.items()
    }
    manifest = artifacts.Manifest(
        name=NAME,
        task=NAME,
        data=", ".join(corpus.name for corpus in corpora),
        data_sha256=", ".join(corpus.sha256 for corpus in corpora),
        command=COMMAND,
        seed=0,
        versions={"tokenizers": version("tokenizers")},
        metrics={"pieces": tokenizer.vocab_size, "pieces_per_word_held_out": per_word},
        config={"repeats": REPEATS},
    )
    artifacts.save(folder, manifest)
    return tokenizer


def _lines(corpora: Sequence[Corpus]) -> Iterator[str]:
    for corpus in corpora:
        for _ in range(REPEATS.get(corpus.name, 1)):
            for line in corpus.train():
                yield line.replace(SPECIAL[1], " ")  # a word that the source left out teaches nothing


def main() -> None:
    """Build the shipped tokenizer; a folder may be named."""
    from sslrec.data.text import load_all  # Arrow comes in with it, which loading a tokenizer can do without

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else tokenizer_folder()
    artifacts.require_replaceable(folder)
    corpora = load_all()
    tokenizer = build_tokenizer(folder, corpora)
    print(f"{tokenizer.vocab_size:,} pieces from {', '.join(corpus.name for corpus in corpora)}: {folder}")


if __name__ == "__main__":
    main()
