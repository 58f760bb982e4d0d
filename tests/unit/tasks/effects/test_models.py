from dataclasses import replace
from math import isnan

import numpy as np
import pyarrow as pa
import pytest
from pandas import concat

from benchmarks.coverage import simulated_cohort
from schemas.derived import COHORT as COHORT_TABLE
from schemas.plan import PLAN
from schemas.trial import MODELS
from tasks.effects.collapse import COHORT_COLUMNS
from tasks.effects.group import Group
from tasks.effects.models import (
    ALLOCATION_COLUMNS,
    GROUPS,
    effect_tables,
    group_tables,
    model_effects,
    stacked,
)
from tasks.effects.notes import (
    NOTE_COLUMNS,
    intracluster_correlation,
    last_wedge_has_control,
    minimum_detectable,
)
from tasks.effects.registry import ESTIMATORS, estimate
from tasks.effects.table import EFFECT_COLUMNS

COHORT = simulated_cohort(3, children=400)
SHORT = replace(PLAN, outcomes=PLAN.outcomes[:3])
PRIMARY = PLAN.primary_event


@pytest.fixture(scope="module")
def tables():
    return effect_tables(COHORT, plan=SHORT)


def one(tables, **wanted):
    rows = tables
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    (row,) = rows.to_dict("records")
    return row


def test_every_model_and_the_pooled_has_every_planned_row(tables):
    assert tuple(tables.effects.columns) == EFFECT_COLUMNS
    assert set(tables.effects["model"]) == {*MODELS, "pooled"}
    of_one = tables.effects[
        (tables.effects["model"] == "pooled") & (tables.effects["outcome"] == "cla_18m")
    ]
    planned = {PRIMARY, *PLAN.beside, *(f"{PRIMARY}:{s.id}" for s in PLAN.sensitivities)}
    assert planned <= set(of_one["estimator"])


def test_no_outcome_model_and_estimator_stands_twice(tables):
    assert not tables.effects.duplicated(["outcome", "model", "estimator"]).any()


def test_authorities_left_out_are_named_in_every_row(tables):
    wanted = {
        "family_safeguarding": ["Cambridgeshire (pilot)"],
        "family_valued": ["Darlington (pilot)", "Solihull (no go-live date)"],
        "no_wrong_door": ["Middlesbrough (pilot)", "Leicester (withdrawn)"],
    }
    for model, names in wanted.items():
        notes = tables.effects.loc[tables.effects["model"] == model, "note"]
        assert all(name in note for note in notes for name in names)


def test_authorities_left_out_change_nothing_by_being_there():
    leicester = COHORT[COHORT["la_code"] == "E06000003"].assign(la_code="E06000016")
    more = concat([COHORT, leicester], ignore_index=True)
    first = model_effects(COHORT, plan=SHORT, model="no_wrong_door")
    again = model_effects(more, plan=SHORT, model="no_wrong_door")
    assert first.equals(again)


def test_the_order_of_children_is_immaterial():
    mixed = COHORT.sample(frac=1, random_state=1)
    plan = replace(PLAN, outcomes=PLAN.outcomes[:1], beside=(), sensitivities=())
    first = model_effects(COHORT, plan=plan, model="pooled")
    again = model_effects(mixed, plan=plan, model="pooled")
    assert again["estimate"][0] == pytest.approx(first["estimate"][0], rel=1e-9)


def test_a_cohort_read_back_from_arrow_gives_the_same():
    columns = [column.name for column in COHORT_TABLE.columns if column.name in COHORT]
    back = pa.Table.from_pandas(COHORT[columns], preserve_index=False).to_pandas()
    plan = replace(SHORT, outcomes=PLAN.outcomes[:1], beside=())
    first = model_effects(COHORT, plan=plan, model="no_wrong_door")
    assert model_effects(back, plan=plan, model="no_wrong_door").equals(first)


