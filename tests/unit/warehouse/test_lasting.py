"""What survives a power cut: bytes are forced to disk before a name, and folders after it."""

import os
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import insert

from schemas.quarter import Quarter
from schemas.submission import Submission, SubmittedFile
from warehouse import tables
from warehouse.backup import back_up
from warehouse.database import writing
from warehouse.drop_place import mark_drop_folder
from warehouse.erasure import clear, unland
from warehouse.key import next_key_file, open_key
from warehouse.landing import land_bytes, land_descriptor, make_lasting
from warehouse.orphans import remove_set_aside, set_aside
from warehouse.outbox import UNPLACED, pack_folder, put_folder, put_pack, remove_unplaced
from warehouse.pseudonyms import key_id, make_key, read_key
from warehouse.registry import Arrival, Incoming, register_incoming
from warehouse.removals import planned_removal
from warehouse.root import make_folder, write_bytes, write_once
from warehouse.rotation import rotate_storage_key
from warehouse.sealed import Ring, write_sealed
from warehouse.store import ACCEPTED, write_kind

RING = Ring("a" * 16, {"a" * 16: b"k" * 32})
NAMES = ("mkdir", "rename", "replace", "link", "unlink", "rmdir")


class Disk:
    """A record of what is forced to disk and which names change, in order.

    Attributes:
        done: "force" with the inode that was forced; or "name" with the folder in which a name
            changed, and the inode that the name then stands for (none for one that went).
    """

    def __init__(self, patched):
        self.done = []
        patched.setattr(os, "fsync", self._forced)
        patched.setattr(os, "sync", lambda: self.done.append(("force", "everything")))
        for name in NAMES:
            patched.setattr(os, name, self._named(getattr(os, name)))

    def _forced(self, descriptor):
        self.done.append(("force", os.fstat(descriptor).st_ino))

    def _named(self, change):
        def changed(*paths, **more):
            change(*paths, **more)
            if more.get("dir_fd") is None:
                self._note(paths[1] if len(paths) > 1 and change.__name__ != "mkdir" else paths[0])

        return changed

    def _note(self, path):
        path = Path(path)
        inode = path.stat().st_ino if path.exists() else None
        self.done.append(("name", path.parent.stat().st_ino, inode))

    def holds(self, path):
        """Whether a file's bytes were forced before it took its name, and its folder after."""
        inode = path.stat().st_ino
        forced, named = self.done.index(("force", inode)), self._last_name(path.parent, inode)
        return forced < named and self.holds_names_in(path.parent)

    def _last_name(self, folder, inode):
        names = [at for at, one in enumerate(self.done) if one[0] == "name"]
        return max(at for at in names if self.done[at][1:] == (folder.stat().st_ino, inode))

    def holds_names_in(self, folder):
        """Whether a folder was forced after each change of a name in it, before the next."""
        inode, waiting = folder.stat().st_ino, False
        changes = [one for one in self.done if one[1] == inode]
        for one in changes:
            if one[0] == "name" and waiting:
                return False
            waiting = one[0] == "name"
        return bool(changes) and not waiting


@pytest.fixture
def disk(monkeypatch, root):
    """A record of a root that has been set up already."""
    return Disk(monkeypatch)


@pytest.fixture
def submitted(root, actor):
    """A submission of one landed file."""
    landed = land_bytes(root, b"some text")
    file = SubmittedFile("a.csv", landed.sha256, landed.size, "episodes")
    return register_incoming(
        root,
        la_code="E08000030",
        quarter=Quarter.parse("2023-24Q1"),
        incoming=[Incoming("ssda903", (file,))],
        arrivals=[Arrival("a.csv", "a", landed.sha256, landed.size, (landed.sha256,))],
        actor=actor,
    ).submissions[0]


