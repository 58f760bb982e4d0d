"""Health and offending of children looked after for twelve months (OC2), and reviews."""

from pandas import Series

from expectations.dates import completed_years
from expectations.returns.ssda903.children import BIRTH, birth_dates
from expectations.rows import Booleans, Rows, as_booleans
from expectations.rule_set import RuleSet, example
from schemas.returns.ssda903 import OC2, REVIEWS
from schemas.submission import Reach

_HEALTH = RuleSet(OC2)
_REVIEWS = RuleSet(REVIEWS)
FLAGS = (
    "convicted_code",
    "health_check_code",
    "immunisations_code",
    "teeth_check_code",
    "health_assessment_code",
    "substance_misuse_code",
    "intervention_received_code",
    "intervention_offered_code",
)
CORE = (
    "immunisations_code",
    "teeth_check_code",
    "health_assessment_code",
    "substance_misuse_code",
)
CAN_SPEAK = 4
QUESTIONNAIRE_UNTIL = 17
RESPONSIBLE = 10
_SCHOOL_AGE = 5
YEAR_END_QUARTER = 4
_ALL = {name: "0" for name in CORE}


def _age_at_year_end(rows: Rows) -> Series:
    return Series(completed_years(birth_dates(rows, "oc2"), rows.year_end.date()))


def _age_at_year_start(rows: Rows) -> Series:
    return Series(completed_years(birth_dates(rows, "oc2"), rows.context.year_start))


@_HEALTH.error(
    "182",
    "Immunisations, teeth check, health assessment and substance misuse must all be given, or "
    "none. Fill in the missing ones.",
    *CORE,
    fails={"immunisations_code": "1"},
    passes=(_ALL, {}),
)
def _is_half_filled(rows: Rows) -> Series:
    is_empty = rows["oc2"][list(CORE)].isna()
    return is_empty.any(axis=1) & ~is_empty.all(axis=1)


@_HEALTH.error(
    "188",
    "The child is under 4 at the end of the year, so there is no questionnaire. Take out SDQ_SCORE "
    "and SDQ_REASON, or correct DOB.",
    "sdq_score",
    "sdq_reason",
    needs=(BIRTH,),
    fails=example(oc2=[{"sdq_score": 10}], children=[{"birth_date": "2020-04-01"}]),
    passes=(
        example(oc2=[{"sdq_score": 10}], children=[{"birth_date": "2020-03-31"}]),
        example(oc2=[{"sdq_reason": "SDQ1"}], children=[{"birth_date": "2020-04-01"}]),
    ),
)
def _is_scored_too_young(rows: Rows) -> Series:
    scored = rows["oc2"]["sdq_score"].notna()
    return scored & (_age_at_year_end(rows) < CAN_SPEAK)


@_HEALTH.error(
    "189",
    "The young person was 17 or older at the beginning of the year, so there is no questionnaire. "
    "Take out SDQ_SCORE, or correct DOB.",
    "sdq_score",
    needs=(BIRTH,),
    fails=example(oc2=[{"sdq_score": 10}], children=[{"birth_date": "2006-04-01"}]),
    passes=example(oc2=[{"sdq_score": 10}], children=[{"birth_date": "2006-04-02"}]),
)
def _is_scored_too_old(rows: Rows) -> Series:
    scored = rows["oc2"]["sdq_score"].notna()
    return scored & (_age_at_year_start(rows) >= QUESTIONNAIRE_UNTIL)


@_HEALTH.query(
    "186",
    "The child is of an age for the questionnaire, but there is neither a score nor a reason. Give "
    "SDQ_SCORE or SDQ_REASON.",
    "sdq_score",
    "sdq_reason",
    needs=(BIRTH,),
    fails=(
        example(oc2=[{}], children=[{"birth_date": "2019-04-01"}]),
        example(oc2=[{}], children=[{"birth_date": "2007-04-01"}]),
    ),
    passes=(
        example(oc2=[{"sdq_score": 0}], children=[{"birth_date": "2012-05-01"}]),
        example(oc2=[{}], children=[{"birth_date": "2019-04-02"}]),
        example(oc2=[{}], children=[{"birth_date": "2007-03-31"}]),
    ),
)
def _sdq_score_and_reason_both_missing(rows: Rows) -> Series:
    health = rows["oc2"]
    old_enough = _age_at_year_start(rows) >= CAN_SPEAK
    young_enough = _age_at_year_end(rows) < QUESTIONNAIRE_UNTIL
    return health["sdq_score"].isna() & health["sdq_reason"].isna() & old_enough & young_enough


