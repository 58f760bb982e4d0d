"""What a return looks like once read: typed frames, with the way back to every cell.

The tables of the way in meet here: readers make a `ReadReturn`, rules judge it, the warehouse keeps
what is accepted. Nothing here does anything; the shapes are the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pandas import DataFrame

from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.submission import Reach, Severity

SOURCE_FILE = "source_file"
SOURCE_ROW = "source_row"
CHILD_KEY = "child_key"
BIRTH_MARK = "birth_mark"
ALIKE_KEY = "alike_key"
"""At rest: pseudonyms of a child's identifier, of it with the date of birth, and, in the tables of
`NAMING_TABLE` (schemas/identifiers.py), of the form that identifiers share which programs confuse.
"""

FINDING_COLUMNS = (
    "file",
    "place",
    "row",
    "field",
    "code",
    "severity",
    "reach",
    "words",
    "found",
    "table",
    "position",
)
"""Columns of a findings frame, one row per broken rule at one place.

file: name as the authority sent it; place: sheet, or XML element, or empty; row: as the authority
sees it, header counted (line of the element in XML), missing for the file as a whole; field:
heading or element; code: rule or reason code; severity, reach: as `Severity`, `Reach`; words: what
is wrong and what to do, never with a value; found: the text in the cell, for the authority's own
pack only; table: ours; position: 0-based row of that table's frame, missing for the whole.
"""

STATUS_COLUMNS = ("code", "table", "status", "count", "reason")
"""Columns of a rule-status frame: one row per rule and submission, status as `RuleStatus`."""


BLOCK_UNKNOWN = "BLOCK_UNKNOWN"
"""Code for a part of an XML return that has a name we do not know, and of the query about it."""

SURVEY_NAMES = "SURVEY_NAMES"
"""Code for columns of a survey that hold names, dropped unread, and of the error about it."""


@dataclass(frozen=True)
class Tolerance:
    """A departure from the standard form that was understood, and is named in the report.

    Attributes:
        code: as `ENCODING_CONVERTED`, `TITLE_ROWS`.
        file: name of the file.
        words: what was done, without any value.
        count: cells or rows concerned.
    """

    code: str
    file: str
    words: str
    count: int = 1


@dataclass(frozen=True)
class Unread:
    """Cells of one column that hold text which could not be read, and were left empty.

    Attributes:
        column: by our name.
        positions: 0-based places of the rows in the table's frame.
        reach: `RECORD` where the rows are set aside for it, `NOTICE` where they stay.
    """

    column: str
    positions: npt.NDArray[np.int64]
    reach: Reach


@dataclass(frozen=True)
class ReadReturn:
    """One submission's rows, typed.

    Attributes:
        return_name: as `ssda903`.
        frames: one frame for every table the return declares, also those not sent (no rows).
            Columns: the declared ones in order, then `source_file` (int16, place in `files`) and
            `source_row` (int32, as the authority sees it). Once keyed, tables with a child_id also
            hold `child_key` (int64). Text is pandas `str`, dates `datetime64[s]`, numbers
            `float64`, yes/no `boolean`; a missing or unreadable value is missing.
        raw: per table, the same rows and declared columns as Arrow text, exactly as sent.
        sent: names of the tables that were sent (a table may be sent without rows).
        files: names of the files, in order.
        findings: what reading alone found (`FINDING_COLUMNS`): a text that is no date, no number.
            One finding may stand for many cells of a column.
        tolerances: departures understood.
        old_la_code: three-digit authority code inside the return, where it carries one.
        la_code: nine-character code inside the return, where it carries one.
        claimed_year: collection year inside the return, where it carries one.
        unread: per table, every cell that could not be read.
    """

    return_name: str
    frames: Mapping[str, DataFrame]
    raw: Mapping[str, pa.Table]
    sent: frozenset[str]
    files: tuple[str, ...]
    findings: DataFrame
    tolerances: tuple[Tolerance, ...] = ()
    old_la_code: str | None = None
    la_code: str | None = None
    claimed_year: int | None = None
    unread: Mapping[str, tuple[Unread, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckContext:
    """What a rule may know apart from the rows.

    Attributes:
        la_code: lasting nine-character code of the authority.
        quarter: the quarter the return was sent for.
        previous: per table, the rows at rest of the same authority and return from the last
            submission in force before this quarter (at-rest columns, `child_key` for the child).
        previous_quarter: the quarter of that submission; None where there is none.
        earlier: per table, the rows at rest of the submission this one would replace.
    """

    la_code: str
    quarter: Quarter
    previous: Mapping[str, DataFrame] = field(default_factory=dict)
    earlier: Mapping[str, DataFrame] = field(default_factory=dict)
    previous_quarter: Quarter | None = None

    @property
    def year(self) -> int:
        """Collection year: the one its 31 March falls in."""
        return self.quarter.collection_year

    @property
    def year_start(self) -> date:
        """First day of the financial year."""
        return self.quarter.year_start

    @property
    def last_day(self) -> date:
        """Last day the return speaks for."""
        return self.quarter.last_day


@dataclass(frozen=True)
class Checked:
    """What the rules made of a return.

    Attributes:
        findings: every finding, those of reading included (`FINDING_COLUMNS`).
        statuses: every rule with its status (`STATUS_COLUMNS`).
        quarantined: per table, 0-based positions of rows that broke a record-level rule.
    """

    findings: DataFrame
    statuses: DataFrame
    quarantined: Mapping[str, list[int]]

    @property
    def could_not_run(self) -> bool:
        """Whether some rule could not run: the submission is held, never passed."""
        return bool((self.statuses["status"] == "could not run").any())

    @property
    def is_rejected(self) -> bool:
        """Whether some finding reaches the whole submission."""
        return bool((self.findings["reach"] == Reach.SUBMISSION).any())

    @property
    def has_queries(self) -> bool:
        """Whether anything was found that the authority should correct or explain."""
        return bool((self.findings["severity"] != Severity.NOTICE).any())


@dataclass(frozen=True)
class Bar:
    """Why no figure may be made of some of what an authority sent, or should have sent.

    Attributes:
        reason: why.
        return_name: the return.
        quarters: those of its quarters that no figure may be made of.
        table: the one table it concerns; empty for the whole return.
        column: the one number it concerns; empty for the whole table.
        joined_to: the return whose children it does not name, where only figures that follow
            children from one of the two to the other are barred; empty for every figure.
    """

    reason: FigureReason
    return_name: str
    quarters: frozenset[Quarter]
    table: str = ""
    column: str = ""
    joined_to: str = ""


@dataclass(frozen=True)
class AuthorityRows:
    """Everything in force for one authority in one data cut, as the outcomes read it.

    Attributes:
        la_code: lasting nine-character code.
        frames: per table, the rows at rest: `child_key` and `birth_mark` (int64; 0 where the date
            of birth is not known) in place of child_id, months in place of dates of birth
            (`birth_month`, `expected_birth_month`, `death_month`), dropped columns gone, and
            `quarter` (str) of the submission each row came in. Of year-to-date returns only the
            latest quarter in force of each financial year is here; of quarterly returns, every one.
            `referrals` also holds `age_at_referral` (float64, completed years, missing for the
            unborn) and `is_unborn` (bool), worked out before the date of birth was reduced.
        covered: per return, the quarters some submission in force speaks for.
        sent: per table, the quarters for which a submission read here brought it, with rows or
            without; a table left out of a return is not there.
        bars: what of it no figure may be made of.
    """

    la_code: str
    frames: Mapping[str, DataFrame]
    covered: Mapping[str, frozenset[Quarter]]
    sent: Mapping[str, frozenset[Quarter]] = field(default_factory=dict)
    bars: tuple[Bar, ...] = ()
