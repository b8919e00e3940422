"""What training leaves and serving loads: a folder of files with a manifest that vouches for them."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sslrec.config import settings
from sslrec.errors import ArtifactError

TOKENIZER = "tokenizer"
HUB_MODEL = "distilbert/distilbert-base-uncased"
"""What `text hub` fetches: the original that the shipped language model is a small copy of."""
HUB_REVISION = "12040accade4e8a0f71eabdb258fecc2e7e948be"
"""The commit of `HUB_MODEL` that is used; a later one of the same name could hold other weights."""
SHIPPED = {
    TOKENIZER: "python -m sslrec.data.vocabulary",
    "autoencoder-64": "python -m sslrec train autoencoder --data mnist --code 64 --policy cosine",
    "autoencoder-32": "python -m sslrec train autoencoder --data mnist --code 32 --policy cosine",
    "denoiser-64": "python -m sslrec train autoencoder --data mnist --code 64 --denoise --policy cosine",
    "digit-encoder": "python -m sslrec train encoder --data mnist --policy cosine",
    "digit-classifiers": "python -m sslrec train classifiers --data mnist",
    "digit-novelty": "python -m sslrec train novelty --data mnist",
    "language": "python -m sslrec train language --data text --policy cosine",
    "recommender": "python -m sslrec train multimodal --data fashion_products --policy cosine",
}
"""The models of the repository, and the tokenizer that texts are read with, with the command that rebuilds each."""
RUN_FILES = frozenset({"checkpoint.npz", "events.jsonl", "run.json", "snapshots", "state.json"})
"""What a training keeps beside the model that it leaves; `sslrec.runs.store` says what each is."""

UNREADABLE = (OSError, ValueError, TypeError, KeyError, RecursionError)
"""How a manifest fails that is damaged; the last where its brackets are nested by the thousand."""


@dataclass(frozen=True)
class Manifest:
    """Where an artefact comes from and what it is worth.

    Attributes:
        name: the artefact's folder name.
        task: the training task, such as `autoencoder`.
        data: the data set's name.
        data_sha256: hash of the data set's file.
        command: what rebuilds the artefact.
        seed: the seed of the run.
        versions: package versions of the run.
        metrics: figures measured at the end of the run, by name.
        config: settings of model and schedule.
        built_on: the artefacts that this one was made from, each with its `digest`.
        files: SHA-256 of each file.
        history: what was measured at the ends of epochs, oldest first; of long trainings some of them.
    """

    name: str
    task: str
    data: str
    data_sha256: str
    command: str
    seed: int
    versions: dict[str, str]
    metrics: dict[str, Any]
    config: dict[str, Any] = field(default_factory=dict)
    built_on: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Artifact:
    """A verified artefact: its folder and manifest, and what rebuilds it where that is not the usual command."""

    folder: Path
    manifest: Manifest
    command: str = ""

    @property
    def digest(self) -> str:
        """One hash for all the artefact's files: the same as long as none of them changes."""
        return hashlib.sha256(json.dumps(self.manifest.files, sort_keys=True).encode()).hexdigest()

    def file(self, name: str) -> Path:
        """Path of one of the artefact's files.

        Raises:
            ArtifactError: the manifest does not vouch for such a file.
        """
        if name not in self.manifest.files:
            command = self.command or SHIPPED.get(self.manifest.name, self.manifest.command)
            raise ArtifactError("artifact_damaged", name=self.manifest.name, file=name, command=command)
        return self.folder / name


