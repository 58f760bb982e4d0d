"""Placements: how old a child may be, how long they last, what they go with, why they change."""

from datetime import date, timedelta
from functools import partial

from pandas import Series

from expectations.dates import completed_years, days_between
from expectations.returns.ssda903.children import BIRTH, birth_dates
from expectations.returns.ssda903.codes import (
    ADOPTED,
    ADOPTION_PLACEMENTS,
    FORMER_CARER_GUARDIANSHIP,
    FOSTER_PLACEMENTS,
    GUARDIANSHIP,
    MOVES,
    RESPITE,
)
from expectations.returns.ssda903.episodes import SEQUENCE, episode_after, episode_before
from expectations.returns.ssda903.episodes import is_respite as respite
from expectations.rows import Booleans, Rows, as_booleans
from expectations.rule_set import RuleSet, example
from schemas.derived import TEMPORARY_PLACEMENTS
from schemas.returns.ssda903 import EPISODES

_PLACEMENTS = RuleSet(EPISODES)
_PLACE = "episodes.placement_code"
LONG_TERM_FOSTER = ("U1", "U4")
NO_PROVIDER = (*TEMPORARY_PLACEMENTS, "Z1")
OF_RESPONSIBILITY = 10
"""Age of criminal responsibility in England."""

INSPECTED = (*FOSTER_PLACEMENTS, "K1", "K2")
NO_URN = "XXXXXXX"
"""What the guide asks for where a provider has no Ofsted number."""

# Placements and ages

_TOO_YOUNG = (
    ("370", "P2", 15, "independent living", 2024),
    ("371", "H5", 14, "semi-independent living", 2024),
    ("372", "R5", 10, "a young offender institution", None),
    ("374", "P3", 14, "residential employment", None),
)


def _age_rule(code: str, place: str, age: int, where: str, until: int | None) -> None:
    born = f"{2023 - age}-05-02"
    episode = {"episode_start": "2023-05-01", "placement_code": place}
    _PLACEMENTS.query(
        code,
        f"The child is younger than {age} in {where}. Check PLACE, DECOM, and DOB in the header "
        "file.",
        "placement_code",
        "episode_start",
        needs=(BIRTH,),
        until=until,
        fails=example(episodes=[episode], children=[{"birth_date": born}]),
        passes=example(episodes=[episode], children=[{"birth_date": f"{2023 - age}-05-01"}]),
    )(partial(_too_young_for_placement, place=place, years=age))


def _too_young_for_placement(rows: Rows, *, place: str, years: int) -> Series:
    episodes = rows["episodes"]
    age = completed_years(birth_dates(rows, "episodes"), episodes["episode_start"])
    return episodes["placement_code"].eq(place) & (age < years)


for _each in _TOO_YOUNG:
    _age_rule(*_each)

# How long temporary placements last

_TEMPORARY_DAYS = (
    ("375", "T1", 42, "hospital", "six weeks"),
    ("376", "T3", 21, "the carer's holiday", "three weeks"),
    ("379", "T4", 7, "another temporary reason", "seven days"),
)


def _length_rule(code: str, place: str, days: int, why: str, longest: str) -> None:
    fields = ("placement_code", "episode_start", "episode_end")
    short = {"placement_code": place, "episode_start": "2023-05-01"}
    _PLACEMENTS.query(
        code,
        f"A temporary placement for {why} lasts longer than {longest}. Check PLACE, DECOM and DEC.",
        *fields,
        fails={**short, "episode_end": (date(2023, 5, 2) + timedelta(days=days)).isoformat()},
        passes={**short, "episode_end": (date(2023, 5, 1) + timedelta(days=days)).isoformat()},
    )(partial(_temporary_placement_too_long, place=place, days=days))


def _temporary_placement_too_long(rows: Rows, *, place: str, days: int) -> Series:
    episodes = rows["episodes"]
    until = episodes["episode_end"].fillna(rows.last_day)
    run = days_between(episodes["episode_start"], until)
    return episodes["placement_code"].eq(place) & (run > days)


for _length in _TEMPORARY_DAYS:
    _length_rule(*_length)

# What goes with what


@_PLACEMENTS.error(
    "378",
    "A child placed with parents cannot be accommodated by agreement (V2). Correct PLACE or LS.",
    "placement_code",
    "legal_status",
    fails={"placement_code": "P1", "legal_status": "V2"},
    passes={"placement_code": "P1", "legal_status": "C2"},
)
def _with_parents_under_v2(rows: Rows) -> Series:
    episodes = rows["episodes"]
    return episodes["placement_code"].eq("P1") & episodes["legal_status"].eq("V2")


