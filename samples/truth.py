"""The truth alongside the samples: outcome values the lives imply, and what was planted in them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from samples import rates
from samples.days import quarter_of
from samples.history import AuthorityHistory
from samples.implied.cohort import (
    FAMILY_VALUED_SUMS,
    PLAN_LENGTH_MATURITY,
    PLAN_LENGTH_MONTHS,
    SUMS,
    Member,
    implied_entered,
    member,
    middle,
    plan_lengths,
)
from samples.implied.quarterly import QUARTERLY_RATES, QUARTERLY_SHARES, YEARLY_OUTCOMES, added_by
from samples.implied.told import ToldChild, told_child
from samples.lives import DeliveryQuarter, WorkforceQuarter
from samples.settings import Model, Setting, setting
from schemas.authorities import lasting_code, reference_rows
from schemas.quarter import Quarter
from schemas.trial import adopters

_COLUMNS = (
    "outcome",
    "model",
    "la_code",
    "quarter",
    "numerator",
    "denominator",
    "value",
    "status",
    "reason",
)
_NOT_RETURNED = "NOT_RETURNED"
_NO_ONE_TO_COUNT = "NO_ONE_TO_COUNT"
_PER = 10_000
_LAG_QUARTERS = 1
_FAMILY_VALUED = "family_valued"

_WORKFORCE = {
    "sickness_absence": ("sickness_days", "fte_days"),
    "turnover": ("leavers_fte", "fte_start"),
    "agency_rate": ("agency_fte", "fte_start"),
    "direct_work_share": ("direct_work_hours", "total_hours"),
    "caseload": ("cases", "fte_start"),
}
_REUNIFICATIONS = {
    "reunification": "reunifications",
    "reunification_still_home": "reunifications_still_home",
}
_CONFERENCES = {
    "fgc_returned_home": "conferences_returned_home",
    "fgc_prevented_care": "conferences_prevented_care",
    "fgc_plan_avoided": "conferences_plan_avoided",
    "fgc_step_avoided": "conferences_step_avoided",
}


@dataclass(frozen=True)
class TrueOutcome:
    """One outcome value, as the outcome table prints it."""

    outcome: str
    model: str
    la_code: str
    quarter: str
    numerator: str = ""
    denominator: str = ""
    value: str = ""
    status: str = "x"
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the table is sorted by."""
        return self.outcome, self.model, self.la_code, self.quarter


@dataclass(frozen=True)
class _Reach:
    """Which quarters one authority's returns cover.

    Attributes:
        to_date: covered by the statutory and other year-to-date returns.
        own: covered by the returns that cover their own quarter only.
        collected: covered by the returns of anyone.
    """

    to_date: frozenset[Quarter]
    own: frozenset[Quarter]
    collected: frozenset[Quarter]

    def why_not(self, first: Quarter, *, before: int = 0, after: int = 0) -> str:
        """Return why the quarter and so many around it are not covered; empty where they are.

        What could have been returned is named first.
        """
        around = range(first.index - before, first.index + after + 1)
        missing = {Quarter.from_index(index) for index in around} - self.to_date
        if missing & self.collected:
            return _NOT_RETURNED
        return "NOT_MATURE" if missing else ""


def reach(
    quarters: Sequence[Quarter], *, own: Sequence[Quarter], first: Quarter, last: Quarter
) -> _Reach:
    """Return what returns for these quarters cover: year to date back to 1 April.

    Returns are collected from the year of the first quarter to the last. Those that cover their
    own quarter only are sent for the quarters of `own`.
    """
    to_date = {q for last in quarters for q in Quarter(last.year, 1).through(last)}
    collected = Quarter(first.year, 1).through(last)
    return _Reach(frozenset(to_date), frozenset(own), frozenset(collected))


@dataclass(frozen=True)
class Counted:
    """What one authority's children add up to.

    Attributes:
        quarterly: (outcome, quarter) to [numerator, denominator].
        cohort: the same for the model's cohort, by quarter of referral.
        lengths: days of each plan counted by `cpp_days_24m`, by quarter of referral.
        members, entrants: the cohort's size and how many entered care within 18 months.
    """

    quarterly: dict[tuple[str, Quarter], list[int]]
    cohort: dict[tuple[str, Quarter], list[int]]
    lengths: dict[Quarter, list[int]]
    members: dict[bool, int]
    entrants: dict[bool, int]


def true_counts(children: Iterable[ToldChild], own: Setting) -> Counted:
    """Return the sums over one authority's children as told at the cut."""
    quarterly: dict[tuple[str, Quarter], list[int]] = defaultdict(lambda: [0, 0])
    result = Counted(
        quarterly=quarterly,
        cohort=defaultdict(lambda: [0, 0]),
        lengths=defaultdict(list),
        members=defaultdict(int),
        entrants=defaultdict(int),
    )
    for child in children:
        for outcome, quarter, numerator, denominator in added_by(child, own.first, own.last):
            quarterly[outcome, quarter][0] += numerator
            quarterly[outcome, quarter][1] += denominator
        one = member(child, own.model) if own.model else None
        if one is not None:
            _count_member(result, one, own)
    return result


