"""Catalogues with a recommender of their own: adapted to them, it lies in their folder."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

import numpy as np

from sslrec import artifacts
from sslrec.data import shops
from sslrec.data.catalogue import FILE, Catalogue, load_catalogue
from sslrec.errors import CatalogueError
from sslrec.serving.catalogue_folder import ADAPTED, ROWS, VECTORS, about, begin, finish, parquet_writer
from sslrec.serving.recommender import Recommender, shared_recommender
from sslrec.serving.vectors import Progress, encode_catalogue


def recommender_for(catalogue: Catalogue) -> Recommender:
    """The recommender that was adapted to a catalogue, or else the shipped one.

    Raises:
        ArtifactError: from what needs it, where the one in the catalogue's folder is damaged.
    """
    return adapted_to(catalogue) or shared_recommender()


def adapted_to(catalogue: Catalogue) -> Recommender | None:
    """The recommender that was adapted to a catalogue and lies in its folder, or None."""
    folder = Path(catalogue.source).parent / ADAPTED
    manifest = folder / "manifest.json"
    if Path(catalogue.source).name != FILE or not manifest.is_file():
        return None
    return _adapted(folder, manifest.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _adapted(folder: Path, written: int) -> Recommender:
    # Its folder is called as the shipped model is, whose command would train that one anew.
    return Recommender(folder, f"python -m sslrec catalog adapt {shlex.quote(str(folder.parent.absolute()))}")


def adopt(folder: Path, trained: Path, progress: Progress | None = None) -> Recommender:
    """Put an adapted recommender into a catalogue's folder, with the vectors that it makes of the products.

    The folder is replaced in one step: whoever looks finds the catalogue as it was or as it is.

    Args:
        folder: of an ingested catalogue.
        trained: the run's folder, or wherever the artefact lies.
        progress: called with how many products are encoded and of how many.

    Raises:
        CatalogueError: that is no folder of an ingested catalogue (`catalogue_ingested`).
        ArtifactError: the artefact is missing or damaged.
    """
    require_ingested(folder)
    folder = folder.resolve()  # it may be the one that the process stands in, which is about to be another
    said = about(folder)
    assert said is not None
    artifact = artifacts.load_folder(trained, trained.name)
    made = begin(folder)
    try:
        _copy(artifact, made)
        shutil.copyfile(folder / FILE, made / FILE)
        recommender = Recommender(made / ADAPTED)
        np.save(made / VECTORS, encode_catalogue(recommender, load_catalogue(str(made)), progress))
        finish(made, folder, {**said, "model": artifact.digest})
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return recommender_for(load_catalogue(str(folder)))


def carry(recommender: Recommender, made: Path) -> None:
    """Put an adapted recommender into the folder of a catalogue that is being written; the shipped one stays away.

    Args:
        recommender: whose vectors the catalogue has.
        made: by `catalogue_folder.begin`.
    """
    if recommender.artifact.digest != shared_recommender().artifact.digest:
        _copy(recommender.artifact, made)


def _copy(artifact: artifacts.Artifact, made: Path) -> None:
    (made / ADAPTED).mkdir()
    for name in ("manifest.json", *artifact.manifest.files):
        shutil.copyfile(artifact.folder / name, made / ADAPTED / name)


def require_ingested(folder: Path) -> None:
    """Make sure that a folder is one that `catalog ingest` wrote.

    Raises:
        CatalogueError: it is not (`catalogue_ingested`).
    """
    if about(folder) is None or not (folder / FILE).is_file():
        raise CatalogueError("catalogue_ingested", folder=str(folder))


def keep_for_training(catalogue: Catalogue, needed: Collection[str] = ()) -> str:
    """Keep a catalogue that is in memory where a training finds it.

    Args:
        catalogue: the catalogue.
        needed: numbers of those that other trainings have yet to read; see `shops.keep_own`.

    Returns:
        Its number, the option `catalogue` of the task `adapt`.
    """
    with tempfile.TemporaryDirectory(prefix="sslrec-") as folder:
        path = Path(folder) / FILE
        with parquet_writer(path, catalogue.table.schema) as writer:
            writer.write_table(catalogue.table, row_group_size=ROWS)
        return shops.keep_own(path, needed)
