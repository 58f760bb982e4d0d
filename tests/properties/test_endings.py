"""What returns say against each other, decided child by child in plain Python from the words of
schemas/endings.py, and compared with what the pipeline takes."""

import random
from datetime import date, timedelta
from itertools import groupby

import pytest
from pandas import DataFrame, Series
from pandas.testing import assert_frame_equal

from schemas.endings import CORRECTED_WITHIN_DAYS, SPELLS
from schemas.quarter import Quarter
from tasks.histories.dates import FOREVER
from tasks.histories.endings import spells_settled

YEARS = (2019, 2020, 2022, 2023)
"""2021-22 was not returned."""
OPEN = date(2999, 12, 31)
SHORT_BREAKS = ("V3", "V4")


def last_quarter(year):
    return Quarter(year, 2 if year == YEARS[-1] else 4)


def told_by_chance(seed, *, with_reasons):
    """Rows of a few children as dirty returns have them: starts moved, ends lost, rows missing."""
    chance = random.Random(seed)
    rows = []
    for child in range(seed * 10, seed * 10 + chance.randint(1, 4)):
        end = None
        for _ in range(chance.randint(1, 5)):
            start = date(2019, 1, 1) + timedelta(days=chance.randrange(0, 1800, 7))
            start = end if end and chance.random() < 0.5 else start
            days = chance.randrange(chance.choice([20, 200]))
            end = None if chance.random() < 0.4 else start + timedelta(days=days)
            reason = chance.choice("SSPLTBU") if with_reasons else "S"
            rows += told_in_some_returns(chance, child, start, end, reason)
    return rows


def told_in_some_returns(chance, child, start, end, reason):
    for year in YEARS:
        if chance.random() < 0.45:
            moved = timedelta(days=chance.choice([0, 0, 0, 3, -3, 31, 32, 60]))
            closed = end if chance.random() < 0.7 else None
            status = "V4" if chance.random() < 0.05 else "C2"
            yield child, year, start + moved, closed, reason, status


def as_settled(rows, table):
    spell = SPELLS[table]
    columns = ["person_id", "year", spell.start, spell.end, "start_reason", "legal_status"]
    frame = DataFrame(rows, columns=columns).assign(end_reason=None, is_nfa=False)
    days = {spell.start: "datetime64[s]", spell.end: "datetime64[s]"}
    frame = frame.astype({**days, "person_id": "int64", "is_nfa": "boolean"})
    when = [last_quarter(year).index for year in frame["year"]]
    covered = {
        quarter for year in YEARS for quarter in Quarter(year, 1).through(last_quarter(year))
    }
    whole = frame.assign(when=Series(when, dtype="int64")).drop(columns="year")
    return spells_settled(whole, spell=spell, covered=covered)


class Told:
    """One spell, as the last return that has it tells of it."""

    def __init__(self, row, returns):
        _, self.year, self.start, end, self.reason, self.status = row
        self.end = self.sent_end = end or OPEN
        self.was_open = end is None
        self.returns = returns
        self.continues = self.reason != "S"
        self.kind = ""


def first_day_not_covered(year):
    return last_quarter(year).end


def spells_of(rows):
    """The latest return's word on each start of one child, and which returns have that start."""
    found = []
    for _, told in groupby(sorted(rows, key=lambda row: row[2]), key=lambda row: row[2]):
        versions = list(told)
        returns = {row[1] for row in versions}
        word = [row for row in versions if row[1] == max(returns)]
        # Of two rows of one start in one return the last in order of content counts.
        found.append(Told(max(word, key=content), returns))
    return [one for one in found if one.status not in SHORT_BREAKS]


def content(row):
    _, _, _, end, reason, status = row
    return (end is not None, end or OPEN, reason, status)


def one_is_the_other(mine, other):
    first, second = sorted((mine, other), key=lambda one: one.start)
    return (
        (second.start - first.start).days <= CORRECTED_WITHIN_DAYS
        and first.end > second.start
        and mine.reason == other.reason
        and mine.year not in other.returns
        and (other.start < first_day_not_covered(mine.year) or is_followed(mine.year))
    )


def is_followed(year):
    """Whether the next return that came in covers the day after the year's."""
    return last_quarter(year).number == 4 and year + 1 in YEARS


