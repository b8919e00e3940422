"""A catalogue of anybody's on its way through the encoders into the index, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from sslrec.channels import Batch, Cancelled, ChannelStatistics, Pipeline, Rejected, Row
from sslrec.config import settings
from sslrec.data.catalogue import FILE, read_parquet
from sslrec.data.catalogue.drafts import Draft
from sslrec.data.catalogue.sheets import BadRow
from sslrec.data.catalogue.source import Found, Source
from sslrec.errors import CatalogueError, SslrecError
from sslrec.serving.catalogue_folder import require_place
from sslrec.serving.catalogues import CatalogueIndex, index_catalogue
from sslrec.serving.ingest.progress import Ingested, IngestProgress, Rejection, State
from sslrec.serving.ingest.sinks import FolderSink, MemorySink, as_table
from sslrec.serving.ingest.stages import BATCH, Decoder, Said, Seen, make_stages
from sslrec.serving.multimodal import IMAGE, TEXT
from sslrec.serving.recommender import Recommender
from sslrec.serving.vectors import index_vectors

CAPACITY = 2 * BATCH
"""Values that wait before each stage, at most."""


class Ingestion:
    """Takes a table and its pictures through bounded channels into a searchable catalogue.

    It starts at once, in a thread of its own. Rows that cannot be used are left out with their reasons, the others go
    on. With a folder, the finished catalogue appears there in one step: one that is interrupted leaves nothing, and can
    be started again. Without one, the catalogue is in memory alone and goes with this object.

    A page looks at it from another thread:

        ingestion = Ingestion(open_source(table, pictures, columns), shared_recommender())
        ingestion.progress()          # again and again; ingestion.cancel() to stop
        index = ingestion.result().index

    Args:
        source: the table and its pictures; closed in the end.
        recommender: its towers make the vectors.
        out: the folder to write to, or None for memory.
        name: what to call the catalogue; by default the folder's name, or the table's without its suffix.
        first: so many rows at most; by default all, which must not be more than the settings allow.
        workers: threads that decode pictures.

    Raises:
        CatalogueError: the folder holds other files.
    """

    def __init__(
        self,
        source: Source,
        recommender: Recommender,
        out: Path | None = None,
        *,
        name: str | None = None,
        first: int | None = None,
        workers: int = 2,
    ) -> None:
        if out is not None:
            require_place(out)
        # Now, not when the process may stand elsewhere.
        self._place = None if out is None else out.resolve()
        self.name = name or (Path(source.name).stem if out is None else out.absolute().name)
        self._source, self._recommender, self._out, self._first, self._workers = (
            source,
            recommender,
            out,
            first,
            workers,
        )
        self._state: State = "running"
        self._total: int | None = None
        self._items = self._pictured = 0
        self._used: set[str] = set()
        self._decode = Decoder(source, recommender)
        self._rejected: list[Rejection] = []
        self._without: list[Rejection] = []
        self._pipeline: Pipeline | None = None
        # A thread whose `join` Ctrl-C interrupts passes for ended in Python before 3.13, so it says so itself.
        self._stopped, self._over = threading.Event(), threading.Event()
        self._began, self._ended = time.monotonic(), 0.0
        self._error: BaseException | None = None
        self._result: Ingested | None = None
        self._thread = threading.Thread(target=self._run, name=f"ingest {self.name}", daemon=True)
        self._thread.start()

    @property
    def is_ready(self) -> bool:
        """Whether `result` answers at once, with the catalogue or with an error."""
        return self._over.is_set()

    @property
    def rejected(self) -> tuple[Rejection, ...]:
        """The rows that were rejected so far."""
        return tuple(self._rejected)

    @property
    def without_picture(self) -> tuple[Rejection, ...]:
        """The products so far whose picture the table names and nobody sent."""
        return tuple(self._without)

    def progress(self) -> IngestProgress:
        """How far it is; may be asked from any thread, and takes no time."""
        items, rejected, total = self._items, len(self._rejected), self._total
        seconds = (self._ended or time.monotonic()) - self._began
        done = items + rejected
        pace = done / seconds if seconds else 0.0
        remaining = None if total is None or not done or self._state != "running" else max(total - done, 0) / pace
        channels = self._pipeline.statistics() if self._pipeline else {}
        return IngestProgress(
            self._state, done, total, items, rejected, len(self._without), seconds, pace, remaining, channels
        )

    def cancel(self) -> None:
        """Stop; nothing is kept. Does not wait, and does nothing once it has ended."""
        self._stopped.set()
        if self._pipeline:
            self._pipeline.cancel()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, however it did.

        Args:
            seconds: at most so long; without end by default.

        Returns:
            Whether it has.
        """
        if self._over.wait(seconds):
            self._thread.join()
        return self.is_ready

    def result(self, seconds: float | None = None) -> Ingested:
        """The finished catalogue.

        Args:
            seconds: how long to wait for it; without end by default.

        Raises:
            SslrecError: it was cancelled (`catalogue_cancelled`), the table or the zip is damaged or beyond the limits,
                no row can be used (`catalogue_nothing`), or it is not ready so soon (`catalogue_opening`).
        """
        if not self.wait(seconds):
            done = self._items + len(self._rejected)
            raise CatalogueError("catalogue_opening", name=self.name, done=done, total=self._total or 0)
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def _run(self) -> None:
        state: State = "done"
        try:
            with self._source:
                self._result = self._ingest()
        except Cancelled:
            state, self._error = "cancelled", CatalogueError("catalogue_cancelled", name=self.name)
        except BaseException as error:  # a thread has nobody above it
            state, self._error = "failed", error
        self._ended = self._ended or time.monotonic()
        self._state = state
        self._over.set()

    def _ingest(self) -> Ingested:
        self._total = self._count()
        models = self._recommender
        models.warm_up()
        sink = FolderSink(self._place, models.dim) if self._place else MemorySink(self.name)
        try:
            channels = self._fill(sink)
            if not self._items:
                raise self._nothing()
            index = self._finish(sink)
        except BaseException:
            sink.abort()
            raise
        self._ended = time.monotonic()
        seconds = self._ended - self._began
        pace = (self._items + len(self._rejected)) / seconds
        return Ingested(
            self.name,
            self._out,
            self._items,
            self.rejected,
            self.without_picture,
            self._pictured,
            len(self._source.pictures or ()) - len(self._used),
            seconds,
            pace,
            channels,
            index,
        )

    def _nothing(self) -> CatalogueError:
        if not self._rejected:
            return CatalogueError("catalogue_empty", name=self._source.name)
        count, reason = len(self._rejected), str(self._rejected[0].error).rstrip(".")
        return CatalogueError("catalogue_nothing", name=self._source.name, count=count, reason=reason)

    def _count(self) -> int:
        """How many rows will come.

        Raises:
            CatalogueError: they are more than is allowed.
            Cancelled: nobody wants to know any more.
        """
        limits = settings()
        limit = limits.max_catalogue_rows if self._out else limits.max_visitor_items
        count = self._source.sheet.count_unless(self._stopped.is_set)
        if count is None:
            raise Cancelled("the ingest was cancelled while its rows were counted")
        wanted = count if self._first is None else min(count, self._first)
        if wanted > limit:
            raise CatalogueError("table_rows", name=self._source.name, count=wanted, limit=limit)
        return wanted

    def _fill(self, sink: FolderSink | MemorySink) -> Mapping[str, ChannelStatistics]:
        """Send all rows through the channels; returns how those are at the end."""
        stages = make_stages(self._decode, self._recommender, self._workers)
        pipeline = Pipeline(
            self._rows(),
            stages,
            batch_size=BATCH,
            capacity=CAPACITY,
            ordered=True,
            on_reject=self._reject,
            keep_rejected=0,
        )
        with pipeline:
            self._pipeline = pipeline
            if self._stopped.is_set():
                pipeline.cancel()
            for batch in pipeline:
                self._take(batch, sink)
            if self._stopped.is_set():
                raise Cancelled("the ingest was cancelled at its very end")
            return pipeline.statistics()

    def _rows(self) -> Iterator[Row]:
        for found in self._source.rows(self._first):
            if isinstance(found, BadRow):
                self._rejected.append(Rejection(found.item_id, found.line, found.error))
                continue
            draft = found.draft
            if found.lacks is not None:
                self._without.append(Rejection(draft.item_id, draft.line, found.lacks))
            picture, name = found.picture, draft.item_id
            if isinstance(picture, str):
                name = picture
                self._used.add(picture)
            image = None if picture is None else self._decode.admit(picture, name)
            yield Row((draft.line, draft.item_id), {IMAGE: image, TEXT: draft.title or None}, _without_bytes(found))

    def _reject(self, rejected: Rejected) -> None:
        line, item_id = rejected.key  # type: ignore[misc]
        assert isinstance(rejected.error, SslrecError)
        self._rejected.append(Rejection(item_id, line, rejected.error))

    def _take(self, batch: Batch, sink: FolderSink | MemorySink) -> None:
        seen: list[Seen | None] = batch.parts[IMAGE]
        said: list[Said | None] = batch.parts[TEXT]
        text, image = np.zeros((2, len(batch), self._recommender.dim), np.float32)
        for row, (picture, title) in enumerate(zip(seen, said, strict=True)):
            if picture is not None:
                image[row] = picture.pixels
            # Where there is no picture, a strange title is better than nothing.
            if title is not None and (picture is None or title.is_known):
                text[row] = title.pieces
        pictures = [None if picture is None else picture.kept for picture in seen]
        sink.add(as_table(batch.extras, pictures), index_vectors(text, image))
        self._items += len(batch)
        self._pictured += sum(picture is not None for picture in pictures)

    def _finish(self, sink: FolderSink | MemorySink) -> CatalogueIndex:
        if isinstance(sink, MemorySink):
            catalogue, vectors = sink.finish()
            return index_catalogue(catalogue, vectors, self._recommender)
        assert self._place is not None
        about = {
            "name": self.name,
            "model": self._recommender.artifact.digest,
            "table": self._source.name,
            "columns": self._source.columns.named,
            "rejected": len(self._rejected),
        }
        sink.finish(about)
        return self._recommender.open_catalogue(read_parquet(self._place / FILE, self.name))


def _without_bytes(found: Found) -> Draft:
    """The draft that goes along to the end, less the picture's bytes."""
    draft = found.draft
    return replace(draft, picture=None) if isinstance(draft.picture, bytes) else draft
