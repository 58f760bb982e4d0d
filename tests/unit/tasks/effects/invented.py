"""Small invented stepped wedges."""

import numpy as np
from pandas import DataFrame, concat
from scipy.special import expit

from tasks.effects.cells import cells_from_frame


def wedge(clusters=5, periods=6, *, seed=1, children=120, effect=-0.3, starts=None):
    """One cell per cluster and period; cluster k goes live in period k + 1 unless told."""
    random = np.random.default_rng(seed)
    cluster, period = (
        g.ravel() for g in np.meshgrid(range(clusters), range(periods), indexing="ij")
    )
    starts = np.array(range(1, clusters + 1) if starts is None else starts)
    exposed = (period >= starts[cluster]).astype(int)
    level = random.normal(-1.5, 0.2, clusters)
    size = random.integers(children // 2, children * 2, cluster.size)
    events = random.binomial(size, expit(level[cluster] + 0.02 * period + effect * exposed))
    return DataFrame(
        {
            "cluster": [f"L{k + 1}" for k in cluster],
            "period": period,
            "exposed": exposed,
            "children": size,
            "events": events,
            "exposure_time": np.maximum(period - starts[cluster] + 1, 0),
        }
    )


def with_covariates(frame, *, seed=2):
    """Every cell split by sex and age."""
    random = np.random.default_rng(seed)
    parts = []
    for sex, age in (("female", "0-4"), ("female", "5+"), ("male", "0-4"), ("male", "5+")):
        children = np.maximum(frame["children"] // 4, 1)
        events = random.binomial(children, frame["events"] / frame["children"])
        parts.append(frame.assign(sex=sex, age=age, children=children, events=events))
    return concat(parts, ignore_index=True)


def cells(frame):
    return cells_from_frame(frame)