@_PLACEMENTS.error(
    "380",
    "A period of care cannot begin in a temporary placement. Correct PLACE or RNE.",
    "placement_code",
    "start_reason",
    fails={"placement_code": "T1", "start_reason": "S"},
    passes={"placement_code": "T1", "start_reason": "P"},
)
def _starts_temporarily(rows: Rows) -> Series:
    episodes = rows["episodes"]
    return episodes["placement_code"].isin(TEMPORARY_PLACEMENTS) & episodes["start_reason"].eq("S")


@_PLACEMENTS.error(
    "381",
    "A period of care cannot end in a temporary placement. Correct PLACE or REC.",
    "placement_code",
    "end_reason",
    fails={"placement_code": "T1", "end_reason": "E4A"},
    passes=({"placement_code": "T1", "end_reason": "X1"}, {"placement_code": "T1"}),
)
def _ends_temporarily(rows: Rows) -> Series:
    episodes = rows["episodes"]
    ends = episodes["end_reason"].notna() & episodes["end_reason"].ne("X1")
    return episodes["placement_code"].isin(TEMPORARY_PLACEMENTS) & ends


@_PLACEMENTS.error(
    "382",
    "A child on a short break cannot be in a temporary placement. Correct PLACE or LS.",
    "placement_code",
    "legal_status",
    fails={"placement_code": "T1", "legal_status": "V3"},
    passes={"placement_code": "T1", "legal_status": "C2"},
)
def _is_temporarily_on_a_break(rows: Rows) -> Booleans:
    return as_booleans(rows["episodes"]["placement_code"].isin(TEMPORARY_PLACEMENTS)) & respite(
        rows
    )


@_PLACEMENTS.error(
    "384",
    "A child on a short break cannot be in long-term fostering. Correct PLACE or LS.",
    "placement_code",
    "legal_status",
    fails={"placement_code": "U4", "legal_status": "V4"},
    passes={"placement_code": "U6", "legal_status": "V4"},
)
def _is_fostered_for_long_on_a_break(rows: Rows) -> Booleans:
    return as_booleans(rows["episodes"]["placement_code"].isin(LONG_TERM_FOSTER)) & respite(rows)


@_PLACEMENTS.error(
    "408",
    "A child placed for adoption under a placement order needs that order as legal status (E1). "
    "Correct PLACE or LS.",
    "placement_code",
    "legal_status",
    fails={"placement_code": "A5", "legal_status": "C2"},
    passes=(
        {"placement_code": "A5", "legal_status": "E1"},
        {"placement_code": "A3", "legal_status": "V2"},
    ),
)
def _has_no_placement_order(rows: Rows) -> Series:
    episodes = rows["episodes"]
    other = episodes["legal_status"].notna() & episodes["legal_status"].ne("E1")
    return episodes["placement_code"].isin(("A5", "A6")) & other


@_PLACEMENTS.error(
    "217",
    "A child placed for adoption with the present foster carer does not change carer. RNE can only "
    "be S, T or U: correct PLACE or RNE.",
    "placement_code",
    "start_reason",
    fails={"placement_code": "A3", "start_reason": "P"},
    passes=(
        {"placement_code": "A3", "start_reason": "T"},
        {"placement_code": "A4", "start_reason": "P"},
    ),
)
def _changes_to_the_same_carer(rows: Rows) -> Series:
    episodes = rows["episodes"]
    return episodes["placement_code"].isin(("A3", "A5")) & episodes["start_reason"].isin(("P", "B"))


@_PLACEMENTS.error(
    "526",
    "PLACE_PROVIDER is empty. Say who provides the placement.",
    "placement_provider",
    needs=(_PLACE, "episodes.legal_status"),
    fails={"placement_code": "U6", "legal_status": "C2"},
    passes=(
        {"placement_code": "U6", "placement_provider": "PR1"},
        {"placement_code": "T1"},
        {"placement_code": "U6", "legal_status": "V4"},
    ),
)
def _has_no_provider(rows: Rows) -> Booleans:
    episodes = rows["episodes"]
    needs_one = episodes["placement_code"].notna() & ~episodes["placement_code"].isin(NO_PROVIDER)
    return as_booleans(episodes["placement_provider"].isna() & needs_one) & ~respite(rows)


