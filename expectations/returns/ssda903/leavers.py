"""Care leavers, unaccompanied asylum-seeking children and mothers."""

from pandas import DateOffset, Series

from expectations.dates import completed_years
from expectations.returns.ssda903.children import BIRTH, birth_dates
from expectations.returns.ssda903.codes import MALE
from expectations.rows import Booleans, Rows, as_booleans
from expectations.rule_set import RuleSet, example
from schemas.returns.ssda903 import CHILDREN, OC3, UASC

_LEAVERS = RuleSet(OC3)
_UASC = RuleSet(UASC)
_MOTHERS = RuleSet(CHILDREN)
YOUNGEST_LEAVER = 17
OLDEST_LEAVER = 22
YOUNGEST_MOTHER = 11
_SCHOOL_AGE = 6
LEAVES_SCHOOL = 16
_GONE = ("DIED", "RHOM")
_UPN_FORM = r"[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]|UN[1-5]"
"""A check letter (never I, O or S), eleven digits, a digit or, in a temporary number, a letter;
or a code for unknown."""


@_LEAVERS.error(
    "391",
    "The young person does not reach 17 in the year, so is no care leaver yet. Take the record "
    "out, or correct DOB.",
    "child_id",
    needs=(BIRTH,),
    fails=example(oc3=[{}], children=[{"birth_date": "2007-04-01"}]),
    passes=example(oc3=[{}], children=[{"birth_date": "2007-03-31"}]),
)
def _is_no_leaver_yet(rows: Rows) -> Booleans:
    age = completed_years(birth_dates(rows, "oc3"), rows.year_end.date())
    return as_booleans(age < YOUNGEST_LEAVER)


@_LEAVERS.error(
    "SFP-LEAVER-OLD",
    "The young person was 22 or older when the year began, and is followed up no longer. Take the "
    "record out, or correct DOB.",
    "child_id",
    needs=(BIRTH,),
    fails=example(oc3=[{}], children=[{"birth_date": "2001-04-01"}]),
    passes=example(oc3=[{}], children=[{"birth_date": "2001-04-02"}]),
)
def _is_no_leaver_any_more(rows: Rows) -> Booleans:
    age = completed_years(birth_dates(rows, "oc3"), rows.context.year_start)
    return as_booleans(age >= OLDEST_LEAVER)


@_LEAVERS.error(
    "153",
    "IN_TOUCH, ACTIV and ACCOM belong together. Fill in the missing ones.",
    "in_touch_code",
    "activity_code",
    "accommodation_code",
    fails=(
        {"in_touch_code": "YES", "activity_code": "F1"},
        {"in_touch_code": "NO"},
    ),
    passes=(
        {"in_touch_code": "DIED"},
        {"in_touch_code": "YES", "activity_code": "F1", "accommodation_code": "B1"},
        {"in_touch_code": "NO", "activity_code": "0", "accommodation_code": "0"},
    ),
)
def _is_half_filled(rows: Rows) -> Series:
    leavers = rows["oc3"]
    lacks = leavers["activity_code"].isna() | leavers["accommodation_code"].isna()
    asked = leavers["in_touch_code"].notna() & ~leavers["in_touch_code"].isin(
        (*_GONE, "NREQ", "REFU")
    )
    return asked & lacks


@_LEAVERS.error(
    "344",
    "The young person died or went home for good, so nothing is said of activity or accommodation. "
    "Take ACTIV and ACCOM out, or correct IN_TOUCH.",
    "in_touch_code",
    "activity_code",
    "accommodation_code",
    fails={"in_touch_code": "DIED", "activity_code": "F1"},
    passes=({"in_touch_code": "DIED"}, {"in_touch_code": "RHOM", "activity_code": "0"}),
)
def _activity_of_young_person_gone(rows: Rows) -> Series:
    leavers = rows["oc3"]
    active = leavers["activity_code"].notna() & leavers["activity_code"].ne("0")
    housed = leavers["accommodation_code"].notna() & leavers["accommodation_code"].ne("0")
    return leavers["in_touch_code"].isin(_GONE) & (active | housed)


