"""Adoption: the decision, the match, the placement, and what the episodes say of it."""

from pandas import Series

from expectations.returns.ssda903.children import BIRTH, birth_dates
from expectations.returns.ssda903.codes import ADOPTED, ADOPTION_PLACEMENTS
from expectations.rows import Booleans, Rows, as_booleans
from expectations.rule_set import RuleSet, example
from schemas.returns.ssda903 import (
    ADOPTIONS,
    EPISODES,
    PLACED_FOR_ADOPTION,
    PREVIOUS_PERMANENCE,
)

_ADOPTIONS = RuleSet(ADOPTIONS)
_PLACED = RuleSet(PLACED_FOR_ADOPTION)
_EPISODES = RuleSet(EPISODES)
_PERMANENCE = RuleSet(PREVIOUS_PERMANENCE)
MAY, JUNE, JULY = "2023-05-01", "2023-06-01", "2023-07-01"
ONE_SEX = ("M1", "F1")
SAME_SEX = ("MM", "FF")
COUPLES = ("MF", "MM", "FF")
OTHER_NATIONS = ("WAL", "SCO", "NIR", "NUK")


@_ADOPTIONS.error(
    "333",
    "The child was matched before the decision for adoption. Correct DATE_INT or DATE_MATCH.",
    "adoption_decision_date",
    "adoption_match_date",
    fails={"adoption_decision_date": JUNE, "adoption_match_date": MAY},
    passes={"adoption_decision_date": MAY, "adoption_match_date": MAY},
)
def _is_matched_before_decision(rows: Rows) -> Series:
    adoptions = rows["adoptions"]
    return adoptions["adoption_match_date"] < adoptions["adoption_decision_date"]


@_ADOPTIONS.error(
    "SFP-ADOPTION-LATE",
    "The child was matched after the last day of the quarter. Correct DATE_MATCH.",
    "adoption_match_date",
    fails={"adoption_match_date": "2024-04-01"},
    passes={"adoption_match_date": "2024-03-31"},
)
def _is_matched_later(rows: Rows) -> Series:
    return rows["adoptions"]["adoption_match_date"] > rows.last_day


@_ADOPTIONS.error(
    "511",
    "One adopter has one sex (M1, F1). Correct NB_ADOPTR or SEX_ADOPTR.",
    "adopter_count",
    "adopter_sex_code",
    fails={"adopter_count": 1, "adopter_sex_code": "MF"},
    passes=(
        {"adopter_count": 1, "adopter_sex_code": "F1"},
        {"adopter_count": 2, "adopter_sex_code": "MF"},
    ),
)
def _one_is_a_couple(rows: Rows) -> Series:
    adoptions = rows["adoptions"]
    return adoptions["adopter_count"].eq(1) & adoptions["adopter_sex_code"].isin(COUPLES)


@_ADOPTIONS.error(
    "514",
    "A single adopter (L0) has one sex (M1, F1). Correct LS_ADOPTR or SEX_ADOPTR.",
    "adopter_status_code",
    "adopter_sex_code",
    fails={"adopter_status_code": "L0", "adopter_sex_code": "MM"},
    passes={"adopter_status_code": "L0", "adopter_sex_code": "M1"},
)
def _single_is_a_couple(rows: Rows) -> Series:
    adoptions = rows["adoptions"]
    return adoptions["adopter_status_code"].eq("L0") & adoptions["adopter_sex_code"].isin(COUPLES)


@_ADOPTIONS.error(
    "517",
    "A couple (L11, L12, L2, L3) has two sexes (MF, MM, FF). Correct LS_ADOPTR or SEX_ADOPTR.",
    "adopter_status_code",
    "adopter_sex_code",
    fails={"adopter_status_code": "L11", "adopter_sex_code": "M1"},
    passes={"adopter_status_code": "L11", "adopter_sex_code": "MF"},
)
def _couple_is_single(rows: Rows) -> Series:
    adoptions = rows["adoptions"]
    is_couple = adoptions["adopter_status_code"].isin(("L11", "L12", "L2", "L3"))
    return is_couple & adoptions["adopter_sex_code"].isin(ONE_SEX)


