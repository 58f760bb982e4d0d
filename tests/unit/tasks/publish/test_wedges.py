import math

import pandas as pd
from pandas import DataFrame

from schemas.outcomes.publication import TimeSpan
from tasks.disclose.figures import LA, MODEL
from tasks.publish.wedges import wedge_figures

WALSALL, LANCASHIRE = "E08000030", "E10000017"


def shown(*rows):
    names = ["outcome", "level", "place", "span", "time", "value"]
    return DataFrame(list(rows), columns=names).astype({"value": "Float64"})


def test_what_is_hidden_is_a_gap_and_what_is_shown_has_no_more_digits_than_the_tables():
    rows = shown(
        ("cla_18m", LA, WALSALL, TimeSpan.QUARTER, "2020-21Q1", 7.14285),
        ("cla_18m", LA, WALSALL, TimeSpan.QUARTER, "2020-21Q2", pd.NA),
        ("cla_18m", LA, LANCASHIRE, TimeSpan.QUARTER, "2020-21Q1", 10.0),
    )
    drawn = wedge_figures(rows)
    assert set(drawn) == {"wedge_cla_18m_family_safeguarding"}
    text = drawn["wedge_cla_18m_family_safeguarding"]
    assert "2020-21Q1 0.071" in text
    assert "2020-21Q2" not in text.split("<desc")[1].split("</desc>")[0]


def test_only_authorities_by_quarter_of_the_primary_outcome_are_drawn():
    rows = shown(
        ("cla_18m", LA, WALSALL, TimeSpan.YEAR, "2020-21", 7.0),
        ("cla_18m", MODEL, "family_safeguarding", TimeSpan.QUARTER, "2020-21Q1", 7.0),
        ("cla_36m", LA, WALSALL, TimeSpan.QUARTER, "2020-21Q1", 7.0),
        ("cla_18m", LA, WALSALL, TimeSpan.QUARTER, "2020-21Q1", math.nan),
    )
    assert wedge_figures(rows) == {}