@_PLACEMENTS.error(
    "550",
    "Only a placement with parents (P1) has the parents as provider (PR0). Correct PLACE or "
    "PLACE_PROVIDER.",
    "placement_provider",
    "placement_code",
    fails={"placement_provider": "PR0", "placement_code": "U6"},
    passes={"placement_provider": "PR0", "placement_code": "P1"},
)
def _is_provided_by_parents(rows: Rows) -> Series:
    episodes = rows["episodes"]
    elsewhere = episodes["placement_code"].notna() & episodes["placement_code"].ne("P1")
    return episodes["placement_provider"].eq("PR0") & elsewhere


@_PLACEMENTS.query(
    "218",
    "URN is empty. Foster care and children's homes have an Ofsted number: give it, or XXXXXXX "
    "where there is none.",
    "placement_urn",
    needs=(_PLACE, "episodes.legal_status"),
    fails={"placement_code": "K2", "legal_status": "C2"},
    passes=({"placement_code": "K2", "placement_urn": "SC012345"}, {"placement_code": "P1"}),
)
def _has_no_number(rows: Rows) -> Booleans:
    episodes = rows["episodes"]
    inspected = episodes["placement_code"].isin(INSPECTED)
    return as_booleans(episodes["placement_urn"].isna() & inspected) & ~respite(rows)


@_PLACEMENTS.query(
    "222",
    "URN is given for a placement with parents, which has no Ofsted number. Take it out, or "
    "correct PLACE.",
    "placement_urn",
    "placement_code",
    fails={"placement_code": "P1", "placement_urn": "SC012345"},
    passes=(
        {"placement_code": "P1"},
        {"placement_code": "P1", "placement_urn": "XXXXXXX"},
        {"placement_code": "K2", "placement_urn": "SC012345"},
    ),
)
def _has_a_number_at_home(rows: Rows) -> Series:
    episodes = rows["episodes"]
    given_one = episodes["placement_urn"].notna() & episodes["placement_urn"].ne(NO_URN)
    return episodes["placement_code"].eq("P1") & given_one


@_PLACEMENTS.notice(
    "SFP-PLACE-DOUBTFUL",
    "PLACE Z1 gave way to Z11 to Z14 in 2025-26. It is taken as sent; use the new codes.",
    "placement_code",
    since=2026,
    fails={"placement_code": "Z1"},
    passes={"placement_code": "Z11"},
)
def _retired_placement_code(rows: Rows) -> Series:
    return rows["episodes"]["placement_code"].eq("Z1")


# What changes from one episode to the next

_HERE = ("placement_code", "placement_provider", "placement_urn", "placement_postcode")
_PLACED = (*SEQUENCE, *(f"episodes.{name}" for name in _HERE))


def _joins(rows: Rows) -> Series:
    """Return which episodes begin the day the one before ceased, neither being a short break."""
    before, episodes = episode_before(rows), rows["episodes"]
    joined = before["episode_end"] == episodes["episode_start"]
    return joined & ~respite(rows) & ~before["legal_status"].isin(RESPITE)


def _differs(rows: Rows, column: str) -> Series:
    here, there = rows["episodes"][column], episode_before(rows)[column]
    return here.notna() & there.notna() & (here != there)


def _moves(rows: Rows) -> Series:
    """Return which episodes are placed otherwise than the one before, in any column."""
    moved = _differs(rows, _HERE[0])
    for column in _HERE[1:]:
        moved |= _differs(rows, column)
    return moved


_FIRST = {
    "episode_start": "2023-05-01",
    "episode_end": "2023-06-01",
    "legal_status": "C1",
    "placement_code": "U6",
}


@_PLACEMENTS.error(
    "434",
    "RNE says only the legal status changed (L), but it did not, or PLACE changed as well. Correct "
    "RNE, LS or PLACE.",
    "start_reason",
    "legal_status",
    "placement_code",
    needs=SEQUENCE,
    fails=(
        [_FIRST, {**_FIRST, "episode_start": "2023-06-01", "start_reason": "L"}],
        [
            _FIRST,
            {
                "episode_start": "2023-06-01",
                "start_reason": "L",
                "legal_status": "C2",
                "placement_code": "K2",
            },
        ],
    ),
    passes=[
        _FIRST,
        {
            "episode_start": "2023-06-01",
            "start_reason": "L",
            "legal_status": "C2",
            "placement_code": "U6",
        },
    ],
)
def _legal_status_unchanged(rows: Rows) -> Series:
    same_law = rows["episodes"]["legal_status"] == episode_before(rows)["legal_status"]
    changes_place = _differs(rows, "placement_code")
    return rows["episodes"]["start_reason"].eq("L") & _joins(rows) & (same_law | changes_place)


