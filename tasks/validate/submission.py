"""One submission from landing to a verdict: read, check, keep what is accepted, answer.

Everything here can be run again at any time: the same submission gives the same rows, the same
files and the same pack, and the ledger decides once. A process that dies in between leaves a
submission that the next sweep finishes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace

import pyarrow as pa
from pandas import DataFrame

from schemas.authorities import authorities
from schemas.errors import KeyMissingError, UnreadableError, WaitsError
from schemas.limits import LIMITS
from schemas.returns import RETURNS
from schemas.rows import CHILD_KEY, STATUS_COLUMNS, CheckContext, Checked, ReadReturn, Tolerance
from schemas.submission import Severity, State, Submission
from tasks.answer import THIS_SUBMISSION, Answer, pack_files
from tasks.read import FileToRead, read_return
from tasks.runtime.faults import kind_and_place
from tasks.runtime.journal import stage
from tasks.validate.at_rest import Pseudonyms, keyed, restricted_at_rest, rows_at_rest
from tasks.validate.check import checked, rule_words
from warehouse import ledger
from warehouse.landing import opened_landed
from warehouse.ledger import Actor, Decision
from warehouse.outage import is_outage
from warehouse.outbox import put_pack
from warehouse.pseudonyms import pseudonyms
from warehouse.registry import is_unrecognised, refusal
from warehouse.root import Root
from warehouse.root_lock import shared_lock
from warehouse.store import Part, read_frame, write_part, write_quarantine, write_restricted

TRAINING = "training_feedback"


@dataclass(frozen=True)
class IngestResult:
    """What became of one submission.

    Attributes:
        submission_id, la_code, return_name, quarter: which.
        state: the verdict.
        reason_code: why it was refused or held; empty otherwise.
        error_count, query_count: findings by severity.
        is_new: whether it was decided now, and not by an earlier run.
        waits: whether it was left for a later run because the disk or the ledger refused, or
            because an earlier return that its answer looks at was.
    """

    submission_id: str
    la_code: str
    return_name: str
    quarter: str
    state: State
    reason_code: str
    error_count: int
    query_count: int
    is_new: bool
    waits: bool = False

    @property
    def is_internal_error(self) -> bool:
        """Whether it could not be judged through an internal error that will not pass by itself."""
        return self.state is State.LANDED and not self.waits

    def row(self) -> dict[str, str]:
        """Return who, which return, when and the verdict, as text; nothing of any child."""
        return {
            "submission_id": self.submission_id,
            "la_code": self.la_code,
            "return_name": self.return_name,
            "quarter": self.quarter,
            "state": str(self.state),
            "reason_code": self.reason_code,
            "errors": str(self.error_count),
            "queries": str(self.query_count),
        }


@dataclass(frozen=True)
class _Judged:
    """A submission as read and checked; `read` and `checked` are None when it was refused."""

    decision: Decision
    read: ReadReturn | None = None
    checked: Checked | None = None
    refusal: tuple[str, str, str | None, int | None] | None = None


def ingest_submission(
    root: Root,
    submission_id: str,
    *,
    key: bytes,
    actor: Actor,
    skip_waiting_for: Collection[str] = (),
) -> IngestResult:
    """Judge one submission, keep what is accepted, and put the answer in the outbox.

    Args:
        root: whose ledger, landing and warehouse.
        submission_id: which.
        key: the pseudonym key.
        actor: who does it.
        skip_waiting_for: earlier submissions that were tried and cannot be judged.

    Raises:
        WaitsError: its answer looks at an earlier submission that is not judged yet. It would
            say that there was nothing to compare with, and say it for ever.
    """
    with shared_lock(root):
        given = ledger.submission(root, submission_id)
        if waited_for := ledger.undecided_before(root, given) - {*skip_waiting_for}:
            raise WaitsError(
                f"submission {submission_id} of {given.la_code} for {given.quarter} waits for "
                f"{', '.join(sorted(waited_for))}, which its answer looks at. It is tried again."
            )
        return _taken_in(root, given, key=key, actor=actor)


def _taken_in(root: Root, given: Submission, *, key: bytes, actor: Actor) -> IngestResult:
    judged = _judged(root, given, key)
    is_new = ledger.decide(root, given, judged.decision, actor)
    row = ledger.submission_row(root, given.id)
    with _stage(root, given, "answer") as counts:
        files = pack_files(_answer(root, given, judged)) | _module_reports(root, given, row.state)
        put_pack(root, given, files)
        ledger.mark_answered(root, given.id)
        counts["files"] = len(files)
    return IngestResult(
        submission_id=given.id,
        la_code=given.la_code,
        return_name=given.return_name,
        quarter=str(given.quarter),
        state=State(row.state),
        reason_code=row.reason_code,
        error_count=row.error_count,
        query_count=row.query_count,
        is_new=is_new,
    )


def ingest_or_report(
    root: Root,
    submission_id: str,
    *,
    key: bytes,
    actor: Actor,
    skip_waiting_for: Collection[str] = (),
) -> IngestResult:
    """Judge one submission; an internal error leaves it landed for the next sweep and is reported.

    One submission that cannot be judged must not keep the others waiting: a caller that judges
    several names those that failed in `skip_waiting_for`. Only the kind of error is reported: its
    text may quote a row.
    """
    try:
        return ingest_submission(
            root, submission_id, key=key, actor=actor, skip_waiting_for=skip_waiting_for
        )
    except KeyMissingError:
        raise
    except Exception as error:
        waits = isinstance(error, WaitsError) or is_outage(error)
        return not_ingested(root, submission_id, _why(error), waits=waits)


def not_ingested(root: Root, submission_id: str, why: str, *, waits: bool) -> IngestResult:
    """Return what is said of a submission that was not judged: who, which, when and why."""
    row = ledger.submission_row(root, submission_id)
    return IngestResult(
        submission_id=submission_id,
        la_code=row.la_code,
        return_name=row.return_name,
        quarter=row.quarter,
        state=State.LANDED,
        reason_code=why,
        error_count=0,
        query_count=0,
        is_new=False,
        waits=waits,
    )


def _why(error: Exception) -> str:
    if isinstance(error, WaitsError):
        return "WAITS for an earlier return to be judged"
    return f"INTERNAL_ERROR {kind_and_place(error)}"


def _judged(root: Root, given: Submission, key: bytes) -> _Judged:
    row = ledger.submission_row(root, given.id)
    if is_unrecognised(given) or (row.state == State.HELD and row.reason_words):
        decision = Decision(
            State(row.state), reason_code=row.reason_code, reason_words=row.reason_words
        )
        return _Judged(decision, refusal=(row.reason_code, row.reason_words, None, None))
    try:
        with _stage(root, given, "read") as counts:
            read = read_submission(root, given)
            counts["rows"] = sum(len(frame) for frame in read.frames.values())
    except UnreadableError as error:
        refused = refusal(error.code, error.words)
        status = ((error.code, "", "failed", 1, ""),)
        return _Judged(
            replace(refused, statuses=status, error_count=1),
            refusal=(error.code, error.words, None, error.row),
        )
    return _checked(root, given, read, _pseudonyms(given, key))


def _stage(root: Root, given: Submission, name: str) -> AbstractContextManager[dict[str, int]]:
    return stage(root, name, submission=given.id, la_code=given.la_code)


def _pseudonyms(given: Submission, key: bytes) -> Pseudonyms:
    def found(domain: str, ids: list[str]) -> Mapping[str, int]:
        return pseudonyms(key, domain, given.la_code, ids)

    return found


def read_submission(root: Root, given: Submission) -> ReadReturn:
    """Return the rows of a submission, read from landing.

    Raises:
        UnreadableError: a file cannot be read at all.
        LedgerError: its bytes are not in landing, or not what was landed.
    """
    with ExitStack() as opened:
        files = [
            FileToRead(file.name, opened.enter_context(opened_landed(root, file.sha256)), file.part)
            for file in given.files
        ]
        read = read_return(given.return_name, files, given.quarter, limits=LIMITS)
    return replace(read, tolerances=(*read.tolerances, *_left_out(given)))


def _left_out(given: Submission) -> tuple[Tolerance, ...]:
    """Return what is to be said of rows that were taken out because their child was erased."""
    words = "Rows of children who were erased at request were taken out before anything was read."
    return tuple(
        Tolerance("ERASED_ROWS", file.name, words, file.left_out)
        for file in given.files
        if file.left_out
    )


def _checked(root: Root, given: Submission, read: ReadReturn, known: Pseudonyms) -> _Judged:
    with _stage(root, given, "check") as counts:
        rows = keyed(read, known)
        found = checked(rows, _context(root, given))
        counts["findings"] = len(found.findings)
    with _stage(root, given, "keep") as counts:
        decision = _decision(root, given, rows, found, known)
        counts["rows"] = sum((decision.row_counts or {}).values())
    return _Judged(decision, rows, found)


def _context(root: Root, given: Submission) -> CheckContext:
    return CheckContext(
        la_code=given.la_code,
        quarter=given.quarter,
        previous=_frames_of(root, _previous(root, given)),
        earlier=_frames_of(root, _replaced(root, given)),
    )


def _previous(root: Root, given: Submission) -> str | None:
    """Return the submission of the last quarter before this one that counts now."""
    quarters = [
        (row.quarter, row.id)
        for row in ledger.all_in_force(root, la_code=given.la_code, return_name=given.return_name)
        if row.quarter < str(given.quarter)
    ]
    return max(quarters)[1] if quarters else None


def _replaced(root: Root, given: Submission) -> str | None:
    """Return the submission this one would replace, never itself.

    A copy without the rows of an erased child is not held against what it is a copy of.
    """
    if ledger.submission_row(root, given.id).erased_from:
        return None
    found = ledger.submission_in_force(
        root, la_code=given.la_code, return_name=given.return_name, quarter=str(given.quarter)
    )
    return None if found == given.id else found


def _frames_of(root: Root, submission_id: str | None) -> dict[str, DataFrame]:
    if submission_id is None:
        return {}
    return {
        part.table_name: read_frame(root, [(part.path, part.quarter)])
        for part in ledger.parts_of(root, [submission_id])
    }


def _decision(
    root: Root, given: Submission, rows: ReadReturn, found: Checked, known: Pseudonyms
) -> Decision:
    counts = found.findings["severity"].value_counts()
    state, code = _verdict(found)
    accepted = _accepted(rows, found)
    return Decision(
        state=state,
        reason_code=code,
        parts=_write(root, given, rows, accepted, found, known) if state.is_accepted else (),
        statuses=_statuses(found),
        row_counts=row_counts(accepted),
        child_count=child_count(accepted),
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


def _write(
    root: Root,
    given: Submission,
    rows: ReadReturn,
    accepted: ReadReturn,
    found: Checked,
    known: Pseudonyms,
) -> tuple[Part, ...]:
    set_aside = _set_aside(rows, found) if any(found.quarantined.values()) else None
    beside = rows_at_rest(set_aside, known) if set_aside is not None else {}
    texts = restricted_at_rest(accepted, known)
    at_rest: dict[str, pa.Table] = rows_at_rest(accepted, known)
    return (
        *(write_quarantine(root, given, name, table) for name, table in beside.items()),
        *(write_restricted(root, given, name, table) for name, table in texts.items()),
        *(write_part(root, given, name, table) for name, table in at_rest.items()),
    )


def row_counts(rows: ReadReturn) -> dict[str, int]:
    """Return how many rows each table that was sent has."""
    return {name: len(frame) for name, frame in rows.frames.items() if name in rows.sent}


def child_count(rows: ReadReturn) -> int | None:
    """Return how many distinct children the rows name; None where the return names none."""
    keys = [frame[CHILD_KEY] for frame in rows.frames.values() if CHILD_KEY in frame]
    return len(set().union(*(set(key.unique()) for key in keys))) if keys else None


def _answer(root: Root, given: Submission, judged: _Judged) -> Answer:
    row = ledger.submission_row(root, given.id)
    replaced = _version_before(root, given)
    known = RETURNS.get(given.return_name)
    return Answer(
        submission=given,
        la_name=authorities()[given.la_code].la_name,
        return_title=known.title if known else "Files that could not be recognised",
        state=State(row.state),
        received_at=row.received_at,
        checked=judged.checked,
        refusal=judged.refusal,
        tolerances=_tolerances(judged),
        in_force=_in_force_label(root, given),
        row_counts=row_counts(judged.read) if judged.read else {},
        child_count=judged.decision.child_count,
        previous_row_counts=replaced[0] if replaced else None,
        previous_child_count=replaced[1] if replaced else None,
        past_patterns=_past_patterns(root, given),
        rule_words=rule_words(given.return_name),
    )


def _tolerances(judged: _Judged) -> tuple[Tolerance, ...]:
    return judged.read.tolerances if judged.read else ()


def _module_reports(root: Root, given: Submission, state: str) -> dict[str, bytes]:
    """Return a page per training module, where the submission brought feedback that is in force."""
    if given.return_name != TRAINING or not State(state).is_accepted:
        return {}
    # Here, not above: one return in seven needs what draws these pages.
    from tasks.cut.data_cut import authority_rows
    from tasks.training.reports import module_reports
    from warehouse.cuts import CutSubmission

    counting = [
        CutSubmission(row.id, row.la_code, row.return_name, row.quarter, row.version)
        for row in ledger.all_in_force(root, la_code=given.la_code)
        if row.return_name in (TRAINING, *RETURNS[TRAINING].beside)
        and row.quarter <= str(given.quarter)
    ]
    rows = authority_rows(root, given.la_code, counting)
    pages = module_reports(rows, authorities()[given.la_code].la_name)
    return {name: page.encode() for name, page in pages.items()}


def _in_force_label(root: Root, given: Submission) -> str | None:
    found = ledger.submission_in_force(
        root, la_code=given.la_code, return_name=given.return_name, quarter=str(given.quarter)
    )
    if found == given.id:
        return THIS_SUBMISSION
    return f"version {ledger.submission_row(root, found).version} ({found})" if found else None


def _version_before(root: Root, given: Submission) -> tuple[dict[str, int], int | None] | None:
    return ledger.accepted_before(
        root,
        la_code=given.la_code,
        return_name=given.return_name,
        quarter=str(given.quarter),
        version=given.version,
    )


def _past_patterns(root: Root, given: Submission) -> DataFrame | None:
    rows = ledger.failed_rules_before(
        root, la_code=given.la_code, return_name=given.return_name, quarter=str(given.quarter)
    )
    if not rows:
        return None
    return DataFrame([tuple(row) for row in rows], columns=["quarter", "code", "count"])
