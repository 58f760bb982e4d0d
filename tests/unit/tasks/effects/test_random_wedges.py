"""Whatever the table, a result is whole or says by name why it is not."""

import numpy as np
import pytest

from tasks.effects.registry import ESTIMATORS, estimate
from tests.unit.tasks.effects.invented import cells, wedge, with_covariates


def random_table(seed):
    """A wedge of 2 to 7 clusters and periods with holes, empty cells and odd covariates."""
    random = np.random.default_rng(seed)
    clusters, periods = random.integers(2, 8, 2)
    starts = random.integers(0, periods + 2, clusters)
    children = int(random.choice([2, 4, 20, 200]))
    frame = wedge(clusters, periods, seed=seed, children=children, starts=starts)
    if random.random() < 0.5:
        frame = with_covariates(frame, seed=seed)
    frame = frame[random.random(len(frame)) < random.choice([1, 0.9, 0.6])]
    if random.random() < 0.4:
        frame = frame.assign(events=np.where(random.random(len(frame)) < 0.5, 0, frame["events"]))
    if random.random() < 0.3:
        frame = frame.assign(z=random.integers(0, 2, len(frame)))
    if random.random() < 0.2:
        frame = frame.assign(model=np.where(frame["cluster"] < "L4", "a", "b"))
    return cells(frame)


@pytest.mark.parametrize("seed", range(40))
def test_a_result_is_whole_or_says_why_not(seed):
    table = random_table(seed)
    for name, estimator in ESTIMATORS.items():
        result = estimate(table, estimator)
        known = np.isfinite([result.se, result.ci_low, result.ci_high, result.p])
        assert result.status.has_estimate == np.isfinite(result.estimate), name
        assert result.reason or result.status == "ok", name
        if not result.status.has_estimate:
            assert not known.any(), name
        if known[0]:
            assert known.all(), name
            assert result.ci_low <= result.estimate <= result.ci_high, name
            assert 0 <= result.p <= 1, name
