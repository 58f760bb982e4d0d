from pandas import DataFrame

from tasks.costs.exposure import EXPOSURE_COLUMNS, delivery_by_model, exposed_children

WALSALL, CAMBRIDGESHIRE = "E08000030", "E10000003"


def cohort(*rows):
    return DataFrame(
        [("family_safeguarding", *row) for row in rows],
        columns=["model", "la_code", "cohort_quarter", "exposed"],
    )


def counted(*rows):
    return [tuple(row) for row in exposed_children(cohort(*rows)).itertuples(index=False)]


def test_children_referred_after_going_live_are_counted_by_financial_year():
    assert counted(
        (WALSALL, "2020-21Q3", True), (WALSALL, "2020-21Q4", True), (WALSALL, "2021-22Q1", True)
    ) == [
        ("family_safeguarding", WALSALL, "2020-21", 2),
        ("family_safeguarding", WALSALL, "2021-22", 1),
    ]


def test_a_year_before_going_live_is_there_with_nought():
    assert counted((WALSALL, "2019-20Q4", False))[0][3] == 0


def test_authorities_left_out_of_effect_estimates_are_left_out_here():
    assert counted((CAMBRIDGESHIRE, "2020-21Q3", True)) == []


def test_a_child_whose_exposure_is_not_known_does_not_count():
    assert counted((WALSALL, "2020-21Q3", None))[0][3] == 0


def test_without_children_the_table_is_empty_and_has_its_columns():
    assert tuple(exposed_children(cohort()).columns) == EXPOSURE_COLUMNS


def test_the_delivery_return_gains_the_model_of_each_authority():
    rows = DataFrame({"la_code": [WALSALL, "E09000001"], "quarter": ["2020-21Q1"] * 2})
    assert delivery_by_model(rows).to_dict("records") == [
        {"la_code": WALSALL, "quarter": "2020-21Q1", "model": "family_safeguarding"}
    ]
