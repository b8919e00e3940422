"""A pretrained DistilBERT of the hub, made into what the Language page and the command line run."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path

from sslrec import artifacts
from sslrec.artifacts import HUB_MODEL, HUB_REVISION
from sslrec.learning.encoders.text import count_weights
from sslrec.learning.export import export_litert
from sslrec.learning.models.hub import from_hub, save_folder
from sslrec.learning.models.language import build_fill_in
from sslrec.learning.session import versions

ROW = 128
"""Pieces that the app reads of a text at once, if the model has as many places: the attention of all places that the
original has would take 75 MB a text."""


def bring(folder: Path, name: str = HUB_MODEL, revision: str = HUB_REVISION) -> artifacts.Artifact:
    """Fetch a model and leave it as an artefact of the task `language`, its weights a byte each.

    Args:
        folder: where the artefact shall lie; an older one there is replaced.
        name: a repository of the hub, or a folder in its layout with a `tokenizer.json`.
        revision: see `from_hub`.

    Raises:
        HubError: see `from_hub`.
        ArtifactError: the folder holds other files.
    """
    artifacts.require_replaceable(folder)
    model, tokenizer = from_hub(name, revision)
    command = f"python -m sslrec text hub {shlex.quote(name)}"
    if not (local := Path(name).is_dir()):
        command += f" --revision {revision}"
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        save_folder(model, made, tokenizer, half=True)
        (made / "model.safetensors").unlink()  # the hub's cache, or the folder, has the weights
        export_litert(build_fill_in(model), made / "fill-in.tflite", "int8")
        manifest = artifacts.Manifest(
            name="language",
            task="language",
            data=Path(name).resolve().name if local else name,  # `.` has no name of its own
            data_sha256="",
            command=command,
            seed=0,
            versions=versions(),
            metrics={"weights": count_weights(model)},
            config={"row": ROW, "foreign": True, **({} if local else {"revision": revision})},
        )
        artifacts.save(made, manifest)
        artifacts.publish(made, folder)
    return artifacts.load_folder(folder, folder.name)
