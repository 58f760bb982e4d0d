"""Choices of one cost-benefit run, apart from prices and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schemas.digits import AS_IT_IS, Digits
from schemas.errors import UsageError
from schemas.prices import BENEFITS

MINIMUM_DRAWS: Final = 10_000


@dataclass(frozen=True)
class CostSettings:
    """Choices of one run, apart from prices and parameters.

    Attributes:
        seed: of the draws.
        draws: how many; never fewer than `MINIMUM_DRAWS`.
        base_year, base_year_kind: year whose prices every amount is shown in.
        first_year: financial year discounted to (year 0), where it is earlier than the first with
            spend, children exposed or a reunification over all models.
        level: coverage of every interval.
        priced: outcome priced in a family, where it shall not be the first with an estimate.
        estimators: ids in order of preference; the first present with an accepted scale counts.
        scales: scales on which an effect is a change per child.
        pooled: name of the pooled model in the effects table.
        consenting: authorities that agreed to figures of their own.
        thresholds_gbp: values of a child kept from care along the acceptability curve.
        plane_points: draws kept for the cost-effectiveness plane.
        least_df: degrees of freedom below which an effect gives a central value alone: no interval
            and no draws. 0 for any.
        children_digits, spend_digits: how coarse children exposed of one model and year are, and
            spend of one year, before anything is worked out from them.
    """

    seed: int
    draws: int = MINIMUM_DRAWS
    base_year: str = "2024"
    base_year_kind: str = "calendar"
    first_year: str | None = None
    level: float = 0.95
    priced: Mapping[str, str] | None = None
    estimators: tuple[str, ...] = (
        "marginal_risk_difference_among_exposed",
        "fixed_effects_logit_cr2_satterthwaite",
        "two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite",
        "cell_means_linear_mixed_kenward_roger",
    )
    scales: tuple[str, ...] = ("risk_difference", "mean_difference", "difference")
    pooled: str = "pooled"
    consenting: tuple[str, ...] = ()
    thresholds_gbp: tuple[float, ...] = tuple(float(x) for x in range(0, 105_000, 5_000))
    plane_points: int = 300
    least_df: float = 0.0
    children_digits: Digits = AS_IT_IS
    spend_digits: Digits = AS_IT_IS

    def __post_init__(self) -> None:
        """Refuse too few draws, and an outcome that prices another family than it is named for."""
        if self.draws < MINIMUM_DRAWS:
            raise UsageError(
                f"cost-benefit: too few draws (needs {MINIMUM_DRAWS}, found {self.draws}). "
                "Ask for more."
            )
        families = {benefit.outcome: benefit.family for benefit in BENEFITS}
        for family, outcome in (self.priced or {}).items():
            if families.get(outcome) != family:
                raise UsageError(
                    f"cost-benefit: {outcome} cannot stand for {family}. Name another."
                )

    @property
    def money(self) -> str:
        """Unit of every amount in the output."""
        return f"GBP, {self.base_year} prices"
