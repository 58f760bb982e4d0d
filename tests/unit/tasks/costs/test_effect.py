import math

import pytest

from tasks.costs.effect import chosen_effect
from tests.support.costs import MODEL, SETTINGS, effect, effects, entry


def chosen(*rows, outcome="days_in_care_18m"):
    return chosen_effect(effects(*rows), model=MODEL, outcome=outcome, settings=SETTINGS)


def test_the_first_preferred_estimator_present_is_used():
    second = effect(estimate=-9.0, estimator=SETTINGS.estimators[2])
    assert chosen(second, effect()).estimate == -4


def test_a_primary_estimate_that_failed_is_not_replaced_by_one_that_did_not():
    second = effect(estimate=-9.0, estimator=SETTINGS.estimators[2])
    missing = chosen(effect(estimate=None, note="separation"), second)
    assert missing.reason == "effect not estimable: separation"


def test_an_odds_ratio_is_never_taken_for_a_change_per_child():
    odds = entry(estimate=0.8) | {"scale": "odds_ratio"}
    assert "difference scale" in chosen(odds, outcome="cla_18m").reason


def test_two_rows_of_one_estimator_are_not_chosen_between():
    assert "2 rows" in chosen(effect(), effect(estimate=-5.0)).reason


def test_an_outcome_that_is_not_in_the_table_is_said_to_be_missing():
    assert chosen(effect(), outcome="neet").reason == "no row in the effects table"


@pytest.mark.parametrize(("se", "df"), [(None, 5), (-1, 5), (1, 0), (math.inf, 5)])
def test_an_estimate_without_a_usable_standard_error_is_not_used(se, df):
    assert "standard error" in chosen(effect(se=se, df=df)).reason


def test_missing_degrees_of_freedom_stand_for_the_normal():
    assert math.isinf(chosen(effect(df=None)).df)
