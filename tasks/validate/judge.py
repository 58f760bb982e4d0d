"""What is made of one submission: pure functions from facts and rows to a verdict.

Nothing here knows a root, a ledger or a clock: what is looked up is in `SubmissionFacts`, what is
read from disk is handed in, and what is to be kept is handed back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pyarrow as pa
from pandas import DataFrame

from schemas.claims import CLAIM_CODES, FOREIGN_CHILDREN
from schemas.errors import UnreadableError
from schemas.limits import LIMITS
from schemas.quarter import Quarter
from schemas.quarter_spelling import spelled_quarter
from schemas.rows import CHILD_KEY, STATUS_COLUMNS, CheckContext, Checked, ReadReturn, Tolerance
from schemas.submission import Severity, State, Submission
from tasks.answer import RefusalReason
from tasks.read import FileToRead, read_return
from tasks.validate.at_rest import Pseudonyms, keyed, restricted_at_rest, rows_at_rest
from tasks.validate.check import checked
from tasks.validate.claims import Objection
from tasks.validate.matches import Others, with_matches
from tasks.validate.period import with_period
from warehouse.claims import ChildMarks
from warehouse.ledger import Decision
from warehouse.registry import is_unrecognised, refusal
from warehouse.store import ACCEPTED, QUARANTINE, RESTRICTED_TEXT
from warehouse.submission_facts import SubmissionFacts

Frames = Mapping[str, DataFrame]
"""Rows at rest by table."""


@dataclass(frozen=True)
class Judged:
    """A submission as read and checked.

    Attributes:
        decision: what to record; its parts are still to be written.
        rows: as read, with child keys; None when it was refused.
        checked: what the rules made of them; None when it was refused.
        refusal: why it was refused or is held; None when it was read.
    """

    decision: Decision
    rows: ReadReturn | None = None
    checked: Checked | None = None
    refusal: RefusalReason | None = None


@dataclass(frozen=True)
class TablesToKeep:
    """Tables at rest of one submission, by kind (`accepted`, `quarantine`, `restricted_text`)."""

    by_kind: Mapping[str, Mapping[str, pa.Table]] = field(default_factory=dict)


def refused_before(facts: SubmissionFacts) -> Judged | None:
    """Return the refusal of files that were never read, or turned out to be another authority's.

    None when they are to be read.
    """
    is_held_unread = facts.state is State.HELD and bool(facts.reason_words)
    is_another_authoritys = facts.reason_code in CLAIM_CODES and bool(facts.reason_words)
    if not (is_unrecognised(facts.submission) or is_held_unread or is_another_authoritys):
        return None
    decision = Decision(facts.state, reason_code=facts.reason_code, reason_words=facts.reason_words)
    return Judged(decision, refusal=(facts.reason_code, facts.reason_words, None, None))


def unreadable(error: UnreadableError) -> Judged:
    """Return the rejection of a submission of which a file cannot be read at all."""
    refused = refusal(error.code, error.words)
    status = ((error.code, "", "failed", 1, ""),)
    return Judged(
        replace(refused, statuses=status, error_count=1),
        refusal=(error.code, error.words, None, error.row),
    )


def rows_sent(given: Submission, files: Sequence[FileToRead]) -> ReadReturn:
    """Return the rows of a submission, read from its files.

    Raises:
        UnreadableError: a file cannot be read at all.
    """
    read = read_return(given.return_name, files, given.quarter, limits=LIMITS)
    notes = (*_left_out(given), *_spelled_folders(given))
    return replace(read, tolerances=(*read.tolerances, *notes))


def _spelled_folders(given: Submission) -> list[Tolerance]:
    """Return a note for each folder in which files lay whose name we spell otherwise."""
    folders = [file.name.partition("/")[0] for file in given.files if "/" in file.name]
    words = f"The folder's name was understood as {given.quarter}. Name it so next time."
    return [
        Tolerance("QUARTER_SPELLING", name, words, folders.count(name))
        for name in sorted(set(folders))
        if name != str(given.quarter) and spelled_quarter(name) == given.quarter
    ]


def _left_out(given: Submission) -> tuple[Tolerance, ...]:
    """Return a note for each file from which rows of erased children were taken out."""
    words = "Rows of children who were erased at request were taken out before anything was read."
    return tuple(
        Tolerance("ERASED_ROWS", file.name, words, file.left_out)
        for file in given.files
        if file.left_out
    )


def judge(
    given: Submission,
    read: ReadReturn,
    *,
    previous: Frames,
    replaced: Frames,
    known: Pseudonyms,
    others: Others = MappingProxyType({}),
    previous_quarter: Quarter | None = None,
) -> Judged:
    """Return what every rule makes of a submission's rows, and the verdict that follows.

    Args:
        given: the submission.
        read: its rows.
        previous: rows at rest of the last quarter before that counts.
        replaced: rows at rest of the submission this one would replace.
        known: pseudonyms of its authority.
        others: who is named in what counts of the authority's returns.
        previous_quarter: the quarter of `previous`.
    """
    rows = keyed(read, known)
    context = CheckContext(
        given.la_code,
        given.quarter,
        previous=previous,
        earlier=replaced,
        previous_quarter=previous_quarter,
    )
    matched = with_matches(checked(rows, context), rows, others, known)
    found = with_period(matched, rows, given.quarter)
    return Judged(_decision(rows, found), rows, found)


def _decision(rows: ReadReturn, found: Checked) -> Decision:
    counts = found.findings["severity"].value_counts()
    state, code = _verdict(found)
    accepted = _accepted(rows, found)
    return Decision(
        state=state,
        reason_code=code,
        statuses=_statuses(found),
        row_counts=row_counts(accepted),
        child_count=_child_count(accepted),
        error_count=int(counts.get(Severity.ERROR, 0)),
        query_count=int(counts.get(Severity.QUERY, 0)),
    )


def _statuses(found: Checked) -> tuple[tuple[str, str, str, int, str], ...]:
    columns = (found.statuses[name].tolist() for name in STATUS_COLUMNS)
    return tuple(
        (str(code), str(table), str(status), int(count), str(reason))
        for code, table, status, count, reason in zip(*columns, strict=True)
    )


def _verdict(found: Checked) -> tuple[State, str]:
    if found.could_not_run:
        return State.HELD, "RULE_COULD_NOT_RUN"
    if found.is_rejected:
        reaching = found.findings["reach"] == "submission"
        return State.REJECTED, str(found.findings.loc[reaching, "code"].iloc[0])
    return (State.ACCEPTED_WITH_QUERIES if found.has_queries else State.ACCEPTED), ""


def row_counts(rows: ReadReturn) -> dict[str, int]:
    """Return how many rows each table that was sent has."""
    return {name: len(frame) for name, frame in rows.frames.items() if name in rows.sent}


def _child_count(rows: ReadReturn) -> int | None:
    """Return how many distinct children the rows name; None where the return names none."""
    keys = [frame[CHILD_KEY] for frame in rows.frames.values() if CHILD_KEY in frame]
    return len(set().union(*(set(key.unique()) for key in keys))) if keys else None


def _accepted(rows: ReadReturn, found: Checked) -> ReadReturn:
    """Return the rows without those that broke a record-level rule."""
    frames = {
        # Dropping nothing would still copy.
        name: frame.drop(index=frame.index[lost])
        if (lost := found.quarantined.get(name))
        else frame
        for name, frame in rows.frames.items()
    }
    return replace(rows, frames=frames)


def _set_aside(rows: ReadReturn, found: Checked) -> ReadReturn:
    frames = {
        name: frame.iloc[found.quarantined.get(name, [])] for name, frame in rows.frames.items()
    }
    return replace(rows, frames=frames)


def claimed(judged: Judged, children: ChildMarks) -> Judged:
    """Return a judged submission with what it claims, where it may count."""
    if not judged.decision.state.is_accepted:
        return judged
    return replace(judged, decision=replace(judged.decision, claim=children))


def objected(judged: Judged, children: ChildMarks, objection: Objection) -> Judged:
    """Return a submission as refused or held because of whose it is.

    Nothing that its rules found is said: it would quote another authority's rows. One that its
    rules reject is not held as well.
    """
    is_foreign = objection.code == FOREIGN_CHILDREN
    if not is_foreign and not judged.decision.state.is_accepted:
        return judged
    decision = refusal(objection.code, objection.words, held=not is_foreign)
    decision = replace(decision, claim=children, error_count=1)
    return Judged(decision, refusal=(objection.code, objection.words, None, None))


def tables_to_keep(judged: Judged, known: Pseudonyms) -> TablesToKeep:
    """Return what is to rest of a submission: nothing, unless it was read and accepted."""
    rows, found = judged.rows, judged.checked
    if rows is None or found is None or not judged.decision.state.is_accepted:
        return TablesToKeep()
    set_aside = _set_aside(rows, found) if any(found.quarantined.values()) else None
    accepted = _accepted(rows, found)
    return TablesToKeep(
        {
            QUARANTINE: rows_at_rest(set_aside, known) if set_aside is not None else {},
            RESTRICTED_TEXT: restricted_at_rest(accepted, known),
            ACCEPTED: rows_at_rest(accepted, known),
        }
    )
