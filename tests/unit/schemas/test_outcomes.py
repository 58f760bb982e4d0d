import pytest

from schemas.outcomes import COHORT_OUTCOMES, OUTCOMES, PER_10_000, Kind, Statistic
from schemas.returns import RETURNS, table_named
from schemas.trial import MODELS


def test_every_outcome_is_keyed_by_its_own_id():
    assert [name for name, outcome in OUTCOMES.items() if name != outcome.id] == []


def test_there_is_one_primary_outcome():
    assert [name for name, outcome in OUTCOMES.items() if outcome.role == "primary"] == ["cla_18m"]


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES)
def test_an_outcome_reads_declared_returns_and_belongs_to_declared_models(outcome):
    assert set(outcome.reads) <= set(RETURNS)
    assert set(outcome.models) <= set(MODELS)
    assert outcome.better in ("lower", "higher", None)
    assert set(outcome.grade) & set("SWDI")


@pytest.mark.parametrize("name", COHORT_OUTCOMES)
def test_a_cohort_outcome_is_mature_no_earlier_than_its_window_ends(name):
    outcome = OUTCOMES[name]
    assert outcome.kind is Kind.COHORT
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
