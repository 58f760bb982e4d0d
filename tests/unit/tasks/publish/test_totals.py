"""Every total of an edition is over a named set of authorities and one period."""

import io

import pandas as pd
import pytest
from lxml import html

from schemas.authorities import authorities
from schemas.outcomes import PUBLISHED
from schemas.trial import MODEL_NAMES, MODELS, clusters
from tasks.disclose.control import STATES, controlled
from tasks.disclose.earlier import Seen
from tasks.publish.edition import edition_files
from tasks.publish.inputs import EarlierEdition
from tasks.publish.record import seen
from tasks.publish.totals import (
    EARLIER_EDITION,
    THIS_EDITION,
    TRAINING_ID,
    read_sets,
    totals_table,
)
from tests.support.editions import ADOPTERS, edition_inputs
from tests.support.outcome_tables import outcome_table

OF_MODEL = {
    model: [c.la_code for c in clusters() if c.model == model and c.role != "withdrawn"]
    for model in MODELS
}
ALL_17 = [la for codes in OF_MODEL.values() for la in codes]
YEARS = ("2020-21", "2021-22")
TOTAL = "Total"


def quarters(*years):
    return [f"{year}Q{number}" for year in years for number in (1, 2, 3, 4)]


BESIDE = {
    "days_in_care_18m": [("cla_18m", 20, 100)],
    "cla_18m": [("cla_36m", 40, 100)],
    "cla_36m": [("cla_18m", 20, 100)],
    "rereferral_12m": [
        ("cla_rate", 300, 50_000),
        ("cla_start_rate", 25, 50_000),
        ("repeat_cpp", 10, 40),
    ],
}
"""Others of the same table, its first among them: returned whenever the one looked at is."""


def published(*rows):
    """Return the public files of an edition of these outcomes and of nothing else."""
    nothing = {"effects": None, "costs": None, "cost_inputs": None, "training": None, "figures": {}}
    given = list(rows)
    for outcome, la, quarter, numerator, _ in rows:
        is_known = numerator is not None
        given += [
            (other, la, quarter, *(counts if is_known else (None, None)))
            for other, *counts in BESIDE[outcome]
        ]
    return edition_files(edition_inputs(outcomes=outcome_table(*given), **nothing)).public


def national(files, name, outcome):
    """Return the figures of practice models and Total, by model and time."""
    frame = pd.read_csv(io.BytesIO(files[f"data/{name}.csv"]), dtype=str)
    label = PUBLISHED[outcome].label
    frame = frame[(frame["geographic_level"] == "National") & (frame["outcome"] == label)]
    return {
        (row["practice_model"], row["time_period"], row["time_identifier"][-2:].strip()): row
        for row in frame.to_dict("records")
    }


def behind_total(files, outcome):
    """Return what the edition says of the set that Total adds up for an outcome."""
    table = pd.read_csv(io.BytesIO(files["totals.csv"]), dtype=str)
    (row,) = table[(table["id"] == outcome) & (table["practice_model"] == TOTAL)].to_dict("records")
    return row


def page(files):
    return html.document_fromstring(files["report.html"])


def cells_of_row(files, label):
    """Return the cells of the first row of the page that begins with a label, by heading."""
    (row,) = page(files).xpath(f"//table//tr[th[normalize-space()='{label}']]")
    heads = [one.text_content().strip() for one in row.xpath("ancestor::table//thead//th")]
    cells = [one.text_content().strip() for one in row.xpath("./th|./td")]
    return dict(zip(heads, cells, strict=True))


DAYS = "Days in care within 18 months, all children"
DAYS_A_CHILD = {"family_safeguarding": 22, "family_valued": 30, "no_wrong_door": 31}


def of_two_years():
    """Return days in care: all models in the first year, one model in the second as well."""
    return [
        ("days_in_care_18m", la, quarter, days * 100, 100)
        for model, days in DAYS_A_CHILD.items()
        for la in OF_MODEL[model]
        for quarter in quarters(*(YEARS if model == "family_valued" else YEARS[:1]))
    ]


def not_returned(rows):
    """Return rows of the same figures without numbers."""
    return [(*row[:3], None, None) for row in rows]


def test_total_of_a_year_that_one_model_alone_returned_is_not_that_model():
    given = of_two_years()
    late = [
        ("days_in_care_18m", la, quarter, None, None)
        for la in (*OF_MODEL["family_safeguarding"], *OF_MODEL["no_wrong_door"])
        for quarter in quarters("2021-22")
    ]
    files = published(*given, *late)
    rows = national(files, "cohort_outcomes_cumulative", "days_in_care_18m")
    assert rows["Family Valued", "202122", "ar"]["mean_days"] == "30.0"
    assert rows[TOTAL, "202122", "ar"]["mean_days"] == "x"
    assert rows[TOTAL, "202122", "ar"]["authorities_counted"] == "0"
    whole = rows[TOTAL, "202021", "ar"]
    assert (whole["mean_days"], whole["authorities_counted"]) == ("27.5", "17")
    told = cells_of_row(files, DAYS)
    assert told["Years"] == "2020-21"
    assert told["Authorities"] == "6; 6; 5; 17"
    assert (told["Family Safeguarding"], told["Family Valued"]) == ("22.0", "30.0")
    assert (told["No Wrong Door"], told[TOTAL]) == ("31.0", "27.5")


