"""Children of the census: born, unborn, and of age."""

from pandas import DateOffset, Series

from expectations.dates import OLDEST_AGE
from expectations.rows import Booleans, Rows
from expectations.rule_set import RuleSet, example
from schemas.returns.cin_census import CIN_CHILDREN
from schemas.submission import Reach

WEEKS_OF_PREGNANCY = 40
FORGIVEN_WEEKS = 3
"""A due date is an estimate: so much later is no query."""

_CHILDREN = RuleSet(CIN_CHILDREN)
PERSON = ("cin_children.birth_date", "cin_children.expected_birth_date")


def birth_dates_or_expected(rows: Rows, table: str) -> Series:
    """Return, for each row, the child's date of birth, or the expected one while unborn."""
    child = rows.child(table, "cin_children")
    return child["birth_date"].fillna(child["expected_birth_date"])


def is_sent_unborn(rows: Rows) -> Series:
    """Return which children are sent as unborn: only an expected date of birth."""
    children = rows["cin_children"]
    return children["birth_date"].isna() & children["expected_birth_date"].notna()


@_CHILDREN.error(
    "8520",
    "The child is born after the last day of the quarter. Correct PersonBirthDate, or give "
    "ExpectedPersonBirthDate instead.",
    "birth_date",
    reach=Reach.RECORD,
    fails={"birth_date": "2024-04-01"},
    passes={"birth_date": "2024-03-31"},
)
def _born_after_quarter(rows: Rows) -> Series:
    return rows["cin_children"]["birth_date"] > rows.last_day


@_CHILDREN.error(
    "SFP-AGE",
    "The date of birth makes this no child. Correct PersonBirthDate.",
    "birth_date",
    reach=Reach.RECORD,
    fails={"birth_date": "1997-04-01"},
    passes={"birth_date": "1997-04-02"},
)
def _is_too_old(rows: Rows) -> Series:
    return rows["cin_children"]["birth_date"] <= rows.year_start - DateOffset(years=OLDEST_AGE)


@_CHILDREN.query(
    "8525Q",
    "A child needs a date of birth or, before birth, an expected one. Give one of the two.",
    "birth_date",
    "expected_birth_date",
    fails={},
    passes=(
        {"birth_date": "2020-01-01"},
        {"expected_birth_date": "2024-06-01"},
        {"birth_date": "2024-01-01", "expected_birth_date": "2024-01-05"},
    ),
)
def _birth_date_and_expected_both_missing(rows: Rows) -> Series:
    children = rows["cin_children"]
    return children["birth_date"].isna() & children["expected_birth_date"].isna()


@_CHILDREN.query(
    "8530Q",
    "The expected date of birth lies before the financial year or more than 40 weeks ahead. "
    "Correct it, or give PersonBirthDate if the child is born.",
    "expected_birth_date",
    needs=("cin_children.birth_date",),
    fails=({"expected_birth_date": "2025-01-27"}, {"expected_birth_date": "2023-03-10"}),
    passes=(
        {"expected_birth_date": "2025-01-26"},
        {"expected_birth_date": "2023-03-11"},
        {"expected_birth_date": "2023-05-01", "birth_date": "2023-05-03"},
    ),
)
def _expected_birth_date_out_of_range(rows: Rows) -> Series:
    expected = rows["cin_children"]["expected_birth_date"]
    latest = rows.last_day + DateOffset(weeks=WEEKS_OF_PREGNANCY + FORGIVEN_WEEKS)
    earliest = rows.year_start - DateOffset(weeks=FORGIVEN_WEEKS)
    return is_sent_unborn(rows) & ((expected > latest) | (expected < earliest))


@_CHILDREN.notice(
    "SFP-UNBORN",
    "The child is not born yet: it has an expected date of birth only, which is allowed. Give "
    "PersonBirthDate once the child is born.",
    "expected_birth_date",
    needs=("cin_children.birth_date",),
    fails={"expected_birth_date": "2024-06-01"},
    passes=(
        {"expected_birth_date": "2024-01-05", "birth_date": "2024-01-01"},
        {"birth_date": "2024-01-01"},
    ),
)
def _is_not_born_yet(rows: Rows) -> Series:
    return is_sent_unborn(rows)


@_CHILDREN.error(
    "8750",
    "The sex of an unborn child is not known. Send it as unknown.",
    "sex",
    needs=PERSON,
    since=2025,
    fails={"sex": "F", "expected_birth_date": "2025-06-01"},
    passes=(
        {"sex": "U", "expected_birth_date": "2025-06-01"},
        {"sex": "F", "birth_date": "2020-06-01"},
    ),
)
def _unborn_has_a_sex(rows: Rows) -> Series:
    sex = rows["cin_children"]["sex"]
    return is_sent_unborn(rows) & sex.notna() & sex.ne("U")


@_CHILDREN.error(
    "8750",
    "The gender of an unborn child is not known. Send it as 0.",
    "gender",
    needs=PERSON,
    until=2024,
    fails={"gender": "2", "expected_birth_date": "2024-06-01"},
    passes=(
        {"gender": "0", "expected_birth_date": "2024-06-01"},
        {"gender": "2", "birth_date": "2020-06-01"},
    ),
)
def _unborn_has_a_gender(rows: Rows) -> Series:
    gender = rows["cin_children"]["gender"]
    return is_sent_unborn(rows) & gender.notna() & gender.ne("0")


@_CHILDREN.query(
    "8535Q",
    "The child dies before being born. Correct PersonDeathDate or PersonBirthDate.",
    "death_date",
    "birth_date",
    fails={"death_date": "2023-05-01", "birth_date": "2023-05-02"},
    passes={"death_date": "2023-05-02", "birth_date": "2023-05-02"},
)
def _death_before_birth(rows: Rows) -> Series:
    children = rows["cin_children"]
    return children["death_date"] < children["birth_date"]


@_CHILDREN.query(
    "8545Q",
    "The date of death is outside the financial year to the end of the quarter. Correct it, or "
    "take the child out.",
    "death_date",
    fails=({"death_date": "2023-03-31"}, {"death_date": "2024-04-01"}),
    passes=({"death_date": "2023-04-01"}, {"death_date": "2024-03-31"}),
)
def _death_outside_year(rows: Rows) -> Series:
    death = rows["cin_children"]["death_date"]
    return (death < rows.year_start) | (death > rows.last_day)


@_CHILDREN.error(
    "8590",
    "The child has no referral (CINdetails). Add it, or take the child out.",
    "child_id",
    needs=("referrals.child_id",),
    fails=example(cin_children=[{}], referrals=[{"child_id": "B"}]),
    passes=example(cin_children=[{}], referrals=[{}]),
)
def _has_no_referral(rows: Rows) -> Booleans:
    is_keyed = (rows["cin_children"]["child_key"] != 0).to_numpy()
    return is_keyed & ~rows.has("cin_children", "referrals")


RULES = tuple(_CHILDREN.rules)
