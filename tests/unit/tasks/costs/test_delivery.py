from pandas import DataFrame

from tasks.costs.delivery import delivery_by_model

WALSALL = "E08000030"


def test_the_delivery_return_gains_the_model_of_each_authority():
    rows = DataFrame({"la_code": [WALSALL, "E09000001"], "quarter": ["2020-21Q1"] * 2})
    assert delivery_by_model(rows).to_dict("records") == [
        {"la_code": WALSALL, "quarter": "2020-21Q1", "model": "family_safeguarding"}
    ]
