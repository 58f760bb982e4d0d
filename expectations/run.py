"""Every rule run on one return, before anything is decided.

A condition is worked out once, as a boolean column; Great Expectations judges the columns; findings
are read from them, with the row numbers the authority sees. A condition that raises is reported
as such and holds the submission: it is never shown as passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pandas import DataFrame

from expectations.book import rule_book, rules_of
from expectations.condition import verdicts
from expectations.findings import rule_findings, sorted_findings
from expectations.rows import Booleans, Rows
from expectations.rule import PREVIOUS, Rule, broken_cells, broken_rows
from schemas.errors import PipelineError
from schemas.rows import STATUS_COLUMNS, CheckContext, Checked, ReadReturn
from schemas.submission import Reach, RuleStatus, Severity

__all__ = ["check_rows", "rule_book"]


AS_A_WHOLE = "as a whole"
FOREIGN = "AUTHORITY_MISMATCH"


@dataclass(frozen=True)
class _Outcome:
    """What became of one rule.

    Attributes:
        rule: the rule.
        status: passed, failed, not applicable, not run or could not run.
        reason: why it did not run; empty when it did.
        broken: True for each row that breaks it; empty when it did not run.
        cells: the same for each field, where a rule finds fields at fault for themselves.
    """

    rule: Rule
    status: RuleStatus
    reason: str
    broken: Booleans
    cells: Mapping[tuple[str, ...], Booleans]

    @property
    def count(self) -> int:
        """Rows that break the rule."""
        return int(self.broken.sum())

    @property
    def has_run(self) -> bool:
        """Whether the condition was worked out."""
        return self.status in (RuleStatus.PASSED, RuleStatus.FAILED)


def check_rows(rows: ReadReturn, context: CheckContext) -> Checked:
    """Return what every rule made of a return, and which rows it lost.

    Of a return that names another authority nothing else is reported.

    Raises:
        PipelineError: Great Expectations and a condition disagree.
    """
    seen = Rows(rows, context)
    outcomes = _judged(_outcomes(seen), who=_who(rows, context))
    findings = sorted_findings(
        rows, [rows.findings, *(part for each in outcomes for part in _findings(each, seen))]
    )
    if (findings["code"] == FOREIGN).any():
        # No one is shown rows of another authority's children.
        findings = findings[findings["code"] == FOREIGN].reset_index(drop=True)
    return Checked(
        findings=findings,
        statuses=_statuses(outcomes),
        quarantined=_set_aside(rows, findings[findings["reach"] == Reach.RECORD]),
    )


def _findings(outcome: _Outcome, rows: Rows) -> list[DataFrame]:
    return [
        rule_findings(outcome.rule, fields, broken, rows)
        for fields, broken in outcome.cells.items()
        if broken.any() and outcome.rule.is_told
    ]


def _who(rows: ReadReturn, context: CheckContext) -> str:
    return f"{rows.return_name} from {context.la_code} for {context.quarter}"


def _outcomes(rows: Rows) -> list[_Outcome]:
    """Return what became of every rule: those of repeated rows first, the others on what is left.

    A copy is set aside before anything is compared with it; so every rule judges what is kept.
    """
    rules = rules_of(rows.read.return_name)
    found = {rule.id: _outcome(rule, rows) for rule in rules if _is_of_repeats(rule)}
    repeated = _broken_by_table(rows, found.values())
    kept = rows.without(repeated) if any(each.any() for each in repeated.values()) else rows
    for rule in rules:
        if not rule.runs_last and rule.id not in found:
            found[rule.id] = _in_place(_outcome(rule, kept), repeated)
    outcomes = [found[rule.id] for rule in rules if not rule.runs_last]
    lost = _lost(rows, outcomes)
    kept.lost = {table: each[~repeated[table]] for table, each in lost.items()}
    rows.lost = {table: each | repeated[table] for table, each in lost.items()}
    last = [_outcome(rule, kept) for rule in rules if rule.runs_last]
    return outcomes + [_in_place(each, repeated) for each in last]


def _is_of_repeats(rule: Rule) -> bool:
    """Return whether a rule sets aside rows that only repeat others, with which nothing is lost."""
    return (rule.reach, rule.severity) == (Reach.RECORD, Severity.NOTICE)


def _broken_by_table(rows: Rows, outcomes: Iterable[_Outcome]) -> dict[str, Booleans]:
    broken = {table: np.zeros(len(frame), dtype=bool) for table, frame in rows.read.frames.items()}
    for each in outcomes:
        if each.has_run:
            broken[each.rule.table] |= each.broken
    return broken


def _in_place(outcome: _Outcome, repeated: Mapping[str, Booleans]) -> _Outcome:
    """Return an outcome of the rows kept with the places of all rows; the others break nothing."""
    keep = ~repeated[outcome.rule.table]
    if keep.all() or outcome.rule.table_level or not outcome.has_run:
        return outcome
    cells = {fields: _placed(broken, keep) for fields, broken in outcome.cells.items()}
    return replace(outcome, broken=_placed(outcome.broken, keep), cells=cells)


def _placed(broken: Booleans, keep: Booleans) -> Booleans:
    placed = np.zeros(len(keep), dtype=bool)
    placed[keep] = broken
    return placed


def _outcome(rule: Rule, rows: Rows) -> _Outcome:
    status, reason = _why_not(rule, rows)
    nothing = np.zeros(0, dtype=bool)
    if reason:
        return _Outcome(rule, status, reason, nothing, {})
    try:
        cells = broken_cells(rule, rows)
    # Whatever a rule raises must hold the submission, not end the run; its text may carry values.
    except Exception as error:
        return _Outcome(rule, RuleStatus.COULD_NOT_RUN, type(error).__name__, nothing, {})
    broken = broken_rows(cells)
    status = RuleStatus.FAILED if broken.any() else RuleStatus.PASSED
    return _Outcome(rule, status, "", broken, cells)


def _why_not(rule: Rule, rows: Rows) -> tuple[RuleStatus, str]:
    """Return why a rule says nothing about a return; an empty reason when it does."""
    year = rows.context.year
    if not rule.holds_in(year):
        return RuleStatus.NOT_APPLICABLE, f"used in collection years {rule.years}"
    unsent = (
        [] if rule.run_when_table_missing else [t for t in rule.tables_read if not rows.is_sent(t)]
    )
    if unsent:
        return RuleStatus.NOT_APPLICABLE, f"not sent: {', '.join(map(_name(rule), unsent))}"
    if not _is_collected(rule, year):
        return RuleStatus.NOT_APPLICABLE, "not collected in this year"
    return _why_not_at_rest(rule, rows)


def _is_collected(rule: Rule, year: int) -> bool:
    """Return whether the year collects every column the rule reads, or any it judges by itself."""
    collected = [
        rule.return_[table][name].holds_in(year)
        for table in rule.tables_read
        for name in rule.columns_read(table)
    ]
    return (any if rule.each_field and collected else all)(collected)


def _name(rule: Rule) -> Any:
    return lambda table: rule.return_[table].sent_as


def _why_not_at_rest(rule: Rule, rows: Rows) -> tuple[RuleStatus, str]:
    for need in rule.parsed_needs:
        if not need.at_rest:
            continue
        is_previous = need.at_rest == PREVIOUS
        held = rows.context.previous if is_previous else rows.context.earlier
        if need.table not in held:
            when = "before this quarter" if is_previous else "for this quarter"
            return RuleStatus.NOT_RUN, f"no submission in force {when} to compare with"
    return RuleStatus.PASSED, ""


def _lost(rows: Rows, outcomes: Iterable[_Outcome]) -> dict[str, Booleans]:
    """Return, per table, the rows that an error takes out; copies and blank rows are no loss."""
    taking = (Reach.RECORD, Severity.ERROR)
    lost = _broken_by_table(
        rows, (each for each in outcomes if (each.rule.reach, each.rule.severity) == taking)
    )
    found = rows.read.findings
    reported = found[(found["reach"] == Reach.RECORD) & (found["severity"] == Severity.ERROR)]
    for table, positions in _set_aside(rows.read, reported).items():
        lost[table][positions] = True
    return lost


def _judged(outcomes: list[_Outcome], *, who: str) -> list[_Outcome]:
    """Return the outcomes as Great Expectations judges them."""
    frames, rules = _boolean_frames([each for each in outcomes if each.has_run])
    found = verdicts(frames, rules)
    judged = []
    for each in outcomes:
        verdict = found.get(each.rule.id)
        if not each.has_run:
            judged.append(each)
        elif verdict is None or verdict.raised:
            judged.append(replace(each, status=RuleStatus.COULD_NOT_RUN, reason="not judged"))
        elif verdict.holds != (each.count == 0):
            raise PipelineError(
                f"{who}: rule {each.rule.code} on {each.rule.table}: the engine and the condition "
                f"disagree (condition {each.count} rows, engine holds {verdict.holds}). Report it."
            )
        else:
            judged.append(each)
    return judged


def _boolean_frames(
    outcomes: list[_Outcome],
) -> tuple[dict[str, DataFrame], dict[str, list[Rule]]]:
    """Return a frame of boolean columns per table, one more for rules of the whole."""
    columns: dict[str, dict[str, Booleans]] = {}
    rules: dict[str, list[Rule]] = {}
    for each in outcomes:
        name = AS_A_WHOLE if each.rule.table_level else each.rule.table
        columns.setdefault(name, {})[each.rule.id] = each.broken
        rules.setdefault(name, []).append(each.rule)
    return {name: DataFrame(held) for name, held in columns.items()}, rules


def _statuses(outcomes: list[_Outcome]) -> DataFrame:
    """Return a row per code and table; of a check that changed by year, the one in use."""
    facts = [
        (o.rule.code, o.rule.table, o.status.value, o.count, o.reason)
        for o in sorted(outcomes, key=lambda o: o.status is RuleStatus.NOT_APPLICABLE)
    ]
    found = DataFrame(facts, columns=list(STATUS_COLUMNS))
    return found.drop_duplicates(["code", "table"]).reset_index(drop=True)


def _set_aside(read: ReadReturn, findings: DataFrame) -> dict[str, list[int]]:
    """Return, per table, the rows with a finding, or a cell that takes them out unread.

    One finding may stand for many cells that could not be read.
    """
    held = {table: set(places) for table, places in _positions(findings).items()}
    for table, cells in read.unread.items():
        for each in cells:
            if each.reach is Reach.RECORD:
                held.setdefault(table, set()).update(map(int, each.positions))
    return {table: sorted(places) for table, places in held.items()}


def _positions(findings: DataFrame) -> dict[str, list[int]]:
    placed = findings[findings["position"].notna()]
    found = placed["position"].groupby(placed["table"]).unique()
    return {str(table): sorted(map(int, places)) for table, places in found.items()}
