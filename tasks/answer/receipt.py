"""The receipt: who sent what and when, the verdict, counts. Nothing from a child's row."""

from __future__ import annotations

import json
from typing import Any

from tasks.answer.answer import Answer

RECEIPT_SCHEMA = "sfp-receipt/1"


def receipt_json(answer: Answer) -> bytes:
    """Return the receipt as a JSON document, the same bytes for the same answer."""
    return (json.dumps(receipt(answer), indent=2, ensure_ascii=False) + "\n").encode()


def receipt(answer: Answer) -> dict[str, Any]:
    """Return the receipt's facts: names, moments, hashes, counts and codes."""
    submission = answer.submission
    return {
        "schema": RECEIPT_SCHEMA,
        "submission_id": submission.id,
        "la_code": submission.la_code,
        "la_name": answer.la_name,
        "return": submission.return_name,
        "return_title": answer.return_title,
        "quarter": str(submission.quarter),
        "version": submission.version,
        "received_at": answer.received_at,
        "verdict": str(answer.state),
        "in_force": answer.in_force,
        "refusal": _refusal(answer),
        "files": _files(answer),
        "findings": answer.severity_counts,
        "findings_by_code": answer.code_counts,
        "rules": answer.status_counts,
        "rows": dict(answer.row_counts),
        "rows_set_aside": answer.rows_set_aside,
        "children": answer.child_count,
        "tolerances": [
            {"code": used.code, "file": used.file, "count": used.count}
            for used in answer.tolerances
        ],
    }


def _files(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "name": file.name,
            "part": file.part,
            "size": file.size,
            "sha256": file.sha256,
            "carried_from": file.carried_from,
        }
        for file in answer.submission.files
    ]


def _refusal(answer: Answer) -> dict[str, Any] | None:
    if answer.refusal is None:
        return None
    code, words, file, row = answer.refusal
    return {"code": code, "words": words, "file": file, "row": row}
