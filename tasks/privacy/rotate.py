"""Keys changed, with every join and every figure as it was."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import groupby

import pyarrow as pa

from schemas.errors import LedgerError, UnreadableError
from schemas.returns import RETURNS
from schemas.rows import BIRTH_MARK, CHILD_KEY
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
from warehouse.pseudonyms import key_id, pseudonyms
from warehouse.root import Root
from warehouse.root_lock import exclusive_lock
from warehouse.rotation import Rekeyed
from warehouse.store import read_part, write_kind

_UNKNOWN = 0


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
        judge_pending(root, actor=actor)
        new = rotation.new_pseudonym_key(root)
        made: list[Rekeyed] = []
        lost: list[str] = []
        parts = rotation.all_parts(root)
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
        rotation.swap_parts(root, new, made, lost, actor)
        rotation.remove_parts(root, [*(one.old_path for one in made), *lost])
        empty_folder(root.cache)
        return len(made)


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
    return known


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
    written = write_kind(root, given, part.table_name, rows, kind=part.kind, mark=f".{mark[:8]}")
    return Rekeyed(given.id, part.path, written)


def _pseudonym_columns(return_name: str, table_name: str) -> frozenset[str]:
    table = RETURNS[return_name][table_name]
    named = (column.name for column in table.columns if column.at_rest is AtRest.PSEUDONYM)
    return frozenset((CHILD_KEY, BIRTH_MARK, *named))
