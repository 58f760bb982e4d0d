"""Power that goes at a random instant: the process ends, and so does what was not forced to disk.

The process at work notes, from within, every file and folder it forces to disk and every name it
gives, takes or makes. When it is killed, what was not forced to disk by then is lost as a disk may
lose it: names given since their folder was last forced to disk are taken back, the newest first;
files whose bytes were not forced to disk are cut short, or end in zeroes; what SQLite had written
behind its last commit is cut. Every root must end as the one that was left alone.

A disk that lies loses what it had confirmed, too: then the newest files and SQLite's log are cut to
random lengths. Such a root must heal, or say what to restore: other figures without a word are the
one thing that must not be.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.soak.processes import STAGES, Kill, drop_to_edition, run_and_kill
from benchmarks.soak.twins import Ground, differing, drop, published_state, twin
from schemas.errors import PipelineError
from tasks.runtime.faults import words_for
from warehouse.adoption import record_settings
from warehouse.ledger import Actor
from warehouse.reconcile import discrepancies
from warehouse.root import Root, write_settings
from warehouse.settings import THREADS

_LONGEST = (0.6, 1.2, 3.0, 5.0)
"""Seconds into each stage within which the power goes."""
_CUTS = 6
"""So many cuts in the life of one root, then it is left to end."""
_LIES_EVERY = 3
"""Every third root lies on a disk that lies."""
_LEDGER = "ledger.sqlite"
_OWN = ("drop", "keys", "settings.toml")
"""What others wrote, long before: on disk for good."""
_FRAME_HEAD, _WAL_HEAD = 24, 32


@dataclass
class Tally:
    """What was done to all roots together, and what came of it."""

    cuts: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)


def prove(folder: Path, times: int, chance: random.Random, ground: Ground) -> bool:
    """Cut the power until `times` is reached; return whether every root ended as it must."""
    wanted = published_state(ground.undisturbed)
    tally, rounds = Tally(), 0
    began = time.monotonic()
    while tally.cuts.total() < times:
        rounds += 1
        root = _hurt_root(ground, folder / f"cut-{rounds}")
        lies = rounds % _LIES_EVERY == 0
        said = _one_life(root, folder / f"log-{rounds}", tally, chance, lies=lies, times=times)
        end = _end(root, wanted, said)
        tally.ends[f"{'lying' if lies else 'honest'} disk: {end}"] += 1
        print(f"  round {rounds}: {tally.cuts.total()} cuts so far; {end} {said}", flush=True)
        shutil.rmtree(root.path)
    print(
        f"{tally.cuts.total()} power cuts ({_counts(tally.cuts)}) in {rounds} rounds from drop to "
        f"edition, {time.monotonic() - began:.0f} s; lost by them: {_counts(tally.lost)}; "
        f"{_counts(tally.ends)}"
    )
    return {*tally.ends} <= {_HEALED_HONEST, _HEALED_LYING, _SAID_LYING}


_HEALED, _SAID, _WRONG = "healed", "said what to restore", "OTHER FIGURES WITHOUT A WORD"
_HEALED_HONEST, _HEALED_LYING = f"honest disk: {_HEALED}", f"lying disk: {_HEALED}"
_SAID_LYING = f"lying disk: {_SAID}"


def _counts(found: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(found.items())) or "nothing"


def _hurt_root(ground: Ground, path: Path) -> Root:
    root = twin(ground.undisturbed, path)
    # Threads, so that all the work is done where it is noted what was forced to disk.
    write_settings(root, replace(root.settings(), workers=THREADS))
    record_settings(root, Actor("soak", "soak"))
    drop(root, ground.folders)
    return root


def _one_life(
    root: Root, log: Path, tally: Tally, chance: random.Random, *, lies: bool, times: int
) -> str:
    """Cut the power a few times, then let the work end; return what a run that failed said."""
    said = ""
    for attempt in range(_CUTS + 1):
        leave = attempt == (1 if lies else _CUTS) or tally.cuts.total() >= times
        stage = min(chance.randint(0, attempt // 2 + (3 if lies else 1)), len(STAGES) - 1)
        kill = None if leave else Kill(stage, chance.uniform(0.0, _LONGEST[stage]))
        notes = log.with_name(f"{log.name}-{attempt}")
        code, hit, said = work_noted(root, notes, kill)
        if code is not None:
            break
        tally.cuts[f"in {hit}"] += 1
        lose(root, notes, chance, tally.lost)
        if lies:
            _lie(root, chance, tally.lost)
    return said if code else ""


def work_noted(
    root: Root,
    notes: Path,
    kill: Kill | None,
    work: Callable[[Callable[[int], None]], None] | None = None,
) -> tuple[int | None, str, str]:
    """Run from drop to edition, or other work, in a process that notes what it forces to disk.

    Returns:
        its exit code, None when it was killed; the stage it was last in; what it said on failing.
    """
    notes.mkdir()
    (notes / "began").touch()

    def noted(at: Callable[[int], None]) -> None:
        _note(root, notes)
        try:
            (work or (lambda to: drop_to_edition(root, to)))(at)
        except Exception as error:
            said = str(error) if isinstance(error, PipelineError) else words_for(error)
            (notes / "said").write_text(said)
            raise

    code, hit = run_and_kill(noted, kill, quiet=True)
    said = (notes / "said").read_text() if (notes / "said").exists() else ""
    return code, hit, said


def _end(root: Root, wanted: dict[str, Any], said: str) -> str:
    """Return how a root ended: as the undisturbed one, or with words, or wrong."""
    if said:
        return _WRONG if said.startswith("internal error") else _SAID
    try:
        odd = [*differing(wanted, published_state(root))]
        listed = discrepancies(root)
    except Exception as error:
        return _WRONG if words_for(error).startswith("internal error") else _SAID
    if not odd and not listed:
        return _HEALED
    print(f"    differs in {odd}; verify: {[vars(one) for one in listed]}", flush=True)
    return _SAID if listed else _WRONG


# What the process at work notes. Only its own memory is gone when it is killed: what it wrote to
# the notes is read by the process that killed it.


class _Notes:
    """What this process forces to disk, and which names below the root it changes."""

    def __init__(self, root: Root, place: Path) -> None:
        self._inside = f"{root.path}/"
        self._kept = place / "kept"
        self._kept.mkdir()
        self._numbers = count()
        self._descriptor = os.open(place / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def synced(self, found: int) -> None:
        """Note that an open file or folder was forced to disk as it is now."""
        status = os.fstat(found)
        self._write(
            op="sync",
            path=_of_descriptor(found),
            ino=status.st_ino,
            size=status.st_size,
            at=status.st_mtime_ns,
        )

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        """Note a change of name just before it is made: an audit hook of Python."""
        if event == "os.rename":
            self._change("rename", _named(given[1], given[3]), old=_named(given[0], given[2]))
        elif event in {"os.remove", "os.rmdir"}:
            self._change(event.removeprefix("os."), _named(given[0], given[-1]))
        elif event == "os.mkdir":
            self._appear("mkdir", _named(given[0], given[-1]))
        elif event == "open" and not isinstance(given[0], int) and given[2] & os.O_CREAT:
            self._appear("make", os.fsdecode(given[0]))

    def _appear(self, op: str, path: str) -> None:
        if not os.path.lexists(path):
            self._change(op, path)

    def _change(self, op: str, path: str, old: str = "") -> None:
        if path.startswith(self._inside):
            keeps = op in {"rename", "remove"}
            self._write(op=op, path=path, old=old, kept=self._keep(path) if keeps else "")

    def _keep(self, path: str) -> str:
        """Keep what a name stood for, so that the name can be given back."""
        place = self._kept / str(next(self._numbers))
        try:
            os.link(path, place)
        except OSError:  # nothing was there, or a folder
            return ""
        return str(place)

    def _write(self, **line: object) -> None:
        os.write(self._descriptor, f"{json.dumps(line)}\n".encode())


def _note(root: Root, place: Path) -> None:
    """Note from now on, in this process, what is forced to disk and which names change."""
    notes, force = _Notes(root, place), os.fsync

    def fsync(found: int) -> None:
        force(found)
        notes.synced(found)

    os.fsync = fsync  # type: ignore[assignment]  # as every caller of ours finds it
    sys.addaudithook(notes.hook)


def _of_descriptor(found: int) -> str:
    return str(Path(f"/proc/self/fd/{found}").readlink())


def _named(given: Any, folder: int) -> str:
    name = os.fsdecode(given)
    return name if folder == -1 else f"{_of_descriptor(folder)}/{name}"


# What a disk loses, worked out from the notes.


def lose(root: Root, notes: Path, chance: random.Random | None, lost: Counter[str]) -> None:
    """Take from a root what was not forced to disk; all of it where there is no chance."""
    lines = list(_lines(notes))
    _take_names_back(lines, chance, lost)
    synced = {(line["ino"], line["size"], line["at"]) for line in lines if line["op"] == "sync"}
    began = (notes / "began").stat().st_mtime_ns
    for path in _files(root):
        status = path.stat()
        is_forced = (status.st_ino, status.st_size, status.st_mtime_ns) in synced
        if status.st_mtime_ns >= began and not is_forced and _falls(chance):
            _shorten(path, chance)
            lost["files"] += 1
    _cut_log(root, chance, lost, behind_commit=True)


def _lines(notes: Path) -> Iterator[dict[str, Any]]:
    with suppress(FileNotFoundError):
        for text in (notes / "log").read_text().splitlines():
            with suppress(json.JSONDecodeError):
                yield json.loads(text)


def _falls(chance: random.Random | None) -> bool:
    return chance is None or chance.random() < 0.7


def _take_names_back(
    lines: Sequence[dict[str, Any]], chance: random.Random | None, lost: Counter[str]
) -> None:
    """Take back names that were changed since their folder was forced to disk, newest first."""
    pending: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        if line["op"] == "sync":
            pending.pop(line["path"], None)
        else:
            pending[str(Path(line["path"]).parent)].append(number)
    gone = [
        number
        for numbers in pending.values()
        for number in numbers[0 if chance is None else chance.randint(0, len(numbers)) :]
    ]
    for number in sorted(gone, reverse=True):
        with suppress(OSError):
            _undo(lines[number])
            lost["names"] += 1


def _undo(line: dict[str, Any]) -> None:
    path = Path(line["path"])
    if line["op"] == "rename":
        path.rename(line["old"])
    elif line["op"] == "make":
        path.unlink()
    elif line["op"] == "mkdir":
        shutil.rmtree(path)
    elif line["op"] == "rmdir":
        path.mkdir(mode=0o700)
    if line["kept"] and not path.exists():
        os.link(line["kept"], path)


def _files(root: Root) -> list[Path]:
    """Return the files of a root that a process of ours writes, the ledger aside."""
    return [
        path
        for path in sorted(root.path.rglob("*"))
        if path.is_file()
        and path.relative_to(root.path).parts[0] not in _OWN
        and not path.name.startswith(_LEDGER)
    ]


def _shorten(path: Path, chance: random.Random | None) -> None:
    """Cut a file to a random length, or fill it up with zeroes from there."""
    data = path.read_bytes()
    length = chance.randint(0, max(len(data) - 1, 0)) if chance else 0
    zeroes = bytes(len(data) - length) if chance and chance.random() < 0.5 else b""
    # In place: a name kept for this file must not keep its bytes.
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(data[:length] + zeroes)


def _cut_log(
    root: Root, chance: random.Random | None, lost: Counter[str], *, behind_commit: bool
) -> None:
    log = root.path / f"{_LEDGER}-wal"
    if not log.exists() or log.stat().st_size == 0:
        return
    least = _end_of_commits(log.read_bytes()) if behind_commit else 0
    size = log.stat().st_size
    length = least if chance is None else chance.randint(least, size)
    if length < size:
        os.truncate(log, length)
        lost["ends of SQLite's log"] += 1


def _end_of_commits(data: bytes) -> int:
    """Return where the last frame of SQLite's log that ends a commit ends."""
    if len(data) < _WAL_HEAD:
        return len(data)
    page, salts = struct.unpack(">I", data[8:12])[0], data[16:24]
    end, place = _WAL_HEAD, _WAL_HEAD
    while place + _FRAME_HEAD + page <= len(data) and data[place + 8 : place + 16] == salts:
        commits = struct.unpack(">I", data[place + 4 : place + 8])[0]
        place += _FRAME_HEAD + page
        end = place if commits else end
    return end


def _lie(root: Root, chance: random.Random, lost: Counter[str]) -> None:
    """Lose what was confirmed: cut the newest files and SQLite's log, now and then the ledger."""
    newest = sorted(_files(root), key=lambda path: path.stat().st_mtime_ns)
    for path in newest[-chance.randint(1, 4) :]:
        if path.stat().st_size:
            _shorten(path, chance)
            lost["confirmed files"] += 1
    _cut_log(root, chance, lost, behind_commit=False)
    if chance.random() < 0.15:
        ledger = root.path / _LEDGER
        os.truncate(ledger, chance.randint(1, ledger.stat().st_size))
        lost["ledgers"] += 1
