"""What an acceptable workforce return looks like."""

from pandas import Series

from expectations.from_schema import declared_rules
from expectations.rows import Rows
from expectations.rule_set import RuleSet, example
from expectations.scale import jumps_out_of_scale
from schemas.returns.workforce import (
    MOST_AGENCY,
    MOST_LEAVERS,
    MOST_SICK,
    RETURN,
    USUAL_CASES,
    USUAL_DAYS,
    USUAL_HOURS,
    WORKFORCE,
)
from schemas.submission import Reach

_WORKFORCE = RuleSet(WORKFORCE)
_AMOUNTS = tuple(column.name for column in WORKFORCE.columns if column.name not in WORKFORCE.key)
_OWN = {"quarter": "2023-24Q4"}


@_WORKFORCE.error(
    "QUARTER_MISMATCH",
    "The row is of another quarter than the return. Send each quarter in its own folder.",
    "quarter",
    reach=Reach.RECORD,
    fails={"quarter": "2023-24Q3"},
    passes=_OWN,
)
def _is_of_another_quarter(rows: Rows) -> Series:
    quarter = rows["workforce"]["quarter"]
    return quarter.notna() & quarter.ne(str(rows.context.quarter))


@_WORKFORCE.query(
    "SCALE_SUSPECT",
    "The amount is thirty times larger or smaller than in the last return. Check whether a share "
    "was given as a percentage, or a point was lost.",
    *_AMOUNTS,
    each_field=True,
    needs=("previous.workforce",),
    fails=(
        example(workforce=[{"cases": 25000}], previous={"workforce": [{"cases": 250}]}),
        example(
            workforce=[{"sickness_days": 0.3}], previous={"workforce": [{"sickness_days": 30}]}
        ),
    ),
    passes=(
        example(workforce=[{"cases": 7500}], previous={"workforce": [{"cases": 250}]}),
        example(workforce=[{"cases": 10}], previous={"workforce": [{"cases": 300}]}),
        example(workforce=[{"cases": 0}], previous={"workforce": [{"cases": 300}]}),
        example(workforce=[{"cases": 300}], previous={"workforce": [{"cases": 0}]}),
    ),
)
def _amount_out_of_scale(rows: Rows) -> dict[str, Series]:
    return jumps_out_of_scale(rows, "workforce", _AMOUNTS)


@_WORKFORCE.query(
    "SFP-SICKNESS",
    "More than half the working days were lost to sickness. Check sickness_days and fte_days: one "
    "may be out by a factor of 100.",
    "sickness_days",
    "fte_days",
    fails={"sickness_days": 501, "fte_days": 1000},
    passes={"sickness_days": 500, "fte_days": 1000},
)
def _sickness_above_half(rows: Rows) -> Series:
    workforce = rows["workforce"]
    return workforce["sickness_days"] > workforce["fte_days"] * MOST_SICK


@_WORKFORCE.query(
    "SFP-FTE-DAYS",
    "A full-time post counts fewer than 30 or more than 92 days in the quarter. Check fte_days and "
    "fte_start.",
    "fte_days",
    "fte_start",
    fails=({"fte_days": 299, "fte_start": 10}, {"fte_days": 921, "fte_start": 10}),
    passes=(
        {"fte_days": 300, "fte_start": 10},
        {"fte_days": 920, "fte_start": 10},
        {"fte_days": 10, "fte_start": 0},
    ),
)
def _days_per_post_out_of_range(rows: Rows) -> Series:
    workforce = rows["workforce"]
    days = workforce["fte_days"] / workforce["fte_start"].where(workforce["fte_start"] > 0)
    low, high = USUAL_DAYS
    return (days < low) | (days > high)


@_WORKFORCE.query(
    "SFP-LEAVERS",
    "More social workers left in the quarter than were in post on its first day. Check leavers_fte "
    "and fte_start.",
    "leavers_fte",
    "fte_start",
    fails={"leavers_fte": 11, "fte_start": 10},
    passes={"leavers_fte": 10, "fte_start": 10},
)
def _leavers_exceed_posts(rows: Rows) -> Series:
    workforce = rows["workforce"]
    return workforce["leavers_fte"] > workforce["fte_start"] * MOST_LEAVERS


@_WORKFORCE.query(
    "SFP-AGENCY",
    "There are more than three agency workers for each post filled. Check agency_fte and "
    "fte_start.",
    "agency_fte",
    "fte_start",
    fails={"agency_fte": 31, "fte_start": 10},
    passes={"agency_fte": 30, "fte_start": 10},
)
def _agency_above_three_per_post(rows: Rows) -> Series:
    workforce = rows["workforce"]
    return workforce["agency_fte"] > workforce["fte_start"] * MOST_AGENCY


@_WORKFORCE.query(
    "SFP-CASELOAD",
    "A social worker holds fewer than 2 or more than 60 cases on average. Check cases and "
    "fte_start.",
    "cases",
    "fte_start",
    fails=({"cases": 19, "fte_start": 10}, {"cases": 601, "fte_start": 10}),
    passes=(
        {"cases": 20, "fte_start": 10},
        {"cases": 600, "fte_start": 10},
        {"cases": 1, "fte_start": 0},
    ),
)
def _caseload_out_of_range(rows: Rows) -> Series:
    workforce = rows["workforce"]
    load = workforce["cases"] / workforce["fte_start"].where(workforce["fte_start"] > 0)
    low, high = USUAL_CASES
    return (load < low) | (load > high)


@_WORKFORCE.error(
    "SFP-DIRECT-WORK",
    "More hours were spent in direct work than were worked. Correct direct_work_hours or "
    "total_hours.",
    "direct_work_hours",
    "total_hours",
    reach=Reach.RECORD,
    fails={"direct_work_hours": 101, "total_hours": 100},
    passes={"direct_work_hours": 100, "total_hours": 100},
)
def _direct_work_exceeds_total_hours(rows: Rows) -> Series:
    return rows["workforce"]["direct_work_hours"] > rows["workforce"]["total_hours"]


@_WORKFORCE.query(
    "SFP-HOURS",
    "Hours worked and days worked do not fit: fewer than 2 or more than 12 hours a day. Check "
    "total_hours and fte_days.",
    "total_hours",
    "fte_days",
    fails=({"total_hours": 1999, "fte_days": 1000}, {"total_hours": 12001, "fte_days": 1000}),
    passes=(
        {"total_hours": 2000, "fte_days": 1000},
        {"total_hours": 12000, "fte_days": 1000},
        {"total_hours": 1, "fte_days": 0},
    ),
)
def _hours_per_day_out_of_range(rows: Rows) -> Series:
    workforce = rows["workforce"]
    hours = workforce["total_hours"] / workforce["fte_days"].where(workforce["fte_days"] > 0)
    low, high = USUAL_HOURS
    return (hours < low) | (hours > high)


RULES = (
    *declared_rules(RETURN, official={}, essential=frozenset(), conditional=frozenset()),
    *_WORKFORCE.rules,
)