@_HEALTH.error(
    "197a",
    "There is a score, so no reason for having none is needed. Take out SDQ_REASON.",
    "sdq_score",
    "sdq_reason",
    fails={"sdq_score": 10, "sdq_reason": "SDQ2"},
    passes=({"sdq_score": 10}, {"sdq_reason": "SDQ2"}),
)
def _sdq_score_and_reason_both_given(rows: Rows) -> Series:
    return rows["oc2"]["sdq_score"].notna() & rows["oc2"]["sdq_reason"].notna()


@_HEALTH.error(
    "157",
    "SDQ1 says the child is too young or too old for the questionnaire, but it is not. Correct "
    "SDQ_REASON or DOB.",
    "sdq_reason",
    needs=(BIRTH,),
    fails=(
        example(oc2=[{"sdq_reason": "SDQ1"}], children=[{"birth_date": "2019-04-01"}]),
        example(oc2=[{"sdq_reason": "SDQ1"}], children=[{"birth_date": "2007-04-01"}]),
    ),
    passes=(
        example(oc2=[{"sdq_reason": "SDQ1"}], children=[{"birth_date": "2019-04-02"}]),
        example(oc2=[{"sdq_reason": "SDQ1"}], children=[{"birth_date": "2007-03-31"}]),
        example(oc2=[{"sdq_reason": "SDQ2"}], children=[{"birth_date": "2012-05-01"}]),
    ),
)
def _sdq_age_reason_wrong(rows: Rows) -> Series:
    old_enough = _age_at_year_start(rows) >= CAN_SPEAK
    young_enough = _age_at_year_end(rows) < QUESTIONNAIRE_UNTIL
    return rows["oc2"]["sdq_reason"].eq("SDQ1") & old_enough & young_enough


@_HEALTH.error(
    "542",
    "The child is under 10 at the end of the year, so CONVICTED is left empty. Take it out, or "
    "correct DOB.",
    "convicted_code",
    needs=(BIRTH,),
    fails=example(oc2=[{"convicted_code": "1"}], children=[{"birth_date": "2014-04-01"}]),
    passes=(
        example(oc2=[{"convicted_code": "1"}], children=[{"birth_date": "2014-03-31"}]),
        example(oc2=[{}], children=[{"birth_date": "2014-04-01"}]),
    ),
)
def _is_convicted_too_young(rows: Rows) -> Series:
    return rows["oc2"]["convicted_code"].eq("1") & (_age_at_year_end(rows) < RESPONSIBLE)


@_HEALTH.error(
    "543",
    "The child is 10 or older at the end of the year, so CONVICTED must be given. Fill it in.",
    "convicted_code",
    needs=(BIRTH,),
    fails=example(oc2=[{}], children=[{"birth_date": "2014-03-31"}]),
    passes=(
        example(oc2=[{"convicted_code": "0"}], children=[{"birth_date": "2014-03-31"}]),
        example(oc2=[{}], children=[{"birth_date": "2014-04-01"}]),
    ),
)
def _conviction_not_given(rows: Rows) -> Series:
    return rows["oc2"]["convicted_code"].isna() & (_age_at_year_end(rows) >= RESPONSIBLE)


@_HEALTH.error(
    "545",
    "The child is under 5 at the end of the year, so HEALTH_CHECK must be given. Fill it in.",
    "health_check_code",
    needs=(BIRTH,),
    fails=example(oc2=[{}], children=[{"birth_date": "2019-04-01"}]),
    passes=(
        example(oc2=[{"health_check_code": "1"}], children=[{"birth_date": "2019-04-01"}]),
        example(oc2=[{}], children=[{"birth_date": "2019-03-31"}]),
    ),
)
def _is_not_checked(rows: Rows) -> Series:
    return rows["oc2"]["health_check_code"].isna() & (_age_at_year_end(rows) < _SCHOOL_AGE)


