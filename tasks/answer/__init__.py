"""The answer an authority gets: four files with the result of its submission.

`receipt.json` for machines, `findings.csv` and `findings.xlsx` to work through, `report.html` to
read and print. Values from a child's row appear in the last three alone, which go to no one but the
authority that sent them.
"""

from __future__ import annotations

from tasks.answer.answer import THIS_SUBMISSION, Answer, RefusalReason
from tasks.answer.findings import findings_csv, reported_findings
from tasks.answer.receipt import receipt_json
from tasks.answer.rules import reported_rules

__all__ = ["THIS_SUBMISSION", "Answer", "RefusalReason", "pack_files"]


def pack_files(answer: Answer) -> dict[str, bytes]:
    """Return the pack, file name to bytes; the same answer gives the same bytes."""
    # Here, not above: a process that only needs the types should not load the writers.
    from tasks.answer.page import answer_html
    from tasks.answer.workbook import findings_workbook

    findings = reported_findings(answer.findings)
    rules = reported_rules(answer)
    return {
        "receipt.json": receipt_json(answer),
        "findings.csv": findings_csv(findings),
        "findings.xlsx": findings_workbook(answer, findings, rules),
        "report.html": answer_html(answer, findings, rules).encode(),
    }
