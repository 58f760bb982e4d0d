"""School sessions missed without leave."""

from __future__ import annotations

import numpy as np
from pandas import DataFrame

from schemas.outcomes.attendance import SCHOOL_AGES, TERMS_FOLLOWED
from schemas.outcomes.outcome import Outcome
from tasks.histories.cohort import of_children
from tasks.histories.dates import Counts, Days
from tasks.histories.history import History
from tasks.histories.terms import TERMS_A_YEAR, term_starts
from tasks.outcomes.measures import measure_of
from tasks.outcomes.units import by_child


@measure_of("unauthorised_absence_3t")
def unauthorised_absence_3t(history: History, outcome: Outcome) -> DataFrame:
    """Return the sessions missed without leave and those possible, one row per child and term.

    The three terms are the first three that start after the day of referral; the children are those
    aged 5 to 15 on it.
    """
    ages = history.children["age_at_referral"]
    of_age = history.children[ages.between(*SCHOOL_AGES).to_numpy()]
    ours = of_children(history.terms, children=of_age)
    first = next_term(ours["referred"].to_numpy())
    term = ours["term"].to_numpy()
    followed = ours[(term >= first) & (term < first + TERMS_FOLLOWED)]
    child = of_age.index.to_numpy()[followed["child"].to_numpy()]
    missed = followed["sessions_unauthorised_absence_count"]
    return by_child(child, missed.to_numpy(), followed["sessions_possible_count"].to_numpy())


def next_term(days: Days) -> Counts:
    """Return the number of the first term that starts after each day."""
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    if not len(years):
        return years
    terms = np.arange((years.min() - 1) * TERMS_A_YEAR, (years.max() + 1) * TERMS_A_YEAR)
    return terms[np.searchsorted(term_starts(terms), days, side="right")]
