"""One submission from landing to a verdict: read, check, keep what is accepted, answer.

Everything here can be run again at any time: the same submission gives the same rows, the same
files and the same pack, and the ledger decides once. A process that dies in between leaves a
submission that the next sweep finishes. Facts are read once, in one transaction; what follows from
them is worked out in `judge` and `reply`; two transactions record the verdict and the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa
from pandas import DataFrame

from schemas.authorities import authorities
from schemas.errors import DamagedFileError, KeyMissingError, UnreadableError, WaitsError
from schemas.quarter import Quarter
from schemas.returns.child_ids import CENSUS_CHILD_ID
from schemas.rows import ALIKE_KEY, BIRTH_MARK, CHILD_KEY, ReadReturn
from schemas.submission import State, Submission
from tasks.answer import pack_files
from tasks.read import FileToRead
from tasks.runtime.faults import kind_and_place
from tasks.runtime.journal import stage
from tasks.validate.at_rest import Pseudonyms
from tasks.validate.claims import Marks, Objection, child_marks, objection_to
from tasks.validate.judge import (
    Judged,
    TablesToKeep,
    claimed,
    judge,
    objected,
    refused_before,
    rows_sent,
    tables_to_keep,
    unreadable,
)
from tasks.validate.reply import answer_to, module_feedback
from warehouse.claims import Claim, marks_in
from warehouse.key import key_held_to
from warehouse.landing import is_landed_whole, opened_landed
from warehouse.ledger import (
    Actor,
    InForce,
    Recorded,
    decide,
    mark_answered,
    submission,
    submission_row,
)
from warehouse.outage import is_outage, outage_words
from warehouse.outbox import manifest_hash, put_pack
from warehouse.pseudonyms import pseudonyms, remembered
from warehouse.root import Root
from warehouse.root_lock import shared_lock
from warehouse.store import Part, read_frame, write_kind
from warehouse.submission_facts import StoredTable, SubmissionFacts, submission_facts

Landing = Callable[[str], AbstractContextManager[Path]]
"""Opens the bytes with a hash as a file to read."""
_Timed = Callable[[str], AbstractContextManager[dict[str, int]]]


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
class _Storage:
    """All that judging one submission may read from the root, or write to it.

    Attributes:
        landed: opens the bytes of a file of the submission.
        frame: returns the rows of parts at rest, given as (path, quarter).
        named: returns the children of parts at rest, likewise.
        keep: writes one table of the submission, given its name, its rows and its kind.
        known: pseudonyms of its authority.
        timed: times a stage of work and writes a line about it.
        marks: of children, alike for every authority.
        objection: returns why a submission does not count because of whose children it names.
    """

    landed: Landing
    frame: Callable[[Iterable[tuple[str, str]]], DataFrame]
    named: Callable[[Iterable[tuple[str, str]]], DataFrame]
    keep: Callable[[str, pa.Table, str], Part]
    known: Pseudonyms
    timed: _Timed
    marks: Marks
    objection: Callable[[Claim], Objection | None]


def ingest_submission(
    root: Root, submission_id: str, *, actor: Actor, skip_waiting_for: Collection[str] = ()
) -> IngestResult:
    """Judge one submission, keep what is accepted, and put the answer in the outbox.

    Args:
        root: whose ledger, landing and warehouse.
        submission_id: which.
        actor: who does it.
        skip_waiting_for: earlier submissions that were tried and cannot be judged.

    Raises:
        WaitsError: its answer looks at an earlier submission that is not judged yet. It would
            say that there was nothing to compare with, and say it for ever.
    """
    with shared_lock(root):
        facts = submission_facts(root, submission_id)
        _require_earlier_judged(facts, skip_waiting_for)
        given, storage = facts.submission, _storage(root, facts)
        judged = _judged(facts, storage)
        recorded = decide(root, given, judged.decision, actor)
        with storage.timed("answer") as counts:
            files = pack_files(answer_to(facts, judged, recorded))
            files |= _module_pages(root, given, module_feedback(given, recorded))
            put_pack(root, given, files)
            mark_answered(root, given, manifest_hash(files), actor)
            counts["files"] = len(files)
    return _result(given, recorded)


_NAMED_BY = (CHILD_KEY, ALIKE_KEY, BIRTH_MARK, CENSUS_CHILD_ID)


def _storage(root: Root, facts: SubmissionFacts) -> _Storage:
    given = facts.submission
    key = key_held_to(root, facts.key_ids)
    replaced = {one.table_name: one.path for one in facts.replaced}
    return _Storage(
        landed=partial(opened_landed, root),
        frame=partial(read_frame, root),
        named=partial(read_frame, root, columns=_NAMED_BY),
        keep=lambda name, rows, kind: write_kind(
            root, given, name, rows, kind=kind, like=replaced.get(name)
        ),
        known=remembered(lambda domain, ids: pseudonyms(key, domain, given.la_code, ids)),
        timed=partial(stage, root, submission=given.id, la_code=given.la_code),
        marks=partial(marks_in, root),
        objection=lambda claim: objection_to(claim, facts.known_children, facts.rivals),
    )


def _module_pages(root: Root, given: Submission, counting: Sequence[InForce]) -> dict[str, bytes]:
    """Return a page per training module that the submissions brought feedback on."""
    if not counting:
        return {}
    # Here, not above: one return in seven needs what draws these pages.
    from tasks.cut.data_cut import authority_rows
    from tasks.training.reports import module_reports
    from warehouse.cuts import CutSubmission

    la_code = given.la_code
    found = [CutSubmission(one.id, la_code, *one.place, one.version) for one in counting]
    pages = module_reports(authority_rows(root, la_code, found), authorities()[la_code].la_name)
    return {name: page.encode() for name, page in pages.items()}


def _require_earlier_judged(facts: SubmissionFacts, skip_waiting_for: Collection[str]) -> None:
    given = facts.submission
    if waited_for := facts.waits_for - {*skip_waiting_for}:
        raise WaitsError(
            f"submission {given.id} of {given.la_code} for {given.quarter} waits for "
            f"{', '.join(sorted(waited_for))}, which its answer looks at. It is tried again."
        )


def _judged(facts: SubmissionFacts, storage: _Storage) -> Judged:
    """Return a submission as judged, what is accepted of it written."""
    if refused := refused_before(facts):
        return refused
    given = facts.submission
    try:
        with storage.timed("read") as counts:
            read = read_submission(given, storage.landed)
            counts["rows"] = sum(len(frame) for frame in read.frames.values())
    except UnreadableError as error:
        return unreadable(error)
    with storage.timed("check") as counts:
        previous = _frames(facts.previous, storage)
        replaced = _frames(facts.replaced, storage)
        judged = judge(
            given,
            read,
            previous=previous,
            replaced=replaced,
            known=storage.known,
            others=_others(facts.naming, storage),
            previous_quarter=_quarter_of(facts.previous),
        )
        counts["findings"] = len(judged.checked.findings) if judged.checked else 0
        judged = _as_claimed(judged, given, storage)
    with storage.timed("keep") as counts:
        parts = _kept(tables_to_keep(judged, storage.known), storage)
        counts["rows"] = sum((judged.decision.row_counts or {}).values())
    return replace(judged, decision=replace(judged.decision, parts=parts))


def _as_claimed(judged: Judged, given: Submission, storage: _Storage) -> Judged:
    """Return what was judged with what it claims, or as refused where that is another's."""
    if judged.rows is None:
        return judged
    children = child_marks(given, judged.rows, storage.marks)
    claim = Claim(
        given.id,
        given.la_code,
        given.return_name,
        str(given.quarter),
        given.version,
        children=children,
    )
    objection = storage.objection(claim)
    return objected(judged, children, objection) if objection else claimed(judged, children)


