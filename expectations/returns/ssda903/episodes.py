"""Episodes: their dates, what opens and closes them, and how one follows another."""

from pandas import DateOffset, Series, Timestamp

from expectations.dates import completed_years, days_between
from expectations.returns.ssda903.children import BIRTH, birth_dates
from expectations.returns.ssda903.codes import RESPITE
from expectations.rows import Aligned, Booleans, Rows, as_booleans
from expectations.rule_set import RuleSet, example
from schemas.outcomes.reason import SET_ASIDE_ROWS, SET_ASIDE_SHARE, FigureReason
from schemas.returns.ssda903 import EPISODES
from schemas.submission import Reach

_ORDER = ("episode_start", "episode_end")
CHILDREN_ACT = Timestamp("1991-10-14")
"""The Children Act 1989 came into force; the return counts no episode from before."""

OF_AGE = 18
_EPISODES = RuleSet(EPISODES)
START, END, STATUS = "episodes.episode_start", "episodes.episode_end", "episodes.legal_status"
SEQUENCE = (START, END, STATUS)


def is_respite(rows: Rows) -> Booleans:
    """Return which episodes are short breaks, which never count as becoming looked after."""
    return as_booleans(rows["episodes"]["legal_status"].isin(RESPITE))


def _linked(rows: Rows, other: Aligned) -> Booleans:
    """Say where an episode and its neighbour both count: there is one, and neither is respite."""
    return as_booleans(other.found & ~is_respite(rows) & ~other["legal_status"].isin(RESPITE))


def episode_before(rows: Rows) -> Aligned:
    """Return the child's episode just before each episode."""
    return rows.before("episodes", _ORDER)


def episode_after(rows: Rows) -> Aligned:
    """Return the child's episode just after each episode."""
    return rows.after("episodes", _ORDER)


@_EPISODES.error(
    "354",
    "The episode starts after the last day of the quarter. Correct DECOM, or send the episode with "
    "the next quarter.",
    "episode_start",
    reach=Reach.RECORD,
    fails={"episode_start": "2024-04-01"},
    passes={"episode_start": "2024-03-31"},
)
def _starts_later(rows: Rows) -> Series:
    return rows["episodes"]["episode_start"] > rows.last_day


@_EPISODES.error(
    "353",
    "The episode starts before the Children Act came into force. Correct DECOM.",
    "episode_start",
    reach=Reach.RECORD,
    fails={"episode_start": "1991-10-13"},
    passes={"episode_start": "1991-10-14"},
)
def _starts_before_the_act(rows: Rows) -> Series:
    return rows["episodes"]["episode_start"] < CHILDREN_ACT


@_EPISODES.error(
    "356",
    "The episode ceases before it starts. Correct DECOM or DEC.",
    "episode_start",
    "episode_end",
    reach=Reach.RECORD,
    fails={"episode_start": "2023-05-02", "episode_end": "2023-05-01"},
    passes=(
        {"episode_start": "2023-05-02", "episode_end": "2023-05-02"},
        {"episode_start": "2023-05-02"},
    ),
)
def _ends_before_it_starts(rows: Rows) -> Series:
    episodes = rows["episodes"]
    return episodes["episode_end"] < episodes["episode_start"]


@_EPISODES.query(
    "355",
    "The episode lasts less than a day. Check DECOM and DEC.",
    "episode_start",
    "episode_end",
    fails={"episode_start": "2023-05-02", "episode_end": "2023-05-02"},
    passes={"episode_start": "2023-05-02", "episode_end": "2023-05-03"},
)
def _episode_lasts_no_day(rows: Rows) -> Series:
    episodes = rows["episodes"]
    return episodes["episode_end"] == episodes["episode_start"]


@_EPISODES.error(
    "385",
    "The episode ceases after the last day of the quarter. Correct DEC, or leave it and REC empty "
    "until the next quarter.",
    "episode_end",
    fails={"episode_end": "2024-04-02"},
    passes={"episode_end": "2024-04-01"},
)
def _episode_ends_after_quarter(rows: Rows) -> Series:
    # Not included: an episode whose end is the day after still filled the quarter.
    return rows["episodes"]["episode_end"] > rows.last_day + DateOffset(days=1)


@_EPISODES.query(
    "SFP-EPISODE-OLD",
    "The episode ceased before the financial year began and is no part of this return. "
    "Check DEC, or take the episode out.",
    "episode_end",
    fails={"episode_end": "2023-03-31"},
    passes={"episode_end": "2023-04-01"},
)
def _ended_before_the_year(rows: Rows) -> Series:
    return rows["episodes"]["episode_end"] < rows.year_start


