"""Children: who they are, and that every file speaks of the same ones."""

from pandas import DateOffset, Series

from expectations.dates import OLDEST_AGE
from expectations.rows import Booleans, Rows
from expectations.rule import Condition
from expectations.rule_set import RuleSet, example
from schemas.returns.ssda903 import CHILDREN, RETURN
from schemas.submission import Reach
from schemas.table import Table

_CHILDREN = RuleSet(CHILDREN)
BIRTH = "children.birth_date"


def birth_dates(rows: Rows, table: str) -> Series:
    """Return, for each row, the child's date of birth as the header file has it."""
    return rows.child(table, "children")["birth_date"]


@_CHILDREN.error(
    "301",
    "The child is born after the last day of the quarter. Correct DOB.",
    "birth_date",
    reach=Reach.RECORD,
    fails={"birth_date": "2024-04-01"},
    passes={"birth_date": "2024-03-31"},
)
def _is_born_later(rows: Rows) -> Series:
    return rows["children"]["birth_date"] > rows.last_day


@_CHILDREN.error(
    "351",
    "The date of birth makes this no child and no care leaver. Correct DOB.",
    "birth_date",
    reach=Reach.RECORD,
    fails={"birth_date": "1997-04-01"},
    passes={"birth_date": "1997-04-02"},
)
def _is_too_old(rows: Rows) -> Series:
    return rows["children"]["birth_date"] <= rows.year_start - DateOffset(years=OLDEST_AGE)


@_CHILDREN.query(
    "EPI",
    "The child is in the header file only: no episode, no care leaver's record. Check which file "
    "the child is missing from, or take the child out of the header.",
    "child_id",
    needs=("episodes", "oc3"),
    fails=example(children=[{}], episodes=[{"child_id": "B"}], oc3=[]),
    passes=(
        example(children=[{}], episodes=[{}], oc3=[]),
        example(children=[{}], episodes=[], oc3=[{}]),
    ),
)
def _is_alone(rows: Rows) -> Booleans:
    is_keyed = (rows["children"]["child_key"] != 0).to_numpy()
    return is_keyed & ~rows.has("children", "episodes") & ~rows.has("children", "oc3")


_ORPHANS = {
    "adoptions": "INT01",
    "placed_for_adoption": "INT02",
    "episodes": "INT03",
    "missing_episodes": "INT04",
    "oc2": "INT05",
    "oc3": "INT06",
    "previous_permanence": "INT07",
    "reviews": "INT08",
    "uasc": "INT09",
    "social_worker_episodes": "SFP-SW-ORPHAN",
    "dolo": "SFP-DOLO-ORPHAN",
}
_OTHER_BIRTHS = {
    "adoptions": "INT11",
    "placed_for_adoption": "INT12",
    "missing_episodes": "INT13",
    "oc2": "INT14",
    "oc3": "INT15",
    "previous_permanence": "INT16",
    "reviews": "INT17",
    "uasc": "INT18",
    "social_worker_episodes": "SFP-SW-DOB",
    "dolo": "SFP-DOLO-DOB",
}


def _orphan_sheet(table: Table, code: str) -> RuleSet:
    sheet = RuleSet(table)
    sheet.error(
        code,
        f"A child in {table.sent_as} is not in the header file. Add the child to the header, or "
        "correct CHILD.",
        "child_id",
        reach=Reach.RECORD,
        needs=("children.child_id",),
        since=table.since,
        fails=example({table.name: [{}], "children": [{"child_id": "B"}]}),
        passes=example({table.name: [{}], "children": [{}]}),
    )(_is_not_in_header(table.name))
    return sheet


def _is_not_in_header(table: str) -> Condition:
    def broken(rows: Rows) -> Booleans:
        is_keyed = (rows[table]["child_key"] != 0).to_numpy()
        return is_keyed & ~rows.has(table, "children")

    return broken


def _birth_sheet(table: Table, code: str) -> RuleSet:
    sheet = RuleSet(table)
    sheet.error(
        code,
        f"DOB in {table.sent_as} differs from the header file. Correct the one that is wrong.",
        "birth_date",
        needs=(BIRTH,),
        since=table.since,
        fails=example(
            {
                table.name: [{"birth_date": "2010-01-02"}],
                "children": [{"birth_date": "2010-02-01"}],
            }
        ),
        passes=example(
            {
                table.name: [{"birth_date": "2010-01-02"}],
                "children": [{"birth_date": "2010-01-02"}],
            }
        ),
    )(_is_born_on_another_day(table.name))
    return sheet


def _is_born_on_another_day(table: str) -> Condition:
    def broken(rows: Rows) -> Series:
        here, there = rows[table]["birth_date"], birth_dates(rows, table)
        return here.notna() & there.notna() & (here != there)

    return broken


_UASC = RuleSet(RETURN["uasc"])


@_UASC.error(
    "INT21",
    "SEX in the UASC file differs from the header file. Correct the one that is wrong.",
    "sex",
    needs=("children.sex",),
    fails=example(uasc=[{"sex": "1"}], children=[{"sex": "2"}]),
    passes=example(uasc=[{"sex": "1"}], children=[{"sex": "1"}]),
)
def _is_of_another_sex(rows: Rows) -> Series:
    here, header = rows["uasc"]["sex"], rows.child("uasc", "children")["sex"]
    return here.notna() & header.notna() & (here != header)


RULES = (
    *_CHILDREN.rules,
    *(rule for name, code in _ORPHANS.items() for rule in _orphan_sheet(RETURN[name], code).rules),
    *(
        rule
        for name, code in _OTHER_BIRTHS.items()
        for rule in _birth_sheet(RETURN[name], code).rules
    ),
    *_UASC.rules,
)