@_PLACEMENTS.error(
    "435",
    "RNE says only the placement changed (P), but the legal status changed, or nothing of the "
    "placement did. Correct RNE, LS or the placement.",
    "start_reason",
    "legal_status",
    *_HERE,
    needs=SEQUENCE,
    fails=(
        [_FIRST, {**_FIRST, "episode_start": "2023-06-01", "start_reason": "P"}],
        [
            _FIRST,
            {
                "episode_start": "2023-06-01",
                "start_reason": "P",
                "legal_status": "C2",
                "placement_code": "K2",
            },
        ],
    ),
    passes=[
        _FIRST,
        {
            "episode_start": "2023-06-01",
            "start_reason": "P",
            "legal_status": "C1",
            "placement_code": "K2",
        },
    ],
)
def _placement_unchanged(rows: Rows) -> Series:
    wrong = _differs(rows, "legal_status") | ~_moves(rows)
    return rows["episodes"]["start_reason"].eq("P") & _joins(rows) & wrong


@_PLACEMENTS.error(
    "436",
    "RNE says legal status and placement both changed (B, U), but one of them did not. Correct "
    "RNE, LS or the placement.",
    "start_reason",
    "legal_status",
    *_HERE,
    needs=SEQUENCE,
    fails=[
        _FIRST,
        {
            "episode_start": "2023-06-01",
            "start_reason": "B",
            "legal_status": "C1",
            "placement_code": "K2",
        },
    ],
    passes=[
        _FIRST,
        {
            "episode_start": "2023-06-01",
            "start_reason": "B",
            "legal_status": "C2",
            "placement_code": "K2",
        },
    ],
)
def _only_one_of_status_and_placement_changed(rows: Rows) -> Series:
    wrong = ~_differs(rows, "legal_status") | ~_moves(rows)
    return rows["episodes"]["start_reason"].isin(("B", "U")) & _joins(rows) & wrong


@_PLACEMENTS.query(
    "383",
    "A child in a temporary placement goes back to where it was. Check PLACE of the episodes "
    "before and after.",
    "placement_code",
    needs=(*SEQUENCE, "episodes.start_reason"),
    fails=[
        {"episode_start": "2023-04-01", "placement_code": "U6", "episode_end": "2023-05-01"},
        {"episode_start": "2023-05-01", "placement_code": "T1", "episode_end": "2023-05-08"},
        {"episode_start": "2023-05-08", "placement_code": "K2", "start_reason": "P"},
    ],
    passes=[
        {"episode_start": "2023-04-01", "placement_code": "U6", "episode_end": "2023-05-01"},
        {"episode_start": "2023-05-01", "placement_code": "T1", "episode_end": "2023-05-08"},
        {"episode_start": "2023-05-08", "placement_code": "U6", "start_reason": "P"},
    ],
)
def _no_return_from_temporary_placement(rows: Rows) -> Series:
    before, after = episode_before(rows)["placement_code"], episode_after(rows)["placement_code"]
    settled = (
        before.notna()
        & after.notna()
        & ~before.isin(TEMPORARY_PLACEMENTS)
        & ~after.isin(TEMPORARY_PLACEMENTS)
    )
    is_temporary = rows["episodes"]["placement_code"].isin(TEMPORARY_PLACEMENTS)
    goes_on = ~episode_after(rows)["start_reason"].eq("S")
    return is_temporary & settled & goes_on & (before != after)


@_PLACEMENTS.error(
    "225",
    "The next episode changes the placement, so REASON_PLACE_CHANGE must say why. Fill it in.",
    "place_change_reason",
    needs=(*SEQUENCE, "episodes.start_reason", _PLACE),
    fails=[
        {"episode_start": "2023-05-01", "placement_code": "U6", "episode_end": "2023-06-01"},
        {"episode_start": "2023-06-01", "placement_code": "K2", "start_reason": "P"},
    ],
    passes=(
        [
            {
                "episode_start": "2023-05-01",
                "placement_code": "U6",
                "episode_end": "2023-06-01",
                "place_change_reason": "CARPL",
            },
            {"episode_start": "2023-06-01", "placement_code": "K2", "start_reason": "P"},
        ],
        [
            {"episode_start": "2023-05-01", "placement_code": "U6", "episode_end": "2023-06-01"},
            {"episode_start": "2023-06-01", "placement_code": "T1", "start_reason": "P"},
        ],
    ),
)
def _changes_without_reason(rows: Rows) -> Series:
    episodes, after = rows["episodes"], episode_after(rows)
    joined = episodes["episode_end"] == after["episode_start"]
    moves = after["start_reason"].isin(MOVES) & ~after["placement_code"].isin(TEMPORARY_PLACEMENTS)
    lasting = ~episodes["placement_code"].isin(TEMPORARY_PLACEMENTS) & ~respite(rows)
    return episodes["place_change_reason"].isna() & joined & moves & lasting


