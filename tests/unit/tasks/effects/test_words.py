from dataclasses import replace
from math import nan

from schemas.plan import PLAN
from tasks.effects.result import EffectStatus, Scale, no_result, t_result
from tasks.effects.words import sentence
from tests.unit.tasks.effects.invented import cells, wedge

CELLS = cells(wedge())
CARE, DAYS = PLAN.outcomes[0], PLAN.outcomes[2]
ODDS = t_result(CELLS, estimate=-0.5, se=0.1, df=8.0, scale=Scale.LOG_ODDS_RATIO)
POINTS = t_result(CELLS, estimate=-0.02, se=0.004, df=8.0, scale=Scale.RISK_DIFFERENCE)


def said(outcome, primary, difference):
    return sentence(outcome, model="no_wrong_door", primary=primary, difference=difference)


def test_a_fall_is_told_in_odds_and_in_points():
    words = said(CARE, ODDS, POINTS)
    assert words.startswith("No Wrong Door, 5 authorities, ")
    assert "the odds were 0.61 times those without it (95% interval 0.48 to 0.76" in words
    assert "for the exposed children 2.0 percentage points lower" in words
    assert words.endswith("The interval lies on the side of a fall.")


def test_an_interval_that_includes_no_change_says_so():
    words = said(CARE, replace(ODDS, ci_high=0.1), POINTS)
    assert "The interval includes no change." in words


def test_few_authorities_are_a_caution():
    few = t_result(CELLS, estimate=-0.5, se=0.1, df=2.6, scale=Scale.LOG_ODDS_RATIO)
    assert said(CARE, few, POINTS).endswith("It rests on few authorities (2.6 degrees of freedom).")


def test_no_estimate_is_no_sentence_about_an_effect():
    nothing = no_result(CELLS, EffectStatus.NOT_MATURE, "too early", scale=Scale.LOG_ODDS_RATIO)
    words = said(CARE, nothing, nothing)
    assert words.endswith("no effect can be stated (not mature: too early).")


def test_an_amount_is_told_on_its_own_scale():
    days = t_result(CELLS, estimate=-3.2, se=1.0, df=8.0, scale=Scale.MEAN_DIFFERENCE)
    words = said(DAYS, days, days)
    assert "mean days looked after in the 18 months from referral: 3.2 lower after go-live" in words


def test_an_unbounded_odds_ratio_does_not_overflow():
    wide = replace(ODDS, ci_low=-900.0, ci_high=900.0)
    assert "95% interval 0.00 to 485165195" in said(CARE, wide, replace(POINTS, estimate=nan))