@_ADOPTIONS.error(
    "602",
    "There is an adoption record, but no episode of the child ends in adoption. Correct REC, or "
    "take the record out.",
    "child_id",
    needs=("episodes.child_id", "episodes.end_reason"),
    fails=example(adoptions=[{}], episodes=[{"end_reason": "E4A"}]),
    passes=example(adoptions=[{}], episodes=[{"end_reason": "E11"}]),
)
def _is_never_adopted(rows: Rows) -> Booleans:
    has_episodes = rows.has("adoptions", "episodes")
    adopted = rows["episodes"]["end_reason"].isin(ADOPTED)
    return has_episodes & ~rows.has("adoptions", "episodes", adopted)


@_EPISODES.error(
    "601",
    "The child is adopted, but there is no adoption record (AD1). Add it, or correct REC.",
    "end_reason",
    needs=("episodes.episode_end", "adoptions.child_id"),
    fails=example(
        episodes=[{"end_reason": "E11", "episode_end": "2023-04-01"}],
        adoptions=[{"child_id": "B"}],
    ),
    passes=(
        example(episodes=[{"end_reason": "E11", "episode_end": MAY}], adoptions=[{}]),
        example(episodes=[{"end_reason": "E11", "episode_end": "2023-03-31"}], adoptions=[]),
    ),
)
def _adopted_without_record(rows: Rows) -> Series:
    episodes = rows["episodes"]
    in_year = episodes["episode_end"] >= rows.year_start
    return episodes["end_reason"].isin(ADOPTED) & in_year & ~rows.has("episodes", "adoptions")


@_EPISODES.error(
    "582",
    "The child was matched with the adopters after the adoption. Correct DATE_MATCH or DEC.",
    "episode_end",
    needs=("episodes.end_reason", "adoptions.adoption_match_date"),
    fails=example(
        episodes=[{"end_reason": "E11", "episode_end": MAY}],
        adoptions=[{"adoption_match_date": JUNE}],
    ),
    passes=example(
        episodes=[{"end_reason": "E11", "episode_end": MAY}],
        adoptions=[{"adoption_match_date": MAY}],
    ),
)
def _adopted_before_match(rows: Rows) -> Series:
    episodes = rows["episodes"]
    matched = rows.child("episodes", "adoptions")["adoption_match_date"]
    return episodes["end_reason"].isin(ADOPTED) & (episodes["episode_end"] < matched)


@_EPISODES.error(
    "335",
    "FOSTER_CARE in AD1 and the last placement (PLACE) disagree on whether the foster carer "
    "adopts. Correct one of them.",
    "placement_code",
    needs=("episodes.end_reason", "adoptions.foster_carer_adopts_code"),
    fails=example(
        episodes=[{"end_reason": "E11", "placement_code": "A3"}],
        adoptions=[{"foster_carer_adopts_code": "0"}],
    ),
    passes=example(
        episodes=[{"end_reason": "E11", "placement_code": "A3"}],
        adoptions=[{"foster_carer_adopts_code": "1"}],
    ),
)
def _disagrees_on_the_carer(rows: Rows) -> Series:
    episodes = rows["episodes"]
    by_carer = rows.child("episodes", "adoptions")["foster_carer_adopts_code"]
    with_carer = episodes["placement_code"].isin(("A3", "A5"))
    elsewhere = episodes["placement_code"].isin(("A4", "A6"))
    differs = (by_carer.eq("0") & with_carer) | (by_carer.eq("1") & elsewhere)
    return episodes["end_reason"].isin(ADOPTED) & differs


@_EPISODES.error(
    "551",
    "The child is placed for adoption, but there is no decision that it should be. Add the child "
    "to the placed for adoption file, or correct PLACE.",
    "placement_code",
    needs=("placed_for_adoption.child_id",),
    fails=example(episodes=[{"placement_code": "A4"}], placed_for_adoption=[{"child_id": "B"}]),
    passes=example(episodes=[{"placement_code": "A4"}], placed_for_adoption=[{}]),
)
def _is_placed_without_decision(rows: Rows) -> Series:
    is_placed = rows["episodes"]["placement_code"].isin(ADOPTION_PLACEMENTS)
    return is_placed & ~rows.has("episodes", "placed_for_adoption")


