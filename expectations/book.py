"""The book of rules: every rule of every return, importable without Great Expectations."""

from __future__ import annotations

from collections import Counter
from functools import cache

from expectations.returns import (
    annex_a,
    cin_census,
    pre_proceedings,
    programme_delivery,
    school_attendance,
    ssda903,
    training_feedback,
    workforce,
)
from expectations.rule import Rule
from schemas.errors import DeclarationError


@cache
def rule_book() -> tuple[Rule, ...]:
    """Return every rule of every return: what declarations imply, then what they cannot say.

    Raises:
        DeclarationError: two rules have the same code, table and fields.
    """
    rules = (
        *ssda903.RULES,
        *cin_census.RULES,
        *annex_a.RULES,
        *pre_proceedings.RULES,
        *school_attendance.RULES,
        *workforce.RULES,
        *programme_delivery.RULES,
        *training_feedback.RULES,
    )
    doubled = sorted(id_ for id_, count in Counter(rule.id for rule in rules).items() if count > 1)
    if doubled:
        raise DeclarationError(f"the book of rules: {doubled} stand in it twice. Rename one.")
    return rules


def rule_rows(code: str = "") -> list[dict[str, object]]:
    """Return the book, or the rules of one code, as rows to print.

    Returns:
        code, return, table, severity, reach, fields (as the authority calls them), years, words.
    """
    return [_row(rule) for rule in rule_book() if code in ("", rule.code)]


def _row(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "return": rule.return_.name,
        "table": rule.table,
        "severity": rule.severity.value,
        "reach": rule.reach.value,
        "fields": ", ".join(rule.headings),
        "years": rule.years,
        "words": rule.words,
    }


@cache
def rules_of(return_name: str) -> tuple[Rule, ...]:
    """Return the rules of one return."""
    return tuple(rule for rule in rule_book() if rule.return_.name == return_name)
