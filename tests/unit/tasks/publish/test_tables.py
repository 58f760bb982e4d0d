import pytest

from schemas.editions import TOTAL_ITEM
from tasks.publish.evaluation import published_inputs
from tasks.publish.tables import (
    completeness_file,
    costs_file,
    effects_file,
    safe_note,
    training_file,
)
from tests.support.editions import (
    PLANTED_MODULE,
    invented_completeness,
    invented_cost_inputs,
    invented_costs,
    invented_effects,
    invented_training,
)
from tests.support.outcome_tables import NORFOLK, ROCHDALE, WALSALL, outcome_table

NOTHING = outcome_table()


def effects(outcomes=NOTHING):
    return effects_file(invented_effects(), outcomes, time="2022-23Q4").frame


def test_children_behind_an_estimate_are_given_to_the_nearest_ten():
    assert set(effects()["children"]) <= {"1230", "x"}


def test_few_events_are_hidden():
    rows = effects()
    rows = rows[rows["outcome"].str.contains("36 months")]
    assert "c" in set(rows["events"])


def test_a_count_that_differs_by_few_from_a_sum_anyone_can_make_is_hidden():
    outcomes = outcome_table(
        ("cla_18m", WALSALL, "2020-21Q1", 100, 700), ("cla_18m", WALSALL, "2020-21Q2", 60, 536)
    )
    rows = effects(outcomes)
    mine = rows[
        rows["outcome"].str.contains("18 months")
        & (rows["practice_model"] == "Family Safeguarding")
    ]
    assert set(mine["children"]) == {"c"}
    assert set(mine["events"]) == {"c"}


def test_what_could_not_be_estimated_is_x():
    rows = effects()
    assert set(rows.loc[rows["practice_model"] == "No Wrong Door", "estimate"]) == {"x"}


def test_an_effect_has_the_digits_that_stand_and_none_after_them():
    rows = effects()
    assert {"-0.235"} == set(rows["estimate"]) - {"x"}
    assert {"0.100"} == set(rows["standard_error"]) - {"x"}


def test_a_p_value_that_rounds_to_nought_is_low():
    assert set(effects()["p_value"]) == {"low"}


def test_all_models_together_are_the_total():
    assert TOTAL_ITEM in set(effects()["practice_model"])


def test_costs_carry_their_unit_and_may_be_negative():
    rows = costs_file(invented_costs(), time="2022-23Q4").frame
    npv = rows[rows["measure"] == "Net present value, GBP 2024-25"]
    assert set(npv["central_value"]) == {"-12000"}


def test_children_exposed_are_given_to_the_nearest_ten():
    rows = costs_file(invented_costs(), time="2022-23Q4").frame
    exposed = rows[rows["measure"].str.startswith("children exposed")]
    assert set(exposed["central_value"]) == {"1230"}


def test_a_small_count_among_the_inputs_is_hidden_and_prices_are_not():
    values = published_inputs(invented_cost_inputs())["value"].tolist()
    assert values == ["1230", "c", "318400"]


def test_training_is_of_all_authorities_together():
    rows = training_file(invented_training(), time="2022-23Q4").frame
    assert PLANTED_MODULE not in set(rows["module"])
    planning = rows[(rows["module"] == "Planning") & (rows["measure"] == "Net promoter score")]
    columns = ["central_value", "forms", "authorities_counted"]
    assert planning[columns].to_numpy().tolist() == [["c", "c", "c"]]
    shown = rows[(rows["module"] == "Assessment") & (rows["measure"] == "Net promoter score")]
    assert shown[columns].to_numpy().tolist() == [["41.50", "120", "4"]]
    few = rows[(rows["module"] == "Planning") & (rows["central_value"] == "x")]
    assert few[columns].to_numpy().tolist() == [["x", "x", "0"]]


def test_no_table_is_made_of_nothing():
    assert effects_file(None, NOTHING, time="2022-23Q4") is None
    assert costs_file(None, time="2022-23Q4") is None
    assert training_file(None, time="2022-23Q4") is None


def test_completeness_counts_returns_due_and_counted():
    table = invented_completeness(la_codes=(WALSALL, ROCHDALE, NORFOLK))
    rows = completeness_file(table).frame
    total = rows[(rows["geographic_level"] == "National") & (rows["collection"] == TOTAL_ITEM)]
    assert total["returns_due"].astype(int).sum() == len(table)
    assert total["returns_refused"].astype(int).sum() == int(
        table["unsettled"].eq("rejected").sum()
    )
    assert total["returns_held"].astype(int).sum() == int(table["unsettled"].eq("held").sum())
    assert total["returns_received"].astype(int).sum() == int(table["received"].sum())


def test_a_note_that_counts_people_loses_that_part():
    note = "odds ratio 0.79; 3 children without a birth month left out; left out: Leicester"
    assert safe_note(note) == "odds ratio 0.79; left out: Leicester"


@pytest.mark.parametrize(
    "told",
    [
        "none or all with the event in cluster Rochdale",
        "no information on the effect in cluster Rochdale, Walsall",
    ],
)
def test_no_note_says_of_an_authority_that_none_or_all_had_the_outcome(told):
    expected = "few clusters; left out: Leicester"
    assert safe_note(f"few clusters; {told}; left out: Leicester") == expected
    assert safe_note(f"few clusters: {told}; left out: Leicester") == expected
