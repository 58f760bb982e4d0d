"""Every rule with its result, in the order in which a reader needs them."""

from __future__ import annotations

from dataclasses import dataclass

from pandas import notna

from schemas.rows import STATUS_COLUMNS
from tasks.answer.answer import Answer
from tasks.answer.findings import printable

# A rule that could not run stands first: it must never be taken for one that passed.
_ORDER = ("could not run", "failed", "not run", "passed", "not applicable")


@dataclass(frozen=True)
class ReportedRule:
    """One rule on one table, as its authority sees it.

    Attributes:
        code: as the authority sees it.
        words: what the rule looks for; empty when that is not known.
        place: file or element it looks at.
        status: as `RuleStatus`.
        count: findings, when it failed.
        reason: why it was not run, or does not apply.
    """

    code: str
    words: str
    place: str
    status: str
    count: int
    reason: str


def reported_rules(answer: Answer) -> list[ReportedRule]:
    """Return every rule, those that could not run first, then failed, not run, passed."""
    if answer.checked is None:
        return []
    statuses = answer.checked.statuses
    columns = (statuses[name] for name in STATUS_COLUMNS)
    rules = [
        ReportedRule(
            code=str(code),
            words=printable(answer.fault(str(code), _text(table))),
            place=answer.table_label(_text(table)),
            status=str(status),
            count=int(count) if notna(count) else 0,
            reason=printable(_text(reason)),
        )
        for code, table, status, count, reason in zip(*columns, strict=True)
    ]
    return sorted(rules, key=lambda rule: (_ORDER.index(rule.status), rule.code, rule.place))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
