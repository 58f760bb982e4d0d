from pandas import DataFrame

from schemas.outcomes.outcome import RESULT_COLUMNS
from tasks.outcomes.reasons import figures_not_known, reason_runs

WALSALL = "E08000030"


def figures(*rows):
    columns = [name for name in RESULT_COLUMNS if name not in ("numerator", "denominator", "value")]
    return DataFrame([("cla_rate", "all", WALSALL, *row) for row in rows], columns=columns)


def shown(runs):
    return list(runs[["from_quarter", "to_quarter", "figures", "reason"]].itertuples(index=False))


MIXED = figures(
    ("2021-22Q1", "x", "NOT_RETURNED"),
    ("2021-22Q2", "x", "NOT_RETURNED"),
    ("2021-22Q3", "ok", ""),
    ("2021-22Q4", "x", "NOT_RETURNED"),
    ("2022-23Q1", "x", "TOO_MANY_SET_ASIDE"),
    ("2022-23Q2", "z", "NO_ONE_TO_COUNT"),
    ("2022-23Q3", "ok", "LATER_VERSION_HELD"),
)


def test_quarters_that_follow_each_other_with_one_reason_are_one_row():
    runs = reason_runs(MIXED.iloc[::-1])
    columns = ["la_code", "outcome", "model", "from_quarter", "to_quarter", "figures"]
    assert [*runs.columns] == [*columns, "status", "reason"]
    assert shown(runs) == [
        ("2021-22Q1", "2021-22Q2", 2, "NOT_RETURNED"),
        ("2021-22Q4", "2021-22Q4", 1, "NOT_RETURNED"),
        ("2022-23Q1", "2022-23Q1", 1, "TOO_MANY_SET_ASIDE"),
        ("2022-23Q2", "2022-23Q2", 1, "NO_ONE_TO_COUNT"),
        ("2022-23Q3", "2022-23Q3", 1, "LATER_VERSION_HELD"),
    ]


def test_only_figures_that_are_not_known_are_among_those_not_known():
    reasons = [reason for _, _, _, reason in shown(figures_not_known(MIXED))]
    assert reasons == ["NOT_RETURNED", "NOT_RETURNED", "TOO_MANY_SET_ASIDE"]


def test_one_authority_does_not_run_on_into_the_next():
    two = MIXED.iloc[:1], MIXED.iloc[1:2].assign(la_code="E08000031")
    assert (
        len(reason_runs(DataFrame([*two[0].to_dict("records"), *two[1].to_dict("records")]))) == 2
    )


def test_figures_without_a_reason_make_no_row():
    assert len(reason_runs(MIXED[2:3])) == 0
    assert [*reason_runs(MIXED[2:3]).columns] == [*reason_runs(MIXED).columns]
    assert len(figures_not_known(MIXED[:0])) == 0
