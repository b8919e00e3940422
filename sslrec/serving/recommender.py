"""The multimodal recommender: a text, a picture or both to a ranked list of products."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from functools import cache

import numpy as np

from sslrec.data.catalogue import Catalogue, decode_rgb
from sslrec.errors import CatalogueError, ImageError, QueryError
from sslrec.serving.catalogue_folder import vectors_beside
from sslrec.serving.catalogues import CatalogueIndex, index_catalogue
from sslrec.serving.index import best, diversify
from sslrec.serving.multimodal import IMAGE, TEXT, MultimodalModels
from sslrec.serving.profile import WEIGHT, Profile, affinity
from sslrec.serving.ranking import rank_rows
from sslrec.serving.reasons import explain
from sslrec.serving.recommendation import FUSED, Answer, Note, Query, Ranked, Reason
from sslrec.serving.spelling import as_titled, misspelled
from sslrec.serving.vectors import Progress, builtin_vectors, encode_catalogue, keep, kept_path, load_kept
from sslrec.serving.wishes import MAX_CHARACTERS

_LOG = logging.getLogger(__name__)
_NO_QUERY = {
    "text_unknown": "query_unknown",
    "text_not_english": "query_not_english",
    "text_negated": "query_left_out",
    "text_price": "query_left_out",
}
POOL, NEAR, FIRST = 200, 0.05, 48
"""Among how many of the best the diverse ones are chosen: at most, as a share of what the filters leave, and at least;
what is farther is no answer, however different."""


class Recommender(MultimodalModels):
    """Ranked products for a text, a picture, a profile, or any of them together.

    Args:
        folder: of an artefact that a training has left; the shipped one by default.
        command: what rebuilds the artefact of that folder, for an error.

    Raises:
        ArtifactError: from whatever needs the missing or damaged artefact.
    """

    def open_catalogue(self, catalogue: Catalogue, progress: Progress | None = None) -> CatalogueIndex:
        """Make a catalogue ready to be searched.

        The built-in one's vectors come with the artefact, and those of an ingested one lie beside it; others' are
        computed once, some hundred products a second, and kept under `SSLREC_HOME/vectors` where that can be written.

        Args:
            catalogue: the products.
            progress: called with how many are encoded and of how many, where that has to be done.
        """
        vectors = builtin_vectors(self.artifact.file("builtin.npz"), catalogue)
        if vectors is None:
            vectors = vectors_beside(catalogue, self.artifact.digest, self.dim)
        if vectors is None:
            path = kept_path(catalogue, self.artifact.digest, self.reads_descriptions)
            vectors = load_kept(path, (len(catalogue), self.dim))
            if vectors is None:
                vectors = encode_catalogue(self, catalogue, progress)
                try:
                    keep(path, vectors)
                    vectors = np.load(path, mmap_mode="r", allow_pickle=False)
                except OSError as error:  # they are there all the same, and cost minutes
                    # A line without its traceback: where nobody set up logging, it goes to the user's stderr.
                    _LOG.warning(
                        "the vectors of %r are not kept in %s: %s", catalogue.name, path.parent, error.strerror or error
                    )
        return index_catalogue(catalogue, vectors, self)

    def require(self, text: str) -> None:
        """Make sure that a text is a query by itself.

        Raises:
            QueryError: there is nothing in it, or no word that the model knows.
        """
        wish = self.read(text)
        if wish.ids is None:
            raise _nothing(wish.notes)

    def query(
        self,
        text: str | None = None,
        picture: bytes | np.ndarray | None = None,
        trust: float = 0.0,
        name: str = "picture",
    ) -> tuple[Query, tuple[Note, ...]]:
        """Read a text and a picture into a query.

        Args:
            text: any, or None.
            picture: a file's bytes, or `(height, width, 3)` uint8 RGB, or None.
            trust: -1 for the text to 1 for the picture, 0 for the learned balance.
            name: what to call the picture in an error.

        Returns:
            The query, in which a text without a known word is missing, and what the visitor should know.

        Raises:
            ImageError: the picture cannot be used.
        """
        wish = self.read(text or "")
        vectors: dict[str, np.ndarray] = {}
        if wish.ids is not None:
            vectors[TEXT] = self.encode_ids([wish.ids])[0]
        if picture is not None:
            frame = decode_rgb(picture, name, self.height, self.width) if isinstance(picture, bytes) else picture
            vectors[IMAGE] = self.encode_pictures(frame[None])[0]
        return self._fused(wish.text if TEXT in vectors else None, vectors, trust), wish.notes

    def recommend(
        self,
        index: CatalogueIndex,
        text: str | None = None,
        picture: bytes | np.ndarray | None = None,
        *,
        item: str | None = None,
        trust: float = 0.0,
        k: int = 12,
        offset: int = 0,
        category: str | Collection[str] | None = None,
        price: tuple[float | None, float | None] = (None, None),
        diversity: float = 0.0,
        exclude: Collection[int] = (),
        profile: Profile | None = None,
        name: str = "picture",
    ) -> Answer:
        """Rank a catalogue's products for a query.

        Args:
            index: the catalogue.
            text: what is wished for.
            picture: a picture file's bytes, or `(height, width, 3)` uint8 RGB.
            item: the id of a product to take the picture of, in place of `picture`; it is not recommended itself. Of
                one without a picture the title is taken, and the text is what is said about it.
            trust: -1 for the text to 1 for the picture, 0 for the learned balance.
            k: how many products.
            offset: how many to skip before them.
            category: one or several to choose from; all by default.
            price: the lowest and the highest price, each None for any.
            diversity: 0 for the best to 1 for the most unlike one another, chosen among the best, `POOL` at most.
            exclude: rows that are not wanted.
            profile: what the visitor likes and dislikes; it may be the whole query. Disliked products are left out,
                and liked ones too where there is no other query.
            name: what to call the picture in an error.

        Raises:
            QueryError: there is neither a text with a known word nor a picture nor a profile.
            ImageError: the picture cannot be used.
            CatalogueError: there is no product of the id `item`.
        """
        began = time.perf_counter()
        left_out = set(exclude)
        if item is not None:
            row = index.catalogue.index_of(item)
            if row is None:
                raise CatalogueError("catalogue_item", name=index.catalogue.name, item=item)
            left_out.add(row)
            picture, name = self._picture_of(index, row), item
            if picture is None:
                text = self._said_of(index.catalogue.product(row).title, text or "")
        if text:
            text = as_titled(text, index.title_words)
        query, notes = self.query(text, picture, trust, name)
        if query.text and (near := misspelled(query.text[:MAX_CHARACTERS], index.title_words, self.tokenizer)):
            notes = (*notes, Note("text_spelling", near))
        profile = profile or Profile()
        if not query.vectors and not profile:
            raise _nothing(notes)
        left_out |= set(profile.dislikes) | (set() if query.vectors else set(profile.likes))
        allowed = index.allowed(category, price, left_out)
        cosines = self._cosines(index, query, profile)
        order = cosines[FUSED]
        if profile and query.vectors:
            order = order + WEIGHT * self._affinity(index, profile)
        rows = _page(index, order, allowed, k, offset, diversity)
        items = rank_rows(self, index, query, cosines, allowed, rows, offset)
        milliseconds = (time.perf_counter() - began) * 1000
        return Answer(items, int(allowed.sum()), query, notes, milliseconds, cosines, allowed)

    def ranking(
        self, index: CatalogueIndex, answer: Answer, by: str = FUSED, k: int = 12, offset: int = 0
    ) -> tuple[Ranked, ...]:
        """Another order of an answer's products: by its fused query or by one modality alone, without the profile.

        Args:
            index: the catalogue that the answer is from.
            answer: of `recommend`.
            by: `fused`, `text` or `image`; one that the query has.
            k: how many products.
            offset: how many to skip before them.
        """
        rows = _page(index, answer.cosines[by], answer.allowed, k, offset, 0.0)
        return rank_rows(self, index, answer.query, answer.cosines, answer.allowed, rows, offset)

    def reasons(
        self, index: CatalogueIndex, answer: Answer, profile: Profile | None = None
    ) -> Mapping[int, tuple[Reason, ...]]:
        """Why each product of an answer's page is there.

        Args:
            index: the catalogue that the answer is from.
            answer: of `recommend`.
            profile: the one it was made with.

        Returns:
            By row: the liked product that it is most like; the query's word that speaks most for it or, where none
            does, the picture. There may be none.
        """
        return explain(self, index, answer, profile or Profile())

    def _picture_of(self, index: CatalogueIndex, row: int) -> np.ndarray | None:
        """A product's picture; None where it has none, or a damaged one, as when the product was encoded."""
        picture = index.catalogue.image(row)
        try:
            return None if picture is None else decode_rgb(picture, "picture", self.height, self.width)
        except ImageError:
            return None

    def _said_of(self, title: str, text: str) -> str:
        """A title and what is said about it as one text; of a long one the title's end is cut off, and nothing said."""
        whole = f"{title} {text}".strip()
        return f"{text} {title}" if any(note.code == "text_cut" for note in self.read(whole).notes) else whole

    def _fused(self, text: str | None, vectors: Mapping[str, np.ndarray], trust: float) -> Query:
        """Fuse the present modalities together, each alone, and all but each."""
        names = [name for name in self.modalities if name in vectors]
        if not names:
            return Query(text, {}, trust, {}, {}, {}, {})
        subsets = [names, *([name] for name in names)]
        if len(names) > 1:
            subsets += [[other for other in names if other != name] for name in names]
        present = np.array([[name in subset for name in self.modalities] for subset in subsets])
        repeated = {name: np.repeat(vector[None], len(subsets), axis=0) for name, vector in vectors.items()}
        parts, gates = self.fuse(repeated, trust, present)
        queries, places = parts.sum(axis=1), {name: self.modalities.index(name) for name in names}
        return Query(
            text,
            vectors,
            trust,
            {name: float(gates[0, place]) for name, place in places.items()},
            {name: parts[0, place] for name, place in places.items()},
            dict(zip(names, queries[1 : 1 + len(names)], strict=True)),
            dict(zip(names, queries[1 + len(names) :], strict=True)) if len(names) > 1 else {},
        )

    def _cosines(self, index: CatalogueIndex, query: Query, profile: Profile) -> dict[str, np.ndarray]:
        if query.fused is None:
            return {FUSED: self._affinity(index, profile)}
        found = index.index.cosines(np.stack([query.fused, *query.alone.values()]))
        return dict(zip([FUSED, *query.alone], found, strict=True))

    def _affinity(self, index: CatalogueIndex, profile: Profile) -> np.ndarray:
        vectors = index.index.vectors
        return affinity(vectors, vectors[list(profile.likes)], vectors[list(profile.dislikes)])


def _page(
    index: CatalogueIndex, order: np.ndarray, allowed: np.ndarray, k: int, offset: int, diversity: float
) -> np.ndarray:
    """The rows of one page."""
    k, offset = max(k, 0), max(offset, 0)
    if diversity <= 0:
        return best(order, offset + k, allowed).rows[offset:]
    size = min(POOL, max(FIRST, int(NEAR * allowed.sum())))
    pool = best(order, max(size, offset + k), allowed)
    first = pool.rows[:size]
    chosen = first[diversify(index.index.vectors[first], pool.cosines[:size], offset + k, min(diversity, 1.0))]
    return np.concatenate([chosen, pool.rows[size:]])[offset : offset + k]


def _nothing(notes: Sequence[Note]) -> QueryError:
    """The error that says what a query without anything usable lacks."""
    for note in notes:
        if note.code in _NO_QUERY:
            return QueryError(_NO_QUERY[note.code], words=", ".join(note.words))
    return QueryError("query_empty")


@cache
def shared_recommender() -> Recommender:
    """The one recommender of this process: pages and API share its models."""
    return Recommender()
