import xml.etree.ElementTree as ET

import numpy as np
import pytest
from pandas import DataFrame

from tasks.effects.figures import exposure_time_plot, forest_plot, odds_ticks, wedge_plot
from tasks.effects.table import estimate_cells
from tests.unit.tasks.effects.invented import wedge

MODEL = "family_safeguarding"
SVG = "{http://www.w3.org/2000/svg}"
EFFECTS = estimate_cells(wedge(), estimator="all").assign(outcome="cla_18m", model=MODEL)
OUTCOMES = DataFrame(
    {
        "outcome": "cla_18m",
        "model": MODEL,
        "la_code": ["E08000030", "E08000030", "E10000017", "E10000017"],
        "quarter": ["2020-21Q1", "2020-21Q3", "2020-21Q1", "2020-21Q3"],
        "value": [0.1, 0.2, np.nan, 0.3],
    }
)
FIGURES = {
    "forest": lambda: forest_plot(EFFECTS, outcome="cla_18m", model=MODEL),
    "wedge": lambda: wedge_plot(OUTCOMES, outcome="cla_18m", model=MODEL),
    "exposure": lambda: exposure_time_plot(EFFECTS, outcome="cla_18m", model=MODEL),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_table_gives_the_same_bytes(name):
    assert FIGURES[name]() == FIGURES[name]()


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_is_well_formed_and_says_what_it_shows(name):
    root = ET.fromstring(FIGURES[name]())
    assert root.get("role") == "img"
    first, second = list(root)[:2]
    assert (first.tag, second.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{first.get('id')} {second.get('id')}"
    assert "Family Safeguarding" in first.text
    assert second.text


@pytest.mark.parametrize("name", FIGURES)
def test_every_id_begins_with_the_name_of_the_figure(name):
    root = ET.fromstring(FIGURES[name]())
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert ids
    assert all(one.startswith(f"{name}-cla-18m-family-safeguarding-") for one in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_holds_no_date_no_script_and_no_address_to_load(name):
    svg = FIGURES[name]()
    assert "<metadata>" not in svg
    assert "<script" not in svg
    assert 'href="http' not in svg


def test_the_description_gives_each_interval_in_words():
    svg = FIGURES["forest"]()
    assert "Fixed-effects logit, CR2 (primary): odds ratio 0.88" in svg
    assert "Callaway and Sant&#x27;Anna: difference -0.7" in svg or "Callaway" in svg


def test_a_row_without_an_estimate_keeps_its_place_and_says_so():
    empty = EFFECTS.assign(estimate=np.nan, ci_low=np.nan, ci_high=np.nan)
    svg = forest_plot(empty, outcome="cla_18m", model=MODEL)
    assert svg.count(">no estimate<") == len(empty[~empty["estimator"].str.contains("curve_")])
    assert "Randomisation test: no estimate" in svg


def test_a_quarter_without_a_value_is_not_in_the_words():
    svg = FIGURES["wedge"]()
    assert "Walsall, live from 2020-09-01: 2020-21Q1 0.1, 2020-21Q3 0.2" in svg
    assert "Lancashire, live from 2021-02-01: 2020-21Q3 0.3" in svg


def test_nothing_to_draw_is_drawn_as_nothing():
    for svg in (
        forest_plot(EFFECTS[:0], outcome="cla_18m", model=MODEL),
        wedge_plot(OUTCOMES[:0], outcome="cla_18m", model=MODEL),
        exposure_time_plot(EFFECTS[:0], outcome="cla_18m", model=MODEL),
    ):
        assert ET.fromstring(svg).tag == f"{SVG}svg"


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_its_outcome_as_a_reader_knows_it(name):
    assert next(iter(ET.fromstring(FIGURES[name]()))).text.startswith("Became looked after within")


@pytest.mark.parametrize("most", [3, 5, 7])
@pytest.mark.parametrize("ends", [(0.9, 1.1), (0.3, 4.0), (0.02, 60.0), (0.001, 400.0)])
def test_odds_ratios_on_an_axis_are_few_enough_to_be_read(ends, most):
    ticks = odds_ticks(np.array(ends), most=most)
    assert len(ticks) <= most
    assert 1.0 in ticks
