"""What the pack says: everything about one submission that its authority is told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pandas import DataFrame

from schemas.returns import RETURNS
from schemas.rows import Checked, Tolerance
from schemas.submission import RuleStatus, Severity, State, Submission

THIS_SUBMISSION = "this submission"

Refusal = tuple[str, str, str | None, int | None]
"""Why a file could not be read at all: reason code, words, file, row."""


_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z‘“])")


@dataclass(frozen=True)
class Answer:
    """Everything the pack says.

    Attributes:
        submission: who, which return, when, which files.
        la_name: name of the authority.
        return_title: what people call the return.
        state: the verdict.
        received_at: moment the files were taken in, UTC, as `2026-11-21T20:12:00+00:00`.
        checked: what the rules made of it; None when it could not be read at all.
        refusal: why it could not be read, or why it is held.
        tolerances: departures from the standard form that were understood.
        in_force: label of the submission in force now: `this submission`, or an earlier one's id
            and version; None when none is.
        row_counts: rows read, per table.
        child_count: children read; None where the return holds none.
        previous_row_counts, previous_child_count: the same of the submission this one replaces.
        past_patterns: `quarter, code, count` of earlier quarters' findings.
        rule_words: what each rule says, by code, so that rules that passed are named in words too.
    """

    submission: Submission
    la_name: str
    return_title: str
    state: State
    received_at: str
    checked: Checked | None
    refusal: Refusal | None
    tolerances: tuple[Tolerance, ...]
    in_force: str | None
    row_counts: Mapping[str, int]
    child_count: int | None
    previous_row_counts: Mapping[str, int] | None
    previous_child_count: int | None
    past_patterns: DataFrame | None
    rule_words: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_in_force(self) -> bool:
        """Whether this very submission is the one that counts."""
        return self.in_force == THIS_SUBMISSION

    @property
    def rows_set_aside(self) -> dict[str, int]:
        """Rows quarantined, per table that has any."""
        if self.checked is None:
            return {}
        return {name: len(rows) for name, rows in self.checked.quarantined.items() if rows}

    @property
    def severity_counts(self) -> dict[str, int]:
        """Findings by severity, every severity named."""
        if self.checked is None:
            return dict.fromkeys(map(str, Severity), 0)
        counts = Counter(self.checked.findings["severity"].astype(str))
        return {str(severity): counts[str(severity)] for severity in Severity}

    @property
    def code_counts(self) -> dict[str, int]:
        """Findings by rule code, the most frequent first."""
        if self.checked is None:
            return {}
        counts = Counter(self.checked.findings["code"].astype(str))
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def status_counts(self) -> dict[str, int]:
        """Rules by what became of them, every status named."""
        if self.checked is None:
            return dict.fromkeys(map(str, RuleStatus), 0)
        counts = Counter(self.checked.statuses["status"].astype(str))
        return {str(status): counts[str(status)] for status in RuleStatus}

    @cached_property
    def sentences(self) -> dict[str, str]:
        """What each rule looks for, by code: the first sentence of its words."""
        words = dict(self.rule_words)
        if self.checked is not None:
            found = self.checked.findings.drop_duplicates("code")
            texts = zip(found["code"].astype(str), found["words"].astype(str), strict=True)
            words = {**dict(texts), **words}
        return {code: first_sentence(text)[0] for code, text in words.items()}

    def table_label(self, table: str) -> str:
        """Return what the authority calls a table: stem of its file, or element."""
        known = RETURNS.get(self.submission.return_name)
        names = {found.name: found.sent_as for found in known.tables} if known else {}
        return names.get(table) or table.replace("_", " ")


def first_sentence(words: str) -> tuple[str, str]:
    """Return the first sentence, which says what is wrong, and the rest, which says what to do."""
    first, *rest = _BETWEEN_SENTENCES.split(words, maxsplit=1)
    return first, "".join(rest)