def read_submission(given: Submission, landed: Landing) -> ReadReturn:
    """Return the rows of a submission, read from landing.

    Raises:
        UnreadableError: a file cannot be read at all.
        LedgerError: its bytes are not in landing, or not what was landed.
    """
    with ExitStack() as opened:
        files = [
            FileToRead(file.name, opened.enter_context(landed(file.sha256)), file.part)
            for file in given.files
        ]
        return rows_sent(given, files)


def _frames(stored: Iterable[StoredTable], storage: _Storage) -> dict[str, DataFrame]:
    return {one.table_name: storage.frame([(one.path, one.quarter)]) for one in stored}


def _others(stored: Iterable[StoredTable], storage: _Storage) -> dict[str, DataFrame]:
    """Return who is named in tables at rest, those of one name together."""
    parts: dict[str, list[tuple[str, str]]] = {}
    for one in stored:
        parts.setdefault(one.table_name, []).append((one.path, one.quarter))
    return {name: storage.named(found) for name, found in parts.items()}


def _quarter_of(stored: Sequence[StoredTable]) -> Quarter | None:
    return Quarter.parse(stored[0].quarter) if stored else None


def _kept(tables: TablesToKeep, storage: _Storage) -> tuple[Part, ...]:
    return tuple(
        storage.keep(name, rows, kind)
        for kind, found in tables.by_kind.items()
        for name, rows in found.items()
    )


def _result(given: Submission, recorded: Recorded) -> IngestResult:
    return IngestResult(
        submission_id=given.id,
        la_code=given.la_code,
        return_name=given.return_name,
        quarter=str(given.quarter),
        state=recorded.state,
        reason_code=recorded.reason_code,
        error_count=recorded.error_count,
        query_count=recorded.query_count,
        is_new=recorded.is_new,
    )


def ingest_or_report(
    root: Root, submission_id: str, *, actor: Actor, skip_waiting_for: Collection[str] = ()
) -> IngestResult:
    """Judge one submission; an internal error leaves it landed for the next sweep and is reported.

    One submission that cannot be judged must not keep the others waiting: a caller that judges
    several names those that failed in `skip_waiting_for`. Only the kind of error is reported: its
    text may quote a row.
    """
    try:
        return ingest_submission(
            root, submission_id, actor=actor, skip_waiting_for=skip_waiting_for
        )
    except KeyMissingError:
        raise
    except DamagedFileError as error:
        return not_ingested(root, submission_id, _damage(root, submission_id, error), waits=False)
    except Exception as error:
        waits = isinstance(error, WaitsError) or is_outage(error)
        return not_ingested(root, submission_id, _why(error), waits=waits)


def not_ingested(root: Root, submission_id: str, why: str, *, waits: bool) -> IngestResult:
    """Return what is said of a submission that was not judged: who, which, when and why."""
    row = submission_row(root, submission_id)
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


def _damage(root: Root, submission_id: str, error: DamagedFileError) -> str:
    """Return which files of a submission cannot be read any more, and how they come back."""
    given = submission(root, submission_id)
    count = sum(not is_landed_whole(root, file.sha256) for file in given.files)
    if not count:
        return f"FILE_DAMAGED: {error}"
    return (
        f"FILE_DAMAGED: {given.return_name} from {given.la_code} for {given.quarter}: {count} of "
        f"{len(given.files)} files cannot be read from landing. Put them back from the copy, leave "
        "them in the drop folder, or ask the authority to send the return again."
    )


def _why(error: Exception) -> str:
    if isinstance(error, WaitsError):
        return "WAITS for an earlier return to be judged"
    if words := outage_words(error):
        return words
    return f"INTERNAL_ERROR {kind_and_place(error)}"
