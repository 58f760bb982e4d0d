"""Children exposed to a practice model, by the year of their referral."""

from __future__ import annotations

from typing import Final

import numpy as np
from pandas import DataFrame, concat

from schemas.quarter import Quarter
from schemas.trial import cluster_of, go_live_of
from tasks.outcomes.maturity import Covered, is_cohort_known

EXPOSURE_COLUMNS: Final = ("model", "la_code", "financial_year", "children_exposed")


def exposed_children(la_code: str, cohort: DataFrame, *, covered: Covered) -> DataFrame:
    """Return children referred once their authority had gone live, by financial year.

    Authorities that stay out of effect estimates (pilots, the withdrawn, those without a go-live
    date) stay out here: no effect was estimated on their children. Years before going live are
    there with zero, so that an authority's preparation counts as its cost.

    Args:
        la_code: the authority.
        cohort: its children, columns of `COHORT`; model, cohort_quarter and exposed are read.
        covered: what has come in of it.

    Returns:
        `EXPOSURE_COLUMNS`, one row per financial year with children referred; children_exposed
        (float64) is missing for a year in which a return is missing that settles who was referred,
        unless only later quarters, of which nothing is known yet, lack it.
    """
    cluster = cluster_of(la_code)
    if cluster is None or not cluster.is_analysed or cohort.empty:
        return _counted(cohort.head(0), la_code)
    counted = _counted(cohort, la_code)
    model, not_known = str(cohort["model"].iloc[0]), _years_not_known(la_code, cohort, covered)
    missing = DataFrame(
        [(model, la_code, year, np.nan) for year in not_known], columns=[*EXPOSURE_COLUMNS]
    )
    known = counted[~counted["financial_year"].isin(not_known)]
    found = concat([known, missing], ignore_index=True) if not_known else known
    return found.sort_values("financial_year", ignore_index=True)


def _years_not_known(la_code: str, cohort: DataFrame, covered: Covered) -> list[str]:
    """Return the financial years in which a quarter's referrals are not known.

    From going live to the last quarter with a referral: what comes later has not been sent yet.
    """
    go_live = go_live_of(la_code)
    if go_live is None:
        return []
    first = Quarter.containing(go_live).index
    last = Quarter.parse(str(cohort["cohort_quarter"].astype(str).max())).index
    missing = [one for one in range(first, last + 1) if not is_cohort_known(one, covered=covered)]
    return sorted({Quarter.from_index(one).financial_year for one in missing})


def _counted(cohort: DataFrame, la_code: str) -> DataFrame:
    rows = DataFrame(
        {
            "model": cohort["model"].astype(str),
            "la_code": la_code,
            "financial_year": cohort["cohort_quarter"].astype(str).str.slice(0, 7),
            "children_exposed": cohort["exposed"].astype("boolean").fillna(False).astype("float64"),
        }
    )
    keys = ["model", "la_code", "financial_year"]
    return rows.groupby(keys, sort=True)[["children_exposed"]].sum().reset_index()
