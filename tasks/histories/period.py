"""Which period the dates of a return speak of: pure functions of its rows, sent or at rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas import DataFrame

from schemas.period import (
    CERTAIN_DAYS,
    DOUBTFUL_DAYS,
    EVIDENCE,
    FEW_DATES,
    LATE_DATES,
    LATE_DAYS,
    LATE_SHARE,
    NEAR_DAYS,
    NEXT_QUARTER_DAYS,
    STRAY_SHARE,
    THIN_SHARE,
    PeriodEvidence,
    first_covered_day,
    latest_term_end,
)
from schemas.quarter import Quarter
from schemas.quarter_spelling import spelled_quarter
from schemas.returns import RETURNS, table_named
from schemas.returns.school_attendance import TERM_LAST_DAYS
from schemas.table import Coverage

_Dates = npt.NDArray[np.datetime64]
_YEAR = 365
_NONE: _Dates = np.empty(0, "datetime64[D]")


@dataclass(frozen=True)
class PeriodDoubt:
    """Why a return does not look like that of its quarter.

    Attributes:
        looks_like: the quarter its newest dates lie in.
        is_certain: whether it cannot be the return of its own quarter; else it is a question.
        why: the same in a sentence, with counts and a month, and no value of any row.
    """

    looks_like: Quarter
    is_certain: bool
    why: str


@dataclass(frozen=True)
class _Seen:
    """The dates of a return, and what it should cover.

    Attributes:
        ended, begun: days, in order (see `PeriodEvidence`).
        quarter: the quarter it was sent for.
        first_day: the first day it covers.
        table: the one table they are of, as officers know it; empty for the whole return.
    """

    ended: _Dates
    begun: _Dates
    quarter: Quarter
    first_day: np.datetime64
    table: str = ""

    @cached_property
    def every(self) -> _Dates:
        """All dates, in order."""
        return np.sort(np.concatenate([self.ended, self.begun]))

    @cached_property
    def stray(self) -> int:
        """How many of the dates may be slips."""
        return int(len(self.every) * STRAY_SHARE)

    @property
    def last_day(self) -> np.datetime64:
        """The last day it covers."""
        return np.datetime64(self.quarter.last_day)

    @property
    def newest(self) -> np.datetime64:
        """The newest date that is no slip."""
        found: np.datetime64 = self.every[len(self.every) - 1 - self.stray]
        return found

    def between(self, first: np.datetime64, last: np.datetime64) -> int:
        """Return how many dates lie from one day to another, both included."""
        begin = np.searchsorted(self.every, first, side="left")
        return int(np.searchsorted(self.every, last, side="right") - begin)

    @cached_property
    def inside(self) -> int:
        """How many dates lie in what the return covers."""
        return self.between(self.first_day, self.last_day)

    @cached_property
    def after(self) -> int:
        """How many dates lie after it."""
        return int(len(self.every) - np.searchsorted(self.every, self.last_day, side="right"))

    @property
    def has_none_inside(self) -> bool:
        """Whether no date lies in what the return covers, slips left aside."""
        return self.inside <= self.stray

    def expected_days(self, first: np.datetime64) -> float:
        """Return on how many days from `first` on something would happen at the year's old rate."""
        begin = np.searchsorted(self.every, self.newest - _YEAR, side="right")
        end = np.searchsorted(self.every, self.newest, side="right")
        rate = len(np.unique(self.every[begin:end])) / _YEAR
        return rate * (_days_from(first, self.last_day) + 1)


def period_doubt(
    return_name: str, frames: Mapping[str, DataFrame], quarter: Quarter
) -> PeriodDoubt | None:
    """Return why rows do not look like the return of a quarter; None when they do, or say nothing.

    Args:
        return_name: as `ssda903`.
        frames: per table its rows, as sent or at rest; tables and columns may be missing.
        quarter: the quarter the return was sent for.
    """
    evidence = EVIDENCE.get(return_name, PeriodEvidence())
    if evidence.quarters:
        return _of_quarters_named(_texts(frames, evidence.quarters), quarter)
    seen = _seen(return_name, frames, quarter)
    if not len(seen.every):
        return None
    doubt = _past(seen, evidence) or _future(seen)
    if (doubt is None or not doubt.is_certain) and (of_table := _of_table(seen, frames, evidence)):
        return of_table
    if doubt or RETURNS[return_name].coverage is Coverage.QUARTER:
        return doubt
    return _without_last_term(seen) if evidence.terms else _silent(seen) or _thin(seen)


