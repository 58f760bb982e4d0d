"""Two tables the analysis reads alongside the effects, from the cohort and the delivery return."""

from __future__ import annotations

from typing import Final

from pandas import DataFrame

from schemas.authorities import lasting_code
from schemas.trial import cluster_of, model_of

EXPOSURE_COLUMNS: Final = ("model", "la_code", "financial_year", "children_exposed")


def exposed_children(cohort: DataFrame) -> DataFrame:
    """Return children referred once their authority had gone live, by authority and year.

    Authorities that stay out of effect estimates (pilots, the withdrawn, those without a go-live
    date) stay out here: no effect was estimated on their children. Years before going live are
    there with zero, so that an authority's preparation counts as its cost.

    Args:
        cohort: columns of `COHORT`; la_code, model, cohort_quarter and exposed are read.

    Returns:
        `EXPOSURE_COLUMNS`, one row per model, authority and financial year of referral.
    """
    analysed = {code for code in cohort["la_code"].unique() if _is_analysed(str(code))}
    rows = cohort[cohort["la_code"].isin(analysed)]
    counted = DataFrame(
        {
            "model": rows["model"].astype(str),
            "la_code": rows["la_code"].astype(str),
            "financial_year": rows["cohort_quarter"].astype(str).str.slice(0, 7),
            "children_exposed": rows["exposed"].astype("boolean").fillna(False).astype("int64"),
        }
    )
    keys = ["model", "la_code", "financial_year"]
    return counted.groupby(keys, sort=True)[["children_exposed"]].sum().reset_index()


def _is_analysed(la_code: str) -> bool:
    cluster = cluster_of(la_code)
    return cluster is not None and cluster.is_analysed


def delivery_by_model(delivery: DataFrame) -> DataFrame:
    """Return the delivery return under lasting codes with the model of each authority.

    Authorities that took up no model are left out.
    """
    codes = delivery["la_code"].astype(str).map(lasting_code)
    return delivery.assign(la_code=codes, model=codes.map(model_of)).dropna(subset=["model"])
