"""`doctor`: which models, catalogues, data sets and packages are here."""

from __future__ import annotations

import json
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import typer

from sslrec import __version__, artifacts
from sslrec.cli.output import Json, print_json, print_table, state
from sslrec.config import ROOT, settings
from sslrec.data import shops
from sslrec.data.sets import DATA_SETS, source_of

TENSORFLOW = ("tensorflow-cpu", "tensorflow")
"""The two builds, of which one is installed."""


def doctor(as_json: Json = False) -> None:
    """Show which models, catalogues, data sets and packages are here.

    The state of each is `ok` or says what is wrong: a model or a catalogue is `missing` or `damaged`, a data set is
    `missing`, a package is `missing` or `differs` from the version that requirements.txt names.

    The exit code is 1 where a model or the built-in catalogue is not sound.
    """
    report = examine()
    if as_json:
        print_json(report)
    else:
        _print(report)
    shipped = [*report["artifacts"].values(), report["catalogues"]["builtin"]]
    if any(found["state"] != "ok" for found in shipped):
        raise typer.Exit(1)


def examine() -> dict[str, dict[str, Any]]:
    """Look at models, catalogues, data sets and packages.

    Returns:
        `artifacts`, `catalogues`, `data` and `versions`, each by name with a `state` and what else there is to say.
    """
    return {
        "artifacts": {
            name: {
                "state": found,
                "folder": str(artifacts.folder_of(name)),
                "command": artifacts.SHIPPED[name],
                "data": manifest.data if manifest else None,
            }
            for name, (found, manifest) in artifacts.states().items()
        },
        "catalogues": {name: _catalogue(name) for name in shops.KNOWN},
        "data": {name: _data(name) for name in DATA_SETS},
        "versions": {
            "sslrec": {"state": "ok", "version": __version__},
            "python": {"state": "ok", "version": platform.python_version()},
            **_packages(),
        },
    }


def _print(report: dict[str, dict[str, Any]]) -> None:
    print_table(
        "Models",
        ("model", "state", "rebuild with"),
        ((name, state(found["state"]), found["command"]) for name, found in report["artifacts"].items()),
    )
    print_table(
        "Catalogues",
        ("catalogue", "state", "from"),
        ((name, state(found["state"]), found["source"]) for name, found in report["catalogues"].items()),
    )
    print_table(
        "Data sets",
        ("data set", "state", "from"),
        ((name, state(found["state"]), found["source"] or "") for name, found in report["data"].items()),
    )
    print_table(
        "Packages",
        ("package", "state", "version"),
        ((name, state(found["state"]), found["version"] or "") for name, found in report["versions"].items()),
    )


def _catalogue(name: str) -> dict[str, Any]:
    """State and place of a named catalogue; the built-in one is checked against its manifest."""
    here = shops.find(name) is not None
    if name != shops.BUILTIN:
        place = Path(settings().data_dir or "SSLREC_DATA") / name
        return {"state": "ok" if here else "missing", "source": str(place)}
    path = shops.builtin_path()
    if not here:
        return {"state": "missing", "source": str(path)}
    try:
        sound = json.loads((path.parent / "manifest.json").read_text("utf-8"))["sha256"] == artifacts.sha256_of(path)
    except artifacts.UNREADABLE:
        sound = False
    return {"state": "ok" if sound else "damaged", "source": str(path)}


def _data(name: str) -> dict[str, Any]:
    source = source_of(name)
    return {"state": "ok" if source else "missing", "source": source}


def _packages() -> dict[str, dict[str, Any]]:
    """Each direct dependency; either build of TensorFlow counts as `tensorflow`."""
    requirements = ROOT / "requirements.txt"
    text = requirements.read_text("utf-8") if requirements.is_file() else ""
    pinned = dict(re.findall(r"^([a-z][\w-]*)==([\w.]+)", text, re.MULTILINE | re.IGNORECASE))
    found: dict[str, dict[str, Any]] = {}
    for name, wanted in pinned.items():
        here = next(filter(None, map(_version, TENSORFLOW if name in TENSORFLOW else (name,))), None)
        word = "missing" if here is None else "ok" if here == wanted else "differs"
        found["tensorflow" if name in TENSORFLOW else name] = {"state": word, "version": here, "wanted": wanted}
    return found


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