def _of_table(
    seen: _Seen, frames: Mapping[str, DataFrame], evidence: PeriodEvidence
) -> PeriodDoubt | None:
    """Return why the table that outcomes are made of is certainly of an earlier time than the rest.

    One file of a set is easily left over from the last return. It may be of a quiet time, where
    the others are not: so many days with an event have to be missing that this cannot be.
    """
    if not evidence.apart:
        return None
    alone = _alone(seen, frames, evidence)
    if not len(alone.every) or alone.expected_days(alone.first_day) < DOUBTFUL_DAYS:
        return None
    doubt = _past(alone, evidence) or _thin(alone)
    return doubt if doubt and doubt.is_certain else None


def _alone(seen: _Seen, frames: Mapping[str, DataFrame], evidence: PeriodEvidence) -> _Seen:
    return_, table = table_named(evidence.apart)
    ended, begun = (
        _days(frames, [one for one in places if one.startswith(f"{table.name}.")], evidence)
        for places in (evidence.ended, evidence.begun)
    )
    return replace(seen, ended=ended, begun=begun, table=str(table.sent_as or return_.name))


def is_of_another_period(
    return_name: str, frames: Mapping[str, DataFrame], quarter: Quarter
) -> bool:
    """Return whether rows at rest are certainly of another period than their return covers.

    Of the columns that tell, outcomes read only some: that these are silent in the last quarter
    alone proves nothing.
    """
    seen = _seen(return_name, frames, quarter)
    if not len(seen.every):
        return False
    doubt = _past(seen, EVIDENCE.get(return_name, PeriodEvidence())) or _future(seen)
    return doubt is not None and doubt.is_certain


def _seen(return_name: str, frames: Mapping[str, DataFrame], quarter: Quarter) -> _Seen:
    evidence = EVIDENCE.get(return_name, PeriodEvidence())
    first = first_covered_day(RETURNS[return_name].coverage, quarter)
    ended = _term_ends(frames) if evidence.terms else _days(frames, evidence.ended, evidence)
    begun = _days(frames, evidence.begun, evidence)
    return _Seen(ended, begun, quarter, np.datetime64(first))


def _days(
    frames: Mapping[str, DataFrame], columns: Iterable[str], evidence: PeriodEvidence
) -> _Dates:
    """Return the dates of some columns, in order."""
    found = [_NONE]
    for place in columns:
        table, _, name = place.partition(".")
        if name in frames.get(table, ()):
            days = frames[table][name].to_numpy().astype("datetime64[D]")
            found.append(days - (place in evidence.last_days_excluded))
    days = np.concatenate(found)
    return np.sort(days[~np.isnat(days)])


def _term_ends(frames: Mapping[str, DataFrame]) -> _Dates:
    """Return the last day of the school term of each row."""
    frame = frames.get("school_attendance", DataFrame())
    if frame.empty:
        return _NONE
    terms = frame.groupby(["academic_year", "term"], observed=True).size().reset_index(name="count")
    ends = [
        np.repeat(_term_end(str(year), str(term)), int(count))
        for year, term, count in terms.itertuples(index=False, name=None)
    ]
    days = np.concatenate([_NONE, *ends])
    return np.sort(days[~np.isnat(days)])


def _term_end(academic_year: str, term: str) -> np.datetime64:
    begun, _, _ = academic_year.partition("/")
    if term not in TERM_LAST_DAYS or not (begun.isascii() and begun.isdigit() and len(begun) == 4):
        return np.datetime64("NaT", "D")
    years, month, day = TERM_LAST_DAYS[term]
    return np.datetime64(f"{int(begun) + years:04d}-{month:02d}-{day:02d}", "D")


def _texts(frames: Mapping[str, DataFrame], columns: Iterable[str]) -> list[str]:
    places = (place.partition(".") for place in columns)
    held = [frames[table][name] for table, _, name in places if name in frames.get(table, ())]
    return [str(text) for texts in held for text in pd.unique(texts.dropna())]


def _of_quarters_named(texts: Iterable[str], quarter: Quarter) -> PeriodDoubt | None:
    named = {found for text in texts if (found := spelled_quarter(text))}
    if not named or quarter in named:
        return None
    newest = max(named)
    return PeriodDoubt(newest, is_certain=True, why=f"Its newest row is of {newest}.")


