"""Erasure of a child of an authority: from landing to packs, as if it had never been sent.

Identifiers are needed once, to find what names the child. After that the tombstones and the flags
in the ledger say all there is to say, so that the next process can finish what a killed run
began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemas.authorities import authorities, lasting_code
from schemas.errors import LedgerError, UnreadableError, UsageError
from schemas.identifiers import normal_identifier
from schemas.limits import LIMITS
from schemas.submission import Submission, SubmittedFile
from tasks.privacy.leave_out import IsErased, names_any, without_erased
from tasks.runtime.progress import Progress
from tasks.validate.batches import judge_pending
from warehouse import erasure, ledger
from warehouse.drop import opened_file, safe_name, scan, unplaced_files
from warehouse.drop_place import require_drop_folder
from warehouse.key import open_key
from warehouse.landing import (
    PURPOSE,
    descriptor_chunks,
    in_memory,
    land_bytes,
    opened_landed,
)
from warehouse.ledger import Actor
from warehouse.orphans import (
    Aside,
    remove_set_aside,
    set_aside_files,
    set_aside_folders,
    set_aside_purpose,
)
from warehouse.pseudonyms import pseudonyms
from warehouse.root import Root
from warehouse.root_lock import exclusive_lock
from warehouse.sealed import opened_chunks, storage_ring
from warehouse.store import FOLDERS, count_naming
from warehouse.tombstones import asks_for, erased_marks, marks_of

_RENAMED = "file"


@dataclass(frozen=True)
class Erased:
    """What an erasure came to.

    Attributes:
        counts: place to how many files, submissions or rows went from it (or would go).
        replaced: submissions that count now in place of those that named the child.
        without_force: labels of returns of which nothing counts any more: without the child they
            were not accepted.
        left_in_drop: files of the authority's drop folder that still name the child, and those
            that cannot be read, which may.
    """

    counts: dict[str, int]
    replaced: tuple[str, ...] = ()
    without_force: tuple[str, ...] = ()
    left_in_drop: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, object]]:
        """Return place and count, for printing."""
        return [{"place": place, "count": count} for place, count in self.counts.items()]


@dataclass
class _Search:
    """What names the children: hashes of landed files, submissions, rows at rest by folder."""

    files: set[str] = field(default_factory=set)
    submissions: set[str] = field(default_factory=set)
    rows: Counter[str] = field(default_factory=Counter)


def erase(
    root: Root,
    la_code: str,
    identifiers: Collection[str],
    *,
    actor: Actor,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Erased:
    """Erase children of one authority, or only say what would go; return what went.

    Running it again, with or without identifiers, finishes what an earlier run began.

    Args:
        root: from where.
        la_code: the authority.
        identifiers: of the children, as the authority writes them.
        actor: who does it.
        dry_run: change nothing.
        progress: told what is going on, without any identifier.

    Raises:
        UsageError: the authority is not known.
        DropFolderError: the drop folder is not there, so that what it still names cannot be shown.
        PipelineError: something that names the child could not be judged without it; what is done
            stays done, and the words say what is not.
    """
    key = open_key(root)
    lasting = _known(la_code)
    require_drop_folder(root)
    with exclusive_lock(root):
        if not dry_run:
            judge_pending(root, actor=actor)
        # Rows that rest from before identifiers were kept in one form have them as they were sent.
        spelled = ((found.strip(), normal_identifier(found)) for found in identifiers)
        wanted = set().union(*spelled) - {""}
        search = _search(root, lasting, wanted, key, progress)
        left = tuple(_left_in_drop(root, lasting, wanted))
        if dry_run:
            return Erased(_would_go(root, lasting, wanted, search), left_in_drop=left)
        marks = marks_of(root, lasting, wanted)
        erasure.flag(root, lasting, marks, search.files, search.submissions, actor)
        return replace(_finished(root, lasting, key, actor, progress), left_in_drop=left)


def finish_erasures(root: Root, *, actor: Actor) -> None:
    """Finish every erasure that was begun and not ended, as by a process that was killed."""
    for la_code in erasure.unfinished_erasures(root):
        key = open_key(root)
        with exclusive_lock(root):
            judge_pending(root, actor=actor)
            _finished(root, la_code, key, actor, lambda _: None)


def _known(la_code: str) -> str:
    if la_code not in authorities():
        raise UsageError(
            f"erase: {la_code} is not the code of a local authority. Use nine-character ONS codes, "
            "as E08000030."
        )
    return lasting_code(la_code)


def _search(
    root: Root, la_code: str, identifiers: Collection[str], key: bytes, progress: Progress
) -> _Search:
    search = _Search()
    is_erased = asks_for(root, la_code, marks_of(root, la_code, identifiers))
    if is_erased is None:
        return search
    files = erasure.known_files(root, la_code)
    progress(f"{la_code}: looking through {len(files)} landed files")
    for known in files:
        if _names_one(root, known, is_erased):
            search.files.add(known.sha256)
            search.submissions.update(known.submission_ids)
    keys = frozenset(pseudonyms(key, "child", la_code, identifiers).values())
    for part in erasure.known_parts(root, la_code):
        if count := count_naming(root, part.path, keys):
            search.submissions.add(part.submission_id)
            search.rows[FOLDERS[part.kind]] += count
    return search


def _names_one(root: Root, known: erasure.KnownFile, is_erased: IsErased) -> bool:
    with opened_landed(root, known.sha256) as path:
        try:
            found = without_erased(
                path, known.name, known.return_name, known.part, is_erased, limits=LIMITS
            )
        except (UnreadableError, KeyError):
            # No known return, or a file that cannot be taken apart: searched for the word.
            return names_any(path, is_erased)
    return found.count > 0


def _would_go(
    root: Root, la_code: str, identifiers: Collection[str], search: _Search
) -> dict[str, int]:
    standing = erased_marks(root, la_code)
    is_erased = asks_for(root, la_code, marks_of(root, la_code, identifiers))
    in_force = {row.id for row in ledger.all_in_force(root, la_code=la_code)}
    return {
        "tombstones": len(marks_of(root, la_code, identifiers) - standing),
        "submissions in force": len(search.submissions & in_force),
        "other submissions": len(search.submissions - in_force),
        "landing files": len(search.files),
        "warehouse rows": search.rows["warehouse"],
        "quarantine rows": search.rows["quarantine"],
        "restricted_text rows": search.rows["restricted_text"],
        "outbox packs": erasure.pack_count(root, search.submissions),
        "set_aside files": sum(len(gone) for _, gone in _set_aside_of(root, la_code, is_erased)),
        "cache files": sum(1 for path in root.cache.rglob("*") if path.is_file()),
    }


def _finished(root: Root, la_code: str, key: bytes, actor: Actor, progress: Progress) -> Erased:
    """Do everything that follows once tombstones and flags stand; safe to repeat."""
    is_erased = asks_for(root, la_code, erased_marks(root, la_code))
    if is_erased is None:
        return Erased({})
    for given in erasure.without_copy(root, erasure.flagged_submissions(root, la_code)):
        files = _files_without(root, given, is_erased)
        if files is not None:
            erasure.register_copy(root, given, files, actor)
    judge_pending(root, actor=actor)
    rows = erasure.flagged_submissions(root, la_code)
    progress(f"{la_code}: {len(rows)} submissions named the child and go")
    erasure.mark_erased(root, [row.id for row in rows], actor)
    counts = Counter({"submissions": len(rows)})
    # Before the ledger forgets what is to go: a run that was killed is finished for its sake.
    counts["set_aside"] += sum(
        remove_set_aside(folder, gone) for folder, gone in _set_aside_of(root, la_code, is_erased)
    )
    for submission_id in erasure.to_clear(root):
        counts.update(erasure.clear(root, submission_id, actor))
    counts["landing"] += _remove_zip_archives(root, la_code, is_erased, actor)
    if sum(counts.values()):
        counts["cache"] += erasure.empty_folder(root.cache)
        counts["staging"] += erasure.empty_folder(root.staging)
    erasure.record_finished(root, la_code, counts, actor)
    copies = [row.copy_id for row in rows if row.copy_id]
    return Erased(
        dict(sorted(counts.items())),
        replaced=tuple(copies),
        without_force=tuple(_without_force(root, rows)),
    )


def _without_force(root: Root, rows: Collection[erasure.Flagged]) -> Iterator[str]:
    counting = {(r.la_code, r.return_name, r.quarter) for r in ledger.all_in_force(root)}
    lost = {
        (row.return_name, row.quarter)
        for row in rows
        if row.counted and (row.la_code, row.return_name, row.quarter) not in counting
    }
    return (f"{return_name} for {quarter}" for return_name, quarter in sorted(lost))


def _files_without(
    root: Root, given: Submission, is_erased: IsErased
) -> tuple[SubmittedFile, ...] | None:
    """Return a submission's files without the children; None when one cannot be taken apart."""
    flagged = erasure.flagged_files(root, given.id)
    files = []
    for file in given.files:
        if file.sha256 not in flagged:
            files.append(file)
            continue
        with opened_landed(root, file.sha256) as path:
            try:
                found = without_erased(
                    path, file.name, given.return_name, file.part, is_erased, limits=LIMITS
                )
            except UnreadableError:
                return None
        landed = land_bytes(root, found.data)
        files.append(
            replace(
                file,
                name=_safe(file.name, is_erased),
                sha256=landed.sha256,
                size=landed.size,
                left_out=file.left_out + found.count,
            )
        )
    return tuple(files)


