"""The delivery return as the evaluation reads it."""

from __future__ import annotations

from pandas import DataFrame

from schemas.authorities import lasting_code
from schemas.trial import model_of


def delivery_by_model(delivery: DataFrame) -> DataFrame:
    """Return the delivery return under lasting codes with the model of each authority.

    Authorities that took up no model are left out.
    """
    codes = delivery["la_code"].astype(str).map(lasting_code)
    return delivery.assign(la_code=codes, model=codes.map(model_of)).dropna(subset=["model"])
