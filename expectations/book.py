"""The book of rules: every rule of every return, importable without Great Expectations."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import import_module

from expectations.rule import Rule
from schemas.errors import DeclarationError
from schemas.returns import RETURNS


@cache
def rule_book() -> tuple[Rule, ...]:
    """Return every rule of every return: what declarations imply, then what they cannot say.

    Raises:
        DeclarationError: two rules have the same code, table and fields.
    """
    rules = tuple(rule for name in RETURNS for rule in _rules_written_for(name))
    doubled = sorted(id_ for id_, count in Counter(rule.id for rule in rules).items() if count > 1)
    if doubled:
        raise DeclarationError(f"the book of rules: {doubled} stand in it twice. Rename one.")
    return rules


def _rules_written_for(return_name: str) -> tuple[Rule, ...]:
    """Return the rules in the file, or folder, that bears the name of the return."""
    rules: tuple[Rule, ...] = import_module(f"expectations.returns.{return_name}").RULES
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