def judged(spells, *, has_ends):
    """Judge one child's spells, those of the latest return first."""
    for year in sorted({one.year for one in spells}, reverse=True):
        mine = [one for one in spells if one.year == year]
        later = [one for one in spells if one.year > year]
        later = [one for one in later if one.kind not in ("corrected", "replaced")]
        selves = corrected_selves(mine, later)
        for one in mine:
            one.kind = left_out_as(one, later, selves, has_ends=has_ends)
        for one, self in selves.items():
            if one.continues and self.start > one.start:
                for led in spells:
                    if led.year <= year and led.sent_end == one.start:
                        led.end = self.start
        kept = [one for one in mine if not one.kind]
        sent_ends = {one: one.end for one in kept}
        for one in kept:
            close(one, kept, later, sent_ends, has_ends=has_ends)


def corrected_selves(mine, later):
    """Return the spells that have another start now, each with that one: the last of each."""
    taken = {}
    for one in mine:
        could_be = [other for other in beside(one, later) if one_is_the_other(one, other)]
        if could_be:
            taken[could_be[-1]] = one
    return {one: other for other, one in taken.items()}


def beside(one, later):
    before = [other for other in later if other.start < one.start]
    after = [other for other in later if other.start > one.start]
    return before[-1:] + after[:1]


def left_out_as(one, later, selves, *, has_ends):
    if one in selves:
        return "corrected"
    before = [other for other in later if other.start < one.start]
    return "replaced" if has_ends and any(o.end > one.start for o in before) else ""


def close(one, kept, later, sent_ends, *, has_ends):
    days = []
    for other in [other for other in later if other.start > one.start][:1]:
        in_time = other.start < first_day_not_covered(one.year) or other.continues
        if other.start < sent_ends[one] and in_time:
            days.append(other.start)
    if one.was_open:
        days += [other.start for other in kept if other.start > one.start][:1]
    if days and has_ends:
        one.kind, one.end = "followed", min(days)
    elif one.was_open and one.year < max(YEARS):
        one.kind, one.end = "gone", max(first_day_not_covered(one.year), one.start)


def decided_child_by_child(rows, *, has_ends=True):
    found, kinds = [], []
    ordered = sorted(rows, key=lambda row: row[0])
    for child, told in groupby(ordered, key=lambda row: row[0]):
        spells = spells_of(list(told))
        judged(spells, has_ends=has_ends)
        kinds += [one.kind for one in spells]
        found += [
            (child, one.start, one.end)
            for one in spells
            if one.kind not in ("corrected", "replaced")
        ]
    return found, kinds


def as_taken(result, spell):
    rows = result.rows
    ends = rows["ends"].where(rows["ends"] != FOREVER, OPEN)
    days = [[day.date() for day in rows[spell.start]], [to_date(end) for end in ends]]
    return list(zip(rows["person_id"].tolist(), *days, strict=True))


def to_date(end):
    return end if isinstance(end, date) and not hasattr(end, "date") else end.date()


def many_children(*, with_reasons):
    return [row for seed in range(600) for row in told_by_chance(seed, with_reasons=with_reasons)]


@pytest.mark.parametrize("table", ["episodes", "cp_plans", "cin_plans", "missing_episodes"])
def test_spells_end_as_decided_child_by_child(table):
    is_care = table == "episodes"
    rows = many_children(with_reasons=is_care)
    rows = [row if is_care else (*row[:5], "C2") for row in rows]
    result = as_settled(rows, table)
    found, kinds = decided_child_by_child(rows)
    assert as_taken(result, SPELLS[table]) == found
    counts = {**result.counts, "gone": len(result.gone)}
    assert counts == {kind: kinds.count(kind) for kind in counts}
    assert all(counts.values())


def test_of_referrals_only_a_corrected_start_changes_anything():
    rows = [(*row[:5], "C2") for row in many_children(with_reasons=False)]
    result = as_settled(rows, "referrals")
    found, kinds = decided_child_by_child(rows, has_ends=False)
    assert [one[:2] for one in as_taken(result, SPELLS["referrals"])] == [one[:2] for one in found]
    assert set(kinds) == {"", "corrected", "gone"}
    assert len(result.gone) == kinds.count("gone")


def test_the_order_of_rows_is_immaterial():
    rows = many_children(with_reasons=True)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert_frame_equal(as_settled(shuffled, "episodes").rows, as_settled(rows, "episodes").rows)
