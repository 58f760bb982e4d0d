"""Five core measures of one authority: the pipeline's functions against hand-packed numpy.

    python -m benchmarks.outcomes [--toy]

Care histories, days in care, entry within 18 months, re-referral and plan days, from the same rows
at rest to the same answers, which are compared. numpy is the limit: no frames, dense person
numbers, days as small integers. Goal: the pipeline takes at most three times as long for an
authority of the size in a national run of ten years (60,000 rows of these tables); a small and a
large one are printed beside it, because a frame costs the same however few rows it has. Then every
outcome of an authority together, in CPU seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from benchmarks.outcomes_limit import Limit, limit
from benchmarks.toy import TOY
from schemas.derived import COLUMNS_READ
from schemas.endings import SPELLS
from schemas.outcomes import OUTCOMES
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import AuthorityRows
from schemas.trial import windows
from tasks.histories.care import care_episodes, days_looked_after, periods_of_care
from tasks.histories.cohort import cohort_children
from tasks.histories.dates import months_after
from tasks.histories.endings import spells_settled
from tasks.histories.referrals import earlier_referral
from tasks.outcomes.authority import authority_outcomes
from tasks.outcomes.care import cla, days_in_care
from tasks.outcomes.plans import cpp_days_36m

GOAL = 3.0
REPEATS = 7
NATIONAL = 60_000
SIZES = (13_000, NATIONAL, 130_000)
TOY_ROWS = 600
LA_CODE = "E08000030"
WINDOW = windows()["family_safeguarding"]
FIRST, LAST = Quarter.parse("2015-16Q1"), Quarter.parse("2024-25Q4")
EVERY = frozenset(FIRST.through(LAST.next()))
START = np.datetime64("2015-04-01", "s")
DAY = np.timedelta64(1, "D")
DAYS = 3600


@dataclass(frozen=True)
class Tables:
    """Rows of one authority, as `persons` hands them on."""

    episodes: DataFrame
    referrals: DataFrame
    cp_plans: DataFrame


def invented(rows: int, *, seed: int) -> Tables:
    """Return about that many rows at rest, every tenth told by two returns."""
    random = np.random.default_rng(seed)
    people = random.integers(1, 2**62, rows // 3)
    episodes = told_twice(_episodes(people[: rows // 12], random), random)
    referrals = told_twice(_referrals(people, rows * 5 // 10, random), random)
    plans = told_twice(_plans(people, rows // 10, random), random)
    return Tables(episodes, referrals, plans)


def _episodes(people: np.ndarray, random: np.random.Generator) -> DataFrame:
    count, each = len(people), 4
    length = random.integers(5, 250, (count, each))
    begins = np.cumsum(length, axis=1) - length + random.integers(0, DAYS - 1000, (count, 1))
    start = START + begins.ravel() * DAY
    place = np.tile(np.arange(each), count)
    return DataFrame(
        {
            "person_id": np.repeat(people, each),
            "when": _quarters(start),
            "episode_start": start,
            "start_reason": _texts(np.where(place == 0, "S", "P")),
            "legal_status": _texts(random.choice(["C2", "V2", "V3"], count * each)),
            "placement_code": _texts(random.choice(["U6", "K2", "T1"], count * each)),
            "placement_urn": _texts(random.choice(["SC1", "SC2"], count * each)),
            "episode_end": start + length.ravel() * DAY,
            "end_reason": _texts(np.where(place == each - 1, "E4A", "X1")),
            "place_change_reason": _texts(random.choice(["STAND", "CARPL"], count * each)),
        }
    )


def _referrals(people: np.ndarray, count: int, random: np.random.Generator) -> DataFrame:
    day = START + random.integers(0, DAYS, count) * DAY
    return DataFrame(
        {
            "person_id": random.choice(people, count),
            "when": _quarters(day),
            "referral_date": day,
            "closure_date": day,
            "is_nfa": pd.array(random.random(count) < 0.3, dtype="boolean"),
            "age_at_referral": random.integers(0, 18, count).astype("float64"),
            "is_unborn": False,
        }
    )


def _plans(people: np.ndarray, count: int, random: np.random.Generator) -> DataFrame:
    start = START + random.integers(0, DAYS, count) * DAY
    return DataFrame(
        {
            "person_id": random.choice(people, count, replace=False),
            "when": _quarters(start),
            "cp_plan_start": start,
            "cp_plan_end": start + random.integers(10, 700, count) * DAY,
            "previous_cp_plan_count": random.integers(0, 2, count).astype("float64"),
        }
    )


def _texts(values: np.ndarray) -> Series:
    return Series(values, dtype="str")


def _quarters(days: np.ndarray) -> np.ndarray:
    years = (days.astype("datetime64[M]").astype(np.int64) - 3) // 12 + 1970
    return years * 4 + 3


def told_twice(rows: DataFrame, random: np.random.Generator) -> DataFrame:
    again = rows.sample(frac=0.1, random_state=1).assign(when=lambda found: found["when"] + 4)
    return pd.concat([rows, again], ignore_index=True).sample(
        frac=1, random_state=int(random.integers(1000)), ignore_index=True
    )


def pipeline(tables: Tables) -> Limit:
    """Return the five measures by the pipeline's own functions."""
    referrals, episodes, plans = (
        spells_settled(getattr(tables, name), spell=SPELLS[name], covered=EVERY)
        for name in ("referrals", "episodes", "cp_plans")
    )
    periods = periods_of_care(care_episodes(episodes))
    history: Any = SimpleNamespace(
        children=cohort_children(referrals.rows, periods, window=WINDOW),
        looked_after=days_looked_after(periods),
        cp_plans=plans.rows,
    )
    dates = referrals.rows["referral_date"].to_numpy()
    return Limit(
        periods=len(periods),
        days_in_care=_numerators(days_in_care(history, OUTCOMES["days_in_care_18m"])),
        entered=_numerators(cla(history, OUTCOMES["cla_18m"])),
        rereferred=earlier_referral(referrals.rows) >= months_after(dates, -12),
        plan_days=_numerators(cpp_days_36m(history, OUTCOMES["cpp_days_36m"])),
    )


