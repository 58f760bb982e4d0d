"""What operators see of a submission: counts and rule codes, no value and no file name."""

from __future__ import annotations

import html
import re

from tasks.answer.told import Answer

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:/@])")


def operator_summary(answer: Answer) -> str:
    """Return Markdown for an artifact; every text in it is escaped.

    Prefect's pages follow links and load images that stand in Markdown, so not even the name of
    the authority goes in as it is.
    """
    submission = answer.submission
    facts = [
        ("Authority", f"{answer.la_name} ({submission.la_code})"),
        ("Return", answer.return_title),
        ("Quarter", str(submission.quarter)),
        ("Submission", f"{submission.id}, version {submission.version}"),
        ("Received", answer.received_at),
        ("Verdict", str(answer.state)),
        ("In force now", answer.in_force or "none"),
        ("Files", str(len(submission.files))),
        ("Rows", f"{sum(answer.row_counts.values()):,}"),
        ("Rows set aside", f"{sum(answer.rows_set_aside.values()):,}"),
        *((f"Findings: {name}", f"{count:,}") for name, count in answer.severity_counts.items()),
        *((f"Rules: {name}", f"{count:,}") for name, count in answer.status_counts.items()),
    ]
    if answer.refusal is not None:
        facts.append(("Refused because", answer.refusal[0]))
    codes = [(code, f"{count:,}") for code, count in answer.code_counts.items()]
    parts = [f"# {escaped(str(answer.state).capitalize())}", _table("What", "Is", facts)]
    if codes:
        parts.append(_table("Rule", "Findings", codes))
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return the text with nothing Markdown or HTML would act on."""
    one_line = " ".join(text.split())
    return _MARKDOWN.sub(r"\\\1", html.escape(one_line))


def _table(left: str, right: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"| {left} | {right} |", "| --- | --- |"]
    lines += [f"| {escaped(key)} | {escaped(value)} |" for key, value in rows]
    return "\n".join(lines)