def _safe(name: str, is_erased: IsErased) -> str:
    """Return a file's name unless it holds a child's identifier."""
    words = name.replace("_", " ").replace(".", " ").replace("/", " ").replace("-", " ").split()
    return _RENAMED if any(is_erased(word) for word in words) else name


def _remove_zip_archives(root: Root, la_code: str, is_erased: IsErased, actor: Actor) -> int:
    """Remove the zips that brought a child, whose members were landed one by one."""
    found = []
    for archive in erasure.zip_archives(root, la_code):
        with opened_landed(root, archive.sha256) as path:
            if names_any(path, is_erased):
                found.append(archive.sha256)
    count = erasure.unland(root, found)
    erasure.forget_arrivals(root, found, actor)
    return count


def _set_aside_of(
    root: Root, la_code: str, is_erased: IsErased | None
) -> Iterator[tuple[Path, set[str]]]:
    """Yield what may name a child, by folder: every row and pack of its authority goes.

    Of landed files no one knows whose they were: those go that name the child, or do not open.
    """
    if is_erased is None:
        return
    for folder in set_aside_folders(root):
        gone = {
            one.path
            for one in set_aside_files(folder)
            if la_code in one.path or _lands_one(root, folder, one, is_erased)
        }
        if gone:
            yield folder, gone