@_EPISODES.error(
    "552",
    "The child is placed for adoption before the decision that it should be. Correct DATE_PLACED "
    "or DECOM.",
    "episode_start",
    needs=("episodes.placement_code", "placed_for_adoption.placed_date"),
    fails=example(
        episodes=[{"placement_code": "A4", "episode_start": MAY}],
        placed_for_adoption=[{"placed_date": JUNE}],
    ),
    passes=example(
        episodes=[{"placement_code": "A4", "episode_start": JUNE}],
        placed_for_adoption=[{"placed_date": JUNE}, {"placed_date": JULY}],
    ),
)
def _is_placed_before_decision(rows: Rows) -> Series:
    episodes = rows["episodes"]
    earliest = rows.earliest("episodes", "placed_for_adoption", "placed_date")
    is_placed = episodes["placement_code"].isin(ADOPTION_PLACEMENTS)
    return is_placed & (episodes["episode_start"] < earliest)


@_EPISODES.error(
    "558",
    "The child was adopted, so the decision for adoption was not withdrawn. Take out "
    "DATE_PLACED_CEASED, or correct REC.",
    "end_reason",
    needs=("episodes.episode_end", "placed_for_adoption.placed_ceased_date"),
    fails=example(
        episodes=[{"end_reason": "E11", "episode_end": JUNE}],
        placed_for_adoption=[{"placed_ceased_date": MAY}],
    ),
    passes=(
        example(episodes=[{"end_reason": "E11", "episode_end": JUNE}], placed_for_adoption=[{}]),
        example(
            episodes=[{"end_reason": "E11", "episode_end": JUNE}],
            placed_for_adoption=[{"placed_ceased_date": MAY}, {}],
        ),
    ),
)
def _is_adopted_after_all(rows: Rows) -> Series:
    placed = rows["placed_for_adoption"]
    stands = rows.has("episodes", "placed_for_adoption", placed["placed_ceased_date"].isna())
    has_any = rows.has("episodes", "placed_for_adoption")
    return rows["episodes"]["end_reason"].isin(ADOPTED) & has_any & ~stands


# The decision


@_PLACED.error(
    "119",
    "A withdrawn decision needs both its date and its reason. Fill in the other one.",
    "placed_ceased_date",
    "placed_ceased_reason",
    fails=({"placed_ceased_date": MAY}, {"placed_ceased_reason": "RD1"}),
    passes=({}, {"placed_ceased_date": MAY, "placed_ceased_reason": "RD1"}),
)
def _is_half_withdrawn(rows: Rows) -> Series:
    placed = rows["placed_for_adoption"]
    return placed["placed_ceased_date"].isna() != placed["placed_ceased_reason"].isna()


@_PLACED.error(
    "522",
    "The decision is withdrawn before it is made. Correct DATE_PLACED or DATE_PLACED_CEASED.",
    "placed_date",
    "placed_ceased_date",
    fails={"placed_date": JUNE, "placed_ceased_date": MAY},
    passes={"placed_date": MAY, "placed_ceased_date": MAY},
)
def _is_withdrawn_before_made(rows: Rows) -> Series:
    placed = rows["placed_for_adoption"]
    return placed["placed_ceased_date"] < placed["placed_date"]


@_PLACED.error(
    "117",
    "The decision is dated after the last day of the quarter. Correct DATE_PLACED or "
    "DATE_PLACED_CEASED.",
    "placed_date",
    "placed_ceased_date",
    fails=({"placed_date": "2024-04-01"}, {"placed_ceased_date": "2024-04-01"}),
    passes=({"placed_date": "2024-03-31"}, {"placed_ceased_date": "2024-03-31"}),
)
def _placement_decision_after_quarter(rows: Rows) -> Series:
    placed = rows["placed_for_adoption"]
    return (placed["placed_date"] > rows.last_day) | (placed["placed_ceased_date"] > rows.last_day)


@_PLACED.error(
    "184",
    "The decision is made before the child is born. Correct DATE_PLACED, or DOB in the header "
    "file.",
    "placed_date",
    needs=(BIRTH,),
    fails=example(placed_for_adoption=[{"placed_date": MAY}], children=[{"birth_date": JUNE}]),
    passes=example(placed_for_adoption=[{"placed_date": MAY}], children=[{"birth_date": MAY}]),
)
def _placement_decision_before_birth(rows: Rows) -> Series:
    return rows["placed_for_adoption"]["placed_date"] < birth_dates(rows, "placed_for_adoption")