def test_two_authorities_are_no_total():
    given = [("cla_36m", la, quarter, 42, 100) for la in ALL_17 for quarter in quarters("2020-21")]
    two = ("E08000030", "E08000005")
    files = published(
        *(row for row in given if row[1] in two),
        *not_returned(row for row in given if row[1] not in two),
    )
    rows = national(files, "cohort_outcomes_quarterly", "cla_36m")
    assert {key: row["percentage"] for key, row in rows.items() if key[0] == TOTAL} == {
        (TOTAL, "202021", f"Q{number}"): "x" for number in (1, 2, 3, 4)
    }
    row = behind_total(files, "cla_36m")
    assert (row["authorities_counted"], row["authorities_taking_part"]) == ("0", "17")
    assert "Swindon (has no figure at any time)" in row["left_out"]


def three_of_17_in_the_newest_quarter():
    times = [*quarters("2020-21", "2021-22"), "2022-23Q1"]
    counts = {la: (94 if place >= 3 else 40) for place, la in enumerate(ALL_17)}
    given = [("rereferral_12m", la, q, counts[la], 1000) for la in ALL_17 for q in times]
    newest = [row for row in given if row[1] not in ALL_17[:3] and row[2] == times[-1]]
    return [row for row in given if row not in newest] + not_returned(newest)


def test_a_quarter_that_3_of_17_returned_has_no_total_and_is_drawn_apart():
    files = published(*three_of_17_in_the_newest_quarter())
    rows = national(files, "care_and_protection_quarterly", "rereferral_12m")
    assert rows[TOTAL, "202122", "Q4"]["percentage"] == "8.4"
    assert rows[TOTAL, "202223", "Q1"]["percentage"] == "x"
    label = PUBLISHED["rereferral_12m"].label[1:]
    (chart,) = page(files).xpath(f"//*[local-name()='svg'][contains(., '{label}')]")
    assert len(chart.xpath("./*[local-name()='circle']")) == 8
    assert len(chart.xpath("./*[local-name()='rect']")) == 1
    words = chart.xpath("string(./*[local-name()='desc'])")
    assert "no total is shown: 2022-23Q1: 3 of 17." in words
    assert "all 17 authorities" in chart.xpath("string(./*[local-name()='title'])")
    assert ["2022-23Q1", "x", "x", "x", "3 of 17"] in [
        [cell.text_content().strip() for cell in row] for row in page(files).xpath("//tr")
    ]


def test_an_authority_that_never_returned_takes_no_total_away_and_is_named():
    given = [
        ("rereferral_12m", la, q, 90, 1000) for la in ALL_17 for q in quarters("2020-21", "2021-22")
    ]
    never = [row for row in given if row[1] == ALL_17[0]]
    files = published(*(row for row in given if row not in never), *not_returned(never))
    rows = national(files, "care_and_protection_quarterly", "rereferral_12m")
    assert {row["numerator"] for key, row in rows.items() if key[0] == TOTAL} == {"1440"}
    assert {row["authorities_counted"] for key, row in rows.items() if key[0] == TOTAL} == {"16"}
    row = behind_total(files, "rereferral_12m")
    name = authorities()[ALL_17[0]].la_name
    assert row["left_out"] == f"{name} (has no figure at any time)"
    assert (row["from_time"], row["to_time"]) == ("2020-21Q1", "2021-22Q4")
    assert name in page(files).get_element_by_id("totals").text_content()
    assert len(row["new_la_codes"].split()) == len(row["la_names"].split("; ")) == 16


def test_the_workbook_names_the_set_of_each_total():
    files = published(*three_of_17_in_the_newest_quarter())
    sheet = pd.read_excel(io.BytesIO(files["edition.xlsx"]), sheet_name="Totals", engine="openpyxl")
    text = sheet.to_csv()
    assert "2022-23Q1: 3 of 17" in text
    assert "Walsall" in text


