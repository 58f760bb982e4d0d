"""Rows at rest of a few children, drawn at random: what may be sent, not only what is likely."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from pandas import DataFrame, Series

from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import AuthorityRows

FIRST, LAST = Quarter.parse("2019-20Q1"), Quarter.parse("2023-24Q4")
DAY_ONE = date(2019, 4, 1)
YEARS = range(2019, 2024)
LA_CODES = ("E08000030", "E10000031", "E08000005", "E06000001")

DATES = ("_date", "_start", "_end", "_month")
FLAGS = ("is_nfa", "is_unborn")
TEXTS = ("_reason", "_status", "_code", "_urn", "quarter", "sex", "gender", "ethnicity", "year")


def days(span: int = 365 * 5) -> st.SearchStrategy[date]:
    # Few distinct days, month ends among them, so that starts, ends and windows meet.
    near = st.integers(0, span // 20).map(lambda n: DAY_ONE + timedelta(days=20 * n))
    edges = st.sampled_from([date(2020, 8, 31), date(2020, 2, 29), date(2021, 3, 1)])
    return st.one_of(near, edges)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), strategy)


def row(children: st.SearchStrategy[int], **columns: st.SearchStrategy) -> st.SearchStrategy[dict]:
    sent_in = st.sampled_from(YEARS).map(lambda year: str(Quarter(year, 4)))
    return st.fixed_dictionaries({"child_key": children, "quarter": sent_in, **columns})


def episode(children: st.SearchStrategy[int]) -> st.SearchStrategy[dict]:
    return row(
        children,
        episode_start=days(),
        start_reason=st.sampled_from(["S", "S", "P", "L", "T", "B", "U", None]),
        legal_status=st.sampled_from(["C2", "C2", "V2", "V3", "V4"]),
        placement_code=st.sampled_from(["U6", "U1", "K2", "T1", "P1"]),
        placement_urn=st.sampled_from(["SC1", "SC2", None]),
        episode_end=maybe(days()),
        end_reason=st.sampled_from(["X1", "X1", "E4A", "E11", None]),
        place_change_reason=st.sampled_from(["STAND", "CARPL", None]),
    )


def tables(children: st.SearchStrategy[int]) -> dict[str, st.SearchStrategy[dict]]:
    referral = days()
    return {
        "episodes": episode(children),
        "referrals": row(
            children,
            referral_date=referral,
            age_at_referral=maybe(st.integers(0, 17)),
            is_unborn=st.booleans(),
            is_nfa=maybe(st.booleans()),
        ),
        "assessment_factors": row(
            children, referral_date=referral, factor_code=st.sampled_from(["3A", "4A", "9A"])
        ),
        "cp_plans": row(
            children,
            cp_plan_start=days(),
            cp_plan_end=maybe(days()),
            previous_cp_plan_count=st.integers(0, 2),
        ),
        "cin_plans": row(children, cin_plan_start=days()),
        "pre_proceedings": row(
            children, first_meeting_date=days(), proceedings_issued_date=maybe(days())
        ),
        "school_attendance": row(
            children,
            academic_year=st.sampled_from(["2019/20", "2020/21", "2021/22"]),
            term=st.sampled_from(["autumn", "spring", "summer"]),
            sessions_possible_count=st.integers(0, 140),
            sessions_unauthorised_absence_count=st.integers(0, 20),
        ),
        "children": row(
            children,
            birth_month=st.sampled_from([date(2004, 3, 1), date(2008, 3, 1), date(2015, 9, 1)]),
            sex=st.sampled_from(["1", "2", None]),
            ethnicity=st.sampled_from(["WBRI", "BAFR", "NOBT", None]),
        ),
        "oc2": row(children, sdq_score=maybe(st.integers(0, 40))),
        "oc3": row(children, activity_code=st.sampled_from(["G4", "F2", "0", None])),
    }


def frame(name: str, rows: list[dict]) -> DataFrame:
    """Return drawn rows as they rest in the warehouse."""
    columns = ["child_key", "quarter", *COLUMNS[name]]
    cells = DataFrame(rows, columns=columns, dtype="object")
    typed = {column: _typed(column, cells[column]) for column in columns}
    return DataFrame({**typed, "birth_mark": np.zeros(len(cells), dtype="int64")})


def _typed(column: str, cells: Series) -> Series:
    if column == "child_key":
        return cells.astype("int64")
    if column.endswith(DATES):
        return pd.to_datetime(cells).astype("datetime64[s]")
    if column in FLAGS:
        return cells.astype("boolean")
    is_text = column.endswith(TEXTS) or column in ("term", "academic_year")
    return cells.astype("str" if is_text else "float64")


COLUMNS = {
    "episodes": (
        "episode_start",
        "start_reason",
        "legal_status",
        "placement_code",
        "placement_urn",
        "episode_end",
        "end_reason",
        "place_change_reason",
    ),
    "referrals": ("referral_date", "age_at_referral", "is_unborn", "is_nfa"),
    "assessment_factors": ("referral_date", "factor_code"),
    "cp_plans": ("cp_plan_start", "cp_plan_end", "previous_cp_plan_count"),
    "cin_plans": ("cin_plan_start",),
    "pre_proceedings": ("first_meeting_date", "proceedings_issued_date"),
    "school_attendance": (
        "academic_year",
        "term",
        "sessions_possible_count",
        "sessions_unauthorised_absence_count",
    ),
    "children": ("birth_month", "sex", "ethnicity"),
    "oc2": ("sdq_score",),
    "oc3": ("activity_code",),
}

Drawn = dict[str, list[dict]]


def drawn(children: st.SearchStrategy[int], *, most: int = 6) -> st.SearchStrategy[Drawn]:
    """Draw a few rows of every table."""
    lists = {name: st.lists(one, max_size=most) for name, one in tables(children).items()}
    return st.fixed_dictionaries(lists)


def authority(rows: Drawn, la_code: str) -> AuthorityRows:
    """Return drawn rows as everything in force for one authority, whole and up to date."""
    covered = frozenset(FIRST.through(LAST))
    frames = {name: frame(name, found) for name, found in rows.items()}
    return AuthorityRows(
        la_code, frames, dict.fromkeys(RETURNS, covered), dict.fromkeys(COLUMNS, covered)
    )


def both(left: Drawn, right: Drawn) -> Drawn:
    """Return the rows of two draws together."""
    return {name: [*left[name], *right[name]] for name in left}
