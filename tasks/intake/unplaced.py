"""Files that lie in no folder of a quarter: the authority is informed, and operators with it."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Final

from pandas import DataFrame

from schemas.authorities import authorities
from schemas.file_kinds import kinds_of
from tasks.announce.notices import send_notice
from tasks.answer.findings import REPORTED_COLUMNS, findings_csv
from tasks.intake.settle import DropSnapshot
from tasks.page import page, rendered
from warehouse.drop import QUARTER_UNKNOWN, DroppedFile, unplaced_files
from warehouse.outbox import put_unplaced, remove_unplaced

_TEMPLATES: Final = Path(__file__).parent / "templates"
_WORDS = (
    "The file lies in no folder of a quarter, so that it is not read. Put it into a folder named "
    "by the quarter, as 2025-26Q1 (April to June 2025)."
)


def answer_unplaced(look: DropSnapshot, *, away: Collection[str] = ()) -> None:
    """Leave each authority a pack that names its files in no quarter's folder.

    The same files make the same pack, and no second notice. One of whose files some are still
    arriving keeps what it was told before, and so does one of `away`, whose folder cannot be read
    now; where nothing lies there any more, the pack goes.
    """
    found = unplaced_files(look.root.drop)
    for la_code in sorted(look.registered & found.keys()):
        files = found[la_code]
        if any(look.remaining(file) > 0 for file in files):
            continue
        if put_unplaced(look.root, la_code, _pack(la_code, files)):
            names = [file.name for file in files]
            words = f"{kinds_of(names)} in no folder of a quarter: {QUARTER_UNKNOWN}"
            send_notice(look.root, f"{la_code} files not placed", words)
    remove_unplaced(look.root, still={*found, *away})


def _pack(la_code: str, files: tuple[DroppedFile, ...]) -> dict[str, bytes]:
    """Return the pack, file name to bytes: the same files make the same bytes."""
    names = sorted(file.name for file in files)
    la_name = authorities()[la_code].la_name
    receipt = {
        "schema": "sfp-unplaced/1",
        "la_code": la_code,
        "la_name": la_name,
        "verdict": "not read",
        "refusal": {"code": QUARTER_UNKNOWN, "words": _WORDS, "file": None, "row": None},
        "files": [{"name": name} for name in names],
    }
    body = rendered(_TEMPLATES, "unplaced.html.j2", la_name=la_name, names=names, words=_WORDS)
    return {
        "receipt.json": (json.dumps(receipt, indent=2, ensure_ascii=False) + "\n").encode(),
        "findings.csv": findings_csv(_findings(names)),
        "report.html": page(f"Not read: files in no quarter's folder, {la_name}", body).encode(),
    }


def _findings(names: list[str]) -> DataFrame:
    said = {"code": QUARTER_UNKNOWN, "severity": "error", "reach": "submission", "words": _WORDS}
    empty = {"place": "", "row": "", "field": "", "found": ""}
    rows = [{"file": name, **empty, **said} for name in names]
    return DataFrame(rows)[list(REPORTED_COLUMNS)]
