"""What acceptable Annex A lists look like.

The lists are for monitoring and count towards no outcome, so no row is ever set aside: the
authority is informed, and nothing else happens, except where the lists are of another authority.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pyarrow as pa
from pandas import DateOffset, Series

from expectations.dates import OLDEST_AGE, completed_years
from expectations.from_schema import declared_rules
from expectations.rows import Rows
from expectations.rule import Rule
from expectations.rule_set import RuleSet, example
from schemas.returns.annex_a import RETURN
from schemas.submission import Reach, Severity
from schemas.table import Table

_WEIGHING = ("TOO_MANY_ERRORS", "NOTHING_LEFT")
_OF_THE_WHOLE = ("AUTHORITY_MISMATCH", "YEAR_MISMATCH", "NO_ROWS")
MAY, JUNE, LATER = "2023-05-01", "2023-06-01", "2024-04-01"


def _declared_notices() -> Iterator[Rule]:
    """Yield what the declaration implies, without any row being set aside for it."""
    rules = declared_rules(RETURN, official={}, essential=frozenset(), conditional=frozenset())
    for rule in rules:
        if rule.code not in _WEIGHING:
            yield rule if rule.code in _OF_THE_WHOLE else replace(rule, reach=Reach.NOTICE)


def _missing_rule(table: Table) -> Rule:
    """Return the notice that a list is not in the workbook, which may be intended."""
    return Rule(
        code="LIST_MISSING",
        words=f"{table.sent_as} is not in the workbook, so nothing is known from it. If it should "
        "be there, add it and send the workbook again.",
        table=table.name,
        fields=(),
        condition=lambda rows: not rows.is_sent(table.name),
        reach=Reach.NOTICE,
        severity=Severity.NOTICE,
        since=table.since,
        until=table.until,
        table_level=True,
        run_when_table_missing=True,
        fails=(example(),),
        passes=(example({table.name: [{}]}),),
    )


def _dates(table: Table) -> tuple[str, ...]:
    return tuple(
        column.name
        for column in table.columns
        if pa.types.is_date(column.type) and "review" not in column.name
    )


def _rules_on_late_dates(table: Table) -> RuleSet:
    rules = RuleSet(table)
    dates = _dates(table)
    rules.query(
        "SFP-ANNEX-LATE",
        "The date is after the last day of the quarter. Correct it.",
        *dates,
        each_field=True,
        fails=tuple({name: LATER} for name in dates),
        passes=tuple({name: "2024-03-31"} for name in dates),
    )(partial(_dates_after_quarter, table=table.name, dates=dates))
    return rules


def _dates_after_quarter(rows: Rows, *, table: str, dates: tuple[str, ...]) -> dict[str, Series]:
    return {name: rows[table][name] > rows.last_day for name in dates}


_ORDERS = (
    ("annex_a_early_help", "early_help_start_date", "early_help_completed_date"),
    ("annex_a_assessments", "assessment_start_date", "assessment_authorised_date"),
    ("annex_a_section_47", "s47_start_date", "icpc_date"),
    ("annex_a_children_in_need", "cin_start_date", "closure_date"),
    ("annex_a_child_protection", "cp_plan_start", "cp_plan_end"),
    ("annex_a_children_in_care", "cla_start", "cla_end"),
    ("annex_a_adoptions", "adoption_decision_date", "adoption_match_date"),
    ("annex_a_adopters", "stage_1_start", "stage_1_end"),
)


def _rules_on_order(name: str, first: str, second: str) -> RuleSet:
    rules = RuleSet(RETURN[name])
    earlier, later = RETURN[name][first].sent_as, RETURN[name][second].sent_as
    rules.error(
        "SFP-ANNEX-ORDER",
        f"“{later}” is before “{earlier}”. Correct one of the two dates.",
        first,
        second,
        fails={first: JUNE, second: MAY},
        passes={first: MAY, second: MAY},
    )(partial(_second_before_first, table=name, first=first, second=second))
    return rules


def _second_before_first(rows: Rows, *, table: str, first: str, second: str) -> Series:
    return rows[table][second] < rows[table][first]


def _rules_on_age(table: Table) -> RuleSet:
    rules = RuleSet(table)
    rules.query(
        "SFP-ANNEX-AGE",
        "Age and date of birth do not fit each other. Check both; leave the age of an unborn child "
        "empty.",
        "age_years",
        "birth_date",
        fails={"age_years": 3, "birth_date": "2010-05-01"},
        passes=(
            {"age_years": 13, "birth_date": "2010-05-01"},
            {"age_years": 14, "birth_date": "2010-05-01"},
            {"age_years": 0, "birth_date": "2024-06-01"},
        ),
    )(partial(_age_and_birth_date_disagree, table=table.name))
    rules.query(
        "SFP-ANNEX-OLD",
        "The date of birth makes this no child and no care leaver. Correct it.",
        "birth_date",
        fails={"birth_date": "1997-04-01"},
        passes={"birth_date": "1997-04-02"},
    )(partial(_older_than_any_leaver, table=table.name))
    return rules


def _age_and_birth_date_disagree(rows: Rows, *, table: str) -> Series:
    frame = rows[table]
    age = Series(completed_years(frame["birth_date"], rows.context.last_day))
    # A list is drawn on some day of the six months: a year's difference is no fault.
    return (age.clip(lower=0) - frame["age_years"]).abs() > 1


def _older_than_any_leaver(rows: Rows, *, table: str) -> Series:
    return rows[table]["birth_date"] <= rows.year_start - DateOffset(years=OLDEST_AGE)


_CARE = RuleSet(RETURN["annex_a_children_in_care"])


@_CARE.query(
    "SFP-ANNEX-PLACED",
    "The placement starts before the child came into care. Check both dates.",
    "placement_start",
    "cla_start",
    fails={"placement_start": MAY, "cla_start": JUNE},
    passes={"placement_start": MAY, "cla_start": MAY},
)
def _placement_starts_before_care(rows: Rows) -> Series:
    care = rows["annex_a_children_in_care"]
    return care["placement_start"] < care["cla_start"]


@_CARE.query(
    "SFP-ANNEX-LEFT",
    "The child left care without a reason, or there is a reason and no date. Fill in the other "
    "one.",
    "cla_end",
    "cla_end_reason",
    fails=({"cla_end": MAY}, {"cla_end_reason": "E4A"}),
    passes=({}, {"cla_end": MAY, "cla_end_reason": "E4A"}),
)
def _end_and_reason_not_both_given(rows: Rows) -> Series:
    care = rows["annex_a_children_in_care"]
    return care["cla_end"].isna() != care["cla_end_reason"].isna()


_PLANS = RuleSet(RETURN["annex_a_child_protection"])


@_PLANS.query(
    "SFP-ANNEX-BOTH",
    "The child is on the lists of child protection and of care, both still open. Check whether one "
    "of them has ended.",
    "child_id",
    needs=(
        "annex_a_child_protection.cp_plan_end",
        "annex_a_child_protection.cp_plan_start",
        "annex_a_children_in_care.child_id",
        "annex_a_children_in_care.cla_end",
    ),
    fails=example(annex_a_child_protection=[{"cp_plan_start": MAY}], annex_a_children_in_care=[{}]),
    passes=(
        example(
            annex_a_child_protection=[{"cp_plan_start": MAY, "cp_plan_end": JUNE}],
            annex_a_children_in_care=[{}],
        ),
        example(
            annex_a_child_protection=[{"cp_plan_start": MAY}],
            annex_a_children_in_care=[{"cla_end": JUNE}],
        ),
    ),
)
def _is_on_both_lists(rows: Rows) -> Series:
    still = rows["annex_a_children_in_care"]["cla_end"].isna()
    in_care = rows.has("annex_a_child_protection", "annex_a_children_in_care", still)
    return rows["annex_a_child_protection"]["cp_plan_end"].isna() & in_care


RULES = (
    *_declared_notices(),
    *(_missing_rule(table) for table in RETURN.tables),
    *(rule for table in RETURN.tables for rule in _rules_on_late_dates(table).rules),
    *(rule for each in _ORDERS for rule in _rules_on_order(*each).rules),
    *(
        rule
        for table in RETURN.tables
        if any(column.name == "age_years" for column in table.columns)
        for rule in _rules_on_age(table).rules
    ),
    *_CARE.rules,
    *_PLANS.rules,
)
