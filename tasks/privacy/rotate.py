"""Keys changed, with every join and every figure as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

import pyarrow as pa
from pandas import DataFrame, Series

from schemas.errors import LedgerError, UnreadableError
from schemas.returns import RETURNS
from schemas.rows import ALIKE_KEY, BIRTH_MARK, CHILD_KEY, ReadReturn
from schemas.table import AtRest
from tasks.runtime.progress import Progress
from tasks.validate.at_rest import keyed, note_births, restricted_at_rest, rows_at_rest
from tasks.validate.batches import judge_pending
from tasks.validate.submission import read_submission
from warehouse import ledger, rotation
from warehouse.erasure import empty_folder
from warehouse.key import open_key
from warehouse.landing import opened_landed
from warehouse.ledger import Actor
from warehouse.pseudonyms import key_id, pseudonym, pseudonyms
from warehouse.removals import finish_removals, planned_removal
from warehouse.root import Root
from warehouse.root_lock import exclusive_lock
from warehouse.rotation import Rekeyed
from warehouse.store import read_part, write_kind

_UNKNOWN = 0
_CHILD = "child_id"


def rotate_storage(root: Root, *, actor: Actor) -> int:
    """Change the storage key; return how many files were sealed again. Safe to repeat."""
    open_key(root)
    with exclusive_lock(root):
        return rotation.rotate_storage_key(root, actor)


def rotate_pseudonym(root: Root, *, actor: Actor, progress: Progress = lambda _: None) -> int:
    """Change the pseudonym key; return how many Parquet files were made again.

    The rows that were accepted stay those that were accepted: nothing is judged again. From the
    landed files comes only which identifier each old pseudonym stands for. Rows of superseded
    submissions whose landed files are gone cannot be made again and go; cuts that hold them say so.

    Raises:
        LedgerError: a pseudonym of what counts now is not found in the landed files. The old key
            stays in use.
    """
    old = open_key(root)
    with exclusive_lock(root):
        finish_removals(root)
        judge_pending(root, actor=actor)
        new = rotation.new_pseudonym_key(root)
        parts = rotation.all_parts(root)
        with planned_removal(root, _paths_old_and_new(parts, key_id(new))):
            made, lost = _made_again(root, parts, old, new, progress)
            rotation.swap_parts(root, new, made, lost, actor)
        empty_folder(root.cache)
        return len(made)


def _paths_old_and_new(parts: Sequence[rotation.PartRow], mark: str) -> list[str]:
    """Return under which paths files lie before and after: what the ledger does not name goes."""
    after = (str(Path(part.path).with_name(_name(part, mark))) for part in parts)
    return [*(part.path for part in parts), *after]


def _name(part: rotation.PartRow, mark: str) -> str:
    return f"{part.submission_id}{_mark(mark)}.parquet"


def _mark(key_name: str) -> str:
    return f".{key_name[:8]}"


def _made_again(
    root: Root, parts: Iterable[rotation.PartRow], old: bytes, new: bytes, progress: Progress
) -> tuple[list[Rekeyed], list[str]]:
    """Return every part made again with the new key, and the paths of those that cannot be."""
    made: list[Rekeyed] = []
    lost: list[str] = []
    for la_code, group in groupby(parts, key=lambda part: part.la_code):
        known = _new_by_old(root, la_code, old, new)
        progress(f"{la_code}: {len(known)} pseudonyms to change")
        for part in group:
            one = _rekeyed(root, part, known, key_id(new))
            if one is not None:
                made.append(one)
            elif part.counts:
                raise LedgerError(
                    f"{part.path} holds a pseudonym that no landed file explains. The old key "
                    "stays in use. Run `sfp verify`."
                )
            else:
                lost.append(part.path)
    return made, lost


def _new_by_old(root: Root, la_code: str, old: bytes, new: bytes) -> dict[int, int]:
    """Return the new pseudonym for each old one of an authority, from all its landed files."""
    known = {_UNKNOWN: _UNKNOWN}

    def noted(domain: str, ids: list[str]) -> Mapping[str, int]:
        before = pseudonyms(old, domain, la_code, ids)
        after = pseudonyms(new, domain, la_code, ids)
        known.update((before[found], after[found]) for found in ids)
        return before

    for submission_id in rotation.judged_submissions(root, la_code):
        try:
            read = read_submission(
                ledger.submission(root, submission_id), partial(opened_landed, root)
            )
        except (UnreadableError, LedgerError):
            # Refused, or its bytes are gone: what rests of it is explained by others, or lost.
            continue
        rows_at_rest(keyed(read, noted), noted)
        note_births(read, noted)
        restricted_at_rest(read, noted)
        known |= _of_spellings(read, la_code, old, new)
    return known


def _of_spellings(read: ReadReturn, la_code: str, old: bytes, new: bytes) -> dict[int, int]:
    """Return the new pseudonym of each identifier that is not sent in the one form kept.

    What was written before there was one form has the pseudonym of the identifier as it was sent.
    """
    found: dict[int, int] = {}
    for name, frame in read.frames.items():
        if _CHILD not in frame or not len(frame):
            continue
        sent = Series(read.raw[name].column(_CHILD).to_pylist(), dtype="str").str.strip()
        told = DataFrame({"sent": sent, "kept": frame[_CHILD].array}).dropna()
        for one in told[told["sent"] != told["kept"]].drop_duplicates().itertuples():
            before = pseudonym(old, "child", la_code, str(one.sent))
            found[before] = pseudonym(new, "child", la_code, str(one.kept))
    return found


def _rekeyed(
    root: Root, part: rotation.PartRow, known: Mapping[int, int], mark: str
) -> Rekeyed | None:
    """Return a part made again with the new key; None when a pseudonym in it is not known."""
    given = ledger.submission(root, part.submission_id)
    rows = read_part(root, part.path)
    columns = _pseudonym_columns(given.return_name, part.table_name)
    for place, name in enumerate(rows.column_names):
        if name not in columns:
            continue
        values = rows.column(name).to_pylist()
        if not known.keys() >= {value for value in values if value is not None}:
            return None
        changed = [value if value is None else known[value] for value in values]
        rows = rows.set_column(place, rows.schema.field(name), pa.array(changed, pa.int64()))
    written = write_kind(root, given, part.table_name, rows, kind=part.kind, mark=_mark(mark))
    return Rekeyed(given.id, part.path, written)


def _pseudonym_columns(return_name: str, table_name: str) -> frozenset[str]:
    table = RETURNS[return_name][table_name]
    named = (column.name for column in table.columns if column.at_rest is AtRest.PSEUDONYM)
    return frozenset((CHILD_KEY, BIRTH_MARK, ALIKE_KEY, *named))
