"""Time of the whole cost-benefit analysis: every model, pooled, and every authority.

    python -m benchmarks.costs [--toy]

Budget: 10,000 draws for all models in under 5 s, after imports.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pandas import DataFrame

from benchmarks.toy import TOY
from schemas.prices import BENEFITS, declared_prices
from schemas.trial import MODELS, analysed_clusters
from tasks.costs.appraisal import CostResult, cost_benefit
from tasks.costs.figures import acceptability_svg, plane_svg, tornado_svg
from tasks.costs.overrides import price_book
from tasks.costs.settings import CostSettings

BUDGET_SECONDS = 5.0
EXAMPLE = Path("schemas/cost_overrides_example.yaml")
BINARY = ("cla_18m", "plo_to_proceedings_16w", "neet")
SPEND = {
    "spend_set_up_gbp": 20_000.0,
    "spend_staff_gbp": 60_000.0,
    "spend_training_gbp": 5_000.0,
    "spend_other_running_gbp": 3_000.0,
    "reunifications": 4,
    "reunifications_still_home": 3,
}
YEARS = range(2019, 2024)


def effects() -> DataFrame:
    return DataFrame(
        {
            "outcome": benefit.outcome,
            "model": model,
            "estimator": CostSettings(seed=0).estimators[0],
            "scale": "risk_difference" if benefit.outcome in BINARY else "mean_difference",
            "estimate": -0.02 if benefit.outcome in BINARY else -3.0,
            "se": 0.01 if benefit.outcome in BINARY else 1.5,
            "df": 3.8,
            "children": 400 if benefit.eligible == "counted" else 4_000,
            "note": "",
        }
        for model in (*MODELS, "pooled")
        for benefit in BENEFITS
    )


def delivery() -> DataFrame:
    return DataFrame(
        {
            "la_code": cluster.la_code,
            "model": model,
            "quarter": f"{year}-{year - 1999}Q{number}",
            **SPEND,
        }
        for model in MODELS
        for cluster in analysed_clusters(model)
        for year in YEARS
        for number in (1, 2, 3, 4)
    )


def referrals() -> DataFrame:
    return DataFrame(
        {
            "model": model,
            "la_code": cluster.la_code,
            "financial_year": f"{year}-{year - 1999}",
            "children_exposed": 1_200,
        }
        for model in MODELS
        for cluster in analysed_clusters(model)
        for year in YEARS
    )


def appraise(*, consenting: tuple[str, ...] = ()) -> CostResult:
    book = price_book(declared_prices(), EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)
    settings = CostSettings(seed=1, consenting=consenting)
    return cost_benefit(effects(), delivery(), referrals(), prices=book, settings=settings)


def draw(result: CostResult) -> int:
    size = 0
    for model in (*MODELS, "pooled"):
        size += len(tornado_svg(result.tornado, model=model, perspective="fiscal"))
        size += len(plane_svg(result.plane, model=model, perspective="fiscal"))
        size += len(acceptability_svg(result.acceptability, model=model, perspective="fiscal"))
    return size


def main(arguments: Sequence[str] = ()) -> int:
    is_toy = TOY in arguments
    started = time.perf_counter()
    result = appraise()
    models = time.perf_counter() - started
    codes = tuple(cluster.la_code for model in MODELS for cluster in analysed_clusters(model))
    codes = codes[:1] if is_toy else codes
    started = time.perf_counter()
    appraise(consenting=codes)
    authorities = time.perf_counter() - started
    started = time.perf_counter()
    size = draw(result)
    figures = time.perf_counter() - started
    verdict = "within" if models <= BUDGET_SECONDS else "OVER"
    print(f"costs: three models and pooled, all outcomes priced, 10,000 draws: {models:.2f} s")
    print(f"       {models / BUDGET_SECONDS:.0%} of the budget of {BUDGET_SECONDS:g} s, {verdict}")
    print(f"costs: with figures for {len(codes)} authorities as well: {authorities:.2f} s")
    print(
        f"costs: twelve figures (matplotlib imported on the way), {size:,} bytes: {figures:.2f} s"
    )
    return 0 if is_toy or models <= BUDGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