def entered_part(root, given):
    """Enter a part of a submission in the ledger, and put its file in place."""
    relative = f"quarantine/episodes/la_code={given.la_code}/{given.id}.parquet"
    write_sealed(RING, root.path / relative, relative, [b"rows"])
    row = {"table_name": "episodes", "path": relative, "row_count": 1, "size": 4, "sha256": "0"}
    with writing(root) as connection:
        connection.execute(insert(tables.parts).values(submission_id=given.id, **row))
    return root.path / relative


def test_a_sealed_file_lasts_with_the_folders_made_for_it(disk, tmp_path):
    path = tmp_path / "one" / "two" / "file"
    write_sealed(RING, path, "purpose", [b"some text"])
    assert disk.holds(path)
    assert disk.holds_names_in(tmp_path)
    assert disk.holds_names_in(tmp_path / "one")


def test_a_plain_file_lasts_with_the_folders_made_for_it(disk, tmp_path):
    path = tmp_path / "one" / "two" / "file"
    write_bytes(path, b"some text")
    assert disk.holds(path)
    assert disk.holds_names_in(tmp_path)
    assert disk.holds_names_in(tmp_path / "one")


def test_rows_that_share_the_bytes_of_an_earlier_version_last_under_both_names(disk, root):
    rows, quarter = pa.table({"child_key": [1]}), Quarter.parse("2023-24Q4")
    versions = [Submission(f"{n:016}", "E08000030", "ssda903", quarter, n, ()) for n in (1, 2)]
    first = write_kind(root, versions[0], "oc3", rows, kind=ACCEPTED)
    second = write_kind(root, versions[1], "oc3", rows, kind=ACCEPTED, like=first.path)
    assert (root.path / first.path).samefile(root.path / second.path)
    assert disk.holds(root.path / second.path)


def test_a_folder_is_forced_before_anything_is_written_into_it(disk, tmp_path):
    make_folder(tmp_path / "one" / "two")
    assert disk.holds_names_in(tmp_path)
    assert disk.holds_names_in(tmp_path / "one")


def test_what_lands_lasts_once_everything_that_landed_together_is_made_to(disk, root, tmp_path):
    source = tmp_path / "file"
    source.write_bytes(b"some text")
    with source.open("rb") as file:
        landed = land_descriptor(root, file.fileno())
    assert not disk.holds(landed.path)
    make_lasting(root)
    assert disk.holds(landed.path)


def test_a_folder_of_files_lasts_whole(disk, root):
    folder = root.outbox / "one" / "two"
    put_folder(root, folder, {"a.txt": b"a", "inside/b.txt": b"b"})
    named = disk.done.index(("name", folder.parent.stat().st_ino, folder.stat().st_ino))
    inside = (folder / "a.txt", folder / "inside" / "b.txt", folder, folder / "inside")
    assert {("force", path.stat().st_ino) for path in inside} <= set(disk.done[:named])
    assert disk.holds_names_in(folder.parent)


def test_a_key_lasts_before_anything_is_made_with_it(disk, tmp_path):
    make_key(tmp_path / "a.key")
    inode = (tmp_path / "a.key").stat().st_ino
    assert disk.done == [("force", inode), ("force", tmp_path.stat().st_ino)]


def test_what_is_erased_stays_away(root, submitted, actor, monkeypatch):
    part = entered_part(root, submitted)
    put_pack(root, submitted, {"a.txt": b"a"})
    disk = Disk(monkeypatch)
    clear(root, submitted.id, actor)
    assert not part.exists()
    assert disk.holds_names_in(part.parent)
    assert disk.holds_names_in(pack_folder(root, submitted).parent)


def test_landed_bytes_that_go_stay_away(disk, root):
    landed = land_bytes(root, b"some text")
    assert disk.holds(landed.path)
    assert unland(root, [landed.sha256]) == 1
    assert disk.holds_names_in(root.landing)


