import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sslrec.artifacts import sha256_of
from sslrec.data.catalogue import FILE, load_catalogue
from sslrec.errors import CatalogueError
from sslrec.serving.catalogue_folder import (
    ABOUT,
    ADAPTED,
    VECTORS,
    about,
    begin,
    finish,
    require_place,
    vectors_beside,
    write,
)
from tests.data.catalogue.samples import row, table

NOT_TEXT = pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="file names are text there")
DIM, GONE = 4, 999_999_999
"""Length of a vector, and the number of no process."""
VECTOR_ROWS = np.arange(8, dtype=np.float32).reshape(2, DIM)


def made(folder: Path, *titles: str) -> Path:
    """A catalogue in its folder."""
    rows = [row(item_id=str(number), title=title) for number, title in enumerate(titles or ("Mug", "Cap"))]
    filled = begin(folder)
    write(filled, table(*rows), VECTOR_ROWS[: len(rows)])
    finish(filled, folder, {"name": folder.name, "model": "digest", "items": len(rows)})
    return folder


def test_a_folder_says_what_it_holds_and_gives_its_vectors_back(tmp_path: Path):
    folder = made(tmp_path / "mine")
    assert about(folder) == {
        "name": "mine", "model": "digest", "items": 2, "table_sha256": sha256_of(folder / FILE)
    }  # fmt: skip
    vectors = vectors_beside(load_catalogue(folder), "digest", DIM)
    np.testing.assert_array_equal(vectors, VECTOR_ROWS)
    assert isinstance(vectors, np.memmap)
    assert load_catalogue(folder).titles == ["Mug", "Cap"]


def change_table(folder: Path) -> None:
    pq.write_table(table(row(item_id="0", title="Hat"), row(item_id="1", title="Cap")), folder / FILE)


def drop_vectors(folder: Path) -> None:
    (folder / VECTORS).unlink()


def cut_vectors(folder: Path) -> None:
    (folder / VECTORS).write_bytes((folder / VECTORS).read_bytes()[:100])


def fewer_vectors(folder: Path) -> None:
    np.save(folder / VECTORS, VECTOR_ROWS[:1])


def other_numbers(folder: Path) -> None:
    np.save(folder / VECTORS, VECTOR_ROWS.astype(np.float64))


def objects(folder: Path) -> None:
    np.save(folder / VECTORS, np.array([[{}] * DIM] * 2), allow_pickle=True)


def no_note(folder: Path) -> None:
    (folder / ABOUT).write_text("{")


def note_of_another_kind(folder: Path) -> None:
    (folder / ABOUT).write_text('["model"]')


@pytest.mark.parametrize(
    "change",
    [change_table, drop_vectors, cut_vectors, fewer_vectors, other_numbers, objects, no_note, note_of_another_kind],
    ids=lambda change: change.__name__,
)
def test_vectors_beside_a_table_that_are_not_its_own_are_not_used(change, tmp_path: Path):
    folder = made(tmp_path / "mine")
    change(folder)
    assert vectors_beside(load_catalogue(folder), "digest", DIM) is None


def test_vectors_of_another_model_or_length_are_not_used(tmp_path: Path):
    catalogue = load_catalogue(made(tmp_path / "mine"))
    assert vectors_beside(catalogue, "another", DIM) is None
    assert vectors_beside(catalogue, "digest", DIM + 1) is None
    pq.write_table(table(row()), tmp_path / "loose.parquet")
    assert vectors_beside(load_catalogue(tmp_path / "loose.parquet"), "digest", DIM) is None


def test_a_place_is_new_empty_or_a_catalogues(tmp_path: Path):
    require_place(tmp_path / "new" / "one")
    (tmp_path / "empty").mkdir()
    require_place(tmp_path / "empty")
    require_place(made(tmp_path / "mine"))


