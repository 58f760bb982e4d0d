"""School terms, numbered one after the other: 3 x the year in which the autumn falls, and on."""

from __future__ import annotations

import re

import numpy as np
from pandas import DataFrame

from schemas.outcomes.attendance import TERM_STARTS
from tasks.histories.coded import MISSING, numbered
from tasks.histories.dates import Counts, Days
from tasks.histories.versions import WHEN, latest_versions

TERMS = tuple(TERM_STARTS)
TERMS_A_YEAR = len(TERMS)
_ACADEMIC_YEAR = re.compile(r"(\d{4})/\d{2}")
_SESSIONS = ["sessions_possible_count", "sessions_unauthorised_absence_count"]


def term_starts(terms: Counts) -> Days:
    """Return the first day of each term; spring and summer fall in the year after the autumn."""
    which = terms % TERMS_A_YEAR
    years = terms // TERMS_A_YEAR + (which > 0) - 1970
    months = np.array([month for month, _ in TERM_STARTS.values()])[which] - 1
    days = np.array([day for _, day in TERM_STARTS.values()])[which] - 1
    first: Days = (years * 12 + months).astype("datetime64[M]").astype("datetime64[D]") + days
    return first.astype("datetime64[s]")


def usable_terms(attendance: DataFrame) -> DataFrame:
    """Return the rows whose term and sessions are known, with `term`, its number, in place."""
    years = numbered(attendance["academic_year"], _year)
    which = numbered(attendance["term"], _place_in_year)
    known = (years != MISSING) & (which != MISSING) & attendance[_SESSIONS].notna().all(axis=1)
    terms = attendance[["person_id", WHEN, *_SESSIONS]].assign(term=years * TERMS_A_YEAR + which)
    whole: DataFrame = terms[known.to_numpy()]
    return whole


def terms_once(terms: DataFrame) -> DataFrame:
    """Return one row per person and term with its sessions: as the latest return has it, in order.

    Args:
        terms: as `usable_terms` returns them.
    """
    return latest_versions(terms, key=["person_id", "term"])


def _place_in_year(term: str) -> int:
    return TERMS.index(term) if term in TERMS else MISSING


def _year(academic_year: str) -> int:
    match = _ACADEMIC_YEAR.fullmatch(academic_year)
    return MISSING if match is None else int(match[1])