@_EPISODES.error(
    "302",
    "The episode starts before the child is born. Correct DECOM, or DOB in the header file.",
    "episode_start",
    reach=Reach.RECORD,
    needs=(BIRTH,),
    fails=example(
        episodes=[{"episode_start": "2023-05-01"}], children=[{"birth_date": "2023-05-02"}]
    ),
    passes=example(
        episodes=[{"episode_start": "2023-05-02"}], children=[{"birth_date": "2023-05-02"}]
    ),
)
def _starts_before_birth(rows: Rows) -> Series:
    return rows["episodes"]["episode_start"] < birth_dates(rows, "episodes")


@_EPISODES.error(
    "352",
    "The child starts to be looked after at 18 or older. Correct DECOM, or DOB in the header file.",
    "episode_start",
    "start_reason",
    needs=(BIRTH,),
    fails=example(
        episodes=[{"episode_start": "2023-05-02", "start_reason": "S"}],
        children=[{"birth_date": "2005-05-02"}],
    ),
    passes=example(
        episodes=[{"episode_start": "2023-05-01", "start_reason": "S"}],
        children=[{"birth_date": "2005-05-02"}],
    ),
)
def _starts_of_age(rows: Rows) -> Series:
    episodes = rows["episodes"]
    age = completed_years(birth_dates(rows, "episodes"), episodes["episode_start"])
    return episodes["start_reason"].eq("S") & (age >= OF_AGE)


@_EPISODES.error(
    "359",
    "The young person is past 18 and the last episode is still open. Give DEC and REC, or correct "
    "DOB in the header file.",
    "episode_end",
    needs=(BIRTH, START, STATUS),
    fails=example(
        episodes=[{"episode_start": "2022-05-01"}], children=[{"birth_date": "2006-03-30"}]
    ),
    passes=(
        example(
            episodes=[{"episode_start": "2022-05-01"}], children=[{"birth_date": "2006-03-31"}]
        ),
        example(
            episodes=[{"episode_start": "2022-05-01", "legal_status": "V4"}],
            children=[{"birth_date": "2006-03-30"}],
        ),
    ),
)
def _is_open_past_eighteen(rows: Rows) -> Booleans:
    episodes = rows["episodes"]
    was_of_age = birth_dates(rows, "episodes") < rows.last_day - DateOffset(years=OF_AGE)
    is_open = episodes["episode_end"].isna() & episodes["episode_start"].notna()
    return as_booleans(is_open & was_of_age) & ~is_respite(rows)


@_EPISODES.error(
    "148",
    "DEC and REC must both be given, or both left empty. Fill in the other one.",
    "episode_end",
    "end_reason",
    fails=({"episode_end": "2023-05-02"}, {"end_reason": "E4A"}),
    passes=({}, {"episode_end": "2023-05-02", "end_reason": "E4A"}),
)
def _half_ended(rows: Rows) -> Series:
    episodes = rows["episodes"]
    return episodes["episode_end"].isna() != episodes["end_reason"].isna()


@_EPISODES.error(
    "142",
    "The episode is open although the child has a later one. Give DEC and REC.",
    "episode_end",
    needs=SEQUENCE,
    fails=[{"episode_start": "2023-05-01"}, {"episode_start": "2023-06-01"}],
    passes=(
        [
            {"episode_start": "2023-05-01", "episode_end": "2023-06-01"},
            {"episode_start": "2023-06-01"},
        ],
        [{"episode_start": "2023-05-01"}, {"episode_start": "2023-06-01", "child_id": "B"}],
    ),
)
def _is_open_before_another(rows: Rows) -> Series:
    return rows["episodes"]["episode_end"].isna() & _linked(rows, episode_after(rows))


@_EPISODES.error(
    "501",
    "The episode starts before the child's earlier one ceased. Correct DECOM, or DEC of the "
    "earlier episode.",
    "episode_start",
    needs=SEQUENCE,
    fails=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-02"},
        {"episode_start": "2023-06-01"},
    ],
    passes=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01"},
        {"episode_start": "2023-06-01"},
    ],
)
def _overlaps(rows: Rows) -> Series:
    before = episode_before(rows)
    return (rows["episodes"]["episode_start"] < before["episode_end"]) & _linked(rows, before)


@_EPISODES.error(
    "431",
    "The episode opens a new period of care (S) on the very day the earlier one goes on (X1). "
    "Correct RNE, or REC of the earlier episode.",
    "start_reason",
    needs=(*SEQUENCE, "episodes.end_reason"),
    fails=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "X1"},
        {"episode_start": "2023-06-01", "start_reason": "S"},
    ],
    passes=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "X1"},
        {"episode_start": "2023-06-01", "start_reason": "P"},
    ],
)
def _opens_what_goes_on(rows: Rows) -> Series:
    before, episodes = episode_before(rows), rows["episodes"]
    joins = before["episode_end"] == episodes["episode_start"]
    goes_on = before["end_reason"].eq("X1") & joins
    return episodes["start_reason"].eq("S") & goes_on & _linked(rows, before)