def _count_member(result: Counted, one: Member, own: Setting) -> None:
    quarter = quarter_of(one.referral.day)
    measures = SUMS | (FAMILY_VALUED_SUMS if _is_family_valued(own.model) else {})
    for outcome, (measure, months, _, _) in measures.items():
        numerator, denominator = measure(one, months)
        result.cohort[outcome, quarter][0] += numerator
        result.cohort[outcome, quarter][1] += denominator
    result.lengths[quarter].extend(plan_lengths(one, PLAN_LENGTH_MONTHS))
    exposed = one.referral.day >= own.go_live
    result.members[exposed] += 1
    result.entrants[exposed] += implied_entered(one, rates.EFFECT_WINDOW_MONTHS)[0]


# Rows


def true_outcomes(
    own: Setting,
    sums: Counted,
    covered: _Reach,
    *,
    quarters: Sequence[Quarter],
    workforce: dict[Quarter, WorkforceQuarter],
    delivery: dict[Quarter, DeliveryQuarter],
) -> Iterator[TrueOutcome]:
    """Yield every outcome row of one authority, in no order."""
    yield from _cohort_rows(own, sums, covered, quarters)
    for quarter in quarters:
        yield from _statutory_rows(own, sums, covered, quarter)
        yield from _workforce_rows(own, covered, quarter, workforce)
        yield from _delivery_rows(own, sums, covered, quarter, delivery)


def _cohort_rows(
    own: Setting, sums: Counted, covered: _Reach, quarters: Sequence[Quarter]
) -> Iterator[TrueOutcome]:
    if own.model is None:
        return
    measures = SUMS | (FAMILY_VALUED_SUMS if _is_family_valued(own.model) else {})
    for quarter in quarters:
        if not _overlaps(quarter, own.model):
            continue
        for outcome, (_, _, _, months) in measures.items():
            numbers = sums.cohort.get((outcome, quarter), [0, 0])
            why = _why_not_mature(covered, quarter, months)
            yield _row(own, outcome, quarter, numbers, why, model=own.model.name)
        why = _why_not_mature(covered, quarter, PLAN_LENGTH_MATURITY)
        yield from _length_rows(own, quarter, sums.lengths.get(quarter, []), why)


def _length_rows(
    own: Setting, quarter: Quarter, lengths: list[int], why: str
) -> Iterator[TrueOutcome]:
    """Yield mean and median length of protection plans, cut off at 24 months."""
    if own.model is None:
        return
    mean, half = "cpp_days_24m", "cpp_days_24m_median"
    yield _row(own, mean, quarter, [sum(lengths), len(lengths)], why, model=own.model.name)
    key = half, own.model.name, own.la_code, str(quarter)
    if why:
        yield TrueOutcome(*key, reason=why)
    elif not lengths:
        yield TrueOutcome(*key, "", "0", "", "z", _NO_ONE_TO_COUNT)
    else:
        yield TrueOutcome(*key, "", str(len(lengths)), _printed(middle(lengths)), "ok")


def _statutory_rows(
    own: Setting, sums: Counted, covered: _Reach, quarter: Quarter
) -> Iterator[TrueOutcome]:
    for outcome, look_back in QUARTERLY_RATES.items():
        numerator = sums.quarterly.get((outcome, quarter), [0, 0])[0]
        people = population(own.la_code, quarter.collection_year)
        why = covered.why_not(quarter, before=look_back) or ("" if people else "NUMBER_NOT_SENT")
        yield _row(own, outcome, quarter, [numerator, people or 0], why, per=_PER)
    for outcome, look_back in QUARTERLY_SHARES.items():
        why = covered.why_not(quarter, before=look_back)
        yield _row(own, outcome, quarter, sums.quarterly.get((outcome, quarter), [0, 0]), why)
    if quarter.number == 4:
        for outcome in YEARLY_OUTCOMES:
            numbers = sums.quarterly.get((outcome, quarter), [0, 0])
            yield _row(own, outcome, quarter, numbers, covered.why_not(quarter))


def _workforce_rows(
    own: Setting, covered: _Reach, quarter: Quarter, workforce: dict[Quarter, WorkforceQuarter]
) -> Iterator[TrueOutcome]:
    sent = workforce.get(quarter) if quarter in covered.own else None
    for outcome, (top, bottom) in _WORKFORCE.items():
        numbers = [getattr(sent, name) for name in (top, bottom)] if sent else []
        yield _row(own, outcome, quarter, numbers, "" if sent else _NOT_RETURNED)


def _delivery_rows(
    own: Setting,
    sums: Counted,
    covered: _Reach,
    quarter: Quarter,
    delivery: dict[Quarter, DeliveryQuarter],
) -> Iterator[TrueOutcome]:
    sent = delivery.get(quarter) if quarter in covered.own else None
    looked_after = sums.quarterly.get(("cla_rate", quarter), [0, 0])[0]
    for outcome, name in _REUNIFICATIONS.items():
        numbers = [getattr(sent, name), looked_after] if sent else []
        why = covered.why_not(quarter) if sent else _NOT_RETURNED
        yield _row(own, outcome, quarter, numbers, why)
    for outcome, name in _CONFERENCES.items():
        numbers = [getattr(sent, name), sent.conferences_held] if sent else []
        yield _row(own, outcome, quarter, numbers, "" if sent else _NOT_RETURNED)


