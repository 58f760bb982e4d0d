"""The book of rules as a page, docs/rules.md; `make docs` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from expectations.book import rule_book, rules_of
from expectations.rule import Rule
from schemas.outcomes.reason import (
    SET_ASIDE_ROWS,
    SET_ASIDE_SHARE,
    TOO_MANY_ROWS,
    TOO_MANY_SHARE,
)
from schemas.returns import RETURNS
from schemas.submission import Reach, Severity

_INTRODUCTION = f"""# Rules

Printed from `expectations/` by `make docs`; a test keeps the two the same. `sfp rules`
prints the same book, `sfp rules CODE` the rules of one code.

A code is DfE's where its list of validation rules has one for the check, and ours otherwise (`SFP…`
and words in capitals). The words are ours throughout. Every rule stands with example rows that
break it and example rows that do not; both are run as tests.

- **Severity** is what the authority sees: an *error* must be corrected, a *query* corrected or
  explained, a *notice* is for information only.
- **Reach** is what happens. *record*: the row is set aside and counts nowhere, because a date, an
  identifier or a code that outcomes rest on is missing or impossible. *submission*: the whole
  submission is refused and the earlier one stays in force. *notice*: nothing is set aside.
- Of rows that repeat another exactly the first is kept; the others are set aside before any other
  rule is judged, so that none compares a row with its own copy. Of rows with the same key
  that disagree none is: both are set aside until the authority says which is right.
- A table that loses more than {TOO_MANY_SHARE:.0%} of its rows, and at least {TOO_MANY_ROWS}, to
  errors is refused (`TOO_MANY_ERRORS`), and so is one that must be sent and loses all
  (`NOTHING_LEFT`). No figure is made of one that is not refused and loses more than
  {SET_ASIDE_SHARE:.0%}, and at least {SET_ASIDE_ROWS} (`TOO_MANY_SET_ASIDE`); those made of one
  that loses fewer say so (`ROWS_SET_ASIDE`).
  Nor is any made of episodes of which as many do not fit the child's others
  (`TOO_MANY_CONTRADICT`).
- A rule says nothing of a row in which a cell it reads could not be read; what could not be read is
  a finding of its own, made by the reader (`DATE_INVALID` and others), one for a column and form.
  The row stays where the column is not kept, and in Annex A. Nor does a rule compare a code with an
  earlier return where it is none of the codes of the year.
- Two queries come from the authority's returns together and take no row out. `IDS_DO_NOT_MATCH`:
  the children of a return are not those that another return of the authority, or its own earlier
  years, knows, or have other dates of birth there. The words have the share and, where one would
  help, the spelling that matches;
  figures that join the two are not given until they do. Of `child_ids` it says that a column holds
  ids which the return they are of does not know. `IDS_ALIKE`: ids differ by leading zeros alone, so
  that each counts as two children.
- A rule about a table that was not sent, or of another collection year, is *not applicable*; one
  that compares with an earlier return where there is none is *not run*; one that raises *could not
  run*, and then the submission is held.
"""


def rules_page() -> str:
    """Return the whole page as Markdown."""
    parts = [_INTRODUCTION, _summary(), *map(_section, RETURNS)]
    return "\n".join(parts).rstrip("\n") + "\n"


def _summary() -> str:
    rows = [_counts(RETURNS[name].title, rules_of(name)) for name in RETURNS]
    heads = ["return", "rules", *map(str, Severity), *(f"reach {each}" for each in Reach)]
    return _table(heads, [*rows, _counts("all", rule_book())])


def _counts(title: str, rules: tuple[Rule, ...]) -> list[str]:
    severities = [sum(rule.severity is each for rule in rules) for each in Severity]
    reaches = [sum(rule.reach is each for rule in rules) for each in Reach]
    return [title, *map(str, (len(rules), *severities, *reaches))]


def _section(return_name: str) -> str:
    lines = [f"## {RETURNS[return_name].title}", ""]
    for table in RETURNS[return_name].tables:
        rules = [rule for rule in rules_of(return_name) if rule.table == table.name]
        lines += [f"### {table.sent_as or table.name}", "", _table(_HEADS, map(_row, rules))]
    return "\n".join(lines)


_HEADS = ["code", "severity", "reach", "fields", "years", "words"]


def _row(rule: Rule) -> list[str]:
    years = "" if rule.years == "all" else rule.years
    fields = ", ".join(rule.headings)
    return [rule.code, rule.severity.value, rule.reach.value, fields, years, rule.words]


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join(_lines(heads, rows)) + "\n"


def _lines(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