@_HEALTH.error(
    "546",
    "The child is 5 or older at the end of the year, so HEALTH_CHECK is left empty. Take it out.",
    "health_check_code",
    needs=(BIRTH,),
    fails=example(oc2=[{"health_check_code": "1"}], children=[{"birth_date": "2019-03-31"}]),
    passes=example(oc2=[{"health_check_code": "1"}], children=[{"birth_date": "2019-04-01"}]),
)
def _is_checked_too_old(rows: Rows) -> Series:
    return rows["oc2"]["health_check_code"].eq("1") & (_age_at_year_end(rows) >= _SCHOOL_AGE)


@_HEALTH.error(
    "192",
    "A substance misuse problem was found, so INTERVENTION_RECEIVED must be given. Fill it in.",
    "intervention_received_code",
    needs=("oc2.substance_misuse_code",),
    fails={"substance_misuse_code": "1"},
    passes=(
        {"substance_misuse_code": "1", "intervention_received_code": "0"},
        {"substance_misuse_code": "0"},
    ),
)
def _intervention_received_not_given(rows: Rows) -> Series:
    health = rows["oc2"]
    return health["substance_misuse_code"].eq("1") & health["intervention_received_code"].isna()


@_HEALTH.error(
    "193",
    "No substance misuse problem was found, so nothing is said of help. Take out the help items, "
    "or correct SUBSTANCE_MISUSE.",
    "substance_misuse_code",
    "intervention_received_code",
    "intervention_offered_code",
    fails={"substance_misuse_code": "0", "intervention_received_code": "1"},
    passes={"substance_misuse_code": "1", "intervention_received_code": "1"},
)
def _is_helped_without_need(rows: Rows) -> Series:
    health = rows["oc2"]
    helped = health["intervention_received_code"].eq("1") | health["intervention_offered_code"].eq(
        "1"
    )
    return ~health["substance_misuse_code"].eq("1") & helped


@_HEALTH.error(
    "158",
    "Help was received, so it was not refused. Leave INTERVENTION_OFFERED empty.",
    "intervention_received_code",
    "intervention_offered_code",
    fails={"intervention_received_code": "1", "intervention_offered_code": "1"},
    passes={"intervention_received_code": "1"},
)
def _intervention_received_and_offered(rows: Rows) -> Series:
    health = rows["oc2"]
    return health["intervention_received_code"].eq("1") & health["intervention_offered_code"].eq(
        "1"
    )


@_HEALTH.error(
    "159",
    "Help was not received, so INTERVENTION_OFFERED must say whether it was offered. Fill it in.",
    "intervention_received_code",
    "intervention_offered_code",
    needs=("oc2.substance_misuse_code",),
    fails={"substance_misuse_code": "1", "intervention_received_code": "0"},
    passes={
        "substance_misuse_code": "1",
        "intervention_received_code": "0",
        "intervention_offered_code": "1",
    },
)
def _intervention_offered_not_given(rows: Rows) -> Series:
    health = rows["oc2"]
    not_helped = health["substance_misuse_code"].eq("1") & health["intervention_received_code"].eq(
        "0"
    )
    return not_helped & health["intervention_offered_code"].isna()