@pytest.mark.parametrize("kind", ["file", "other files", "one more file", "a table alone", "link to nowhere"])
def test_any_other_place_is_refused_and_stays_as_it_is(kind: str, tmp_path: Path):
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("mine")
    elif kind == "link to nowhere":
        place.symlink_to(tmp_path / "nowhere")
    elif kind == "one more file":
        (made(place) / "notes.txt").write_text("mine")
    else:
        place.mkdir()
        (place / (FILE if kind == "a table alone" else "notes.txt")).write_text("mine")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    filled = begin(tmp_path / "other")
    write(filled, table(row()), VECTOR_ROWS[:1])
    for refused in (lambda: require_place(place), lambda: finish(filled, place, {})):
        with pytest.raises(CatalogueError) as caught:
            refused()
        assert caught.value.code == "catalogue_place"
        assert str(place) in str(caught.value)
    assert {str(path) for path in tmp_path.rglob("*")} >= set(before)


@pytest.mark.parametrize("inside", [False, True], ids=["in it", "below it"])
def test_a_place_that_the_process_stands_in_is_refused(inside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = made(tmp_path / "mine")
    (place / ADAPTED).mkdir()
    (tmp_path / "link").symlink_to(place)
    monkeypatch.chdir(place / ADAPTED if inside else place)
    for given in (Path(".." if inside else "."), place, tmp_path / "link"):
        with pytest.raises(CatalogueError) as caught:
            require_place(given)
        assert caught.value.code == "catalogue_within"
    require_place(Path("new"))
    require_place(tmp_path / "other")


def test_a_mount_point_is_refused_and_a_folder_in_it_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "volume").mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda place: Path(place).name == "volume")
    with pytest.raises(CatalogueError) as caught:
        require_place(tmp_path / "volume")
    assert caught.value.code == "catalogue_mount"
    require_place(tmp_path / "volume" / "shop")


@NOT_TEXT
def test_a_place_in_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    monkeypatch.chdir(folder)
    with pytest.raises(CatalogueError) as caught:
        require_place(Path("shop"))
    assert caught.value.code == "catalogue_path"


