import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from schemas import trial
from schemas.errors import DeclarationError
from schemas.outcomes import COHORT_OUTCOMES, OUTCOMES
from schemas.outcomes.outcome import SUBMISSION_LAG_MONTHS
from schemas.plan import PLAN, plan_hash, plan_text
from tasks.effects.registry import ESTIMATORS


def test_the_hash_is_the_same_in_another_process():
    code = "from schemas.plan import plan_hash; print(plan_hash())"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == plan_hash()
    assert len(plan_hash()) == 16


def test_any_change_of_the_plan_changes_its_hash():
    changed = (
        replace(PLAN, exposure_window=(1, 8)),
        replace(PLAN, covariates=PLAN.covariates[1:]),
        replace(PLAN, outcomes=(replace(PLAN.outcomes[0], window_months=24), *PLAN.outcomes[1:])),
    )
    assert len({plan_hash(PLAN), *map(plan_hash, changed)}) == 4


def test_the_text_of_the_plan_names_every_planned_thing():
    text = plan_text()
    named = (*PLAN.outcomes, *PLAN.covariates, *PLAN.sensitivities)
    assert all(f'"id": "{item.id}"' in text for item in named)


def test_every_estimator_of_the_plan_is_in_the_registry():
    assert {PLAN.primary_event, PLAN.primary_amount, *PLAN.beside} <= set(ESTIMATORS)
    assert ESTIMATORS[PLAN.primary_amount].takes_amounts


def test_every_planned_outcome_is_one_the_pipeline_computes():
    for planned in PLAN.outcomes:
        assert planned.id in COHORT_OUTCOMES
        models = OUTCOMES[planned.id].models or trial.MODELS
        assert planned.models == models
    assert PLAN.submission_lag_months == SUBMISSION_LAG_MONTHS


def test_a_plan_cannot_name_a_thing_twice():
    with pytest.raises(DeclarationError, match="stands twice"):
        replace(PLAN, outcomes=(PLAN.outcomes[0], PLAN.outcomes[0]))


def test_the_trial_is_as_the_file_declares_it():
    assert len(trial.clusters()) == 18
    assert [len(trial.analysed_clusters(model)) for model in trial.MODELS] == [5, 4, 4]
    assert trial.model_of("E08000030") == "family_safeguarding"
    assert trial.model_of("E09000001") is None
    assert trial.go_live_of("E08000029") is None


def test_family_valueds_window_is_the_one_decided():
    window = trial.windows()["family_valued"]
    assert (window.referral_from, window.referral_to) == (date(2019, 10, 1), date(2022, 12, 1))
    assert window.basis.endswith("0003-outcome-choices.md")


def test_wedges_begin_on_the_distinct_go_live_days_in_order():
    starts = trial.wedge_starts("no_wrong_door")
    assert list(starts) == sorted({one.go_live for one in trial.analysed_clusters("no_wrong_door")})
    assert date(2020, 3, 31) < starts[0]
    assert len(starts) == 4
    assert starts[-1] <= date(2022, 1, 1)
