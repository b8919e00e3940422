"""`recommend`: rank a catalogue's products for a text, a picture or both."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sslrec.cli.digits import read_file
from sslrec.cli.output import Json, print_json, print_table, stderr_console
from sslrec.errors import CatalogueError, QueryError

if TYPE_CHECKING:
    from sslrec.serving.recommendation import Answer, Note
    from sslrec.serving.vectors import Progress as Told

NOTES = {
    "text_cut": "the text is longer than the model reads; its end was left out",
    "text_negated": "the text model does not understand what is not wanted, so '{words}' was left out",
    "text_not_english": "the text model knows English alone and cannot read '{words}'; the picture alone was asked",
    "text_price": "neither words nor pictures tell what something costs, so '{words}' was left out",
    "text_spelling": "in no product's name: {words}",
    "text_unknown": "the text model knows no word of '{words}'; the picture alone was asked",
    "text_words_unknown": "the text model does not know '{words}'; the other words were asked",
}
"""What is said on stderr about a query that was read in part."""


def recommend(
    catalog: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="builtin, fashion_products, a Parquet file, or a folder with one.")
    ] = "builtin",
    text: Annotated[str | None, typer.Option(help="What is wished for, in English.")] = None,
    image: Annotated[str | None, typer.Option(metavar="FILE", help="A picture of something like it.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many products.")] = 10,
    trust: Annotated[
        float, typer.Option(min=-1, max=1, help="-1 trusts the text, 1 the picture, 0 as was learned.")
    ] = 0.0,
    category: Annotated[str | None, typer.Option(help="Only products of this category.")] = None,
    diversity: Annotated[float, typer.Option(min=0, max=1, help="0 for the best, 1 for the most varied.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Rank a catalogue's products for a text, a picture or both.

    A catalogue other than the built-in one is encoded at its first use, some hundred products a second, and the vectors
    are kept in the folder that `SSLREC_HOME` names.

    With `--json`: an array with one object per product, best first, of `item_id`, `title`, `score`, `text_score`,
    `image_score` (0 to 1; null where that part is missing) and `contributions`, which sum to the cosine of the query
    and the product.
    """
    from sslrec.data.catalogue import decode_rgb, load_catalogue
    from sslrec.serving.adapted import recommender_for
    from sslrec.serving.recommendation import recommend_answer
    from sslrec.serving.recommender import shared_recommender

    # A wrong picture or an empty query is told before anything is encoded.
    data = None if image is None else read_file(image)
    if data is None and not (text or "").strip():
        raise QueryError("query_empty")
    recommender = shared_recommender()
    if data is None:
        recommender.require(text or "")
    picture = None if data is None else decode_rgb(data, str(image), recommender.height, recommender.width)
    products = load_catalogue(catalog)
    recommender = recommender_for(products)
    with _encoding() as told:
        index = recommender.open_catalogue(products, told)
    if category is not None and category not in index.categories:
        raise CatalogueError(
            "catalogue_category", name=products.name, category=category, known=", ".join(index.categories) or "none"
        )
    answer = recommender.recommend(index, text, picture, trust=trust, k=k, category=category, diversity=diversity)
    for note in answer.notes:
        print("note:", sentence(note), file=sys.stderr)
    if as_json:
        print_json(recommend_answer(answer))
    else:
        _print(answer)


def sentence(note: Note) -> str:
    """What a note says, in English."""
    return NOTES[note.code].format(words=", ".join(note.words)) + "."


@contextmanager
def _encoding() -> Iterator[Told]:
    """A bar on stderr, from the first encoded products on."""
    columns = (TextColumn("Encoding"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeRemainingColumn())
    bar = Progress(*columns, console=stderr_console(), transient=True)
    task = bar.add_task("", total=None)

    def told(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield told
    finally:
        if bar.live.is_started:
            bar.stop()


def _print(answer: Answer) -> None:
    columns = ["", "item", "title", "score"]
    there = [name for name in ("text", "image") if name in answer.gates]
    if len(there) > 1:
        columns += ["by text", "by picture", "text's part", "picture's part"]
    rows = []
    for item in answer.items:
        row: list[object] = [item.place, item.item_id, item.title, f"{item.score:.1%}"]
        if len(there) > 1:
            row += [f"{item.text_score:.1%}", f"{item.image_score:.1%}"]
            row += [f"{item.contributions[name]:.3f}" for name in there]
        rows.append(row)
    print_table(None, columns, rows)
