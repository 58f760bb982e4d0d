import pytest

from schemas.prices import BENEFITS, FAMILIES
from tasks.costs.settings import CostSettings
from tests.support.costs import (
    MODEL,
    effect,
    effects,
    entry,
    exposed,
    given,
    overridden,
    referrals,
    row,
    run,
    value,
)

PROCEEDINGS = """
prices:
  - {id: ours, thing: care_proceedings, item: Care proceedings, amount_gbp: 10000, per: case,
     price_year: 2024, price_year_kind: calendar, payer: local_authority,
     perspective: fiscal, source: our accounts, grade: local}
"""
PLAN = """
prices:
  - {id: ours, thing: cp_plan, item: Plan, amount_gbp: 10, per: day,
     price_year: 2024, price_year_kind: calendar, payer: local_authority,
     perspective: fiscal, source: our accounts, grade: local}
"""


def priced_outcomes(result):
    table = result.table
    rows = table[
        table["model"].eq(MODEL)
        & table["perspective"].eq("fiscal")
        & table["measure"].isin([f"benefit_pv.{benefit.outcome}" for benefit in BENEFITS])
    ]
    return set(rows.loc[rows["value"].notna(), "measure"].str.removeprefix("benefit_pv."))


def test_an_entry_and_the_care_days_of_the_same_child_are_never_both_priced():
    book = given("care_days_per_entry.cla_18m=200")
    both = run(effects(effect(), entry()), book=book)
    assert priced_outcomes(both) == {"days_in_care_18m"}
    note = row(both, "benefit_pv.cla_18m")["note"]
    assert note == "not computed: not priced: days_in_care_18m already prices these children's care"


def test_of_two_windows_of_care_days_only_the_longer_is_priced():
    both = run(effects(effect(), effect("days_in_care_36m", -7.0), entry()))
    assert priced_outcomes(both) == {"days_in_care_36m"}


@pytest.mark.parametrize("outcome", ["cla_18m", "days_in_care_18m", "days_in_care_36m"])
def test_whatever_is_chosen_for_care_is_the_only_thing_priced_for_care(outcome):
    settings = CostSettings(seed=7, priced={"care": outcome})
    rows = effects(effect(), effect("days_in_care_36m", -7.0), entry())
    book = given("care_days_per_entry.cla_18m=200")
    assert priced_outcomes(run(rows, book=book, settings=settings)) == {outcome}


def test_no_family_ever_prices_two_outcomes():
    everything = effects(*(effect(benefit.outcome, -1.0) for benefit in BENEFITS))
    priced = priced_outcomes(run(everything, book=overridden(PLAN)))
    families = [benefit.family for benefit in BENEFITS if benefit.outcome in priced]
    assert len(families) == len(set(families))
    assert set(families) <= set(FAMILIES)


def test_care_by_entries_needs_days_per_entry_and_has_no_default():
    only_entry = run(effects(entry()))
    note = row(only_entry, "benefit_pv.cla_18m")["note"]
    assert note == "not computed: care_days_per_entry.cla_18m has no default and is not given"


def test_care_by_entries_is_entries_times_days_times_price():
    by_entry = run(effects(entry(-0.02)), book=given("care_days_per_entry.cla_18m=200"))
    by_days = run(effects(effect(estimate=-4.0), entry()))
    worth = value(by_entry, "benefit_pv.cla_18m")
    assert worth == pytest.approx(value(by_days, "benefit_pv.days_in_care_18m"))


def test_days_in_placements_without_a_price_count_as_nothing_and_this_is_said():
    assert "20.2% of units" in row(run(), "benefit_pv.days_in_care_18m")["note"]


def test_plan_days_without_a_price_are_not_computed_and_the_reason_is_given():
    result = run(effects(effect(), entry(), effect("cpp_days_36m", -5.0)))
    note = row(result, "benefit_pv.cpp_days_36m")["note"]
    assert note == "not computed: no price in use for cp_plan (none declared)"


def test_proceedings_name_each_price_passed_over():
    result = run(effects(effect(), entry(), effect("plo_to_proceedings_16w", -0.1, 0.02)))
    note = row(result, "benefit_pv.plo_to_proceedings_16w")["note"]
    assert "care_proceedings_court: price year 2005-06 is before the deflator's first year" in note


def test_proceedings_apply_to_the_children_counted_behind_the_estimate():
    rows = effects(entry(children=4000), effect("plo_to_proceedings_16w", -0.1, 0.0, children=400))
    result = run(rows, None, referrals(exposed(children=1000)), book=overridden(PROCEEDINGS))
    assert value(result, "units_avoided.plo_to_proceedings_16w") == pytest.approx(1000 * 0.1 * 0.1)
    assert "400 of 4000" in row(result, "units_avoided.plo_to_proceedings_16w")["note"]


def test_neet_needs_its_own_number_of_young_people():
    result = run(effects(effect(), entry(), effect("neet", -0.05, 0.01)))
    note = row(result, "benefit_pv.neet")["note"]
    assert note == "not computed: eligible_share.neet has no default and is not given"


def test_a_rise_is_a_cost_and_not_left_out():
    rows = effects(effect(), entry(), effect("cpp_days_36m", 5.0))
    result = run(rows, book=overridden(PLAN))
    assert value(result, "benefit_pv.cpp_days_36m") < 0
    assert value(result, "benefit_pv") < value(result, "benefit_pv.days_in_care_18m")


def test_a_longer_horizon_goes_on_at_the_rate_given_and_says_so():
    book = given("horizon_months.days_in_care_18m=36", "persistence.days_in_care_18m=0.5")
    longer = run(book=book)
    assert value(longer, "units_avoided.days_in_care_18m") == pytest.approx(1500 * 4 * 1.5)
    note = row(longer, "benefit_pv.days_in_care_18m")["note"]
    assert "counted to 36 months, 18 of them measured" in note


def test_a_parameter_can_hold_for_one_model_alone():
    book = given(f"care_days_per_entry.cla_18m@{MODEL}=200")
    assert value(run(effects(entry()), book=book), "units_avoided.cla_18m") == pytest.approx(6000)