def test_levels_are_of_one_period_for_every_model():
    given = [
        ("cla_18m", la, quarter, 10 if quarter < "2021" else 20, 100)
        for la in ALL_17
        for quarter in quarters(*YEARS)
    ]
    late = [row for row in given if row[1] == OF_MODEL["no_wrong_door"][0] and row[2] > "2021"]
    files = published(*(row for row in given if row not in late), *not_returned(late))
    told = cells_of_row(files, PUBLISHED["cla_18m"].label)
    assert (told["Years"], told["Authorities"]) == ("2020-21", "6; 6; 5; 17")
    assert {told[name] for name in (*MODEL_NAMES.values(), TOTAL)} == {"10.0"}


@pytest.fixture
def joined_later():
    """Return two editions' inputs: one authority sends in time for the second, of few children."""
    four = ("E08000030", "E10000017", "E08000005", "E10000020")
    given = [("cla_start_rate", la, "2021-22Q1", 25, 50_000) for la in four[:3]]
    small = ("cla_start_rate", four[3], "2021-22Q1", 3, 30_000)
    return outcome_table(*given, *not_returned([small])), outcome_table(*given, small)


def test_a_total_that_repeats_a_number_is_over_the_set_of_then_and_both_are_named(joined_later):
    before, after = joined_later
    first = controlled(before, seen=())
    states = first.rows[[*STATES, "numerator_state", "denominator_state"]]
    earlier = Seen("first", before, states, first.figures.sets)
    second = controlled(after, seen=[earlier])
    totals = totals_table(second, [earlier])
    mine = totals[totals["practice_model"] == TOTAL].set_index("set_of")
    assert mine.loc[THIS_EDITION, "authorities_counted"] == 4
    assert mine.loc[EARLIER_EDITION, "authorities_counted"] == 3
    row = second.rows[(second.rows["level"] == "total") & (second.rows["span"] == "quarter")]
    (total,) = row.to_dict("records")
    assert total["set"] == mine.loc[EARLIER_EDITION, "set"] != mine.loc[THIS_EDITION, "set"]
    # The fraction is that of then, denominator included.
    assert (total["numerator"], total["denominator"]) == (75, 150_000)
    assert (total["numerator_state"], total["denominator_state"]) == ("held", "held with")


def test_a_total_of_an_edition_that_named_no_set_is_not_repeated(joined_later):
    before, after = joined_later
    first = controlled(before, seen=())
    states = first.rows[[*STATES, "numerator_state", "denominator_state"]].assign(set="", since="")
    second = controlled(after, seen=[Seen("first", before, states, None)])
    row = second.rows[(second.rows["level"] == "total") & (second.rows["span"] == "quarter")]
    (total,) = row.to_dict("records")
    assert (total["numerator_symbol"], total["value_symbol"]) == ("x", "x")
    assert second.is_safe


def test_an_edition_says_later_which_sets_it_was_made_with():
    files = edition_files(edition_inputs(effects=None, costs=None, training=None, figures={}))
    again = read_sets(files.public["totals.csv"])
    now = controlled(edition_inputs().outcomes, seen=()).figures.sets
    inside = now.loc[now["why"] == "", ["outcome", "place", "la_code"]]
    keys = ["outcome", "place", "la_code"]
    assert (again[keys].sort_values(keys, ignore_index=True)).equals(
        inside.sort_values(keys, ignore_index=True)
    )


def test_an_edition_from_before_sets_were_declared_is_read_as_one():
    files = edition_files(edition_inputs(effects=None, costs=None, training=None, figures={}))
    public = {path: body for path, body in files.public.items() if path != "totals.csv"}
    restricted = dict(files.restricted)
    figures = pd.read_csv(io.BytesIO(restricted["figures.csv"]), dtype=str)
    old = figures.drop(columns=["set", "since"]).to_csv(index=False)
    restricted["figures.csv"] = old.encode()
    then = seen(EarlierEdition("old", public, restricted))
    assert then.sets is None
    assert set(then.states["set"]) == {""}


def test_training_names_the_authorities_whose_forms_it_adds_up():
    files = edition_files(edition_inputs(effects=None, costs=None, figures={}))
    totals = pd.read_csv(io.BytesIO(files.public["totals.csv"]), dtype=str, keep_default_na=False)
    mine = totals[totals["id"] == TRAINING_ID].set_index("outcome")
    score = mine.loc["Training, Assessment: Net promoter score"]
    assert (score["authorities_counted"], score["authorities_taking_part"]) == ("4", "5")
    assert score["new_la_codes"].split() == list(ADOPTERS[:4])
    assert score["to_time"] == edition_inputs().cut_quarter
    late = authorities()[ADOPTERS[4]].la_name
    assert score["left_out"] == f"{late} (has no figure at any time)"
    (few,) = mine.index[mine["authorities_counted"] == "0"]
    assert "fewer than half" in mine.loc[few, "left_out"]
    assert not any("Planning: Net promoter" in outcome for outcome in mine.index)
    assert "training" not in set(read_sets(files.public["totals.csv"])["outcome"])
