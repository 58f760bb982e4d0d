"""The findings as a workbook: texts stay texts, nothing in it is live."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pandas import DataFrame

from tasks.answer.answer import Answer
from tasks.answer.rules import ReportedRule

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

LONGEST_SHEET = 100_000
"""Findings in the workbook; findings.csv holds all of them."""

# A fixed moment: the same answer gives the same bytes.
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
INERT = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FINDINGS_SHEET = (
    ("File", 24),
    ("Sheet or element", 20),
    ("Row", 9),
    ("Field", 24),
    ("Code", 16),
    ("Error or query", 14),
    ("Reaches", 13),
    ("What is wrong and what to do", 70),
    ("What was found", 32),
)
RULES_SHEET = (
    ("Code", 16),
    ("What the rule looks for", 70),
    ("File or element", 24),
    ("Result", 16),
    ("Findings", 10),
    ("Why it was not run", 50),
)


def findings_workbook(answer: Answer, findings: DataFrame, rules: list[ReportedRule]) -> bytes:
    """Return the workbook: findings, every rule with its status, and what it is about."""
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, INERT)
    book.set_properties({"title": f"Findings: {answer.submission.label}", "created": CREATED})
    _write_findings(book, findings)
    _write_sheet(book, "Rules", RULES_SHEET, [_rule(rule) for rule in rules])
    _write_about(book, answer, shown=min(len(findings), LONGEST_SHEET), total=len(findings))
    book.close()
    return out.getvalue()


def cap_sentence(total: int) -> str:
    """Return what the workbook leaves out, in a sentence; empty when it holds every finding."""
    if total <= LONGEST_SHEET:
        return ""
    return (
        f"This workbook shows the first {LONGEST_SHEET:,} of {total:,} findings; "
        f"{total - LONGEST_SHEET:,} are not shown. findings.csv holds all of them."
    )


def _write_findings(book: Workbook, findings: DataFrame) -> None:
    shown = findings.head(LONGEST_SHEET)
    rows = shown.astype(object).where(shown.notna(), "").to_numpy().tolist()
    sheet = _write_sheet(book, "Findings", FINDINGS_SHEET, rows)
    if sentence := cap_sentence(len(findings)):
        sheet.write_string(len(rows) + 1, 7, sentence)


def _rule(rule: ReportedRule) -> list[Any]:
    return [rule.code, rule.words, rule.place, rule.status, rule.count, rule.reason]


def _write_about(book: Workbook, answer: Answer, *, shown: int, total: int) -> None:
    submission = answer.submission
    facts: list[list[Any]] = [
        ["Authority", f"{answer.la_name} ({submission.la_code})"],
        ["Return", answer.return_title],
        ["Quarter", str(submission.quarter)],
        ["Submission", f"{submission.id}, version {submission.version}"],
        ["Received", answer.received_at],
        ["Verdict", str(answer.state)],
        ["Findings shown", shown],
        ["Findings in all", total],
    ]
    if sentence := cap_sentence(total):
        facts.append(["Not shown", sentence])
    _write_sheet(book, "About", (("What", 20), ("This workbook", 70)), facts)


def _write_sheet(
    book: Workbook, name: str, columns: tuple[tuple[str, int], ...], rows: list[list[Any]]
) -> Worksheet:
    """Write one sheet row by row, header frozen, and return it."""
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@", "quote_prefix": True, "valign": "top"})
    number = book.add_format({"num_format": "0", "valign": "top"})
    sheet = book.add_worksheet(name)
    for place, (_, width) in enumerate(columns):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.write_row(0, 0, [title for title, _ in columns], heading)
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, place, value, number)
            elif value:
                sheet.write_string(line, place, value, text)
    return sheet