@_EPISODES.error(
    "432",
    "The child had ceased to be looked after, so this episode must open a new period of care (S). "
    "Correct RNE, or REC of the earlier episode.",
    "start_reason",
    needs=(*SEQUENCE, "episodes.end_reason"),
    fails=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "E4A"},
        {"episode_start": "2023-07-01", "start_reason": "P"},
    ],
    passes=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "E4A"},
        {"episode_start": "2023-07-01", "start_reason": "S"},
    ],
)
def _goes_on_after_the_end(rows: Rows) -> Series:
    before, episodes = episode_before(rows), rows["episodes"]
    had_ceased = before["end_reason"].notna() & before["end_reason"].ne("X1")
    goes_on = episodes["start_reason"].notna() & episodes["start_reason"].ne("S")
    return goes_on & had_ceased & _linked(rows, before)


@_EPISODES.error(
    "433",
    "The episode goes on from an earlier one but does not start the day that one ceased. "
    "Correct DECOM or RNE, or DEC of the earlier episode.",
    "episode_start",
    "start_reason",
    needs=(*SEQUENCE,),
    fails=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01"},
        {"episode_start": "2023-06-03", "start_reason": "P"},
    ],
    passes=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01"},
        {"episode_start": "2023-06-01", "start_reason": "P"},
    ],
)
def _leaves_a_gap(rows: Rows) -> Series:
    before, episodes = episode_before(rows), rows["episodes"]
    goes_on = episodes["start_reason"].notna() & episodes["start_reason"].ne("S")
    return goes_on & (episodes["episode_start"] > before["episode_end"]) & _linked(rows, before)


@_EPISODES.error(
    "388",
    "REC says another episode begins the same day (X1), but there is none. Add the episode, or "
    "correct REC.",
    "episode_end",
    "end_reason",
    needs=SEQUENCE,
    fails=(
        {"episode_start": "2023-05-01", "episode_end": "2024-03-31", "end_reason": "X1"},
        [
            {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "X1"},
            {"episode_start": "2023-06-02"},
        ],
    ),
    passes=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "X1"},
        {"episode_start": "2023-06-01"},
    ],
)
def _next_episode_missing(rows: Rows) -> Series:
    after, episodes = episode_after(rows), rows["episodes"]
    is_within = episodes["episode_end"] <= rows.last_day
    has_none = ~after.found | (after["episode_start"] > episodes["episode_end"])
    return episodes["end_reason"].eq("X1") & is_within & has_none & ~is_respite(rows)


@_EPISODES.error(
    "437",
    "The child died or was found to be 18 or older (E2, E15), and yet there are later episodes. "
    "Correct REC, or take the later episodes out.",
    "end_reason",
    needs=SEQUENCE,
    fails=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "E2"},
        {"episode_start": "2023-06-01"},
    ],
    passes={"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "E2"},
)
def _goes_on_after_the_last_end(rows: Rows) -> Series:
    return rows["episodes"]["end_reason"].isin(("E2", "E15")) & episode_after(rows).found


@_EPISODES.error(
    "357",
    "The child's first episode began in this year, so it must open a period of care (S). "
    "Correct RNE, or add the episode before it.",
    "episode_start",
    "start_reason",
    needs=SEQUENCE,
    fails={"episode_start": "2023-05-01", "start_reason": "P"},
    passes=(
        {"episode_start": "2023-05-01", "start_reason": "S"},
        {"episode_start": "2023-04-01", "start_reason": "P"},
    ),
)
def _first_episode_not_a_start(rows: Rows) -> Series:
    episodes = rows["episodes"]
    is_new = episodes["episode_start"] > rows.year_start
    goes_on = episodes["start_reason"].notna() & episodes["start_reason"].ne("S")
    return is_new & goes_on & ~episode_before(rows).found & ~is_respite(rows)


@_EPISODES.error(
    "504",
    "The category of need differs from the one the period of care began with. It is fixed for the "
    "whole period: correct CIN.",
    "need_code",
    needs=(*SEQUENCE, "episodes.start_reason"),
    fails=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "need_code": "N1"},
        {"episode_start": "2023-06-01", "start_reason": "P", "need_code": "N2"},
    ],
    passes=[
        {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "need_code": "N1"},
        {"episode_start": "2023-06-01", "start_reason": "S", "need_code": "N2"},
    ],
)
def _need_changes(rows: Rows) -> Series:
    before, episodes = episode_before(rows), rows["episodes"]
    goes_on = episodes["start_reason"].notna() & episodes["start_reason"].ne("S")
    differs = episodes["need_code"].notna() & (episodes["need_code"] != before["need_code"])
    return goes_on & differs & before["need_code"].notna() & _linked(rows, before)