@pytest.mark.parametrize("older", [False, True], ids=["new place", "older catalogue"])
def test_of_two_that_finish_at_once_the_later_takes_the_place(
    older: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tmp_path / "mine"
    if older:
        made(place, "Old")
    later, earlier = begin(place), begin(place)
    for filled, title in ((later, "Later"), (earlier, "Earlier")):
        write(filled, table(row(title=title)), VECTOR_ROWS[:1])
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        # Just before the later one moves to its place, whatever was there is away, and the earlier one takes it.
        if self == later and earlier.exists():
            finish(earlier, place, {})
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    finish(later, place, {})
    assert load_catalogue(place).titles == ["Later"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_catalogue_that_another_process_puts_aside_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = made(tmp_path / "mine", "Old")
    later, earlier = begin(place), begin(place)
    for filled, title in ((later, "Later"), (earlier, "Earlier")):
        write(filled, table(row(title=title)), VECTOR_ROWS[:1])
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if self == place and earlier.exists():
            replace(place, tmp_path / "aside")
            try:
                return replace(self, target)
            finally:
                replace(earlier, place)
        return replace(self, target)

    (earlier / ABOUT).write_text("{}")
    monkeypatch.setattr(Path, "replace", interrupted)
    finish(later, place, {})
    assert load_catalogue(place).titles == ["Later"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aside", "mine"]


def test_an_older_catalogue_gives_way_to_the_new_one_and_nothing_is_left(tmp_path: Path):
    folder = made(tmp_path / "mine")
    opened = vectors_beside(load_catalogue(folder), "digest", DIM)
    made(folder, "Hat")
    assert load_catalogue(folder).titles == ["Hat"]
    np.testing.assert_array_equal(opened, VECTOR_ROWS)  # whoever had the old one open still reads it
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_where_the_new_one_cannot_move_the_old_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder, filled = made(tmp_path / "mine"), begin(tmp_path / "mine")
    write(filled, table(row()), VECTOR_ROWS[:1])
    replace = Path.replace

    def fail_once(self: Path, target: Path) -> Path:
        if self == filled:
            raise OSError("no")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_once)
    with pytest.raises(OSError, match="no"):
        finish(filled, folder, {})
    assert load_catalogue(folder).titles == ["Mug", "Cap"]


def test_a_link_to_a_folder_stays_one(tmp_path: Path):
    made(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    made(tmp_path / "link", "Hat")
    assert (tmp_path / "link").is_symlink()
    assert load_catalogue(tmp_path / "real").titles == ["Hat"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def began(process: int | None = None) -> int:
    """The second in which a process began; by default this one."""
    return int(psutil.Process(process).create_time())


OWN = os.getpid()
"""The number of a process that runs."""
DEAD = {
    "gone": f"{GONE}-{began()}",
    "earlier": f"{OWN}-{began() - 60}",
    "later": f"{OWN}-{began() + 60}",
    "gone, began untold": f"{GONE}",
    "began untold": f"{OWN}",
}
"""Makers that run no more: no process has the number, or one that began at another time; or that is not told."""


@pytest.mark.parametrize("name", ["mine", "my.shop", "shop [1]", "商店"])
def test_what_killed_processes_left_is_removed_and_what_others_are_at_stays(name: str, tmp_path: Path):
    alive = begin(tmp_path / name)
    others = [f".{name}x.{GONE}-1-abc.unfinished", f".{name}.x.{GONE}-1-abc.unfinished", f".{name}.abc.unfinished"]
    others += [f".{name}.12-34.{GONE}-1-abc.unfinished", f".{name}.{GONE}-1-a-b.unfinished"]
    for maker in DEAD.values():
        (tmp_path / f".{name}.{maker}-abc.unfinished").mkdir()
        (tmp_path / f".{name}.{maker}-abd.old.unfinished").mkdir()
    for other in others:
        (tmp_path / other).mkdir()
    made(tmp_path / name)
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {name, alive.name, *others}


@pytest.mark.parametrize("maker", DEAD.values(), ids=DEAD)
def test_a_catalogue_that_a_killed_process_had_put_aside_comes_back(maker: str, tmp_path: Path):
    folder = made(tmp_path / "mine")
    folder.replace(tmp_path / f".mine.{maker}-abc.old.unfinished")
    (tmp_path / f".mine.{maker}-abc.unfinished").mkdir()
    begin(folder).rmdir()
    assert load_catalogue(folder).titles == ["Mug", "Cap"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_a_thread_of_this_process_or_another_process_is_at_stays(tmp_path: Path):
    mine = begin(tmp_path / "mine")
    code = f"""
from pathlib import Path
from sslrec.serving.catalogue_folder import begin
print(begin(Path({str(tmp_path / "mine")!r})), flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        again = begin(tmp_path / "mine")
        assert {*tmp_path.iterdir()} == {mine, theirs, again}
        other.kill()
        if hasattr(os, "waitid"):
            # It is a zombie until its parent asks how it ended.
            os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        else:
            other.wait()
        last = begin(tmp_path / "mine")
        assert {*tmp_path.iterdir()} == {mine, again, last}


def test_a_clock_that_is_set_right_ends_no_ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    alive = begin(tmp_path / "mine")
    created = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: created(self) + 1)
    begin(tmp_path / "mine")
    assert alive.is_dir()


def test_of_a_process_that_cannot_be_asked_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".mine.1-5-abc.unfinished").mkdir()

    def refuse(self: psutil.Process) -> float:
        if self.pid == 1:
            raise psutil.AccessDenied(1)
        return 0.0

    monkeypatch.setattr(psutil.Process, "create_time", refuse)
    begin(tmp_path / "mine")
    assert (tmp_path / ".mine.1-5-abc.unfinished").is_dir()


def test_pictures_are_stored_as_they_are_and_rows_in_groups(tmp_path: Path):
    rows = [row(item_id=str(number)) for number in range(1500)]
    filled = begin(tmp_path / "mine")
    write(filled, table(*rows), np.zeros((1500, DIM), np.float32))
    with pq.ParquetFile(filled / FILE) as file:
        assert file.metadata.num_row_groups == 2
        image = next(place for place in range(9) if file.metadata.row_group(0).column(place).path_in_schema == "image")
        assert file.metadata.row_group(0).column(image).compression == "UNCOMPRESSED"
        assert file.read().column("image").type == pa.binary()
    finish(filled, tmp_path / "mine", {"name": "mine", "model": "m", "items": 1500})
    assert json.loads((tmp_path / "mine" / ABOUT).read_text())["items"] == 1500
