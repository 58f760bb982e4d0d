"""Spells alongside the episodes: missing from care, social workers, deprivation of liberty."""

from pandas import DateOffset, Series

from expectations.gone import query_gone
from expectations.returns.ssda903.children import BIRTH, birth_dates
from expectations.rows import Booleans, Rows, as_booleans
from expectations.rule_set import RuleSet, example
from schemas.returns.ssda903 import DOLO, MISSING_EPISODES, SOCIAL_WORKER_EPISODES
from schemas.submission import Reach

_MISSING = RuleSet(MISSING_EPISODES)
_WORKERS = RuleSet(SOCIAL_WORKER_EPISODES)
_ORDERS = RuleSet(DOLO)
MAY, JUNE, JULY = "2023-05-01", "2023-06-01", "2023-07-01"
_EPISODE = ("episodes.child_id", "episodes.episode_start", "episodes.episode_end")


def _ends_before_start(rows: Rows, table: str, start: str, end: str) -> Series:
    return rows[table][end] < rows[table][start]


def _is_open_before_another(rows: Rows, table: str, start: str, end: str) -> Booleans:
    is_open = as_booleans(rows[table][end].isna())
    return is_open & rows.after(table, (start, end)).found


def _starts_during_another(rows: Rows, table: str, start: str, end: str) -> Series:
    return rows[table][start] < rows.before(table, (start, end))[end]


# Missing from care


@_MISSING.error(
    "567",
    "The child is back before going missing. Correct MIS_START or MIS_END.",
    "missing_start",
    "missing_end",
    reach=Reach.RECORD,
    fails={"missing_start": JUNE, "missing_end": MAY},
    passes={"missing_start": MAY, "missing_end": MAY},
)
def _missing_ends_before_start(rows: Rows) -> Series:
    return _ends_before_start(rows, "missing_episodes", "missing_start", "missing_end")


@_MISSING.error(
    "570",
    "The child goes missing after the last day of the quarter. Correct MIS_START.",
    "missing_start",
    reach=Reach.RECORD,
    fails={"missing_start": "2024-04-01"},
    passes={"missing_start": "2024-03-31"},
)
def _missing_starts_after_quarter(rows: Rows) -> Series:
    return rows["missing_episodes"]["missing_start"] > rows.last_day


@_MISSING.error(
    "571",
    "The child is back before the year begins or after the last day of the quarter. Correct "
    "MIS_END, or take the spell out.",
    "missing_end",
    fails=({"missing_end": "2023-03-31"}, {"missing_end": "2024-04-01"}),
    passes=({"missing_end": "2023-04-01"}, {"missing_end": "2024-03-31"}),
)
def _missing_ends_outside_year(rows: Rows) -> Series:
    end = rows["missing_episodes"]["missing_end"]
    return (end < rows.year_start) | (end > rows.last_day)


@_MISSING.error(
    "574",
    "The child goes missing again while still missing. Correct MIS_START, or MIS_END of the "
    "earlier spell.",
    "missing_start",
    "missing_end",
    fails=(
        [{"missing_start": MAY, "missing_end": JULY}, {"missing_start": JUNE}],
        [{"missing_start": MAY}, {"missing_start": JUNE}],
    ),
    passes=[{"missing_start": MAY, "missing_end": JUNE}, {"missing_start": JUNE}],
)
def _is_missing_twice(rows: Rows) -> Series:
    spell = ("missing_episodes", "missing_start", "missing_end")
    return _starts_during_another(rows, *spell) | _is_open_before_another(rows, *spell)


@_MISSING.error(
    "586",
    "The child goes missing before being born. Correct MIS_START, or DOB in the header file.",
    "missing_start",
    needs=(BIRTH,),
    fails=example(missing_episodes=[{"missing_start": MAY}], children=[{"birth_date": JUNE}]),
    passes=example(missing_episodes=[{"missing_start": MAY}], children=[{"birth_date": MAY}]),
)
def _is_missing_before_birth(rows: Rows) -> Series:
    return rows["missing_episodes"]["missing_start"] < birth_dates(rows, "missing_episodes")


@_MISSING.query(
    "578",
    "The child goes missing on a day it was not looked after. Check MIS_START and the episodes.",
    "missing_start",
    needs=_EPISODE,
    fails=example(missing_episodes=[{"missing_start": MAY}], episodes=[{"episode_start": JUNE}]),
    passes=example(missing_episodes=[{"missing_start": JUNE}], episodes=[{"episode_start": MAY}]),
)
def _is_missing_outside_care(rows: Rows) -> Booleans:
    start = rows["missing_episodes"]["missing_start"]
    inside = rows.is_within("missing_episodes", start, "episodes", "episode_start", "episode_end")
    on_last = rows.match_dates("missing_episodes", "missing_start", "episodes", "episode_end")
    known = rows.has("missing_episodes", "episodes") & as_booleans(start.notna())
    return known & ~inside & ~on_last


@_MISSING.error(
    "577",
    "The child ceased to be looked after and is still missing. Give MIS_END, or correct DEC.",
    "missing_end",
    needs=(*_EPISODE, "missing_episodes.missing_start"),
    fails=example(
        missing_episodes=[{"missing_start": MAY}],
        episodes=[{"episode_start": "2022-05-01", "episode_end": JUNE}],
    ),
    passes=(
        example(
            missing_episodes=[{"missing_start": MAY, "missing_end": JUNE}],
            episodes=[{"episode_start": "2022-05-01", "episode_end": JUNE}],
        ),
        example(
            missing_episodes=[{"missing_start": MAY}],
            episodes=[
                {"episode_start": "2022-05-01", "episode_end": JUNE},
                {"episode_start": JUNE},
            ],
        ),
    ),
)
def _is_missing_after_care(rows: Rows) -> Series:
    missing, episodes = rows["missing_episodes"], rows["episodes"]
    left = rows.has("missing_episodes", "episodes")
    still = rows.has("missing_episodes", "episodes", episodes["episode_end"].isna())
    return missing["missing_end"].isna() & missing["missing_start"].notna() & left & ~still


