"""What an acceptable programme delivery return looks like."""

from pandas import Series

from expectations.from_schema import declared_rules
from expectations.rows import Rows
from expectations.rule_set import RuleSet, example
from expectations.scale import jumps_out_of_scale
from schemas.returns.programme_delivery import PROGRAMME_DELIVERY, RETURN
from schemas.submission import Reach

_DELIVERY = RuleSet(PROGRAMME_DELIVERY)
_AMOUNTS = tuple(
    column.name
    for column in PROGRAMME_DELIVERY.columns
    if column.name not in PROGRAMME_DELIVERY.key
)
SPENDS = tuple(name for name in _AMOUNTS if name.startswith("spend_"))
_COUNTS = tuple(name for name in _AMOUNTS if name not in SPENDS)
AFTER_CONFERENCES = tuple(
    name for name in _COUNTS if name.startswith("conferences_") and name != "conferences_held"
)


@_DELIVERY.error(
    "QUARTER_MISMATCH",
    "The row is of another quarter than the return. Send each quarter in its own folder.",
    "quarter",
    reach=Reach.RECORD,
    fails={"quarter": "2023-24Q3"},
    passes={"quarter": "2023-24Q4"},
)
def _is_of_another_quarter(rows: Rows) -> Series:
    quarter = rows["programme_delivery"]["quarter"]
    return quarter.notna() & quarter.ne(str(rows.context.quarter))


@_DELIVERY.error(
    "SFP-CONFERENCES",
    "More conferences had this outcome than were held. Correct one of the two numbers.",
    *AFTER_CONFERENCES,
    each_field=True,
    needs=("programme_delivery.conferences_held",),
    fails=tuple({"conferences_held": 3, name: 4} for name in AFTER_CONFERENCES),
    passes=tuple({"conferences_held": 3, name: 3} for name in AFTER_CONFERENCES),
)
def _has_more_outcomes_than_conferences(rows: Rows) -> dict[str, Series]:
    delivery = rows["programme_delivery"]
    return {name: delivery[name] > delivery["conferences_held"] for name in AFTER_CONFERENCES}


@_DELIVERY.error(
    "SFP-STILL-HOME",
    "More children are still home than returned home. Correct one of the two numbers.",
    "reunifications_still_home",
    "reunifications",
    fails={"reunifications": 3, "reunifications_still_home": 4},
    passes={"reunifications": 3, "reunifications_still_home": 3},
)
def _keeps_more_than_returned(rows: Rows) -> Series:
    delivery = rows["programme_delivery"]
    return delivery["reunifications_still_home"] > delivery["reunifications"]


@_DELIVERY.error(
    "SFP-COUNT-PARTS",
    "Conferences, children and staff are counted in whole numbers. Correct the number.",
    *_COUNTS,
    each_field=True,
    fails=tuple({name: 0.5} for name in _COUNTS),
    passes=tuple({name: 5} for name in _COUNTS),
)
def _counts_in_parts(rows: Rows) -> dict[str, Series]:
    delivery = rows["programme_delivery"]
    return {name: delivery[name].notna() & (delivery[name] % 1 != 0) for name in _COUNTS}


@_DELIVERY.query(
    "SFP-SPEND-MISSING",
    "No spend is given at all, so nothing can be costed. Give the spend of each kind, 0 where "
    "there was none.",
    *SPENDS,
    fails={},
    passes={SPENDS[0]: 0},
)
def _spends_nothing_known(rows: Rows) -> Series:
    return rows["programme_delivery"][list(SPENDS)].isna().all(axis=1)


@_DELIVERY.query(
    "SCALE_SUSPECT",
    "The spend is thirty times larger or smaller than in the last return. Check whether it was "
    "given in thousands, or a point was lost.",
    *SPENDS,
    each_field=True,
    needs=("previous.programme_delivery",),
    fails=example(
        programme_delivery=[{SPENDS[0]: 120}],
        previous={"programme_delivery": [{SPENDS[0]: 120000}]},
    ),
    passes=example(
        programme_delivery=[{SPENDS[0]: 100000}],
        previous={"programme_delivery": [{SPENDS[0]: 120000}]},
    ),
)
def _is_of_another_scale(rows: Rows) -> dict[str, Series]:
    return jumps_out_of_scale(rows, "programme_delivery", SPENDS)


RULES = (
    *declared_rules(RETURN, official={}, essential=frozenset(), conditional=frozenset()),
    *_DELIVERY.rules,
)