@_PLACED.error(
    "579",
    "A new decision is made while the earlier one still stands. Give DATE_PLACED_CEASED of the "
    "earlier one.",
    "placed_ceased_date",
    needs=("placed_for_adoption.placed_date",),
    fails=[{"placed_date": MAY}, {"placed_date": JUNE}],
    passes=[{"placed_date": MAY, "placed_ceased_date": JUNE}, {"placed_date": JUNE}],
)
def _decision_overlaps_another(rows: Rows) -> Booleans:
    after = rows.after("placed_for_adoption", ("placed_date",))
    is_open = rows["placed_for_adoption"]["placed_ceased_date"].isna()
    return as_booleans(is_open) & after.found


@_ADOPTIONS.error(
    "523",
    "The decision for adoption has two dates: DATE_INT in AD1 and DATE_PLACED differ. Correct one.",
    "adoption_decision_date",
    needs=("placed_for_adoption.placed_date",),
    fails=example(
        adoptions=[{"adoption_decision_date": MAY}], placed_for_adoption=[{"placed_date": JUNE}]
    ),
    passes=example(
        adoptions=[{"adoption_decision_date": MAY}],
        placed_for_adoption=[{"placed_date": "2023-04-01"}, {"placed_date": MAY}],
    ),
)
def _is_decided_twice(rows: Rows) -> Series:
    latest = rows.latest("adoptions", "placed_for_adoption", "placed_date")
    decided = rows["adoptions"]["adoption_decision_date"]
    return decided.notna() & latest.notna() & (decided != latest)


# Previous permanence


@_EPISODES.error(
    "630",
    "The child started to be looked after this year, so the previous permanence file must say "
    "whether it left a permanent home. Add the child there.",
    "start_reason",
    needs=("episodes.episode_start", "episodes.legal_status", "previous_permanence.child_id"),
    fails=example(
        episodes=[{"episode_start": "2023-04-01", "start_reason": "S"}],
        previous_permanence=[{"child_id": "B"}],
    ),
    passes=(
        example(episodes=[{"episode_start": MAY, "start_reason": "S"}], previous_permanence=[{}]),
        example(
            episodes=[{"episode_start": "2023-03-01", "start_reason": "S"}], previous_permanence=[]
        ),
    ),
)
def _previous_permanence_not_given(rows: Rows) -> Series:
    episodes = rows["episodes"]
    in_year = episodes["episode_start"] >= rows.year_start
    counts = ~episodes["legal_status"].isin(("V3", "V4"))
    started = episodes["start_reason"].eq("S") & in_year & counts
    return started & ~rows.has("episodes", "previous_permanence")


@_PERMANENCE.error(
    "632",
    "DATE_PERM is no date as the guide asks for (dd/mm/yyyy, with zz for what is unknown). Correct "
    "it.",
    "previous_permanence_date",
    fails=({"previous_permanence_date": "2019"}, {"previous_permanence_date": "41/01/2019"}),
    passes=(
        {"previous_permanence_date": "zz/zz/2019"},
        {"previous_permanence_date": "01/02/2019"},
        {"previous_permanence_date": "zz/zz/zzzz"},
        {},
    ),
)
def _is_no_permanence_date(rows: Rows) -> Series:
    text = rows["previous_permanence"]["previous_permanence_date"]
    form = r"(?:0[1-9]|[12]\d|3[01]|zz)/(?:0[1-9]|1[0-2]|zz)/(?:(?:19|20)\d\d|zzzz)"
    iso = r"(?:19|20)\d\d-\d\d-\d\d"
    return text.notna() & ~text.str.lower().str.fullmatch(f"(?:{form}|{iso})").astype("boolean")


@_PERMANENCE.error(
    "635",
    "DATE_PERM or LA_PERM is given, but PREV_PERM says there was no permanent home. Correct "
    "PREV_PERM, or take the others out.",
    "previous_permanence_code",
    "previous_permanence_la",
    "previous_permanence_date",
    fails={"previous_permanence_code": "Z1", "previous_permanence_la": "335"},
    passes=(
        {"previous_permanence_code": "Z1"},
        {"previous_permanence_code": "P1", "previous_permanence_la": "335"},
    ),
)
def _left_no_permanence(rows: Rows) -> Series:
    left = rows["previous_permanence"]
    says_more = left["previous_permanence_la"].notna() | left["previous_permanence_date"].notna()
    none = left["previous_permanence_code"].isna() | left["previous_permanence_code"].eq("Z1")
    return none & says_more


RULES = (*_ADOPTIONS.rules, *_EPISODES.rules, *_PLACED.rules, *_PERMANENCE.rules)
