"""A missing return changes no figure that is still given: it takes it away, or leaves it."""

from collections import defaultdict

import pytest
from pandas import concat

from samples.forms import Occasion, forms
from samples.history import told
from samples.settings import setting
from schemas.outcomes import OUTCOMES, TABLES_BEHIND
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.returns import RETURNS, table_named
from schemas.rows import AuthorityRows, Bar
from schemas.table import Coverage
from tasks.outcomes.authority import authority_outcomes
from tests.unit.tasks.outcomes.returned import at_rest, frozen, returns_in, spoken_for

WALSALL = "E08000030"
FIRST, LAST = Quarter.parse("2020-21Q1"), Quarter.parse("2023-24Q4")
FOURTH = [one for one in FIRST.through(LAST) if one.number == 4]
MIDDLE = 2021
IN_BETWEEN = Quarter(MIDDLE, 2)
"""What a year's statutory return told half-way through it, for a year whose last is missing."""
STATUTORY = ("cin_census", "ssda903")
OTHERS = ("pre_proceedings", "school_attendance", "workforce", "programme_delivery")
ASIDE = FigureReason.ROWS_SET_ASIDE
KEY = ["outcome", "model", "quarter"]
FIGURE = ["numerator", "denominator", "value", "status"]


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """Rows and tables at rest of every return of the fourth quarters, and of one in between."""
    out = tmp_path_factory.mktemp("holes")
    history = told(setting(WALSALL, first=FIRST, last=LAST, children=60, seed=3))
    found = {}
    for quarter in sorted([*FOURTH, IN_BETWEEN]):
        for name in (*STATUTORY, *OTHERS) if quarter in FOURTH else STATUTORY:
            for file, content in forms()[name](Occasion(history, quarter)):
                path = out / str(quarter) / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            files = returns_in(out / str(quarter) / name)[name]
            found[name, quarter] = at_rest(name, files, quarter, WALSALL)
    return found


def figures(submissions, *bars):
    """Return the outcome table of what counts of these submissions, with what bars it."""
    frames, covered, sent = defaultdict(list), defaultdict(set), defaultdict(set)
    for (name, quarter), (rows_by_table, tables) in submissions.items():
        quarters = set(spoken_for(name, quarter))
        covered[name] |= quarters
        if is_last_of_year(name, quarter, submissions):
            for table in tables:
                sent[table] |= quarters
            for table, rows in rows_by_table.items():
                frames[table].append(rows)
    whole = {table: concat(parts, ignore_index=True) for table, parts in frames.items()}
    rows = AuthorityRows(WALSALL, whole, frozen(covered), frozen(sent), bars)
    return authority_outcomes(rows, first=FIRST, last=LAST).outcomes.set_index(KEY)


def is_last_of_year(name, quarter, submissions):
    if RETURNS[name].coverage is Coverage.QUARTER:
        return True
    same = [one for other, one in submissions if (other, one.year) == (name, quarter.year)]
    return quarter == max(same)


def holes():
    """Yield what to leave out: each year of the statutory returns and one of each of the others.

    A third entry is the last quarter of the year that is still there, 0 for none.
    """
    yield from ((name, quarter.year, 0) for name in STATUTORY for quarter in FOURTH)
    yield from ((name, MIDDLE, 0) for name in OTHERS)
    yield from ((name, MIDDLE, IN_BETWEEN.number) for name in STATUTORY)


def changed(found, whole):
    """Return which figures are given without a word and are not those of all returns."""
    given = found.loc[~found["status"].eq("x") & ~found["reason"].eq(ASIDE), FIGURE]
    expected = whole.loc[given.index, FIGURE]
    same = (given == expected) | (given.isna() & expected.isna())
    return sorted(given.index[~same.all(axis=1)])


def test_a_missing_return_takes_figures_away_and_changes_none(submissions):
    whole = figures(submissions)
    known = whole["status"] != "x"
    assert known.groupby(level="outcome").any().sum() >= len(OUTCOMES) - 3
    for name, year, after in holes():
        kept = {
            (other, quarter): rows
            for (other, quarter), rows in submissions.items()
            if (other, quarter.year) != (name, year) or quarter.number <= after
        }
        found = figures(kept)
        assert not changed(found, whole), (name, year, after)
        assert (found["status"] != "x").sum() < known.sum(), (name, year, after)


def lost_tables(submissions):
    """Return the tables about children that figures are made of, as the middle year sent them."""
    year_end = Quarter(MIDDLE, 4)
    held = {name: rows[0] for (name, quarter), rows in submissions.items() if quarter == year_end}
    return {
        table: held[table_named(table)[0].name][table]
        for table in sorted(TABLES_BEHIND)
        if "child_key" in held.get(table_named(table)[0].name, {}).get(table, ())
    }


def test_rows_set_aside_change_no_figure_that_does_not_say_so(submissions):
    whole, quarter = figures(submissions), Quarter(MIDDLE, 4)
    named, tables = 0, lost_tables(submissions)
    assert len(tables) >= 8
    for table, rows in tables.items():
        name = table_named(table)[0].name
        frames, sent = submissions[name, quarter]
        # Every fifth child's rows, so that what is lost is seen in many figures.
        left = rows[rows["child_key"] % 5 != 0]
        spoiled = {**submissions, (name, quarter): ({**frames, table: left}, sent)}
        bar = Bar(ASIDE, name, frozenset(spoken_for(name, quarter)), table=table)
        found = figures(spoiled, bar)
        assert not changed(found, whole), table
        assert (found["status"] == "x").equals(whole["status"] == "x"), table
        said = found["reason"] == ASIDE
        named += len(changed(found[said].assign(reason=""), whole))
        assert 0 < said.sum() < len(found) / 2, table
    assert named
