from dataclasses import replace
from pathlib import Path

import pytest

import schemas.outcomes
from schemas.errors import DeclarationError
from schemas.outcomes import (
    COHORT_OUTCOMES,
    OUTCOME_TABLES,
    OUTCOMES,
    PRIMARY_OUTCOME,
    PUBLISHED,
    outcomes_by_id,
    outcomes_shown,
    quantities_by_name,
)
from schemas.outcomes.outcome import PER_10_000, OutcomeKind, Statistic
from schemas.outcomes.themes import PUBLIC_SEVEN, RESTRICTED_SEVEN, SevenTheme
from schemas.plan import PLAN
from schemas.returns import RETURNS, table_named
from schemas.trial import MODELS


def test_every_outcome_is_keyed_by_its_own_id():
    assert [name for name, outcome in OUTCOMES.items() if name != outcome.id] == []


def test_there_is_one_primary_outcome():
    assert [name for name, outcome in OUTCOMES.items() if outcome.role == "primary"] == ["cla_18m"]
    assert PLAN.primary_outcome.id == PRIMARY_OUTCOME == "cla_18m"


def test_an_outcome_stands_in_the_file_of_its_subject():
    folder = Path(schemas.outcomes.__file__).parent
    assert {one.subject for one in OUTCOMES.values()} < {path.stem for path in folder.iterdir()}
    for name, outcome in OUTCOMES.items():
        module = getattr(schemas.outcomes, outcome.subject)
        assert [one for one in module.DECLARED if one.id == name] == [outcome]


def test_two_outcomes_of_one_id_are_refused():
    first, second = (OUTCOMES[name] for name in ("cla_18m", "cla_36m"))
    with pytest.raises(DeclarationError, match="cla_18m: declared twice"):
        outcomes_by_id([first, replace(second, id="cla_18m")])


def test_two_quantities_of_one_name_are_refused():
    shown = PUBLISHED["rereferral_12m"]
    other = replace(shown, numerator=replace(shown.numerator, words="something else"))
    with pytest.raises(DeclarationError, match="rereferrals: declared twice"):
        quantities_by_name([shown, other])


def test_every_outcome_stands_in_a_published_table_and_those_of_every_model_first():
    assert {name for table in OUTCOME_TABLES for name in table.outcomes} == set(OUTCOMES)
    (cohort,) = (table for table in OUTCOME_TABLES if table.name == "cohort_outcomes_yearly")
    assert next(iter(cohort.outcomes)) == "cla_18m"
    assert list(cohort.outcomes)[-2:] == ["kinship_18m", "reunified_18m"]


def test_the_two_views_of_the_seven_show_what_they_have_always_shown():
    assert outcomes_shown(RESTRICTED_SEVEN) == {
        SevenTheme.STABILITY: ("placement_moves_3plus", "placement_long_term", "unplanned_moves"),
        SevenTheme.PLANS: ("cpp_start_rate", "repeat_cpp", "repeat_cpp_24m"),
        SevenTheme.WELLBEING: ("sdq_total", "sdq_high"),
        SevenTheme.CARE: ("cla_rate", "cla_start_rate", "cla_18m"),
        SevenTheme.SICKNESS: ("sickness_absence",),
        SevenTheme.TURNOVER: ("turnover", "agency_rate"),
        SevenTheme.VALUE: ("value_for_money",),
    }
    assert outcomes_shown(PUBLIC_SEVEN) == {
        SevenTheme.STABILITY: ("placement_moves_3plus", "placement_long_term", "unplanned_moves"),
        SevenTheme.PLANS: ("cpp_start_rate", "repeat_cpp_24m"),
        SevenTheme.WELLBEING: ("sdq_high", "neet"),
        SevenTheme.CARE: ("cla_rate", "cla_start_rate"),
        SevenTheme.SICKNESS: ("sickness_absence",),
        SevenTheme.TURNOVER: ("turnover", "agency_rate"),
        SevenTheme.VALUE: ("value_for_money",),
    }


@pytest.mark.parametrize("view", [RESTRICTED_SEVEN, PUBLIC_SEVEN])
def test_what_a_view_of_the_seven_leaves_out_is_written_in_the_decision(view):
    page = " ".join(Path("docs/decisions/0013-seven-outcomes.md").read_text("utf-8").split())
    assert {OUTCOMES[name].theme for name in view.left_out} <= set(view.names)
    assert [name for name in view.left_out if f"`{name}`" not in page] == []
    assert f"{view.speaks_for} (Because {view.why}.)" in page


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES)
def test_an_outcome_reads_declared_returns_and_belongs_to_declared_models(outcome):
    assert set(outcome.reads) <= set(RETURNS)
    assert set(outcome.models) <= set(MODELS)
    assert outcome.better in ("lower", "higher", None)
    assert set(outcome.grade) & set("SWDI")


@pytest.mark.parametrize("name", COHORT_OUTCOMES)
def test_a_cohort_outcome_is_mature_no_earlier_than_its_window_ends(name):
    outcome = OUTCOMES[name]
    assert outcome.kind is OutcomeKind.COHORT
    assert outcome.mature_months >= outcome.window_months > 0


def test_only_rates_of_residents_are_per_10_000():
    rates = [name for name, outcome in OUTCOMES.items() if outcome.scale == PER_10_000]
    assert rates == ["cla_rate", "cla_start_rate", "cpp_start_rate"]


def test_only_the_median_is_not_a_ratio():
    medians = [name for name, one in OUTCOMES.items() if one.statistic is Statistic.MEDIAN]
    assert medians == ["cpp_days_24m_median"]


def test_a_table_an_outcome_is_made_of_may_be_left_out_of_a_return_it_reads():
    for outcome in OUTCOMES.values():
        for name in outcome.tables:
            found, table = table_named(name)
            assert found.name in outcome.reads
            assert not table.required