def _lands_one(root: Root, folder: Path, one: Aside, is_erased: IsErased) -> bool:
    if set_aside_purpose(root, one) != PURPOSE or not (folder / one.path).exists():
        return False
    ring = storage_ring(root)
    try:
        chunks = opened_chunks(ring, folder / one.path, PURPOSE, name=one.path)
        with in_memory(chunks) as path:
            return names_any(path, is_erased)
    except LedgerError:
        return True


def _left_in_drop(root: Root, la_code: str, identifiers: Collection[str]) -> Iterator[str]:
    """Yield the files of the authority's drop folder that still name a child, or may.

    They are the authority's: they are named and never touched. One that cannot be read may.
    """
    is_erased = asks_for(root, la_code, marks_of(root, la_code, identifiers))
    if is_erased is None:
        return
    for folder in scan(root.drop).folders:
        for file in folder.files if folder.lasting_code == la_code else ():
            try:
                with (
                    opened_file(root.drop, folder, file) as opened,
                    in_memory(descriptor_chunks(opened)) as path,
                ):
                    names_one = names_any(path, is_erased)
            except FileNotFoundError:
                continue
            except OSError:
                # It may name one: better named in vain than not at all.
                names_one = True
            if names_one:
                yield "/".join((*folder.steps_to(file)[:2], safe_name("/".join(file.steps))))
    for file in unplaced_files(root.drop).get(la_code, ()):
        # It was never read; and it too may name one.
        yield f"{la_code}/{file.name}"
