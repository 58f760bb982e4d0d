"""The answer to one submission: everything its authority is to know, which the pack then shows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pandas import DataFrame

from schemas.returns import RETURNS
from schemas.rows import FINDING_COLUMNS, Checked, Tolerance
from schemas.submission import Reach, RuleStatus, Severity, State, Submission

THIS_SUBMISSION = "this submission"

RefusalReason = tuple[str, str, str | None, int | None]
"""Why a file could not be read at all: reason code, words, file, row."""


_ARTICLES = ("A", "An", "The", "This", "It")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z‘“])")


@dataclass(frozen=True)
class Answer:
    """Everything the pack shows.

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
        row_counts: rows read, per table, those set aside included.
        child_count: children named; None where the return names none.
        previous_row_counts, previous_child_count: rows kept, and children, of the submission this
            one is compared with: the version before it, or the last quarter's; None when there is
            none.
        previous_quarter: quarter of that submission; empty when there is none.
        past_patterns: `quarter, code, count` of earlier quarters' findings.
        rule_words: what each rule says, by `code:table` or, where a code says the same on every
            table, by code, so that rules that passed are named in words too.
    """

    submission: Submission
    la_name: str
    return_title: str
    state: State
    received_at: str
    checked: Checked | None
    refusal: RefusalReason | None
    tolerances: tuple[Tolerance, ...]
    in_force: str | None
    row_counts: Mapping[str, int]
    child_count: int | None
    previous_row_counts: Mapping[str, int] | None
    previous_child_count: int | None
    past_patterns: DataFrame | None
    rule_words: Mapping[str, str] = field(default_factory=dict)
    previous_quarter: str = ""

    @property
    def is_in_force(self) -> bool:
        """Whether this very submission is the one that counts."""
        return self.in_force == THIS_SUBMISSION

    @property
    def is_unrecognised(self) -> bool:
        """Whether no return could be made out of the files."""
        return self.submission.return_name not in RETURNS

    @property
    def compared_with(self) -> str:
        """What the counts are compared with, in words; empty when there is nothing."""
        if self.previous_quarter in ("", str(self.submission.quarter)):
            return "the submission accepted before" if self.previous_row_counts is not None else ""
        return f"what counts for {self.previous_quarter}"

    @property
    def findings(self) -> DataFrame:
        """Findings of the rules (`FINDING_COLUMNS`); no rows when it could not be read at all."""
        return self.checked.findings if self.checked else DataFrame(columns=list(FINDING_COLUMNS))

    @property
    def rows_set_aside(self) -> dict[str, int]:
        """Rows quarantined, per table that has any."""
        if self.checked is None:
            return {}
        return {name: len(rows) for name, rows in self.checked.quarantined.items() if rows}

    @property
    def rows_to_correct(self) -> dict[str, int]:
        """Rows set aside that the authority should correct; copies it may leave are not among them.

        A notice sets aside a row that only repeats another: nothing is lost with it.
        """
        if self.checked is None:
            return {}
        found = self.checked.findings[self.checked.findings["reach"] == Reach.RECORD]
        is_repeat = found["severity"].eq(Severity.NOTICE)
        repeats, others = _places(found[is_repeat]), _places(found[~is_repeat])
        counts = {
            table: len(rows) - len(repeats.get(table, set()) - others.get(table, set()))
            for table, rows in self.checked.quarantined.items()
        }
        return {table: count for table, count in counts.items() if count}

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
        """Rules by result, every status named."""
        if self.checked is None:
            return dict.fromkeys(map(str, RuleStatus), 0)
        counts = Counter(self.checked.statuses["status"].astype(str))
        return {str(status): counts[str(status)] for status in RuleStatus}

    @cached_property
    def _wordings(self) -> dict[tuple[str, str], set[str]]:
        """Faults each rule looks for, by code and table; table empty where it is not known."""
        wordings: dict[tuple[str, str], set[str]] = defaultdict(set)
        for key, words in self.rule_words.items():
            code, _, table = key.partition(":")
            wordings[code, table].add(fault_and_advice(words)[0])
        if self.checked is not None:
            found = self.checked.findings.drop_duplicates(["code", "table", "words"])
            for code, table, words in found[["code", "table", "words"]].itertuples(index=False):
                wordings[str(code), str(table)].add(fault_and_advice(str(words))[0])
        return wordings

    def fault(self, code: str, table: str | None = None) -> str:
        """Return what a rule looks for, in words; empty when that is not known for certain.

        One code may stand for several checks, on several tables: words are given only where all
        that is known of the code, on the table if one is named, says the same.
        """
        if table is not None and (code, table) in self._wordings:
            said = self._wordings[code, table]
        else:
            said = set().union(*(each for key, each in self._wordings.items() if key[0] == code))
        return next(iter(said)) if len(said) == 1 else ""

    def table_label(self, table: str) -> str:
        """Return what the authority calls a table: stem of its file, or element."""
        known = RETURNS.get(self.submission.return_name)
        names = {found.name: found.sent_as for found in known.tables} if known else {}
        return names.get(table) or table.replace("_", " ")


def _places(findings: DataFrame) -> dict[str, set[int]]:
    placed = findings[findings["position"].notna()]
    return {str(table): set(held) for table, held in placed.groupby("table")["position"]}


def fault_and_advice(words: str) -> tuple[str, str]:
    """Return what is wrong, and what to do about it, out of the words of a rule.

    The first sentence says what is wrong. So does a later one about the same subject (`SEX is
    empty. Fill it in. SEX is not one of the codes.`); every other says what to do.
    """
    if not words.strip():
        return "", ""
    first, *rest = _BETWEEN_SENTENCES.split(words.strip())
    subject = first.split(" ")[0]
    again = [each for each in rest if subject not in _ARTICLES and each.split(" ")[0] == subject]
    faults = ", or ".join(each.rstrip(".") for each in (first, *again))
    return f"{faults}.", " ".join(each for each in rest if each not in again)
