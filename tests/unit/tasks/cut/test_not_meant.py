"""Numbers of workforce returns that cannot be meant, and the figures they take away."""

import pytest
from pandas import DataFrame

from schemas.outcomes import OUTCOMES
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from tasks.cut.bars import with_bars_from_rows
from tasks.cut.not_meant import out_of_scale, unfit_numbers
from tasks.outcomes.authority import authority_outcomes

USUAL = {
    "fte_days": 6400.0,
    "sickness_days": 320.0,
    "fte_start": 100.0,
    "leavers_fte": 4.5,
    "agency_fte": 12.5,
    "vacancies_fte": 8.0,
    "cases": 1650.0,
    "direct_work_hours": 9000.0,
    "total_hours": 45000.0,
}
FIRST = Quarter.parse("2022-23Q1")
WORKFORCE = [name for name, one in OUTCOMES.items() if one.subject == "workforce"]


def held(*changes):
    """Return the rows of an authority that sent the usual numbers, changed quarter by quarter."""
    sent = [USUAL | {"quarter": str(Quarter.from_index(FIRST.index + n))} for n in range(5)]
    rows = [one | (changes[n] if n < len(changes) else {}) for n, one in enumerate(sent)]
    quarters = frozenset(Quarter.parse(row["quarter"]) for row in rows)
    covered = {name: quarters for name in ("workforce", "ssda903", "cin_census")}
    return AuthorityRows("E08000030", {"workforce": DataFrame(rows)}, covered, {})


def lost(rows):
    """Return outcome and quarter of every workforce figure that is not given for this reason."""
    last = Quarter.from_index(FIRST.index + 4)
    table = authority_outcomes(with_bars_from_rows(rows), first=FIRST, last=last).outcomes
    away = table[table["outcome"].isin(WORKFORCE) & (table["status"] == "x")]
    assert set(away["reason"]) <= {FigureReason.NUMBER_NOT_MEANT}
    return {(row["outcome"], row["quarter"]) for _, row in away.iterrows()}


def test_usual_numbers_are_meant():
    assert lost(held()) == set()


@pytest.mark.parametrize("factor", [100.0, 0.01])
@pytest.mark.parametrize("column", [name for name in USUAL if name != "vacancies_fte"])
def test_a_number_out_by_100_gives_no_figure_of_its_quarter_and_harms_no_other(column, factor):
    found = lost(held({}, {}, {column: USUAL[column] * factor}))
    made_of_it = {name for name in WORKFORCE if column in OUTCOMES[name].numbers}
    assert {outcome for outcome, _ in found} >= made_of_it
    assert {quarter for _, quarter in found} == {"2022-23Q3"}


@pytest.mark.parametrize("column", ["cases", "agency_fte", "leavers_fte", "sickness_days"])
def test_a_numerator_out_by_100_takes_away_its_own_figure_alone_even_in_the_first_return(column):
    rows = held({column: USUAL[column] * 100})
    alone = AuthorityRows(
        rows.la_code,
        {"workforce": rows.frames["workforce"].head(1)},
        {name: frozenset([FIRST]) for name in rows.covered},
        {},
    )
    table = authority_outcomes(with_bars_from_rows(alone), first=FIRST, last=FIRST).outcomes
    status = table.set_index("outcome")["status"][WORKFORCE]
    made_of_it = {name for name in WORKFORCE if column in OUTCOMES[name].numbers}
    assert set(status[status == "x"].index) == made_of_it
    assert len(made_of_it) == 1


def test_of_two_numbers_that_do_not_fit_the_one_that_fits_a_third_is_meant():
    assert unfit_numbers(USUAL) == frozenset()
    assert unfit_numbers(USUAL | {"cases": 20000.0}) == {"cases"}
    assert unfit_numbers(USUAL | {"cases": 19999.0}) == frozenset()
    assert unfit_numbers(USUAL | {"cases": 60.0}) == {"cases"}
    assert unfit_numbers(USUAL | {"cases": 61.0}) == frozenset()
    assert unfit_numbers({"cases": 20000.0, "fte_start": 100.0}) == {"cases", "fte_start"}


def test_a_share_above_its_most_is_not_meant():
    assert unfit_numbers(USUAL | {"agency_fte": 300.0}) == frozenset()
    assert unfit_numbers(USUAL | {"agency_fte": 301.0}) == {"agency_fte"}


@pytest.mark.parametrize(
    ("amounts", "far"),
    [
        ([20, 600, 20, 21], [1]),
        ([20, 599, 20, 21], []),
        ([20, 600], [0, 1]),
        ([20], []),
        ([0.01, 0.99, 0.01], []),
        ([0.01, 1, 0.01], [1]),
        ([20, 600, 20, 600], [0, 1, 2, 3]),
    ],
)
def test_an_amount_is_out_of_scale_against_more_than_half_of_the_others(amounts, far):
    assert out_of_scale(dict(zip("abcd", amounts, strict=False))) == {"abcd"[n] for n in far}