def plain(value: Any) -> Any:
    """The same without NaN and infinity, which JSON does not have: null stands for them."""
    if isinstance(value, dict):
        return {key: plain(found) for key, found in value.items()}
    if isinstance(value, list | tuple):
        return [plain(found) for found in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_of(name: str) -> Path:
    """The folder that holds (or would hold) the shipped artefact `name`."""
    # No model itself: it lies beside those that are trained with it.
    return settings().assets_dir / ("" if name == TOKENIZER else "models") / name


def load(name: str) -> Artifact:
    """Load the manifest of a shipped artefact and check every file against it.

    Raises:
        ArtifactError: the artefact is missing, or a file differs from what its manifest vouches for.
    """
    return load_folder(folder_of(name), name)


def load_folder(folder: Path, name: str, command: str = "") -> Artifact:
    """Like `load`, for an artefact in any folder.

    Args:
        folder: where it lies.
        name: what to call it in an error.
        command: what rebuilds it; by default the shipped model's command.

    Raises:
        ArtifactError: as `load` does; a manifest that vouches for no file at all is damaged too.
    """
    given, command = command, command or SHIPPED.get(name, "python -m sslrec train --help")
    path = folder / "manifest.json"
    if not path.is_file():
        raise ArtifactError("artifact_missing", name=name, folder=str(folder), command=command)
    try:
        manifest = Manifest(**json.loads(path.read_text("utf-8")))
        files = dict(manifest.files)
        if not files:
            raise ValueError("a manifest that vouches for no file")
    except UNREADABLE as error:
        raise ArtifactError("artifact_damaged", name=name, file="manifest.json", command=command) from error
    for file, digest in files.items():
        try:
            sound = sha256_of(folder / file) == digest
        except (OSError, ValueError):
            # No file can have some names, such as one with a NUL.
            sound = False
        if not sound:
            command = given or SHIPPED.get(name, manifest.command)
            raise ArtifactError("artifact_damaged", name=name, file=file, command=command)
    return Artifact(folder, manifest, given)


def require_replaceable(folder: Path) -> None:
    """Make sure that a new artefact may take a folder's place, and with it all that is in there.

    Args:
        folder: new, empty, the place of a shipped artefact, or one that holds an artefact or a training
            run and nothing else.

    Raises:
        ArtifactError: the folder holds other files, or is a file itself.
    """
    if not folder.exists() or (folder.is_dir() and folder.resolve() in {folder_of(name) for name in SHIPPED}):
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    if is_run(folder):
        names = {name for name in names - RUN_FILES if not name.startswith(".")}
    try:
        own = {"manifest.json", *json.loads((folder / "manifest.json").read_text("utf-8"))["files"]}
    except UNREADABLE:
        own = set()
    if names - own:
        raise ArtifactError("artifact_place", folder=str(folder))


def is_run(folder: Path) -> bool:
    """Whether a folder holds a training run."""
    return (folder / "run.json").is_file() and (folder / "state.json").is_file()


def states() -> dict[str, tuple[str, Manifest | None]]:
    """State of every shipped artefact: `ok`, `missing` or `damaged`, with the manifest where it is ok."""
    found: dict[str, tuple[str, Manifest | None]] = {}
    for name in SHIPPED:
        try:
            found[name] = ("ok", load(name).manifest)
        except ArtifactError as error:
            found[name] = (error.code.removeprefix("artifact_"), None)
    return found


def save(folder: Path, manifest: Manifest) -> Artifact:
    """Write the manifest for the files that lie in `folder`, replacing an older one atomically.

    Args:
        folder: holds the artefact's files already; every file but the manifest is hashed, those of a
            training run excepted.
        manifest: its `files` are filled in here.
    """
    others = {"manifest.json", *(RUN_FILES if is_run(folder) else ())}
    files = {
        path.name: sha256_of(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name not in others and not path.name.startswith(".")
    }
    full = Manifest(**{**asdict(manifest), "files": files})
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".manifest")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(plain(asdict(full)), stream, indent=2, ensure_ascii=False, allow_nan=False)
        stream.write("\n")
    Path(temporary).chmod(0o644)
    Path(temporary).replace(folder / "manifest.json")
    return Artifact(folder, full)


def install(made: Path, folder: Path) -> None:
    """Put a finished artefact in the place of an older one, beside the files of a training run if there are any.

    The manifest goes first and comes last: whoever looks in between finds no artefact rather than a mixed one.

    Args:
        made: a folder with the new artefact, on the same disk; it is empty afterwards.
        folder: where the artefact shall lie.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = RUN_FILES if is_run(folder) else frozenset()
    (folder / "manifest.json").unlink(missing_ok=True)
    for old in folder.iterdir():
        if old.is_file() and old.name not in kept and not old.name.startswith("."):
            old.unlink()
    for new in sorted(made.iterdir(), key=lambda path: path.name == "manifest.json"):
        new.replace(folder / new.name)


def publish(made: Path, folder: Path) -> None:
    """Like `install`, for a copy of the artefact in `made`, from any disk."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(made, copy)
        install(copy, folder)
