"""Registering what arrived: versions, carried-forward files, duplicates, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from schemas.claims import FOREIGN_CHILDREN
from schemas.quarter import Quarter
from schemas.submission import TABLES_DIVIDED_BY, WHOLE_RETURN, State, Submission, SubmittedFile
from warehouse import tables
from warehouse.database import writing
from warehouse.ledger import (
    Actor,
    Decision,
    known_contents,
    latest_submission,
    record_arrivals,
    record_verdict,
    register,
    submission_in,
)
from warehouse.root import Root

UNRECOGNISED = "unrecognised"
NOTED = "noted"
"""Outcome of a file that is no data: the answer to the return that it came with mentions it."""


@dataclass(frozen=True)
class Arrival:
    """One file of the drop folder, and the landed contents it brought.

    Attributes:
        name: safe to print.
        identity: what distinguishes this arrival from a later one under the same name.
        sha256, size: of the file itself; None when it was not opened.
        contents: hashes of what it brought: itself, or the members of a zip.
        outcome: `taken` or `duplicate` (settled by the registry), `refused`, `held`, `retry`,
            `abandoned`, `noted`.
        code: reason code where there is one.
    """

    name: str
    identity: str
    sha256: str | None = None
    size: int | None = None
    contents: tuple[str, ...] = ()
    outcome: str = "taken"
    code: str = ""


@dataclass(frozen=True)
class Incoming:
    """Files of one return that arrived together.

    Attributes:
        return_name: as `ssda903`; `unrecognised` when no return could be made out.
        files: in order of part and hash.
        decision: set when there is nothing left to judge: the files were refused or are held.
    """

    return_name: str
    files: tuple[SubmittedFile, ...]
    decision: Decision | None = None


@dataclass(frozen=True)
class Registered:
    """What registering came to: new submissions, and how many files were duplicates."""

    submissions: tuple[Submission, ...]
    duplicates: int


def register_incoming(
    root: Root,
    *,
    la_code: str,
    quarter: Quarter,
    incoming: Sequence[Incoming],
    arrivals: Sequence[Arrival],
    actor: Actor,
) -> Registered:
    """Register what is new among the files of one authority and quarter.

    Contents received before are a duplicate and change nothing. A submission is whole: parts that
    this one does not bring are carried forward from the version before it. What was refused or is
    held has its verdict in the same transaction: no process can die between the two.
    """
    made: list[Submission] = []
    with writing(root, f"{la_code}/{quarter}") as connection:
        known = known_contents(connection, la_code=la_code, quarter=str(quarter))
        for group in incoming:
            submission = _whole_submission(connection, la_code, quarter, group, frozenset(known))
            if submission is not None:
                register(connection, submission, actor)
                made.append(submission)
                if group.decision is not None:
                    record_verdict(connection, submission, group.decision, actor)
        brought = known | {file.sha256: given.id for given in made for file in given.files}
        mentions = next((given.id for given in made if not is_unrecognised(given)), None)
        rows = [
            _arrival_row(la_code, quarter, arrival, known, brought)
            | ({"submission_id": mentions} if arrival.outcome == NOTED else {})
            for arrival in arrivals
        ]
        record_arrivals(connection, rows, actor)
    duplicates = sum(row["outcome"] == "duplicate" for row in rows)
    return Registered(tuple(made), duplicates)


def _whole_submission(
    connection: Connection,
    la_code: str,
    quarter: Quarter,
    group: Incoming,
    known: frozenset[str],
) -> Submission | None:
    if group.files and all(file.sha256 in known for file in group.files):
        return None
    before = latest_submission(
        connection, la_code=la_code, return_name=group.return_name, quarter=str(quarter)
    )
    base = _still_whole(connection, before)
    files = group.files if group.decision else (*group.files, *_carried(base, group.files))
    ordered = tuple(sorted(files, key=lambda file: (file.part, file.sha256)))
    submission = Submission(
        id=submission_id(la_code, group.return_name, quarter, ordered),
        la_code=la_code,
        return_name=group.return_name,
        quarter=quarter,
        version=before.version + 1 if before else 1,
        files=ordered,
    )
    exists = connection.execute(
        select(tables.submissions.c.id).where(tables.submissions.c.id == submission.id)
    ).first()
    return None if exists else submission


def _still_whole(connection: Connection, before: Submission | None) -> Submission | None:
    """Return the version before, or what counts where that one's bytes are gone or another's.

    Retention takes bytes; another authority's children are never carried into a return.
    """
    files, force = tables.submission_files.c, tables.in_force.c
    if before is None:
        return None
    gone = select(files.sha256).where(
        files.submission_id == before.id, files.removed.is_(True) | files.erased.is_(True)
    )
    rows = tables.submissions.c
    foreign = select(rows.id).where(rows.id == before.id, rows.reason_code == FOREIGN_CHILDREN)
    if not any(connection.execute(query).first() for query in (gone, foreign)):
        return before
    counting = connection.execute(
        select(force.submission_id).where(
            force.la_code == before.la_code,
            force.return_name == before.return_name,
            force.quarter == str(before.quarter),
            force.until.is_(None),
        )
    ).scalar()
    return submission_in(connection, counting) if counting else None


def _carried(
    before: Submission | None, files: Sequence[SubmittedFile]
) -> tuple[SubmittedFile, ...]:
    """Return the files of the version before that these do not replace.

    A return sent whole in one file replaces everything, and cannot be corrected by parts.
    """
    brought = {table for file in files for table in _tables(file)}
    if before is None or WHOLE_RETURN in brought:
        return ()
    return tuple(
        replace(file, carried_from=file.carried_from or before.id)
        for file in before.files
        if brought.isdisjoint(_tables(file)) and file.part != WHOLE_RETURN
    )


def _tables(file: SubmittedFile) -> list[str]:
    """Return the tables a file holds: mostly one."""
    return file.part.split(TABLES_DIVIDED_BY)


def submission_id(
    la_code: str, return_name: str, quarter: Quarter, files: Sequence[SubmittedFile]
) -> str:
    """Return the id of a submission: the same files have the same id on every machine."""
    lines = [la_code, return_name, str(quarter), *(f"{f.part} {f.sha256}" for f in files)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _arrival_row(
    la_code: str,
    quarter: Quarter,
    arrival: Arrival,
    known: dict[str, str],
    brought: dict[str, str],
) -> dict[str, object]:
    is_new = any(content not in known for content in arrival.contents)
    is_duplicate = arrival.outcome == "taken" and not is_new
    found = next((brought[c] for c in arrival.contents if c in brought), None)
    return {
        "la_code": la_code,
        "quarter": str(quarter),
        "name": arrival.name,
        "identity": arrival.identity,
        "sha256": arrival.sha256,
        "size": arrival.size,
        "outcome": "duplicate" if is_duplicate else arrival.outcome,
        "code": "DUPLICATE_CONTENT" if is_duplicate else arrival.code,
        "submission_id": found,
    }


def is_unrecognised(submission: Submission) -> bool:
    """Return whether the submission is only a refusal: no return could be made out of its files."""
    return submission.return_name == UNRECOGNISED


def refusal(code: str, words: str, *, held: bool = False) -> Decision:
    """Return the decision on files that were never read."""
    return Decision(State.HELD if held else State.REJECTED, reason_code=code, reason_words=words)
