"""What is said to an authority whose return speaks of another period than its folder."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from pandas import DataFrame

from schemas.period import PERIOD_DOUBTFUL, PERIOD_MISMATCH
from schemas.quarter import Quarter
from schemas.rows import FINDING_COLUMNS, STATUS_COLUMNS, Checked, ReadReturn
from schemas.submission import Reach, RuleStatus, Severity
from tasks.histories.period import PeriodDoubt, period_doubt

_FOREIGN = "AUTHORITY_MISMATCH"


def with_period(found: Checked, read: ReadReturn, quarter: Quarter) -> Checked:
    """Return what the rules made of a return, what its dates say of its period first.

    Of a return that names another authority nothing else is reported, and nothing is certain of one
    of which some rule could not run.
    """
    if found.could_not_run or (found.findings["code"] == _FOREIGN).any():
        return found
    doubt = period_doubt(read.return_name, read.frames, quarter)
    return found if doubt is None else _with_doubt(found, doubt, read, quarter)


def _with_doubt(found: Checked, doubt: PeriodDoubt, read: ReadReturn, quarter: Quarter) -> Checked:
    code = PERIOD_MISMATCH if doubt.is_certain else PERIOD_DOUBTFUL
    facts = {
        "file": read.files[0] if len(read.files) == 1 else "",
        "code": code,
        "severity": str(Severity.ERROR if doubt.is_certain else Severity.QUERY),
        "reach": str(Reach.SUBMISSION if doubt.is_certain else Reach.NOTICE),
        "words": _words(doubt, quarter),
    }
    finding = DataFrame([dict.fromkeys(FINDING_COLUMNS, "") | facts | _NOWHERE])
    status = DataFrame([(code, "", RuleStatus.FAILED.value, 1, "")], columns=list(STATUS_COLUMNS))
    return replace(
        found,
        findings=_first(finding, found.findings),
        statuses=_first(status, found.statuses),
    )


_NOWHERE = {"row": pd.NA, "position": pd.NA}


def _first(top: DataFrame, rest: DataFrame) -> DataFrame:
    """Return two frames one below the other, with the types of the second."""
    return pd.concat([top.astype(rest.dtypes.to_dict()), rest], ignore_index=True)


def _words(doubt: PeriodDoubt, quarter: Quarter) -> str:
    it = "looks like" if doubt.is_certain else "may be"
    advice = (
        f"Put it into the folder of {doubt.looks_like}, and the return of {quarter} into this one. "
        "If it is the return of this quarter, correct its dates."
        if doubt.is_certain
        else f"If it is not the return of {quarter}, put that one here. If it is, you do not need "
        "to do anything."
    )
    return f"This {it} the return of {doubt.looks_like}, not of {quarter}. {doubt.why} {advice}"
