import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from schemas.errors import UsageError
from schemas.prices import declared_prices
from tasks.costs.appraisal import as_csv
from tasks.costs.row import COST_COLUMNS
from tasks.costs.settings import CostSettings
from tests.support.costs import (
    MODEL,
    SETTINGS,
    a_year,
    cost_tables,
    delivery,
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

EXAMPLE = Path("schemas/cost_overrides_example.yaml").read_text(encoding="utf-8")


def test_the_columns_are_those_of_the_contract():
    assert list(run().table.columns) == list(COST_COLUMNS)
    assert list(COST_COLUMNS) == [
        "model", "perspective", "measure", "value", "unit", "low", "high", "note",
    ]  # fmt: skip


def test_npv_is_children_times_days_times_price_less_spend_worked_by_hand():
    level = {
        "2020-21": 0.75 * 85.2137 + 0.25 * 85.6358,
        "2021-22": 0.75 * 85.6358 + 0.25 * 90.5005,
    }
    price = 0.683 * 646 / 7 * 100 / 77.6367 + 0.115 * 318400 / 365.25 * 100 / 97.188025
    falls = {0: 1 / 3, 1: 7 / 12, 2: 1 / 12}
    benefit = sum(
        children * 4 * price * share / 1.035 ** (year + later)
        for year, children in ((0, 1000), (1, 500))
        for later, share in falls.items()
    )
    cost = 4 * 3340 * 100 / level["2020-21"] + 4 * 3340 * 100 / level["2021-22"] / 1.035
    result = run()
    assert value(result, "benefit_pv") == pytest.approx(benefit, abs=0.01)
    assert value(result, "cost_pv") == pytest.approx(cost, abs=0.01)
    assert value(result, "npv") == pytest.approx(benefit - cost, abs=0.01)
    assert value(result, "bcr") == pytest.approx(benefit / cost, abs=0.0001)
    assert value(result, "net_saving_per_child_referred") == pytest.approx((benefit - cost) / 1500)
    assert value(result, "cost_per_child_kept_from_care") == pytest.approx(cost / 30)


def test_nothing_is_deducted_for_what_would_have_happened_anyway():
    result = run()
    days = 4.0 * 1500
    assert value(result, "units_avoided.days_in_care_18m") == days
    named = " ".join([*result.inputs["input"], *result.table["measure"]])
    assert "deadweight" not in named
    assert "attribution" not in named


def test_without_a_cashable_share_there_is_no_cashable_figure():
    found = row(run(), "npv", perspective="fiscal_cashable")
    assert math.isnan(found["value"])
    assert found["note"] == "not computed: cashable_share.care has no default and is not given"


def test_the_cashable_case_takes_the_share_of_benefits_and_all_of_the_costs():
    result = run(book=given("cashable_share.care=0.4~0.1"))
    gross, cost = value(result, "benefit_pv"), value(result, "cost_pv")
    assert value(result, "benefit_pv", perspective="fiscal_cashable") == pytest.approx(0.4 * gross)
    assert value(result, "npv", perspective="fiscal_cashable") == pytest.approx(0.4 * gross - cost)


def test_optimism_bias_is_never_assumed():
    note = row(run(), "npv_after_optimism_bias")["note"]
    assert note == "not computed: optimism_bias.costs has no default and is not given"


def test_optimism_bias_raises_costs_and_lowers_benefits():
    result = run(book=given("optimism_bias.costs=0.1", "optimism_bias.benefits=0.15"))
    moved = 0.85 * value(result, "benefit_pv") - 1.1 * value(result, "cost_pv")
    assert value(result, "npv_after_optimism_bias") == pytest.approx(moved)


def test_a_grade_of_evidence_stands_for_its_share_and_says_it_is_unverified():
    result = run(book=given("optimism_bias_grade.costs=3", "optimism_bias_grade.benefits=4"))
    moved = 0.85 * value(result, "benefit_pv") - 1.1 * value(result, "cost_pv")
    assert value(result, "npv_after_optimism_bias") == pytest.approx(moved)
    assert "unverified" in row(result, "npv_after_optimism_bias")["note"]


def test_a_harm_is_raised_by_optimism_bias_and_not_lowered():
    book = given("optimism_bias.costs=0", "optimism_bias.benefits=0.15")
    result = run(effects(effect(estimate=4.0), entry()), book=book)
    moved = 1.15 * value(result, "benefit_pv") - value(result, "cost_pv")
    assert value(result, "npv_after_optimism_bias") == pytest.approx(moved)


def test_economic_and_social_benefits_stand_apart_and_are_added_once():
    rows = effects(
        effect(),
        entry(),
        effect("neet", -0.05, 0.01),
        effect("unauthorised_absence_3t", -0.01, 0.002, children=2000),
    )
    result = run(rows, book=overridden(EXAMPLE))
    apart = [value(result, "benefit_pv", perspective=p) for p in ("fiscal", "economic", "social")]
    assert all(part > 0 for part in apart)
    together = value(result, "benefit_pv", perspective="public_value")
    assert together == pytest.approx(sum(apart))
    assert not (
        result.table["perspective"].eq("economic") & result.table["measure"].eq("npv")
    ).any()


def test_money_that_only_changes_hands_is_left_out_of_public_value():
    lines = EXAMPLE.replace(
        "parameters:\n",
        """  - {id: benefits, thing: neet_18_24, item: Benefit payments, amount_gbp: 4000,
     per: year, price_year: 2022-23, price_year_kind: financial,
     payer: department_for_work_and_pensions, perspective: fiscal, is_transfer: true,
     source: invented, grade: illustration}
parameters:
""",
        1,
    )
    rows = effects(effect(), entry(), effect("neet", -0.05, 0.01))
    with_transfer, without = run(rows, book=overridden(lines)), run(rows, book=overridden(EXAMPLE))
    assert value(with_transfer, "benefit_pv") > value(without, "benefit_pv")
    same = value(without, "benefit_pv", perspective="public_value")
    assert value(with_transfer, "benefit_pv", perspective="public_value") == pytest.approx(same)


def test_public_value_is_not_shown_where_it_would_only_repeat_the_fiscal_case():
    note = row(run(), "npv", perspective="public_value")["note"]
    assert "no economic or social price" in note


def test_social_benefits_are_weighted_by_income_only_where_it_is_given():
    rows = effects(
        effect(), entry(), effect("unauthorised_absence_3t", -0.01, 0.002, children=2000)
    )
    result = run(rows, book=overridden(EXAMPLE))
    plain = value(result, "benefit_pv", perspective="social")
    weighted = value(result, "benefit_pv_distributionally_weighted", perspective="social")
    assert weighted == pytest.approx(plain * (35000 / 20000) ** 1.3)


def test_an_effect_that_could_not_be_estimated_gives_a_note_and_no_number():
    rows = effects(effect(estimate=None, note="separation"), entry(estimate=None))
    result = run(rows)
    assert "effect not estimable: separation" in row(result, "benefit_pv.days_in_care_18m")["note"]
    for measure in ("npv", "bcr", "payback_year", "probability_npv_positive", "npv_median"):
        assert math.isnan(value(result, measure))
        assert row(result, measure)["note"].startswith("not computed")
    assert value(result, "cost_pv") > 0
    assert math.isnan(value(result, "children_kept_from_care"))


def test_no_effects_at_all_still_give_the_cost():
    result = run(effects().iloc[:0])
    assert value(result, "cost_pv") > 0
    assert result.tornado.empty
    assert result.acceptability.empty


def test_an_authority_without_spend_is_left_out_of_both_sides_by_name():
    both = run(referral_rows=referrals(exposed(), exposed(la_code="E10000017", children=9000)))
    assert value(both, "children_exposed") == 1000
    assert "no spend reported: E10000017" in row(both, "npv")["note"]


def test_an_authority_whose_spend_cells_are_all_empty_has_no_spend():
    empty = a_year(2020, la_code="E10000017", amounts=(None,) * 4)
    both = run(
        delivery_rows=delivery(*a_year(2020), *empty),
        referral_rows=referrals(exposed(), exposed(la_code="E10000017", children=9000)),
    )
    assert value(both, "children_exposed") == 1000


def test_where_nobody_reported_spend_benefits_are_shown_and_no_npv():
    result = run(delivery_rows=delivery().iloc[:0])
    assert value(result, "benefit_pv") > 0
    for measure in ("npv", "cost_pv", "cost_per_child_kept_from_care"):
        note = row(result, measure)["note"]
        assert note == "not computed: no spend reported in programme_delivery"


def test_an_authority_without_children_exposed_is_left_out_of_both_sides_by_name():
    rows = delivery(*a_year(2020), *a_year(2021), *a_year(2020, la_code="E10000003"))
    result = run(delivery_rows=rows)
    assert value(result, "cost_pv") == value(run(), "cost_pv")
    assert "no children exposed: E10000003" in row(result, "npv")["note"]


@pytest.mark.parametrize("with_spend", [True, False])
def test_an_authority_with_a_year_not_known_is_left_out_of_both_sides_by_name(with_spend):
    hole = exposed("2021-22", la_code="E10000017", children=math.nan)
    rows = referrals(exposed(), exposed(la_code="E10000017", children=9000), hole)
    spends = delivery(*a_year(2020), *a_year(2020, la_code="E10000017"))
    result = run(delivery_rows=spends if with_spend else spends.iloc[:0], referral_rows=rows)
    assert value(result, "children_exposed") == 1000
    noted = row(result, "children_exposed")["note"]
    assert "children exposed not known, a return is missing: E10000017" in noted
    if with_spend:
        assert value(result, "cost_pv") == value(
            run(delivery_rows=delivery(*a_year(2020))), "cost_pv"
        )


def test_where_every_authority_has_a_year_not_known_nothing_is_priced():
    result = run(referral_rows=referrals(exposed(), exposed("2021-22", children=math.nan)))
    assert "no authority has both spend and known children exposed" in row(result, "npv")["note"]
    assert math.isnan(value(result, "npv"))


def test_an_effect_used_beyond_the_trial_authorities_says_so():
    pilot = "E10000003"
    result = run(
        delivery_rows=delivery(*a_year(2020), *a_year(2020, la_code=pilot)),
        referral_rows=referrals(exposed(), exposed(la_code=pilot)),
    )
    words = f"effect carried over to authorities it was not estimated on: {pilot}"
    assert words in row(result, "npv")["note"]
    assert "carried over" not in row(run(), "npv")["note"]


def test_spend_that_is_missing_is_said_beside_the_npv():
    result = run(delivery_rows=delivery(*a_year(2020), *a_year(2021)[:2]))
    assert "spend missing for 2 of 8 authority-quarters" in row(result, "npv")["note"]
    assert value(result, "spend_reported_share") == 0.75


def test_spend_the_deflator_does_not_cover_gives_benefits_and_no_npv():
    result = run(delivery_rows=delivery(*a_year(2024)), referral_rows=referrals(exposed("2024-25")))
    assert value(result, "benefit_pv") > 0
    assert "spend of 2024-25 cannot be rebased" in row(result, "npv")["note"]
    assert "spend of 2024-25 cannot be rebased" in row(result, "cost_pv")["note"]


def test_no_rise_in_children_kept_from_care_gives_no_cost_per_child():
    result = run(effects(effect(), entry(0.01)))
    note = row(result, "cost_per_child_kept_from_care")["note"]
    assert note == "not computed: no fewer children entered care"


def test_cost_per_child_has_an_interval_only_where_the_effect_is_surely_a_fall():
    sure = row(run(effects(effect(), entry(-0.02, 0.005))), "cost_per_child_kept_from_care")
    assert sure["low"] < sure["value"] < sure["high"]
    unsure = row(run(effects(effect(), entry(-0.02, 0.02))), "cost_per_child_kept_from_care")
    assert math.isnan(unsure["low"])
    assert "see the plane" in unsure["note"]


def test_the_pooled_row_uses_the_pooled_effect_and_every_model_together():
    two = (MODEL, "no_wrong_door")
    rows = effects(
        *(effect(model=m) for m in two), effect(estimate=-2.0, model="pooled"),
        *(entry(model=m) for m in (*two, "pooled")),
    )  # fmt: skip
    code = {MODEL: "E08000030", "no_wrong_door": "E08000005"}
    result = run(
        rows,
        delivery(*(q for m in two for q in a_year(2020, model=m, la_code=code[m]))),
        referrals(*(exposed(model=m, la_code=code[m]) for m in two)),
    )
    assert value(result, "units_avoided.days_in_care_18m", model="pooled") == 2.0 * 2000
    costs = [value(result, "cost_pv", model=m) for m in (*two, "pooled")]
    assert costs[2] == pytest.approx(costs[0] + costs[1])


def test_without_a_pooled_effect_the_pooled_row_says_so():
    assert (
        "no row in the effects table"
        in row(run(), "benefit_pv.days_in_care_18m", model="pooled")["note"]
    )


def test_an_authority_has_figures_of_its_own_only_where_it_agreed():
    two = referrals(exposed(), exposed(la_code="E10000017", children=300))
    spends = delivery(*a_year(2020), *a_year(2020, la_code="E10000017"))
    assert run(None, spends, two).by_authority.empty
    agreed = run(None, spends, two, settings=CostSettings(seed=7, consenting=("E10000017",)))
    own = agreed.by_authority
    assert set(own["la_code"]) == {"E10000017"}
    (children,) = own.loc[own["measure"].eq("children_exposed"), "value"]
    assert children == 300


def test_care_days_are_shown_by_placement_type():
    result = run()
    parts = [
        value(result, f"benefit_pv.days_in_care_18m.{thing}")
        for thing in ("care_foster", "care_residential")
    ]
    assert sum(parts) == pytest.approx(value(result, "benefit_pv.days_in_care_18m"))


def test_every_value_used_is_traced_to_its_origin():
    inputs = run(book=given("cashable_share.care=0.4~0.1")).inputs
    assert inputs["origin"].ne("").all()
    named = set(inputs.loc[inputs["model"].eq(MODEL), "input"])
    assert {
        "effect days_in_care_18m", "children exposed 2020-21", "set-up spend 2020-21",
        "price care_foster_week_2017", "parameter placement_mix.unpriced",
        "parameter cashable_share.care", "parameter price_cv.established", "GDP deflator 2017",
        "discount rate years 0 to 30", "setting seed",
    } <= named  # fmt: skip
    prices = inputs[inputs["input"].str.startswith(("price", "parameter"))]
    assert prices["source"].ne("").all()
    assert prices["grade"].ne("").all()


def test_the_balance_by_year_ends_at_the_npv():
    result = run()
    years = result.by_year[result.by_year["model"].eq(MODEL)]
    fiscal = years[years["perspective"].eq("fiscal")]
    assert fiscal["balance_pv"].iloc[-1] == pytest.approx(value(result, "npv"))


def test_payback_names_the_year():
    found = row(run(), "payback_year")
    assert (found["value"], found["unit"], found["note"]) == (
        0,
        "years after 2020-21",
        "2020-21",
    )


def test_too_few_draws_are_refused():
    with pytest.raises(UsageError, match="needs 10000, found 999"):
        CostSettings(seed=1, draws=999)


def test_an_outcome_cannot_stand_for_another_family():
    with pytest.raises(UsageError, match="neet cannot stand for care"):
        CostSettings(seed=1, priced={"care": "neet"})


def test_every_table_prints_as_csv_with_ten_significant_digits_and_blanks():
    for table in cost_tables(run()).values():
        text = as_csv(table)
        assert "nan" not in text.lower().split(",")
        assert text.endswith("\n")


def test_arguments_are_left_as_they_were():
    frames = (effects(), delivery(), referrals())
    before = [frame.copy(deep=True) for frame in frames]
    run(*frames)
    for old, new in zip(before, frames, strict=True):
        pd.testing.assert_frame_equal(old, new)


def test_a_discount_year_before_the_first_spend_makes_everything_worth_less():
    earlier = CostSettings(seed=7, first_year="2018-19")
    now, then = run(settings=SETTINGS), run(settings=earlier)
    assert value(then, "npv") == pytest.approx(value(now, "npv") / 1.035**2)


def test_a_price_grade_without_an_uncertainty_is_refused():
    book = declared_prices()
    kept = tuple(p for p in book.parameters if p.id != "price_cv.established")
    with pytest.raises(Exception, match=r"price_cv\.established is missing"):
        run(book=type(book)(**{**vars(book), "parameters": kept}))


def test_the_arithmetic_needs_neither_prefect_nor_a_plotting_library():
    code = (
        "import sys, tasks.costs.appraisal, tasks.costs.figures, tasks.costs.overrides;"
        "sys.exit(any(m in sys.modules for m in ('prefect', 'matplotlib')))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0


def test_rows_of_nought_reported_early_do_not_move_the_year_discounted_to():
    early = a_year(2017, amounts=(0.0,) * 4)
    quiet = [quarter | {"reunifications": 0} for quarter in early]
    with_early = run(
        delivery_rows=delivery(*quiet, *a_year(2020), *a_year(2021)),
        referral_rows=referrals(exposed("2018-19", 0), exposed(), exposed("2021-22", 500)),
    )
    assert value(with_early, "benefit_pv") == value(run(), "benefit_pv")
    assert value(with_early, "cost_pv") == value(run(), "cost_pv")


def test_a_programme_that_cost_nothing_has_no_ratio():
    free = delivery(*a_year(2020, amounts=(0.0,) * 4))
    assert row(run(delivery_rows=free), "bcr")["note"].endswith("cost is zero")


def test_social_benefits_are_not_weighted_without_an_income():
    book = overridden(EXAMPLE.replace("recipient_income_gbp", "reunification_weeks@x"))
    rows = effects(
        effect(), entry(), effect("unauthorised_absence_3t", -0.01, 0.002, children=2000)
    )
    measure = "benefit_pv_distributionally_weighted"
    note = row(run(rows, book=book), measure, perspective="social")["note"]
    assert note == "not computed: recipient_income_gbp has no default, not given"


def test_a_grade_that_does_not_exist_is_named():
    book = given("optimism_bias_grade.costs=9", "optimism_bias.benefits=0.1")
    note = row(run(book=book), "npv_after_optimism_bias")["note"]
    assert note == "not computed: optimism_bias_grade.costs: no such grade"


LOOSE = replace(SETTINGS, least_df=4.0)
DRAWN = ("npv", "bcr", "benefit_pv", "net_saving_per_child_referred", "benefit_pv.days_in_care_18m")
OF_DRAWS = ("probability_npv_positive", "npv_minimum", "npv_median", "npv_maximum")


def with_df(df, settings=LOOSE):
    return run(effects(effect(df=df), entry(df=df)), settings=settings)


@pytest.mark.parametrize("measure", DRAWN)
def test_an_effect_of_few_degrees_of_freedom_gives_a_central_value_alone(measure):
    full, bare = row(with_df(4.0), measure), row(with_df(3.99), measure)
    assert full["low"] < full["value"] < full["high"]
    assert bare["value"] == full["value"]
    assert math.isnan(bare["low"])
    assert math.isnan(bare["high"])
    assert "no interval: 3.99 degrees of freedom (needs 4)" in bare["note"]
    assert "no interval" not in full["note"]


@pytest.mark.parametrize("measure", OF_DRAWS)
def test_an_effect_of_few_degrees_of_freedom_gives_nothing_that_is_drawn(measure):
    assert not math.isnan(row(with_df(4.0), measure)["value"])
    bare = row(with_df(3.99), measure)
    assert math.isnan(bare["value"])
    assert bare["note"] == "not computed: no interval: 3.99 degrees of freedom (needs 4)"


@pytest.mark.parametrize("name", ["draws", "acceptability", "plane"])
def test_no_table_of_draws_holds_an_effect_of_few_degrees_of_freedom(name):
    assert len(getattr(with_df(4.0), name))
    assert not len(getattr(with_df(3.99), name))


def test_counts_and_cost_of_a_child_kept_from_care_say_why_they_have_no_interval():
    for measure in ("children_kept_from_care", "cost_per_child_kept_from_care"):
        assert row(with_df(4.0), measure)["low"] < row(with_df(4.0), measure)["high"]
        bare = row(with_df(1.65), measure)
        assert bare["value"] == row(with_df(4.0), measure)["value"]
        assert math.isnan(bare["low"])
        assert math.isnan(bare["high"])
        assert "1.65 degrees of freedom (needs 4)" in bare["note"]


def test_an_analysis_of_ones_own_has_every_interval():
    assert row(with_df(1.65, SETTINGS), "npv_minimum")["value"] < 0
