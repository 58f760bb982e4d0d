"""What an acceptable list of children with two identifiers looks like."""

from pandas import Series

from expectations.from_schema import declared_rules
from expectations.rows import Rows
from expectations.rule_set import RuleSet
from schemas.returns.child_ids import CENSUS_CHILD_ID, CHILD_IDS, RETURN
from schemas.submission import Reach

_PAIRS = RuleSet(CHILD_IDS)
_ONE, _NEXT = {"child_id": "B1", CENSUS_CHILD_ID: "C1"}, {"child_id": "B2", CENSUS_CHILD_ID: "C2"}


@_PAIRS.error(
    "SFP-IDS-SSDA903",
    "The child's id in SSDA903 stands with another id in the census, too. Neither row is used: "
    "keep the one that is right.",
    "child_id",
    CENSUS_CHILD_ID,
    reach=Reach.RECORD,
    fails=[_ONE, {**_ONE, CENSUS_CHILD_ID: "C2"}],
    passes=[_ONE, _ONE, _NEXT],
)
def _paired_with_two_of_the_census(rows: Rows) -> Series:
    return _stands_with_several(rows, "child_id", CENSUS_CHILD_ID)


@_PAIRS.error(
    "SFP-IDS-CENSUS",
    "The child's id in the census stands with another id in SSDA903, too. Neither row is used: "
    "keep the one that is right.",
    CENSUS_CHILD_ID,
    "child_id",
    reach=Reach.RECORD,
    fails=[_ONE, {**_ONE, "child_id": "B2"}],
    passes=[_ONE, _ONE, _NEXT],
)
def _paired_with_two_of_ssda903(rows: Rows) -> Series:
    return _stands_with_several(rows, CENSUS_CHILD_ID, "child_id")


def _stands_with_several(rows: Rows, column: str, other: str) -> Series:
    pairs = rows["child_ids"]
    return pairs.groupby(column)[other].transform("nunique") > 1


RULES = (
    *declared_rules(RETURN, official={}, essential=frozenset(), conditional=frozenset()),
    *_PAIRS.rules,
)
