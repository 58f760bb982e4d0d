"""Every rule with its result, in the order in which a reader needs them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pandas import notna

from schemas.rows import STATUS_COLUMNS
from tasks.answer.answer import Answer
from tasks.answer.findings import printable

# A rule that could not run stands first: it must never be taken for one that passed.
_ORDER = ("could not run", "failed", "not run", "passed", "not applicable")
_SETTLED = ("passed", "not applicable")


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


@dataclass(frozen=True)
class SettledRules:
    """Rules on one file or element that came to the same and ask nothing of the reader.

    Attributes:
        place, status, reason: what they share, as in `ReportedRule`.
        rules: in order of code.
    """

    place: str
    status: str
    reason: str
    rules: tuple[ReportedRule, ...]


def settled_rules(rules: Iterable[ReportedRule]) -> list[SettledRules]:
    """Return the rules that passed, then those that do not apply, by file or element and reason."""
    settled = sorted((rule for rule in rules if rule.status in _SETTLED), key=_shared)
    return [
        SettledRules(place, status, reason, tuple(group))
        for (_, place, status, reason), group in groupby(settled, key=_shared)
    ]


def _shared(rule: ReportedRule) -> tuple[int, str, str, str]:
    return _ORDER.index(rule.status), rule.place, rule.status, rule.reason


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