@_HEALTH.query(
    "190",
    "The child was not looked after on the last day of the year, and yet there is an OC2 record. "
    "Check the episodes, or take the record out.",
    "child_id",
    needs=("episodes.child_id", "episodes.episode_start", "episodes.episode_end"),
    fails=example(
        oc2=[{}], episodes=[{"episode_start": "2020-01-01", "episode_end": "2024-03-31"}]
    ),
    passes=(
        example(oc2=[{}], episodes=[{"episode_start": "2024-03-31"}]),
        example(
            oc2=[{}],
            episodes=[{"episode_start": "2020-01-01", "episode_end": "2023-06-01"}],
            quarter="2023-24Q3",
        ),
    ),
)
def _not_looked_after_at_year_end(rows: Rows) -> Booleans:
    episodes = rows["episodes"]
    here = episodes["episode_end"].isna() | (episodes["episode_end"] > rows.year_end)
    runs = here & (episodes["episode_start"] <= rows.year_end)
    is_year_end = rows.context.quarter.number == YEAR_END_QUARTER
    known = rows.has("oc2", "episodes")
    return as_booleans(known & ~rows.has("oc2", "episodes", runs)) & is_year_end


# Reviews


@_REVIEWS.error(
    "SFP-REVIEW-LATE",
    "The review is held after the last day of the quarter. Correct REVIEW.",
    "review_date",
    reach=Reach.RECORD,
    fails={"review_date": "2024-04-01"},
    passes={"review_date": "2024-03-31"},
)
def _review_after_quarter(rows: Rows) -> Series:
    return rows["reviews"]["review_date"] > rows.last_day


@_REVIEWS.error(
    "440",
    "REVIEW_CODE says the child is under 4 (PN0), but it is older. Correct REVIEW_CODE or DOB.",
    "review_code",
    "review_date",
    needs=(BIRTH,),
    fails=example(
        reviews=[{"review_date": "2023-05-01", "review_code": "PN0"}],
        children=[{"birth_date": "2019-05-01"}],
    ),
    passes=example(
        reviews=[{"review_date": "2023-05-01", "review_code": "PN0"}],
        children=[{"birth_date": "2019-05-02"}],
    ),
)
def _review_code_too_young_for_age(rows: Rows) -> Series:
    reviews = rows["reviews"]
    age = completed_years(birth_dates(rows, "reviews"), reviews["review_date"])
    return reviews["review_code"].eq("PN0") & (age >= CAN_SPEAK)


@_REVIEWS.error(
    "441",
    "REVIEW_CODE says how the child took part, but it is under 4. Use PN0, or correct DOB.",
    "review_code",
    "review_date",
    needs=(BIRTH,),
    fails=example(
        reviews=[{"review_date": "2023-05-01", "review_code": "PN1"}],
        children=[{"birth_date": "2019-05-02"}],
    ),
    passes=example(
        reviews=[{"review_date": "2023-05-01", "review_code": "PN1"}],
        children=[{"birth_date": "2019-05-01"}],
    ),
)
def _review_code_too_old_for_age(rows: Rows) -> Series:
    reviews = rows["reviews"]
    age = completed_years(birth_dates(rows, "reviews"), reviews["review_date"])
    spoke = reviews["review_code"].notna() & reviews["review_code"].ne("PN0")
    return spoke & (age < CAN_SPEAK)


@_REVIEWS.query(
    "SFP-REVIEW-OUTSIDE",
    "The review is held on a day the child was not looked after. Check REVIEW and the episodes.",
    "review_date",
    needs=("episodes.child_id", "episodes.episode_start", "episodes.episode_end"),
    fails=example(
        reviews=[{"review_date": "2023-07-01"}],
        episodes=[{"episode_start": "2023-05-01", "episode_end": "2023-06-01"}],
    ),
    passes=(
        example(
            reviews=[{"review_date": "2023-06-01"}],
            episodes=[{"episode_start": "2023-05-01", "episode_end": "2023-06-01"}],
        ),
        example(reviews=[{"review_date": "2023-07-01"}], episodes=[{"child_id": "B"}]),
    ),
)
def _is_reviewed_outside_care(rows: Rows) -> Booleans:
    held = rows["reviews"]["review_date"]
    inside = rows.is_within("reviews", held, "episodes", "episode_start", "episode_end")
    on_last_day = rows.match_dates("reviews", "review_date", "episodes", "episode_end")
    known = rows.has("reviews", "episodes") & as_booleans(held.notna())
    return known & ~inside & ~on_last_day


RULES = (*_HEALTH.rules, *_REVIEWS.rules)