# Social workers


@_WORKERS.error(
    "SW06STG2",
    "The social worker starts after the last day of the quarter. Correct SW_DECOM.",
    "social_worker_start",
    since=2024,
    reach=Reach.RECORD,
    fails={"social_worker_start": "2024-04-01"},
    passes={"social_worker_start": "2024-03-31"},
)
def _social_worker_starts_after_quarter(rows: Rows) -> Series:
    return rows["social_worker_episodes"]["social_worker_start"] > rows.last_day


@_WORKERS.error(
    "SW07STG2",
    "The social worker ends after the last day of the quarter. Correct SW_DEC, or leave it empty.",
    "social_worker_end",
    since=2024,
    fails={"social_worker_end": "2024-04-02"},
    passes={"social_worker_end": "2024-04-01"},
)
def _social_worker_ends_after_quarter(rows: Rows) -> Series:
    # Not included: the day after the quarter is an end on its last day.
    end = rows["social_worker_episodes"]["social_worker_end"]
    return end > rows.last_day + DateOffset(days=1)


@_WORKERS.error(
    "SW09STG2",
    "The social worker ends before starting. Correct SW_DECOM or SW_DEC.",
    "social_worker_start",
    "social_worker_end",
    since=2024,
    reach=Reach.RECORD,
    fails={"social_worker_start": JUNE, "social_worker_end": MAY},
    passes={"social_worker_start": MAY, "social_worker_end": MAY},
)
def _social_worker_ends_before_start(rows: Rows) -> Series:
    table = "social_worker_episodes"
    return _ends_before_start(rows, table, "social_worker_start", "social_worker_end")


@_WORKERS.error(
    "SW08STG2",
    "The child has a later social worker, so this one has ended. Give SW_DEC.",
    "social_worker_end",
    since=2024,
    needs=("social_worker_episodes.social_worker_start",),
    fails=[{"social_worker_start": MAY}, {"social_worker_start": JUNE}],
    passes=[
        {"social_worker_start": MAY, "social_worker_end": JUNE},
        {"social_worker_start": JUNE},
    ],
)
def _earlier_social_worker_not_ended(rows: Rows) -> Booleans:
    table = "social_worker_episodes"
    return _is_open_before_another(rows, table, "social_worker_start", "social_worker_end")


@_WORKERS.error(
    "SW10STG2",
    "The social worker starts before the child's earlier one ended. Correct SW_DECOM, or SW_DEC of "
    "the earlier one.",
    "social_worker_start",
    since=2024,
    needs=("social_worker_episodes.social_worker_end",),
    fails=[
        {"social_worker_start": MAY, "social_worker_end": JULY},
        {"social_worker_start": JUNE},
    ],
    passes=[
        {"social_worker_start": MAY, "social_worker_end": JUNE},
        {"social_worker_start": JUNE},
    ],
)
def _social_worker_overlaps_earlier(rows: Rows) -> Series:
    table = "social_worker_episodes"
    return _starts_during_another(rows, table, "social_worker_start", "social_worker_end")


# Deprivation of liberty


@_ORDERS.error(
    "702",
    "The order ends before it starts. Correct DOLO_START or DOLO_END.",
    "dolo_start",
    "dolo_end",
    since=2027,
    reach=Reach.RECORD,
    fails={"dolo_start": "2026-06-01", "dolo_end": "2026-05-01"},
    passes={"dolo_start": "2026-05-01", "dolo_end": "2026-06-01"},
)
def _order_ends_before_it_starts(rows: Rows) -> Series:
    return _ends_before_start(rows, "dolo", "dolo_start", "dolo_end")


@_ORDERS.error(
    "703",
    "The order starts after the last day of the quarter. Correct DOLO_START.",
    "dolo_start",
    since=2027,
    reach=Reach.RECORD,
    fails={"dolo_start": "2027-04-01"},
    passes={"dolo_start": "2027-03-31"},
)
def _order_starts_after_quarter(rows: Rows) -> Series:
    return rows["dolo"]["dolo_start"] > rows.last_day


@_ORDERS.error(
    "704",
    "The order ends before the financial year began. Correct DOLO_END, or take the order out.",
    "dolo_end",
    since=2027,
    fails={"dolo_end": "2026-03-31"},
    passes={"dolo_end": "2026-04-01"},
)
def _order_ended_before_the_year(rows: Rows) -> Series:
    return rows["dolo"]["dolo_end"] < rows.year_start


@_ORDERS.error(
    "705",
    "The order starts while an earlier one of the child runs. Correct DOLO_START, or DOLO_END of "
    "the earlier order.",
    "dolo_start",
    "dolo_end",
    since=2027,
    fails=(
        [
            {"dolo_start": "2026-05-01", "dolo_end": "2026-07-01"},
            {"dolo_start": "2026-06-01"},
        ],
        [{"dolo_start": "2026-05-01"}, {"dolo_start": "2026-06-01"}],
    ),
    passes=[
        {"dolo_start": "2026-05-01", "dolo_end": "2026-06-01"},
        {"dolo_start": "2026-06-01"},
    ],
)
def _orders_overlap(rows: Rows) -> Series:
    spell = ("dolo", "dolo_start", "dolo_end")
    return _starts_during_another(rows, *spell) | _is_open_before_another(rows, *spell)


query_gone(_MISSING)

RULES = (*_MISSING.rules, *_WORKERS.rules, *_ORDERS.rules)