def test_the_answer_to_files_that_lie_in_no_quarter_stays_away_once_they_are_gone(disk, root):
    folder = root.outbox / "E08000030"
    put_folder(root, folder / UNPLACED, {"report.html": b"x"})
    disk.done.clear()
    remove_unplaced(root, still=())
    assert not (folder / UNPLACED).exists()
    assert ("force", folder.stat().st_ino) in [tuple(each) for each in disk.done]


def test_parts_that_the_ledger_names_no_more_stay_away(disk, tmp_path, root):
    write_bytes(root.path / "warehouse" / "t" / "old.parquet", b"rows")
    with planned_removal(root, ["warehouse/t/old.parquet"]):
        assert disk.holds_names_in(root.path)
    assert disk.holds_names_in(root.path / "warehouse" / "t")
    assert disk.holds_names_in(root.path)


def test_a_copy_lasts_once_it_has_its_name(root, tmp_path, monkeypatch):
    (tmp_path / "copies").mkdir()
    disk = Disk(monkeypatch)
    made = back_up(root, tmp_path / "copies")
    copies = (tmp_path / "copies").stat().st_ino
    assert disk.done[-3:] == [
        ("force", "everything"),
        ("name", copies, made.path.stat().st_ino),
        ("force", copies),
    ]


def test_every_step_of_a_change_of_the_storage_key_lasts_before_the_next(disk, root, actor):
    rotate_storage_key(root, actor)
    assert disk.holds_names_in(root.storage_key_file.parent)


def test_a_change_taken_up_again_with_the_key_it_had_made_lasts_as_well(root, actor, monkeypatch):
    make_key(root.storage_key_file.with_name("storage.next.key"))
    disk = Disk(monkeypatch)
    rotate_storage_key(root, actor)
    assert disk.holds_names_in(root.storage_key_file.parent)


def test_a_new_pseudonym_key_lasts_once_it_has_its_name(disk, root):
    make_key(next_key_file(root))
    needed = key_id(read_key(next_key_file(root)))
    with writing(root, "facts") as connection:
        connection.execute(tables.facts.update().filter_by(name="key_id").values(value=needed))
    assert key_id(open_key(root)) == needed
    assert disk.holds_names_in(root.key_file.parent)


def test_what_is_set_aside_lasts_in_its_new_place_and_stays_away_from_the_old(disk, root):
    loose = [root.path / "warehouse" / "t" / name for name in ("a.parquet", "b.parquet")]
    for path in loose:
        write_bytes(path, b"rows")
    left = ("force", loose[0].parent.stat().st_ino)
    forced = disk.done.count(left)
    folder = set_aside(root, loose)
    assert disk.done.count(left) == forced + len(loose)
    place = folder / "warehouse" / "t"
    for parent in (root.set_aside, place, loose[0].parent):
        assert disk.holds_names_in(parent)
    remove_set_aside(folder, {"warehouse/t/a.parquet"})
    assert disk.holds_names_in(place)
    remove_set_aside(folder, {"warehouse/t/b.parquet"})
    assert disk.holds_names_in(root.set_aside)


def test_a_file_that_is_written_once_lasts(disk, root):
    write_once(root.path / "heads" / "once", b"whole")
    inode = (root.path / "heads" / "once").stat().st_ino
    assert [one for one in disk.done if one[0] == "force" and inode in one[1:]]
    kind, *forced = disk.done[-1]
    assert (kind, (root.path / "heads").stat().st_ino) == ("force", forced[0])


def test_the_mark_of_the_drop_folder_lasts(disk, root):
    mark_drop_folder(root, is_new=True)
    assert disk.holds_names_in(root.drop)


def test_a_table_that_shares_its_bytes_with_an_earlier_one_lasts(disk, root, submitted):
    rows = pa.table({"a": [1]})
    first = write_kind(root, submitted, "t", rows, kind=ACCEPTED)
    again = write_kind(root, submitted, "t", rows, kind=ACCEPTED, mark=".x", like=first.path)
    assert disk.holds_names_in((root.path / again.path).parent)
