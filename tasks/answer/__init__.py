"""The answer an authority gets: four files that say what became of its submission.

`receipt.json` for machines, `findings.csv` and `findings.xlsx` to work through, `report.html` to
read and print. Values from a child's row appear in the last three alone, which go to nobody but the
authority that sent them.
"""

from __future__ import annotations

from tasks.answer.findings import findings_csv, no_findings, told_findings
from tasks.answer.receipt import receipt_json
from tasks.answer.rules import told_rules
from tasks.answer.told import THIS_SUBMISSION, Answer, Refusal

__all__ = ["THIS_SUBMISSION", "Answer", "Refusal", "pack_files"]


def pack_files(answer: Answer) -> dict[str, bytes]:
    """Return the pack, file name to bytes; the same answer gives the same bytes."""
    # Here, not above: a process that only needs the shapes should not pay for the writers.
    from tasks.answer.page import report_html
    from tasks.answer.workbook import findings_workbook

    told = told_findings(answer.checked.findings if answer.checked else no_findings())
    rules = told_rules(answer)
    return {
        "receipt.json": receipt_json(answer),
        "findings.csv": findings_csv(told),
        "findings.xlsx": findings_workbook(answer, told, rules),
        "report.html": report_html(answer, told, rules).encode(),
    }
