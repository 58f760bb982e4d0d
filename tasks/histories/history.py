"""Everything known of one authority, put in order once and read by every outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pandas import DataFrame

from schemas.derived import CHANGES_CARER, OPENS_PLACEMENT
from schemas.endings import SPELLS
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from schemas.trial import model_of, windows
from tasks.histories.care import care_episodes, days_looked_after, periods_of_care, placements
from tasks.histories.cohort import cohort_children
from tasks.histories.dates import Counts
from tasks.histories.endings import Settled, spells_settled
from tasks.histories.meetings import meetings_once
from tasks.histories.persons import people, persons
from tasks.histories.terms import terms_once, usable_terms


@dataclass(frozen=True)
class History:
    """One authority as the outcomes read it.

    Attributes:
        la_code: lasting code.
        model: practice model; None where the authority took up none.
        quarters: `Quarter.index` of every quarter asked about, in order.
        tables: tables about children as `persons` returns them.
        quarterly: workforce and programme_delivery, as at rest.
        people: as `people` returns them.
        spells: every table of `SPELLS`, settled.
        referrals, cp_plans, cin_plans: once each, in order.
        care, periods, placements: as tasks/histories/care.py returns them.
        stays: as the placements, but one per carer.
        looked_after: spans in which a person was looked after, overlaps joined.
        children: the cohort, one row per child; without rows where there is no model.
        meetings: first pre-proceedings meetings, once each, from whichever return tells of them.
        terms: school terms of each person, once each.
        shared_ids: how many child ids stand for more than one person.
        undated: how many rows were left out because their day is missing.
    """

    la_code: str
    model: str | None
    quarters: Counts
    tables: Mapping[str, DataFrame]
    quarterly: Mapping[str, DataFrame]
    people: DataFrame
    spells: Mapping[str, Settled]
    referrals: DataFrame
    cp_plans: DataFrame
    cin_plans: DataFrame
    care: DataFrame
    periods: DataFrame
    placements: DataFrame
    stays: DataFrame
    looked_after: DataFrame
    children: DataFrame
    meetings: DataFrame
    terms: DataFrame
    shared_ids: int
    undated: int


def history_of(rows: AuthorityRows, *, first: Quarter, last: Quarter) -> History:
    """Return one authority's history, put together from everything in force."""
    sent, shared = persons(rows.frames)
    tables = dated(sent)
    spells = settled_spells(tables, rows)
    referrals = spells["referrals"].rows
    care = care_episodes(spells["episodes"])
    periods = periods_of_care(care)
    return History(
        la_code=rows.la_code,
        model=model_of(rows.la_code),
        quarters=np.arange(first.index, last.index + 1),
        tables=tables,
        quarterly={name: rows.frames.get(name, DataFrame()) for name in QUARTERLY},
        people=people(tables),
        spells=spells,
        referrals=referrals,
        cp_plans=spells["cp_plans"].rows,
        cin_plans=spells["cin_plans"].rows,
        care=care,
        periods=periods,
        placements=placements(care, opened_by=OPENS_PLACEMENT),
        stays=placements(care, opened_by=CHANGES_CARER),
        looked_after=days_looked_after(periods),
        children=_cohort(referrals, periods, model_of(rows.la_code)),
        meetings=meetings_once(tables["pre_proceedings"], tables["cin_pre_proceedings"]),
        terms=terms_once(tables["school_attendance"]),
        shared_ids=shared,
        undated=sum(len(sent[name]) - len(tables[name]) for name in sent),
    )


def settled_spells(tables: Mapping[str, DataFrame], rows: AuthorityRows) -> dict[str, Settled]:
    """Return every table of spells, each held against the returns that brought the table."""
    return {
        name: spells_settled(tables[name], spell=spell, covered=rows.sent.get(name, frozenset()))
        for name, spell in SPELLS.items()
    }


QUARTERLY = ("workforce", "programme_delivery")
DATED = {
    "episodes": "episode_start",
    "referrals": "referral_date",
    "cp_plans": "cp_plan_start",
    "cin_plans": "cin_plan_start",
    "missing_episodes": "missing_start",
    "pre_proceedings": "first_meeting_date",
    "cin_pre_proceedings": "first_meeting_date",
}
"""The day without which a row of each table cannot be placed in time."""


def dated(tables: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """Return the tables without the rows that lack the day they turn on."""
    whole = {
        name: tables[name][tables[name][day].notna().to_numpy()] for name, day in DATED.items()
    }
    terms = usable_terms(tables["school_attendance"])
    return {**tables, **whole, "school_attendance": terms}


def _cohort(referrals: DataFrame, periods: DataFrame, model: str | None) -> DataFrame:
    if model is None:
        return _cohort(referrals[:0], periods, next(iter(windows())))
    return cohort_children(referrals, periods, window=windows()[model])
