"""Outcome tables written out in tests."""

import itertools

from pandas import DataFrame, concat

from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import RESULT_COLUMNS, OutcomeKind
from schemas.trial import model_of

# Two authorities of one practice model, two of another.
WALSALL, LANCASHIRE = "E08000030", "E10000017"
ROCHDALE, NORFOLK = "E08000005", "E10000020"
AUTHORITIES = (WALSALL, LANCASHIRE, ROCHDALE, NORFOLK)
YEAR = ("2021-22Q1", "2021-22Q2", "2021-22Q3", "2021-22Q4")


def row(outcome, la_code, quarter, numerator, denominator):
    """Return one row as `sfp outcomes` prints it; no numbers for what was not returned."""
    is_cohort = OUTCOMES[outcome].kind is OutcomeKind.COHORT
    model = model_of(la_code) if is_cohort else "all"
    if denominator is None:
        return (outcome, model, la_code, quarter, None, None, None, "x", "NOT_RETURNED")
    if denominator == 0:
        return (outcome, model, la_code, quarter, 0, 0, None, "z", "NO_ONE_TO_COUNT")
    value = numerator / denominator * OUTCOMES[outcome].scale
    return (outcome, model, la_code, quarter, numerator, denominator, value, "ok", "")


def outcome_table(*rows):
    """Return an outcome table of the rows."""
    return DataFrame([row(*each) for each in rows], columns=list(RESULT_COLUMNS))


def one_outcome(outcome, counts, *, quarters=YEAR, authorities=AUTHORITIES):
    """Return the table of one outcome: (numerator, denominator) by authority, then quarter."""
    keys = itertools.product(authorities, quarters)
    return outcome_table(
        *((outcome, la, quarter, *pair) for (la, quarter), pair in zip(keys, counts, strict=True))
    )


def figure(rows, outcome, place, time):
    """Return the one figure of an outcome at a place and time."""
    found = rows[(rows["outcome"] == outcome) & (rows["place"] == place) & (rows["time"] == time)]
    found = found[found["span"] != "cumulative"]
    (record,) = found.to_dict("records")
    return record


def days_that_narrow_children(places, quarters):
    """Return days in care, and children who entered it, of three authorities in one quarter.

    The second authority's days leave few children for the first, whatever is hidden of them.
    """
    counts = {
        "days_in_care_18m": [(1_500, 300), (5_450, 300), (20_000, 300)],
        "cla_18m": [(3, 300), (10, 300), (40, 300)],
    }
    parts = [
        one_outcome(name, each, quarters=quarters, authorities=places)
        for name, each in counts.items()
    ]
    return concat(parts, ignore_index=True)