@_LEAVERS.error(
    "345",
    "The authority is in touch, so it knows activity and accommodation. Correct ACTIV, ACCOM or "
    "IN_TOUCH.",
    "in_touch_code",
    "activity_code",
    "accommodation_code",
    fails={"in_touch_code": "YES", "activity_code": "0", "accommodation_code": "B1"},
    passes=(
        {"in_touch_code": "YES", "activity_code": "F1", "accommodation_code": "B1"},
        {"in_touch_code": "NO", "activity_code": "0", "accommodation_code": "0"},
    ),
)
def _is_in_touch_and_unknown(rows: Rows) -> Series:
    leavers = rows["oc3"]
    unknown = leavers["activity_code"].eq("0") | leavers["accommodation_code"].eq("0")
    return leavers["in_touch_code"].eq("YES") & unknown


@_LEAVERS.error(
    "1000",
    "The child died in care, so is no care leaver. Take the record out, or correct REC.",
    "child_id",
    needs=("episodes.child_id", "episodes.end_reason"),
    fails=example(oc3=[{}], episodes=[{"end_reason": "E2"}]),
    passes=example(oc3=[{}], episodes=[{"end_reason": "E5"}]),
)
def _died_in_care(rows: Rows) -> Booleans:
    return rows.has("oc3", "episodes", rows["episodes"]["end_reason"].eq("E2"))


@_LEAVERS.error(
    "1007",
    "The young person is still looked after, so is no care leaver. Take the record out, or close "
    "the episode.",
    "child_id",
    needs=("episodes.child_id", "episodes.episode_end", "episodes.legal_status"),
    fails=example(oc3=[{}], episodes=[{"legal_status": "C2"}]),
    passes=(
        example(oc3=[{}], episodes=[{"legal_status": "C2", "episode_end": "2023-05-01"}]),
        example(oc3=[{}], episodes=[{"legal_status": "V4"}]),
    ),
)
def _is_still_looked_after(rows: Rows) -> Booleans:
    episodes = rows["episodes"]
    is_open = episodes["episode_end"].isna() & episodes["legal_status"].notna()
    return rows.has("oc3", "episodes", is_open & ~episodes["legal_status"].isin(("V3", "V4")))


@_LEAVERS.error(
    "134",
    "The young person has both a care leaver's record and an adoption record. Take out the one "
    "that is wrong.",
    "child_id",
    needs=("adoptions.child_id",),
    fails=example(oc3=[{}], adoptions=[{}]),
    passes=example(oc3=[{}], adoptions=[{"child_id": "B"}]),
)
def _leaver_and_adoption_record(rows: Rows) -> Booleans:
    return rows.has("oc3", "adoptions")


@_LEAVERS.query(
    "215",
    "The young person has both a care leaver's record and an OC2 record of twelve months in care. "
    "Take out the one that is wrong.",
    "child_id",
    needs=("oc2.child_id",),
    fails=example(oc3=[{}], oc2=[{}]),
    passes=example(oc3=[{}], oc2=[{"child_id": "B"}]),
)
def _leaver_and_health_record(rows: Rows) -> Booleans:
    return rows.has("oc3", "oc2")


@_LEAVERS.notice(
    "SFP-ACCOM-DOUBTFUL",
    "Homeless (S) or in custody (X) is hardly suitable accommodation. S1 and X1 are taken as sent; "
    "check whether S2 or X2 is meant.",
    "accommodation_code",
    fails={"accommodation_code": "S1"},
    passes={"accommodation_code": "S2"},
)
def _homeless_or_custody_called_suitable(rows: Rows) -> Series:
    return rows["oc3"]["accommodation_code"].isin(("S1", "X1"))


# Unaccompanied asylum-seeking children


@_UASC.error(
    "304",
    "The status ends on the 18th birthday at the latest. Correct DUC, or DOB in the header file.",
    "uasc_end_date",
    needs=(BIRTH,),
    fails=example(uasc=[{"uasc_end_date": "2023-05-02"}], children=[{"birth_date": "2005-05-01"}]),
    passes=example(uasc=[{"uasc_end_date": "2023-05-01"}], children=[{"birth_date": "2005-05-01"}]),
)
def _uasc_status_after_eighteen(rows: Rows) -> Series:
    of_age = birth_dates(rows, "uasc") + DateOffset(years=18)
    return rows["uasc"]["uasc_end_date"] > of_age


@_UASC.error(
    "SFP-DUC-LATE",
    "The status ends after the last day of the quarter. Correct DUC, or leave it empty.",
    "uasc_end_date",
    fails={"uasc_end_date": "2024-04-01"},
    passes={"uasc_end_date": "2024-03-31"},
)
def _uasc_status_ends_after_quarter(rows: Rows) -> Series:
    return rows["uasc"]["uasc_end_date"] > rows.last_day


# Mothers, and pupils