def _lasts_longer(rows: Rows, status: str, days: int) -> Series:
    episodes = rows["episodes"]
    until = episodes["episode_end"].fillna(rows.last_day)
    return episodes["legal_status"].eq(status) & (
        days_between(episodes["episode_start"], until) > days
    )


@_EPISODES.query(
    "361",
    "Police protection lasts longer than 72 hours. Check LS, DECOM and DEC.",
    "legal_status",
    "episode_start",
    "episode_end",
    fails={"legal_status": "L1", "episode_start": "2023-05-01", "episode_end": "2023-05-06"},
    passes={"legal_status": "L1", "episode_start": "2023-05-01", "episode_end": "2023-05-04"},
)
def _police_protection_is_long(rows: Rows) -> Series:
    return _lasts_longer(rows, "L1", 4)


@_EPISODES.query(
    "362",
    "An emergency protection order lasts longer than 21 days. Check LS, DECOM and DEC.",
    "legal_status",
    "episode_start",
    "episode_end",
    fails={"legal_status": "L2", "episode_start": "2023-05-01", "episode_end": "2023-05-23"},
    passes={"legal_status": "L2", "episode_start": "2023-05-01", "episode_end": "2023-05-22"},
)
def _emergency_order_is_long(rows: Rows) -> Series:
    return _lasts_longer(rows, "L2", 21)


@_EPISODES.query(
    "363",
    "A child assessment order lasts longer than 7 days. Check LS, DECOM and DEC.",
    "legal_status",
    "episode_start",
    "episode_end",
    fails={"legal_status": "L3", "episode_start": "2023-05-01", "episode_end": "2023-05-09"},
    passes={"legal_status": "L3", "episode_start": "2023-05-01", "episode_end": "2023-05-08"},
)
def _assessment_order_is_long(rows: Rows) -> Series:
    return _lasts_longer(rows, "L3", 7)


@_EPISODES.error(
    "365",
    "A short break lasts longer than 17 days. Check LS, DECOM and DEC.",
    "legal_status",
    "episode_start",
    "episode_end",
    fails={"legal_status": "V3", "episode_start": "2023-05-01", "episode_end": "2023-05-19"},
    passes={"legal_status": "V3", "episode_start": "2023-05-01", "episode_end": "2023-05-18"},
)
def _short_break_is_long(rows: Rows) -> Series:
    return _lasts_longer(rows, "V3", 17)


@_EPISODES.error(
    "366",
    "A short break must start a new period each time (S). Correct RNE or LS.",
    "legal_status",
    "start_reason",
    fails={"legal_status": "V3", "start_reason": "P"},
    passes={"legal_status": "V3", "start_reason": "S"},
)
def _short_break_goes_on(rows: Rows) -> Series:
    episodes = rows["episodes"]
    is_other = episodes["start_reason"].notna() & episodes["start_reason"].ne("S")
    return episodes["legal_status"].eq("V3") & is_other


_STAY = {"episode_start": "2023-05-01", "episode_end": "2023-06-01", "end_reason": "X1"}
_DO_NOT_FIT = [{**_STAY, "child_id": str(number)} for number in range(SET_ASIDE_ROWS)]
_FIT = [
    {**_STAY, "child_id": f"A{number}", "end_reason": "E4A"} for number in range(SET_ASIDE_ROWS * 9)
]


@_EPISODES.query(
    FigureReason.TOO_MANY_CONTRADICT.value,
    f"More than {SET_ASIDE_SHARE:.0%} of the episodes do not fit the child's others (rules 142, "
    "357, 388, 431 and 433 say which), so no figure is made of them. Look for one cause: episodes "
    "that were left out of the export, an empty DEC or the last day in care in place of it, or one "
    "RNE throughout.",
    "episode_start",
    "start_reason",
    "episode_end",
    "end_reason",
    table_level=True,
    needs=SEQUENCE,
    fails=(_DO_NOT_FIT, [*_DO_NOT_FIT, *_FIT[1:]]),
    passes=(_DO_NOT_FIT[1:], [*_DO_NOT_FIT, *_FIT]),
)
def _do_not_fit(rows: Rows) -> bool:
    """Return whether many episodes contradict the one before or after, or lack one."""
    broken = (
        as_booleans(_is_open_before_another(rows))
        | as_booleans(_first_episode_not_a_start(rows))
        | as_booleans(_next_episode_missing(rows))
        | as_booleans(_opens_what_goes_on(rows))
        | as_booleans(_leaves_a_gap(rows))
    )
    count = int(broken.sum())
    return count >= SET_ASIDE_ROWS and count > SET_ASIDE_SHARE * len(broken)


RULES = tuple(_EPISODES.rules)