# How periods of care end


@_PLACEMENTS.error(
    "390",
    "The child is adopted without having been placed for adoption. Correct REC or PLACE.",
    "end_reason",
    "placement_code",
    fails={"end_reason": "E11", "placement_code": "U6"},
    passes={"end_reason": "E11", "placement_code": "A4"},
)
def _is_adopted_from_elsewhere(rows: Rows) -> Series:
    episodes = rows["episodes"]
    elsewhere = episodes["placement_code"].notna() & ~episodes["placement_code"].isin(
        ADOPTION_PLACEMENTS
    )
    return episodes["end_reason"].isin(ADOPTED) & elsewhere


@_PLACEMENTS.error(
    "516",
    "A former foster carer becomes guardian (E45, E46), but the child was not in foster care. "
    "Correct REC or PLACE.",
    "end_reason",
    "placement_code",
    since=2019,
    fails={"end_reason": "E45", "placement_code": "K2"},
    passes={"end_reason": "E45", "placement_code": "U1"},
)
def _has_no_former_carer(rows: Rows) -> Series:
    episodes = rows["episodes"]
    elsewhere = episodes["placement_code"].notna() & ~episodes["placement_code"].isin(
        FOSTER_PLACEMENTS
    )
    return episodes["end_reason"].isin(FORMER_CARER_GUARDIANSHIP) & elsewhere


_END_AGES = (
    ("386", ADOPTED, None, 18, "is adopted at 18 or older"),
    ("387", ("E5", "E6"), 14, None, "moves into independent living before 14"),
    ("389", ("E7",), 16, None, "moves to adult social care before 16"),
    ("407", GUARDIANSHIP, None, 18, "comes under special guardianship at 18 or older"),
    ("460", ("E17",), 18, None, "stays put with the carers before 18"),
)


def _end_rule(
    code: str, reasons: tuple[str, ...], youngest: int | None, below: int | None, what: str
) -> None:
    at = youngest or below or 0
    younger = [{"birth_date": f"{2023 - at}-05-02"}]
    older = [{"birth_date": f"{2023 - at}-05-01"}]
    episode = [{"episode_end": "2023-05-01", "end_reason": reasons[0]}]
    _PLACEMENTS.error(
        code,
        f"The child {what}. Correct REC or DEC, or DOB in the header file.",
        "end_reason",
        "episode_end",
        needs=(BIRTH,),
        fails=example(episodes=episode, children=younger if youngest else older),
        passes=example(episodes=episode, children=older if youngest else younger),
    )(partial(_ended_at_wrong_age, reasons=reasons, youngest=youngest, below=below))


def _ended_at_wrong_age(
    rows: Rows, *, reasons: tuple[str, ...], youngest: int | None, below: int | None
) -> Series:
    episodes = rows["episodes"]
    age = completed_years(birth_dates(rows, "episodes"), episodes["episode_end"])
    wrong = age < youngest if youngest is not None else age >= (below or 0)
    return episodes["end_reason"].isin(reasons) & wrong


for _end in _END_AGES:
    _end_rule(*_end)


@_PLACEMENTS.error(
    "358",
    "A child younger than 10 cannot be remanded or detained (J1, J2, J3). Correct LS or DECOM, or "
    "DOB in the header file.",
    "legal_status",
    "episode_start",
    needs=(BIRTH,),
    fails=example(
        episodes=[{"legal_status": "J1", "episode_start": "2023-05-01"}],
        children=[{"birth_date": "2013-05-02"}],
    ),
    passes=example(
        episodes=[{"legal_status": "J1", "episode_start": "2023-05-01"}],
        children=[{"birth_date": "2013-05-01"}],
    ),
)
def _is_remanded_too_young(rows: Rows) -> Series:
    episodes = rows["episodes"]
    age = completed_years(birth_dates(rows, "episodes"), episodes["episode_start"])
    return episodes["legal_status"].isin(("J1", "J2", "J3")) & (age < OF_RESPONSIBILITY)


RULES = tuple(_PLACEMENTS.rules)