@_MOTHERS.error(
    "611",
    "The child is a mother, but MC_DOB is empty. Give the date of birth of her child.",
    "mother_code",
    "mother_child_birth_date",
    fails={"mother_code": "1"},
    passes=({"mother_code": "1", "mother_child_birth_date": "2023-05-01"}, {"mother_code": "0"}),
)
def _has_no_birth_of_child(rows: Rows) -> Series:
    children = rows["children"]
    return children["mother_code"].eq("1") & children["mother_child_birth_date"].isna()


@_MOTHERS.error(
    "612",
    "MC_DOB is given, but MOTHER does not say that the child is a mother. Correct one of them.",
    "mother_code",
    "mother_child_birth_date",
    fails={"mother_code": "0", "mother_child_birth_date": "2023-05-01"},
    passes={"mother_code": "1", "mother_child_birth_date": "2023-05-01"},
)
def _has_child_but_is_no_mother(rows: Rows) -> Series:
    children = rows["children"]
    return ~children["mother_code"].eq("1") & children["mother_child_birth_date"].notna()


@_MOTHERS.error(
    "174",
    "MC_DOB is given for a boy. Correct SEX, or take MC_DOB out.",
    "sex",
    "mother_child_birth_date",
    fails={"sex": "1", "mother_child_birth_date": "2023-05-01"},
    passes={"sex": "2", "mother_child_birth_date": "2023-05-01"},
)
def _is_a_mother_and_male(rows: Rows) -> Series:
    children = rows["children"]
    return children["sex"].isin(MALE) & children["mother_child_birth_date"].notna()


@_MOTHERS.error(
    "621",
    "The mother was younger than 11 when she gave birth. Correct DOB or MC_DOB.",
    "birth_date",
    "mother_child_birth_date",
    fails={"birth_date": "2012-05-02", "mother_child_birth_date": "2023-05-01"},
    passes={"birth_date": "2012-05-01", "mother_child_birth_date": "2023-05-01"},
)
def _is_a_mother_too_young(rows: Rows) -> Booleans:
    children = rows["children"]
    age = completed_years(children["birth_date"], children["mother_child_birth_date"])
    return as_booleans(age < YOUNGEST_MOTHER)


@_MOTHERS.error(
    "625",
    "The mother's child is born after the last day of the quarter. Correct MC_DOB.",
    "mother_child_birth_date",
    fails={"mother_child_birth_date": "2024-04-01"},
    passes={"mother_child_birth_date": "2024-03-31"},
)
def _child_of_mother_born_after_quarter(rows: Rows) -> Series:
    return rows["children"]["mother_child_birth_date"] > rows.last_day


@_MOTHERS.query(
    "442",
    "UPN is empty. Give the unique pupil number, or the code that says why there is none (UN1 to "
    "UN5).",
    "upn",
    fails={},
    passes=({"upn": "UN1"}, {"upn": "A123456789012"}),
)
def _has_no_pupil_number(rows: Rows) -> Series:
    return rows["children"]["upn"].isna()


@_MOTHERS.error(
    "168",
    "UPN is not a unique pupil number (a letter and twelve characters) nor UN1 to UN5. Correct it.",
    "upn",
    fails=({"upn": "12345"}, {"upn": "UN6"}),
    passes=({"upn": "A123456789012"}, {"upn": "B12345678901A"}, {"upn": "UN5"}, {}),
)
def _is_no_pupil_number(rows: Rows) -> Series:
    upn = rows["children"]["upn"]
    return upn.notna() & ~upn.str.fullmatch(_UPN_FORM).astype("boolean")


@_MOTHERS.query(
    "209",
    "UN1 says the child is not yet of school age, but it is. Give the unique pupil number.",
    "upn",
    "birth_date",
    fails=(
        {"upn": "UN1", "birth_date": "2018-03-31"},
        {"upn": "UN1", "birth_date": "2008-04-01"},
    ),
    passes=(
        {"upn": "UN1", "birth_date": "2018-04-01"},
        {"upn": "UN1", "birth_date": "2008-03-31"},
        {"upn": "UN3", "birth_date": "2014-05-01"},
    ),
)
def _upn_reason_too_young_wrong(rows: Rows) -> Series:
    children = rows["children"]
    age = completed_years(children["birth_date"], rows.context.last_day)
    return children["upn"].eq("UN1") & (age >= _SCHOOL_AGE) & (age < LEAVES_SCHOOL)


RULES = (*_LEAVERS.rules, *_UASC.rules, *_MOTHERS.rules)
