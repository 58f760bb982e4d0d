import pytest
from pandas import DataFrame

from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.rows import AuthorityRows, Bar
from schemas.trial import go_live_of
from tasks.outcomes.exposure import EXPOSURE_COLUMNS, exposed_children
from tasks.outcomes.maturity import covered_by

WALSALL, CAMBRIDGESHIRE = "E08000030", "E10000003"
FIRST, LAST = Quarter.parse("2017-18Q1"), Quarter.parse("2026-27Q4")
EVERY = frozenset(FIRST.through(Quarter.parse("2023-24Q4")))
REFERRED = (
    (WALSALL, "2019-20Q4", False),
    (WALSALL, "2020-21Q3", True),
    (WALSALL, "2020-21Q4", True),
    (WALSALL, "2022-23Q1", True),
)
"""Walsall went live in 2020-21Q2."""


def counted(*rows, la_code=WALSALL, without=(), bars=()):
    cohort = DataFrame(
        [("family_safeguarding", *row) for row in rows],
        columns=["model", "la_code", "cohort_quarter", "exposed"],
    )
    sent = {name: EVERY for name in ("ssda903", "cin_census")}
    for name, *quarters in without:
        sent[name] = sent[name] - {Quarter.parse(one) for one in quarters}
    came = covered_by(AuthorityRows(la_code, {}, sent, {}, tuple(bars)), first=FIRST, last=LAST)
    found = exposed_children(la_code, cohort, covered=came)
    return dict(zip(found["financial_year"], found["children_exposed"], strict=True))


def unknown(found):
    return {year for year, children in found.items() if children != children}


def test_children_referred_after_going_live_are_counted_by_financial_year():
    assert Quarter.containing(go_live_of(WALSALL)) == Quarter.parse("2020-21Q2")
    assert counted(*REFERRED) == {"2019-20": 0, "2020-21": 2, "2022-23": 1}


def test_authorities_left_out_of_effect_estimates_are_left_out_here():
    assert counted((CAMBRIDGESHIRE, "2020-21Q3", True), la_code=CAMBRIDGESHIRE) == {}


def test_a_child_whose_exposure_is_not_known_does_not_count():
    assert counted((WALSALL, "2020-21Q3", None)) == {"2020-21": 0}


@pytest.mark.parametrize("name", ["cin_census", "ssda903"])
def test_from_a_missing_return_on_children_exposed_are_not_known(name):
    found = counted(*REFERRED, without=[(name, "2021-22Q2")])
    assert unknown(found) == {"2021-22", "2022-23"}, "who was referred first is not known after it"
    assert found["2020-21"] == 2


def test_a_barred_return_is_as_one_that_did_not_come():
    bar = Bar(FigureReason.PERIOD_MISMATCH, "cin_census", frozenset([Quarter.parse("2020-21Q4")]))
    assert unknown(counted(*REFERRED, bars=[bar])) == {"2020-21", "2021-22", "2022-23"}


def test_follow_up_that_did_not_come_leaves_children_exposed_known():
    assert not unknown(counted(*REFERRED, without=[("ssda903", "2022-23Q2", "2022-23Q3")]))


def test_quarters_after_the_last_referral_are_not_missing():
    late = [(name, "2022-23Q2", "2022-23Q3") for name in ("cin_census", "ssda903")]
    assert not unknown(counted(*REFERRED, without=late))


def test_without_children_the_table_is_empty_and_has_its_columns():
    none = DataFrame(columns=["model", "la_code", "cohort_quarter", "exposed"])
    came = covered_by(AuthorityRows(WALSALL, {}, {}), first=FIRST, last=LAST)
    found = exposed_children(WALSALL, none, covered=came)
    assert tuple(found.columns) == EXPOSURE_COLUMNS
    assert found.empty
