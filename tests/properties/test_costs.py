"""What is always true of the cost-benefit arithmetic, whatever the numbers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas import DataFrame

from schemas.prices import DiscountBand, declared_prices
from tasks.costs.appraisal import as_csv
from tasks.costs.money import accrual, discount_factors
from tasks.costs.settings import CostSettings
from tests.support.costs import (
    MODEL,
    SPEND,
    a_year,
    cost_tables,
    delivery,
    effect,
    effects,
    entry,
    exposed,
    overridden,
    referrals,
    run,
    value,
)

BOOK = declared_prices()
SEVERAL_PAYERS = """
prices:
  - {id: theirs, thing: care_foster, item: Foster care, amount_gbp: 90, per: week,
     price_year: 2022-23, price_year_kind: financial, payer: department_for_education,
     perspective: fiscal, source: invented, grade: illustration}
  - {id: plans, thing: cp_plan, item: Plan, amount_gbp: 60, per: week,
     price_year: 2020, price_year_kind: calendar, payer: health,
     perspective: fiscal, source: invented, grade: illustration}
"""
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
changes = st.floats(-30, 30).filter(lambda x: abs(x) > 1e-3)
years = st.integers(2019, 2022)
starts = st.lists(years, min_size=1, max_size=3, unique=True)
money = st.floats(1, 1e6)
children = st.integers(1, 5000)


def appraised(estimate=-4.0, *, book=BOOK, plan=None, **others):
    rows = [effect(estimate=estimate), entry()]
    if plan is not None:
        rows.append(effect("cpp_days_36m", plan))
    return run(effects(*rows), book=book, **others)


@few
@given(estimate=changes, times=st.floats(0.1, 10))
def test_benefits_are_proportional_to_the_effect(estimate, times):
    one, many = appraised(estimate), appraised(estimate * times)
    assert value(many, "benefit_pv") == pytest.approx(times * value(one, "benefit_pv"), rel=1e-8)


@few
@given(one=changes, other=changes)
def test_npv_is_linear_in_the_effect(one, other):
    middle = value(appraised((one + other) / 2), "npv")
    ends = value(appraised(one), "npv") + value(appraised(other), "npv")
    assert middle == pytest.approx(ends / 2, rel=1e-7, abs=1)


@few
@given(times=st.floats(0.1, 10))
def test_scaling_every_price_and_all_spend_scales_npv(times):
    dearer = replace(
        BOOK, prices=tuple(replace(p, amount_gbp=p.amount_gbp * times) for p in BOOK.prices)
    )
    spends = delivery()
    spends[SPEND] = spends[SPEND] * times
    scaled = appraised(book=dearer, delivery_rows=spends)
    assert value(scaled, "npv") == pytest.approx(times * value(appraised(), "npv"), rel=1e-8)
    assert value(scaled, "bcr") == pytest.approx(value(appraised(), "bcr"), rel=1e-8)


@few
@given(starts=starts, counts=st.lists(children, min_size=3, max_size=3), estimate=changes)
def test_discounting_at_nought_is_the_plain_sum(starts, counts, estimate):
    band = DiscountBand(0, None, 0.0, "invented", "test")
    result = appraised(
        estimate,
        book=replace(BOOK, discount_bands=(band,)),
        delivery_rows=delivery(*(q for start in starts for q in a_year(start))),
        referral_rows=referrals(
            *(
                exposed(f"{start}-{start - 1999}", count)
                for start, count in zip(starts, counts, strict=False)
            )
        ),
    )
    years = result.by_year[result.by_year["model"].eq(MODEL)]
    plain = (years["benefit"] - years["cost_set_up"] - years["cost_running"]).sum()
    assert value(result, "npv") == pytest.approx(plain, rel=1e-7, abs=0.01)


@few
@given(amounts=st.lists(money, min_size=3, max_size=3), base=st.sampled_from(["2016", "2021"]))
def test_spend_is_rebased_from_its_own_year_before_it_is_discounted(amounts, base):
    spends = delivery(
        *(
            q
            for start, amount in zip((2019, 2020, 2021), amounts, strict=True)
            for q in a_year(start, amounts=(amount, 0.0, 0.0, 0.0))
        )
    )
    result = appraised(delivery_rows=spends, settings=CostSettings(seed=7, base_year=base))
    level = BOOK.deflator.index(base, kind="calendar")
    real = [
        4 * amount * level / BOOK.deflator.index(f"{start}-{start - 1999}", kind="financial")
        for start, amount in zip((2019, 2020, 2021), amounts, strict=True)
    ]
    expected = sum(worth / 1.035**year for year, worth in enumerate(real))
    assert value(result, "cost_pv") == pytest.approx(expected, rel=1e-8)


@few
@given(base=st.sampled_from(["2013", "2018", "2022"]), estimate=changes)
def test_another_base_year_moves_every_amount_by_one_factor(base, estimate):
    factor = BOOK.deflator.index(base, kind="calendar") / 100
    now, then = (
        appraised(estimate, settings=CostSettings(seed=7, base_year=year))
        for year in ("2024", base)
    )
    for measure in ("benefit_pv", "cost_pv", "npv", "npv_median"):
        assert value(then, measure) == pytest.approx(factor * value(now, measure), rel=1e-7)
    assert value(then, "probability_npv_positive") == value(now, "probability_npv_positive")


@few
@given(estimate=changes, plan=changes)
def test_payers_outcomes_and_placements_each_add_to_the_total(estimate, plan):
    result = appraised(estimate, plan=plan, book=overridden(SEVERAL_PAYERS))
    table = result.table
    fiscal = table[table["model"].eq(MODEL) & table["perspective"].eq("fiscal")]
    total = value(result, "benefit_pv")
    by_payer = fiscal.loc[fiscal["measure"].str.startswith("benefit_pv.payer."), "value"]
    assert len(by_payer) == 3
    assert by_payer.sum() == pytest.approx(total, rel=1e-7, abs=0.01)
    outcomes = ["benefit_pv.days_in_care_18m", "benefit_pv.cpp_days_36m"]
    assert sum(value(result, name) for name in outcomes) == pytest.approx(total, abs=0.01)
    things = fiscal.loc[fiscal["measure"].str.contains("days_in_care_18m.care_"), "value"]
    assert things.sum() == pytest.approx(value(result, outcomes[0]), rel=1e-7, abs=0.01)


@few
@given(seed=st.integers(0, 2**31))
def test_a_seed_reproduces_every_byte(seed):
    chosen = CostSettings(seed=seed)
    first, again = (cost_tables(appraised(settings=chosen)) for _ in range(2))
    for name, table in first.items():
        assert as_csv(table) == as_csv(again[name])


@few
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_is_immaterial(seed):
    def shuffled(table: DataFrame) -> DataFrame:
        return table.sample(frac=1, random_state=seed).reset_index(drop=True)

    frames = (effects(effect(), entry(), effect("cpp_days_36m")), delivery(), referrals())
    one, other = run(*frames), run(*(shuffled(frame) for frame in frames))
    for name, table in cost_tables(one).items():
        assert as_csv(table) == as_csv(cost_tables(other)[name])


@few
@given(estimate=changes, plan=changes)
def test_at_its_break_even_every_effect_brings_npv_to_nought(estimate, plan):
    book = overridden(SEVERAL_PAYERS)
    result = appraised(estimate, plan=plan, book=book)
    at = value(result, "break_even_effect.cpp_days_36m")
    scale = abs(value(result, "benefit_pv")) + value(result, "cost_pv")
    assert value(appraised(estimate, plan=at, book=book), "npv") == pytest.approx(
        0, abs=1e-7 * scale + 0.01
    )


@few
@given(estimate=changes)
def test_a_child_worth_more_never_makes_paying_less_likely_where_entries_surely_fall(estimate):
    result = run(effects(effect(estimate=estimate), entry(-0.02, 0.0)))
    curve = result.acceptability[result.acceptability["model"].eq(MODEL)]
    assert curve["probability"].is_monotonic_increasing


@given(start=st.integers(0, 120), length=st.integers(1, 240))
def test_what_falls_by_year_adds_to_the_whole(start, length):
    shares = accrual(from_months=start, to_months=start + length)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= -1e-12).all()


@given(years=st.integers(1, 120))
def test_discount_factors_fall_from_one(years):
    factors = discount_factors(BOOK.discount_bands, years=years)
    assert len(factors) == years
    assert factors[0] == 1
    assert (np.diff(factors) < 0).all()
