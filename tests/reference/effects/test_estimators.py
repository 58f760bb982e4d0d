"""Every number of estimator_checks.yaml, within the tolerance its README explains."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from tasks.effects.table import EFFECT_COLUMNS, estimate_cells

HERE = Path(__file__).parent
CELLS = pd.read_csv(HERE / "estimator_checks.csv")
CHECKS = yaml.safe_load((HERE / "estimator_checks.yaml").read_text())["checks"]
TOLERANCE = {"estimate": 1e-4, "se": 2e-3, "df": 1e-2, "p": 1e-2}
NUMBERS = [
    (estimator, measure)
    for estimator, check in CHECKS.items()
    for measure in TOLERANCE
    if measure in check
]


@pytest.fixture(scope="module")
def ours():
    rows = estimate_cells(CELLS, estimator="all")
    return rows.set_index("estimator")


@pytest.mark.parametrize(("estimator", "measure"), NUMBERS)
def test_the_number_is_that_of_the_reference_software(ours, estimator, measure):
    wanted = CHECKS[estimator][measure]
    assert ours.at[estimator, measure] == pytest.approx(wanted, rel=TOLERANCE[measure])


def test_the_variance_between_clusters_is_that_of_lme4():
    from tasks.effects.cells import cells_from_frame
    from tasks.effects.mixed_logit import mixed_logit_cluster_intercept_laplace

    result = mixed_logit_cluster_intercept_laplace(cells_from_frame(CELLS))
    wanted = CHECKS["mixed_logit_cluster_intercept_laplace"]["extra"]
    assert result.extras["cluster_variance"] == pytest.approx(wanted, rel=1e-3)


def test_every_checked_estimator_can_be_asked_for_alone(ours):
    for estimator in CHECKS:
        (row,) = estimate_cells(CELLS, estimator=estimator).to_dict("records")
        assert row["estimate"] == ours.at[estimator, "estimate"]
        assert list(row) == list(EFFECT_COLUMNS)


def test_the_counts_behind_each_estimate_are_those_of_the_table(ours):
    for estimator in CHECKS:
        row = ours.loc[estimator]
        assert (row["clusters"], row["children"], row["events"]) == (5, 19051, 1534)
