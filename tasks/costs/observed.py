"""The cost-benefit analysis as an observed step."""

from __future__ import annotations

from pandas import DataFrame
from prefect import task

from schemas.prices import PriceBook
from tasks.costs.appraisal import CostResult, cost_benefit
from tasks.costs.settings import CostSettings


@task(name="build-cost-benefit", persist_result=False)
def build_cost_benefit(
    effects: DataFrame,
    delivery: DataFrame,
    referrals: DataFrame,
    *,
    prices: PriceBook,
    settings: CostSettings,
) -> CostResult:
    """Run `cost_benefit` as an observed step."""
    return cost_benefit(effects, delivery, referrals, prices=prices, settings=settings)
