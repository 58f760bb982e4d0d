import pytest

from schemas.outcomes import QUANTITIES
from tasks.disclose.figures import printable_figures
from tasks.disclose.primary import sensitive_cells, thresholds
from tests.support.outcome_tables import WALSALL, YEAR, figure, outcome_table


def flags(outcome, numerator, denominator, *, threshold=None):
    found = printable_figures(outcome_table((outcome, WALSALL, YEAR[0], numerator, denominator)))
    sensitive = sensitive_cells(found, threshold=threshold or thresholds())
    record = figure(found.rows, outcome, WALSALL, YEAR[0])
    return bool(sensitive[record["numerator"]]), bool(sensitive[record["denominator"]])


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_count_from_one_to_five_is_sensitive(count):
    assert flags("rereferral_12m", count, 100) == (True, False)


def test_nought_and_six_are_not():
    assert flags("rereferral_12m", 0, 100) == (False, False)
    assert flags("rereferral_12m", 6, 100) == (False, False)


def test_so_is_a_numerator_that_leaves_one_to_five_over():
    assert flags("rereferral_12m", 96, 100) == (True, False)
    assert flags("rereferral_12m", 94, 100) == (False, False)


def test_so_is_a_numerator_of_everyone():
    assert flags("rereferral_12m", 100, 100) == (True, False)


def test_so_is_a_small_denominator():
    assert flags("rereferral_12m", 0, 4) == (False, True)


def test_what_is_left_of_a_population_is_not():
    assert flags("cla_start_rate", 20, 24) == (False, False)


def test_a_population_is_public_whatever_its_size():
    assert flags("cla_start_rate", 6, 3) == (False, False)


@pytest.mark.parametrize(
    "outcome", ["turnover", "agency_rate", "sickness_absence", "direct_work_share"]
)
def test_posts_and_working_time_are_printed_as_dfe_prints_them(outcome):
    for few in ((0.4, 60.0), (3.0, 4.0), (4.0, 4.0), (57.0, 60.0)):
        assert flags(outcome, *few) == (False, False)


def test_cases_are_children_whoever_holds_them():
    assert flags("caseload", 5, 60.0) == (True, False)
    assert flags("caseload", 5, 2.5) == (True, False)
    assert flags("caseload", 0.4, 60.0) == (True, False)
    assert flags("caseload", 6, 2.5) == (False, False)


def test_every_quantity_but_posts_and_population_is_protected():
    printed = {name for name, quantity in QUANTITIES.items() if quantity.is_printed}
    posts = {"fte_start", "fte_days", "sickness_days", "leavers_fte", "agency_fte"}
    assert printed == posts | {"direct_hours", "total_hours", "population"}


def test_a_stricter_table_hides_more():
    strict = dict.fromkeys(thresholds(), 10)
    assert flags("rereferral_12m", 8, 100, threshold=strict) == (True, False)


def test_days_of_few_children_are_sensitive_and_days_of_many_are_not():
    few = outcome_table(
        ("cla_18m", WALSALL, YEAR[0], 3, 60),
        ("days_in_care_18m", WALSALL, YEAR[0], 812, 60),
    )
    many = outcome_table(
        ("cla_18m", WALSALL, YEAR[0], 12, 60),
        ("days_in_care_18m", WALSALL, YEAR[0], 812, 60),
    )
    for table, expected in ((few, True), (many, False)):
        found = printable_figures(table)
        record = figure(found.rows, "days_in_care_18m", WALSALL, YEAR[0])
        sensitive = sensitive_cells(found, threshold=thresholds())
        assert bool(sensitive[record["numerator"]]) is expected


def test_sessions_of_five_pupils_or_fewer_are_sensitive():
    assert flags("unauthorised_absence_3t", 200, 1_900) == (True, True)
    assert flags("unauthorised_absence_3t", 200, 1_901) == (False, False)