def _row(
    own: Setting,
    outcome: str,
    quarter: Quarter,
    numbers: Sequence[float],
    why: str,
    *,
    model: str = "all",
    per: int = 1,
) -> TrueOutcome:
    """Return a row: x where there is a reason why, z over a true zero, else the value."""
    key = outcome, model, own.la_code, str(quarter)
    if why:
        return TrueOutcome(*key, reason=why)
    numerator, denominator = numbers
    if denominator == 0:
        return TrueOutcome(*key, "0", "0", "", "z", _NO_ONE_TO_COUNT)
    value = _printed(numerator / denominator * per)
    return TrueOutcome(*key, _printed(numerator), _printed(denominator), value, "ok")


def _printed(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.10g}"


def _why_not_mature(covered: _Reach, quarter: Quarter, months: int) -> str:
    return covered.why_not(quarter, after=-(-months // 3) + _LAG_QUARTERS)


def _overlaps(quarter: Quarter, model: Model) -> bool:
    starts_in_time = quarter.start.toordinal() <= model.referral_to
    return starts_in_time and quarter.last_day.toordinal() >= model.referral_from


def _is_family_valued(model: Model | None) -> bool:
    return model is not None and model.name == _FAMILY_VALUED


# Population


@cache
def _populations() -> dict[tuple[str, int], int]:
    """Return the newest population known for each lasting code and year."""
    rows = sorted(reference_rows("population_0_17.csv"), key=lambda row: row["vintage"])
    return {
        (lasting_code(row["la_code"]), int(row["year"])): int(row["population_0_17"])
        for row in rows
        if row["population_0_17"].isdigit()
    }


@cache
def population(la_code: str, year: int) -> int | None:
    """Return the children of a year, or of the nearest year the series has."""
    years = [y for code, y in _populations() if code == la_code]
    if not years:
        return None
    return _populations()[la_code, min(max(year, min(years)), max(years))]


# Files


def all_rows(
    sampled: Iterable[TrueOutcome], done: Iterable[str], *, first: Quarter, last: Quarter
) -> list[TrueOutcome]:
    """Return the rows of the sampled authorities and of every adopter, sorted."""
    rows = list(sampled)
    quarters = list(Quarter(first.year, 1).through(last))
    nothing = reach([], own=[], first=first, last=last)
    for la_code in set(adopters()) - set(done):
        own = setting(la_code, first=first, last=last, children=0, seed=0)
        none = true_counts([], own)
        rows.extend(true_outcomes(own, none, nothing, quarters=quarters, workforce={}, delivery={}))
    return sorted(rows, key=lambda row: row.key)


def write_outcomes(path: Path, rows: Iterable[TrueOutcome]) -> None:
    """Write the outcome table as `sfp outcomes --format csv` prints it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows([getattr(row, name) for name in _COLUMNS] for row in rows)


def true_cohort(own: Setting, sums: Counted) -> list[dict[str, str | int]]:
    """Return the size of the model's cohort and its entries into care, by exposure."""
    if own.model is None:
        return []
    return [
        {
            "model": own.model.name,
            "la_code": own.la_code,
            "exposed": int(exposed),
            "children": sums.members[exposed],
            "entered_18m": sums.entrants[exposed],
        }
        for exposed in (False, True)
    ]


def write_cohort(path: Path, rows: Sequence[dict[str, str | int]]) -> None:
    """Write cohort sizes: counts only, mature or not."""
    names = ("model", "la_code", "exposed", "children", "entered_18m")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: [str(row[name]) for name in names]))


def write_planted(path: Path, settings: dict[str, object]) -> None:
    """Write the planted effects and the settings that made these samples."""
    planted = {
        "odds_ratio_of_becoming_looked_after": rates.PLANTED_ODDS_RATIOS,
        "within_months": rates.EFFECT_WINDOW_MONTHS,
        "applies_to": (
            "each referral on or after go-live of a child in the model's age range, "
            "given age, sex, disability, earlier plans, authority, quarter and season"
        ),
        "settings": settings,
    }
    path.write_text(json.dumps(planted, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def told_children(history: AuthorityHistory) -> Iterator[tuple[str, ToldChild]]:
    """Yield every child of an authority by its id, as told at the cut."""
    for child in history.children:
        yield child.child_id, told_child(child, history.setting)


def history_rows(
    history: AuthorityHistory,
    children: Iterable[ToldChild],
    covered: _Reach,
    *,
    first: Quarter,
    last: Quarter,
) -> tuple[list[TrueOutcome], list[dict[str, str | int]]]:
    """Return one authority's outcome rows and cohort rows from its children as told at the cut."""
    own = history.setting
    sums = true_counts(children, own)
    rows = true_outcomes(
        own,
        sums,
        covered,
        quarters=list(Quarter(first.year, 1).through(last)),
        workforce=history.workforce,
        delivery=history.delivery,
    )
    return list(rows), true_cohort(own, sums)
