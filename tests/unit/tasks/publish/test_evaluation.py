"""No arithmetic on published effects and costs leads back to an exact count."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from schemas.digits import ESTIMATE, MONEY, MONEY_EACH, PEOPLE, cost_digits
from tasks.costs.settings import CostSettings
from tasks.effects.models import EffectTables
from tasks.publish.edition import edition_files
from tasks.publish.edition_drawings import edition_drawings
from tasks.publish.ees import table_csv
from tasks.publish.evaluation import (
    PUBLISHED_COSTS,
    published_analysis,
    published_costs,
    published_effects,
    published_estimates,
    published_inputs,
    withheld_words,
)
from tasks.publish.report.analysis import amount_words, cost_cautions
from tasks.publish.tables import costs_file, effects_file
from tests.support.costs import (
    MODEL,
    SETTINGS,
    a_year,
    delivery,
    effect,
    effects,
    entry,
    exposed,
    referrals,
    run,
)
from tests.support.editions import edition_inputs, invented_effects
from tests.support.outcome_tables import WALSALL, outcome_table

COARSE = replace(PUBLISHED_COSTS, pooled=SETTINGS.pooled, estimators=SETTINGS.estimators)
OTHER = "no_wrong_door"
NPV, QUARTILE = "Net present value", "Lower quartile of net present value"
PROCEEDINGS = "plo_to_proceedings_16w"


def evidence(*, first=1193, estimate=-25.67570674, concerned=412):
    """Return effects and referrals of one model with an odd number of children."""
    rows = effects(
        effect(estimate=estimate, se=3.21987, children=first),
        entry(estimate=-0.0256757, children=first),
        effect(PROCEEDINGS, -0.1, 0.02, scale="risk_difference", children=concerned),
    )
    return rows, referrals(exposed("2020-21", first), exposed("2021-22", 500))


def published(rows, counts, outcomes=None, settings: CostSettings = COARSE):
    """Return every published text that rests on effects and costs, by name."""
    outcomes = outcome_table() if outcomes is None else outcomes
    none = pd.DataFrame()
    tables = EffectTables(**dict.fromkeys(EffectTables.__dataclass_fields__, none))
    analysis = published_analysis(
        replace(tables, effects=rows),
        outcomes,
        costs_of=lambda coarse: run(coarse, referral_rows=counts, settings=settings),
    )
    return {
        "effects": table_csv(effects_file(rows, outcomes, time="2022-23Q4").frame),
        "costs": table_csv(costs_file(analysis.costs.table, time="2022-23Q4").frame),
        "cost_inputs": table_csv(published_inputs(analysis.costs.inputs)),
        **edition_drawings(analysis),
    }


def test_every_number_of_children_that_rounds_alike_is_published_alike():
    one, other = published(*evidence(first=1193)), published(*evidence(first=1188))
    assert any(name.startswith("tornado") for name in one)
    assert [name for name in one if one[name] != other[name]] == []
    assert one != published(*evidence(first=1195))


def test_estimates_that_print_alike_are_valued_alike():
    one = published(*evidence(estimate=-25.67570674))
    other = published(*evidence(estimate=-25.68123456))
    assert [name for name in one if one[name] != other[name]] == []


def test_what_an_exact_count_would_have_given_away_is_seen():
    exact = replace(COARSE, children_digits=CostSettings(seed=1).children_digits)
    one = published(*evidence(first=1193), settings=exact)
    assert one != published(*evidence(first=1188), settings=exact)


def test_money_from_few_degrees_of_freedom_is_published_without_an_interval():
    def cells(df, measure):
        _, counts = evidence()
        text = published(effects(effect(df=df), entry(df=df)), counts)["costs"]
        table = pd.read_csv(io.BytesIO(text), dtype=str)
        fiscal = table[table["perspective"].eq("fiscal") & table["practice_model"].ne("Total")]
        of_it = fiscal[fiscal["measure"].str.startswith(measure)]
        (found,) = of_it[["central_value", "interval_low", "interval_high"]].to_numpy()
        return tuple(found)

    central, low, high = cells(5.0, NPV)
    assert {central, low, high}.isdisjoint({"x", "z"})
    assert cells(1.65, NPV) == (central, "x", "x")
    assert cells(5.0, QUARTILE)[0] not in {"x", "z"}
    assert cells(1.65, QUARTILE) == ("x", "x", "x")


@pytest.mark.parametrize(("df", "count"), [(5.0, 1), (1.65, 2)])
def test_the_page_warns_of_amounts_without_an_interval_where_there_are_any(df, count):
    found = cost_cautions(run(effects(effect(df=df), entry(df=df)), settings=COARSE).table)
    assert len(found) == count
    assert ("no interval" in found[-1]) == (df < 4)


def test_all_models_together_are_the_sum_of_what_is_published_of_each():
    rows = effects(effect(), effect(model=OTHER))
    counts = referrals(
        exposed("2020-21", 1194),
        exposed("2020-21", 1194, model=OTHER, la_code="E10000013"),
    )
    spent = delivery(*a_year(2020), *a_year(2020, model=OTHER, la_code="E10000013"))
    result = run(rows, spent, counts, settings=COARSE)
    found = result.table[result.table["measure"].eq("children_exposed")]
    by_model = dict(zip(found["model"], found["value"], strict=True))
    assert by_model == {MODEL: 1190, OTHER: 1190, COARSE.pooled: 2380}


def test_few_children_exposed_are_ten_and_none_are_none():
    assert PEOPLE.rounded([0, 1, 4, 5, 14, 15]).tolist() == [0, 10, 10, 10, 10, 20]


def test_a_hidden_number_of_children_is_the_sum_that_anyone_can_make():
    outcomes = outcome_table((PROCEEDINGS, WALSALL, "2020-21Q1", 100, 416))
    outcomes["model"] = MODEL
    rows, _ = evidence(concerned=414)
    found = published_effects(rows, outcomes).set_index("outcome")["children"]
    assert found[PROCEEDINGS] == 420
    assert found["cla_18m"] == 1190


@pytest.mark.parametrize(
    ("digits", "exact", "printed"),
    [
        (ESTIMATE, -25.67570674, -25.7),
        (ESTIMATE, 0.0256757, 0.0257),
        (ESTIMATE, -0.2345, -0.235),
        (MONEY, 12_345_678.9, 12_300_000),
        (MONEY, -12_345.678, -12_000),
        (MONEY, 499.0, 0),
        (MONEY_EACH, -123.456, -123),
        (MONEY_EACH, 23_456.7, 23_500),
    ],
)
def test_numbers_are_as_coarse_as_declared(digits, exact, printed):
    assert float(digits.rounded(exact)) == printed


def test_what_is_missing_or_without_end_stays_so():
    found = ESTIMATE.rounded([np.nan, np.inf])
    assert np.isnan(found[0])
    assert np.isinf(found[1])


def test_each_result_of_the_costs_has_its_own_digits():
    pounds = "GBP, 2024 prices"
    assert cost_digits("npv", pounds) is MONEY
    assert cost_digits("net_saving_per_child_referred", pounds) is MONEY_EACH
    assert cost_digits("break_even_unit_cost.cla_18m", f"{pounds}, per day") is MONEY_EACH
    assert cost_digits("children_exposed", "children") is PEOPLE
    assert cost_digits("units_avoided.neet", "years") is ESTIMATE


def test_rounding_what_is_rounded_changes_nothing():
    table = run(settings=COARSE).table
    once = published_costs(table)
    assert published_costs(once).equals(once)


def estimates(**columns):
    """Return the published form of one estimate of a change of a share."""
    row = effect(estimate=-0.1, se=0.04, scale="risk_difference", children=500)
    rows = effects({**row, "df": 3.1, "events": 60, "ci_low": -0.2, "ci_high": 0.01, **columns})
    (found,) = published_estimates(rows).to_dict("records")
    return found


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"events": 9}, "too few had the outcome, or had it not"),
        ({"events": 491}, "too few had the outcome, or had it not"),
        ({"estimate": 1.08, "ci_high": 3.2}, "no share can change by so much"),
        ({"estimate": -1.01}, "no share can change by so much"),
    ],
)
def test_an_estimate_no_one_should_rely_on_is_not_published_and_says_why(columns, words):
    found = estimates(**columns)
    assert all(np.isnan(found[name]) for name in ("estimate", "se", "ci_low", "ci_high", "p"))
    assert withheld_words(found["note"]) == words


@pytest.mark.parametrize(
    "columns",
    [{"df": 1.5}, {"events": 10}, {"events": 490}, {"estimate": 1.0}],
)
def test_one_at_the_limit_is_published(columns):
    found = estimates(**columns)
    assert found["estimate"] == columns.get("estimate", -0.1)
    assert withheld_words(found["note"]) == ""


def test_an_amount_has_no_events_and_no_bounds():
    found = estimates(scale="mean_difference", estimate=-25.7, events=4, ci_low=-60.0)
    assert (found["estimate"], found["ci_low"]) == (-25.7, -60.0)


def test_an_interval_ends_where_a_share_can_change_no_more():
    found = estimates(ci_low=-1.03, ci_high=3.2)
    assert (found["ci_low"], found["ci_high"]) == (-1.0, 1.0)


def test_what_is_published_of_what_is_published_is_the_same():
    row = effect(estimate=1.08, se=0.4, scale="risk_difference", children=500)
    note = "few clusters: 2 degrees of freedom; odds ratio 2.94 (0.10 to 86.0)"
    once = published_estimates(effects({**row, "events": 60, "note": note}))
    pd.testing.assert_frame_equal(published_estimates(once), once)
    assert once["note"].tolist() == ["not published: no share can change by so much"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-400.0, "-£400"),
        (-0.2, "£0"),
        (0.0, "£0"),
        (57_000.0, "£57,000"),
        (-99_999.0, "-£99,999"),
        (-100_000.0, "-£0.1 million"),
        (1_240_000.0, "£1.2 million"),
        (np.nan, "x"),
    ],
)
def test_money_on_the_page_is_never_nothing_with_a_sign(value, words):
    assert amount_words(value, "GBP, 2024 prices") == words


@pytest.mark.parametrize(("value", "words"), [(-13.3, "-13.3"), (0.97, "0.97"), (np.nan, "x")])
def test_a_ratio_on_the_page_has_the_digits_that_stand(value, words):
    assert amount_words(value, "ratio") == words


def test_the_page_says_of_every_outcome_why_an_estimate_is_not_published():
    impossible = invented_effects().assign(
        scale="risk_difference", estimate=1.08, events=60, note="odds ratio 2.94 (0.10 to 86.0)"
    )
    page = edition_files(edition_inputs(effects=impossible)).public["report.html"].decode()
    notes = page[page.index("Notes on the estimates") :]
    assert notes.count("not published: no share can change by so much") == len(impossible)
    assert "2.94" not in page
