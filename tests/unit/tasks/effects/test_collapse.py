import numpy as np
import pytest
from pandas import NA, DataFrame, array

from schemas.errors import UsageError
from schemas.plan import PLAN, Covariate, Missing, Time
from tasks.effects.collapse import collapse, filled

WALSALL, LANCASHIRE = "E08000030", "E10000017"
AGE = Covariate("age", "age_at_referral", band_starts=(0, 1, 5))
DISABILITY = Covariate("disability", "is_disabled")


def children(**columns):
    base = DataFrame(
        {
            "la_code": [WALSALL, WALSALL, LANCASHIRE, LANCASHIRE],
            "model": "family_safeguarding",
            "cohort_quarter": ["2020-21Q1", "2020-21Q3", "2020-21Q1", "2020-21Q3"],
            "wedge": [0, 1, 0, 1],
            "exposed": array([False, True, False, False], dtype="boolean"),
            "exposure_quarters": [0.0, 0.6, 0.0, 0.0],
            "is_unborn": False,
            "age_at_referral": [0.0, 4.0, 12.0, 5.0],
            "is_disabled": array([True, False, NA, False], dtype="boolean"),
        }
    )
    return base.assign(**columns)


def cells(table, values, *, covariates=(), missing=Missing.INDICATOR, time=Time.WEDGE, keep=None):
    found = collapse(table, covariates=covariates, time=time, exposed="exposed")
    everyone = np.ones(len(table), dtype=bool) if keep is None else np.array(keep)
    return filled(found, np.array(values), is_event=True, missing=missing, keep=everyone)


def test_children_are_counted_by_authority_and_wedge():
    made = cells(children(), [1.0, 0.0, 1.0, 1.0])
    assert made.cluster_names == ("Walsall", "Lancashire")
    assert made.size == 4
    assert made.child_count == 4
    assert made.event_count == 3
    assert made.exposed.tolist() == [0, 1, 0, 0]


def test_a_child_without_a_value_is_not_counted():
    made = cells(children(), [1.0, np.nan, 1.0, 1.0])
    assert made.child_count == 3


def test_a_child_left_out_of_a_variation_is_not_counted():
    made = cells(children(), [1.0, 1.0, 1.0, 1.0], keep=[True, False, True, True])
    assert made.child_count == 3


def test_ages_fall_into_bands_and_the_unborn_have_their_own():
    table = children(is_unborn=[True, False, False, False], age_at_referral=[NA, 4.0, 12.0, 5.0])
    made = cells(table, [1.0] * 4, covariates=(AGE,))
    names = {"age unborn", "age 01+", "age 05+"}
    assert set(made.covariate_names) == names - {"age 05+"}


def test_an_unknown_covariate_is_a_level_of_its_own_or_leaves_the_child_out():
    by_indicator = cells(children(), [1.0] * 4, covariates=(DISABILITY,))
    assert "disability unknown" in by_indicator.covariate_names
    complete = cells(children(), [1.0] * 4, covariates=(DISABILITY,), missing=Missing.COMPLETE_CASE)
    assert complete.child_count == 3
    assert "disability unknown" not in complete.covariate_names


def test_exposure_time_counts_quarters_from_one():
    table = children(exposure_quarters=[0.0, 0.0, 0.0, 0.0])
    assert cells(table, [1.0] * 4, time=Time.QUARTER).exposure_time.tolist() == [0, 1, 0, 0]
    later = children(exposure_quarters=[0.0, 2.4, 0.0, 0.0])
    assert cells(later, [1.0] * 4, time=Time.QUARTER).exposure_time.tolist() == [0, 3, 0, 0]


def test_strata_and_models_come_from_the_declared_trial():
    made = cells(children(), [1.0] * 4)
    assert made.strata == ("high", "high")
    assert made.models == ("family_safeguarding", "family_safeguarding")


def test_a_cohort_without_a_planned_column_is_refused():
    with pytest.raises(UsageError, match="sex, ethnicity_group"):
        collapse(children(), covariates=PLAN.covariates, time=Time.WEDGE, exposed="exposed")
