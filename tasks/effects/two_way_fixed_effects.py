"""Two-way fixed effects on the outcome's own scale.

    mean outcome of the cell = alpha_i + beta_t + gamma'z + delta exposed,   weights = children

CR2 and Satterthwaite as clubSandwich computes them for weighted least squares: weights are taken
as given and the working variance is the same in every cell.
"""

from __future__ import annotations

import numpy as np

from tasks.effects.bias_reduced import linearised_weighted
from tasks.effects.cells import Cells
from tasks.effects.design import Design, fixed_effects_design, remarks, weakness
from tasks.effects.fixed_effects_logit import exposure_column, unit
from tasks.effects.result import EffectStatus, Result, Scale, no_result, t_result
from tasks.effects.separation import NOT_TOLD_APART


def difference_scale(cells: Cells) -> Scale:
    """Return what a difference of cell means is a difference of."""
    return Scale.RISK_DIFFERENCE if cells.is_binary else Scale.MEAN_DIFFERENCE


def two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite(cells: Cells) -> Result:
    """Return the difference in risk (or mean) between exposed and unexposed; CR2."""
    scale = difference_scale(cells)
    weak = weakness(cells, scale=scale)
    if weak is not None:
        return weak
    design = fixed_effects_design(cells, exposure_column(cells))
    if design.effects[0] < 0:
        return no_result(cells, EffectStatus.NOT_IDENTIFIED, NOT_TOLD_APART, scale=scale)
    return _fitted(cells, design)


def _fitted(cells: Cells, design: Design) -> Result:
    x, place, root = design.x, design.effects[0], np.sqrt(cells.children)
    beta = np.linalg.lstsq(x * root[:, None], cells.rate * root, rcond=None)[0]
    spread = linearised_weighted(
        x,
        cells.rate - x @ beta,
        cells.children,
        cluster=cells.cluster,
        contrasts=unit(x.shape[1], place)[:, None],
    )
    return t_result(
        cells,
        estimate=float(beta[place]),
        se=float(np.sqrt(spread.variance[0])),
        df=float(spread.df[0]),
        scale=difference_scale(cells),
        reason=remarks(design),
    )