def _past(seen: _Seen, evidence: PeriodEvidence) -> PeriodDoubt | None:
    """Return why a return is of a time before what it should cover."""
    if not seen.has_none_inside or seen.newest >= seen.first_day:
        return None
    gap = _days_from(seen.newest, seen.first_day)
    count, ended = len(seen.every), len(seen.ended)
    expected = seen.expected_days(seen.first_day)
    is_certain = (
        ended >= FEW_DATES
        or (ended == count and gap > NEAR_DAYS)
        or expected >= CERTAIN_DAYS
        or (count >= evidence.fewest and gap > evidence.open_days)
    )
    is_doubtful = ended > 0 or expected >= DOUBTFUL_DAYS or gap > evidence.open_days
    return _none_inside(seen, is_certain=is_certain) if is_certain or is_doubtful else None


def _future(seen: _Seen) -> PeriodDoubt | None:
    """Return why a return is of a time after its quarter."""
    beyond = _days_from(seen.last_day, seen.newest)
    if seen.has_none_inside and seen.after > seen.stray:
        is_all_far = seen.after == len(seen.every) and beyond > NEAR_DAYS
        return _none_inside(seen, is_certain=seen.after >= FEW_DATES or is_all_far)
    is_many = seen.after >= max(LATE_DATES, LATE_SHARE * (seen.inside + seen.after))
    if not is_many or beyond <= LATE_DAYS:
        return None
    why = (
        f"{seen.after:,} of its dates lie after {_written(seen.last_day)}, {seen.inside:,} between "
        f"{_written(seen.first_day)} and that day."
    )
    return PeriodDoubt(_quarter_of(seen.newest), beyond >= NEXT_QUARTER_DAYS, why)


def _silent(seen: _Seen) -> PeriodDoubt | None:
    """Return why a return of several quarters may be that of an earlier one of them."""
    first = np.datetime64(seen.quarter.start)
    if seen.between(first, seen.last_day) > seen.stray or seen.newest >= first:
        return None
    expected = seen.expected_days(first)
    if expected < DOUBTFUL_DAYS:
        return None
    why = (
        f"None of its {len(seen.every):,} dates lies in {seen.quarter}, where {expected:.0f} days "
        f"with an event would be usual; the newest is of {_month(seen.newest)}."
    )
    return PeriodDoubt(_quarter_of(seen.newest), expected >= CERTAIN_DAYS, why)


def _thin(seen: _Seen) -> PeriodDoubt | None:
    """Return why a return is that of the year before, sent again with a few rows of its own."""
    first, count = seen.first_day, seen.between(seen.first_day - _YEAR, seen.first_day - 1)
    before = seen.every[seen.every < first][-count:] if count else _NONE
    share = (_days_from(first, seen.last_day) + 1) / _YEAR
    is_usual = seen.inside >= THIN_SHARE * share * count
    if is_usual or len(np.unique(before)) * share < CERTAIN_DAYS:
        return None
    place = f" in {seen.table}" if seen.table else ""
    why = (
        f"Only {seen.inside:,} of its dates{place} lie between {_written(first)} and "
        f"{_written(seen.last_day)}, and {count:,} in the year before."
    )
    return PeriodDoubt(_quarter_of(before[-1]), is_certain=True, why=why)


def _without_last_term(seen: _Seen) -> PeriodDoubt | None:
    """Return why a return may be from before the last term; some schools answer a term late."""
    last_term = np.datetime64(latest_term_end(seen.quarter.last_day))
    if len(seen.every) < CERTAIN_DAYS or seen.newest >= last_term:
        return None
    why = f"None of its {len(seen.every):,} rows is of the term that ended by {_written(last_term)}"
    return PeriodDoubt(_quarter_of(seen.newest), is_certain=False, why=f"{why}.")


def _none_inside(seen: _Seen, *, is_certain: bool) -> PeriodDoubt:
    """Return the doubt of a return without any date in what it should cover."""
    count, inside = len(seen.every), seen.inside
    none = f"Only {inside:,}" if inside else "None"
    place = f" in {seen.table}" if seen.table else ""
    which = f"of its {count:,} dates{place} lies" if count > 1 else "of its dates, one in all, lies"
    why = (
        f"{none} {which} between {_written(seen.first_day)} and {_written(seen.last_day)}; the "
        f"newest is of {_month(seen.newest)}."
    )
    return PeriodDoubt(_quarter_of(seen.newest), is_certain, why)


def _quarter_of(day: np.datetime64) -> Quarter:
    return Quarter.containing(pd.Timestamp(day).date())


def _days_from(first: np.datetime64, last: np.datetime64) -> int:
    return int((last - first) / np.timedelta64(1, "D"))


def _written(day: np.datetime64) -> str:
    found = pd.Timestamp(day)
    return f"{found.day} {found:%B %Y}"


def _month(day: np.datetime64) -> str:
    return f"{pd.Timestamp(day):%B %Y}"