def _numerators(units: DataFrame) -> np.ndarray:
    return units["numerator"].to_numpy().astype(np.int64)


def by_hand(tables: Tables) -> Limit:
    """Return the five measures by hand-packed numpy."""
    return limit(tables.episodes, tables.referrals, tables.cp_plans, WINDOW)


def fastest(work: Callable[[], object]) -> float:
    """Return CPU seconds of the fastest of several runs."""

    def once() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return min(once() for _ in range(REPEATS))


def at_rest(tables: Tables) -> AuthorityRows:
    """Return the same rows as `authority_outcomes` takes them, everything covered."""
    frames = {
        name: table.rename(columns={"person_id": "child_key"})
        .assign(birth_mark=0, quarter=lambda found: _names(found["when"]))
        .drop(columns="when")
        for name, table in vars(tables).items()
    }
    return AuthorityRows(
        LA_CODE, frames, dict.fromkeys(RETURNS, EVERY), dict.fromkeys(COLUMNS_READ, EVERY)
    )


def _names(when: Series) -> Series:
    names = {index: str(Quarter.from_index(index)) for index in when.unique().tolist()}
    return when.map(names).astype("str")


def compare(rows: int) -> float:
    """Print both times for one size and return their ratio."""
    tables = invented(rows, seed=1)
    if pipeline(tables) != by_hand(tables):
        sys.exit(f"outcomes: pipeline and numpy disagree on {rows} rows")
    ours, theirs = fastest(lambda: pipeline(tables)), fastest(lambda: by_hand(tables))
    print(
        f"outcomes: five measures, {rows:,} rows: {ours * 1000:.1f} ms, "
        f"numpy {theirs * 1000:.1f} ms, ratio {ours / theirs:.2f} (goal {GOAL:g})"
    )
    return ours / theirs


def main(arguments: Sequence[str] = ()) -> int:
    if TOY in arguments:
        compare(TOY_ROWS)
        authority_outcomes(at_rest(invented(TOY_ROWS, seed=1)), first=FIRST, last=LAST)
        return 0
    ratios = {rows: compare(rows) for rows in SIZES}
    rows = at_rest(invented(NATIONAL, seed=1))
    whole = fastest(lambda: authority_outcomes(rows, first=FIRST, last=LAST))
    print(f"outcomes: all of one authority, {NATIONAL:,} rows, 40 quarters: {whole:.2f} CPU s")
    return 0 if ratios[NATIONAL] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