def test_the_cohort_table_has_every_column_the_plan_needs():
    declared = {column.name for column in COHORT_TABLE.columns}
    used = {outcome.id for outcome in PLAN.outcomes}
    used |= {covariate.column for covariate in PLAN.covariates}
    used |= {s.exposed_column for s in PLAN.sensitivities}
    used |= {s.drop_column for s in PLAN.sensitivities} - {""}
    assert used | set(COHORT_COLUMNS) <= declared


def test_pooling_takes_in_every_model(tables):
    row = one(tables.effects, outcome="cla_18m", model="pooled", estimator=PRIMARY)
    assert row["clusters"] == 13
    assert row["children"] == len(COHORT)


def test_the_randomisation_test_tells_its_smallest_p(tables):
    name = "stratified_randomisation_test"
    smallest = {"family_safeguarding": "0.083", "no_wrong_door": "0.250", "pooled": "0.021"}
    for model, p in smallest.items():
        row = one(tables.effects, outcome="cla_18m", model=model, estimator=name)
        assert f"cannot fall below {p}" in row["note"]
    valued = one(tables.effects, outcome="cla_18m", model="family_valued", estimator=name)
    assert isnan(valued["p"])
    assert "strata the order was drawn in are not published" in valued["note"]


def test_every_possible_order_is_listed_once_with_the_one_drawn_first(tables):
    assert tuple(tables.allocations.columns) == ALLOCATION_COLUMNS
    counts = tables.allocations.groupby("model").size().to_dict()
    assert counts == {"family_safeguarding": 12, "no_wrong_door": 4, "pooled": 48}
    drawn = tables.allocations[tables.allocations["is_observed"]]
    wanted = "Walsall, Lancashire, Telford and Wrekin, Wandsworth, Swindon"
    assert one(drawn, model="family_safeguarding")["order"] == wanted


def test_what_is_not_mature_is_a_row_without_a_number():
    young = COHORT.assign(cla_18m=np.nan)
    rows = model_effects(young, plan=SHORT, model="family_valued")
    of_one = rows[rows["outcome"] == "cla_18m"]
    assert of_one["estimate"].isna().all()
    assert of_one["note"].str.contains("not mature: no child's follow-up of 18 months").all()
    assert set(PLAN.beside) <= set(of_one["estimator"])


def test_an_outcome_nobody_returned_is_not_mature_either():
    rows = model_effects(COHORT.drop(columns="cla_36m"), plan=SHORT, model="family_valued")
    assert rows.loc[rows["outcome"] == "cla_36m", "estimate"].isna().all()


def test_a_model_without_children_is_a_row_without_a_number():
    rows = model_effects(COHORT[:0], plan=SHORT, model="no_wrong_door")
    assert rows["estimate"].isna().all()
    assert rows["note"].str.contains("no data: no child of these authorities").all()


def test_one_model_alone_is_not_pooled():
    alone = COHORT[COHORT["model"] == "family_valued"]
    plan = replace(SHORT, outcomes=PLAN.outcomes[:1])
    rows = model_effects(alone, plan=plan, model="pooled")
    assert rows["estimate"].isna().all()
    assert rows["note"].str.contains("one model only").all()


def test_an_authority_without_mature_children_is_named():
    lost = COHORT.copy()
    lost.loc[lost["la_code"] == "E06000030", "cla_18m"] = np.nan
    row = one(
        model_effects(lost, plan=SHORT, model="family_safeguarding"),
        outcome="cla_18m",
        estimator=PRIMARY,
    )
    assert row["clusters"] == 4
    assert "no child with a value: Swindon" in row["note"]


def test_amounts_have_a_mean_difference_and_no_odds(tables):
    rows = tables.effects[tables.effects["outcome"] == "days_in_care_18m"]
    assert set(rows["scale"]) == {"mean_difference"}
    assert PLAN.primary_amount in set(rows["estimator"])
    assert not rows["note"].str.contains("odds ratio").any()


