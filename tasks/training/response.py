"""How many of those who came returned their forms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from tasks.training.forms import Forms
from tasks.training.measure import NOT_A_SURVEY, MeasureRow, described

_PERSONAL: Final = ("pre", "post", "review")
_UNKNOWN: Final = 0


def response(forms: Forms, form: str) -> float:
    """Return which share of those who came returned a form; nan without a register.

    Forms without a participant count as someone's who came, but never beyond those who did.
    """
    came, returned = _asked(forms, form), forms[form]
    nameless = int((returned["participant_id"] == _UNKNOWN).sum())
    found = int(returned["has_come"].sum()) + nameless
    return min(1.0, found / came) if came else math.nan


def _asked(forms: Forms, form: str) -> int:
    """Return how many came who could have sent a form; a review only where there was one."""
    came = forms["came"]
    return int(came["is_reviewed"].sum()) if "review" in form else len(came)


def session_response(forms: Forms) -> float:
    """Return evaluations over attendances; nan without a register.

    Evaluations name no one, so the response of a group is taken as that of each role in it.
    """
    there = float(forms["sittings"]["there"].sum())
    return float(forms["sittings"]["returned"].sum()) / there if there else math.nan


def matched_response(forms: Forms, followed: str) -> float:
    """Return which share of those who came can be followed, as in `pre_post`."""
    came = _asked(forms, followed)
    return int(forms[followed]["has_come"].sum()) / came if came else math.nan


def response_measures(forms: Forms, *, in_full: bool) -> Iterator[MeasureRow]:
    """Yield the response of every form that people are asked for; n is those who came.

    Args:
        forms: of the group spoken of.
        in_full: also of session evaluations, which cannot be divided by role.
    """
    came = len(forms["came"])
    yield described("attended", float(came) if came else math.nan, came, NOT_A_SURVEY)
    for form in _PERSONAL:
        asked = _asked(forms, form)
        if form != "review" or len(forms["review"]):
            yield described(f"response_{form}", response(forms, form), asked, NOT_A_SURVEY)
    if not in_full:
        return
    there = int(forms["sittings"]["there"].sum())
    yield described("response_session", session_response(forms), there, NOT_A_SURVEY)
