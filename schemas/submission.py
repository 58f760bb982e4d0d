"""Submissions, their states and verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.quarter import Quarter

NOT_RECEIVED = "not received"
WHOLE_RETURN = "whole"
"""Part of a file that holds every table of its return, as a census or a workbook does."""
TABLES_DIVIDED_BY = "+"
"""Stands between the names of tables in the part of a file that holds several, as one survey may
ask of before and after."""


class State(StrEnum):
    """Where a submission stands. All but the first are final.

    An erased submission named a child that was erased: nothing of it is left but this row.
    """

    LANDED = "landed"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_QUERIES = "accepted with queries"
    REJECTED = "rejected"
    HELD = "held"
    ERASED = "erased"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the submission by itself."""
        return self is not State.LANDED

    @property
    def is_accepted(self) -> bool:
        """Whether the submission may be in force."""
        return self in (State.ACCEPTED, State.ACCEPTED_WITH_QUERIES)


class Reach(StrEnum):
    """How far the failure of a rule reaches."""

    RECORD = "record"
    SUBMISSION = "submission"
    NOTICE = "notice"


class Severity(StrEnum):
    """DfE's words for a finding, as the authority sees it."""

    ERROR = "error"
    QUERY = "query"
    NOTICE = "notice"


class RuleStatus(StrEnum):
    """What became of a rule on a submission."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"
    COULD_NOT_RUN = "could not run"


@dataclass(frozen=True)
class SubmittedFile:
    """One file of a submission.

    Attributes:
        name: file name as dropped, made safe to print.
        sha256: of the bytes.
        size: in bytes.
        part: table name for a CSV of a set, `whole` where one file is the whole return.
        carried_from: submission that brought the file, when this one only carries it forward.
        left_out: rows of erased children that were taken out of it before it was kept.
    """

    name: str
    sha256: str
    size: int
    part: str
    carried_from: str | None = None
    left_out: int = 0


@dataclass(frozen=True)
class Submission:
    """One authority's files of one return for one quarter, that arrived together.

    Attributes:
        id: 16 hexadecimal digits made from authority, return, quarter and the files' hashes, so
            that the same files have the same id on every machine.
        la_code: nine-character ONS code.
        return_name: as `ssda903`; `unrecognised` for files of no known return.
        quarter: the quarter whose folder the files were dropped in.
        version: 1 for the first submission of this authority, return and quarter, then 2, ...
        files: every file that counts, carried-forward ones included, sorted by part and hash.
    """

    id: str
    la_code: str
    return_name: str
    quarter: Quarter
    version: int
    files: tuple[SubmittedFile, ...]

    @property
    def label(self) -> str:
        """Who and when, for messages: `ssda903 from E08000035 for 2025-26Q1`."""
        return f"{self.return_name} from {self.la_code} for {self.quarter}"