def test_each_sensitivity_counts_the_children_it_should(tables):
    def children(name):
        estimator = f"{PRIMARY}:{name}"
        return one(tables.effects, outcome="cla_18m", model="pooled", estimator=estimator)[
            "children"
        ]

    assert children("born_only") == int((~COHORT["is_unborn"]).sum())
    assert children("without_no_further_action") == int((~COHORT["is_nfa"]).sum())
    assert children("half_follow_up_exposed") == len(COHORT)
    unknown = COHORT["is_disabled"].isna() | (COHORT["sex"] == "unknown")
    unknown |= COHORT["ethnicity_group"] == "unknown"
    assert children("complete_case") == int((~unknown).sum())


def test_notes_say_beside_each_estimate_what_it_rests_on(tables):
    assert tuple(tables.notes.columns) == NOTE_COLUMNS
    row = one(tables.notes, outcome="cla_18m", model="family_safeguarding")
    assert row["role"] == "primary"
    assert 0 <= row["icc"] < 0.2
    assert row["minimum_detectable_effect"] > 0
    assert row["last_wedge_has_control"] is False
    assert row["odds_ratio_low"] < row["odds_ratio"] < row["odds_ratio_high"]
    assert len(row["plan_hash"]) == 16


def test_the_sentence_can_be_quoted(tables):
    row = one(tables.notes, outcome="cla_18m", model="pooled")
    said = row["sentence"]
    assert said.startswith("All models together, 13 authorities, 5,200 children: ")
    assert "became looked after within 18 months of referral" in said
    assert "95% interval" in said
    amount = one(tables.notes, outcome="days_in_care_18m", model="pooled")["sentence"]
    assert "days looked after in the 18 months from referral" in amount


def test_the_correlation_within_authorities_is_the_analysis_of_variance():
    group = Group(COHORT, "pooled")
    same = np.zeros(len(group.children))
    assert isnan(intracluster_correlation(group, same))
    by_authority = group.children["la_code"].astype("category").cat.codes.to_numpy(dtype=float)
    assert intracluster_correlation(group, by_authority) == pytest.approx(1.0)
    random = np.random.default_rng(1).normal(size=len(same))
    assert intracluster_correlation(group, random) < 0.01


def test_the_last_wedge_of_a_trial_where_all_go_live_has_no_control():
    outcome = PLAN.outcomes[0]
    cells = Group(COHORT, "no_wrong_door").cells(outcome, PLAN, time=PLAN.time)
    assert not last_wedge_has_control(cells)
    assert last_wedge_has_control(cells.kept(cells.period < cells.period.max()))


def test_the_minimum_detectable_effect_follows_from_the_standard_error():
    cells = Group(COHORT, "pooled").cells(PLAN.outcomes[0], PLAN, time=PLAN.time)
    plain = estimate(cells, ESTIMATORS["fixed_effects_logit_model_based"])
    assert minimum_detectable(plain, power=0.8) == pytest.approx(2.8016 * plain.se, rel=1e-4)


def test_an_effect_planted_in_the_cohort_is_found():
    cohort = simulated_cohort(5, children=3000, effect=-0.6, noise=0.0)
    plan = replace(PLAN, outcomes=PLAN.outcomes[:1], beside=(), sensitivities=())
    (row,) = model_effects(cohort, plan=plan, model="pooled").to_dict("records")
    assert row["ci_low"] < -0.6 < row["ci_high"]
    assert row["p"] < 0.05


def test_the_models_estimated_one_by_one_join_to_the_same_bytes(tables):
    """Mapped over `GROUPS`, as a flow may do it on several processes."""
    parts = [group_tables(COHORT, plan=SHORT, model=model) for model in GROUPS]
    assert stacked(parts).effects.to_csv() == tables.effects.to_csv()
    assert stacked(parts).notes.to_csv() == tables.notes.to_csv()
    assert stacked(parts).allocations.equals(tables.allocations)
