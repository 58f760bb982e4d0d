import re
import xml.etree.ElementTree as ET

import pytest
from pandas import DataFrame, Series

from schemas.outcomes import OUTCOME_TABLES
from schemas.quarter import Quarter
from schemas.trial import MODEL_NAMES
from tasks.disclose.control import controlled
from tasks.publish.charts import SHADE_WORDS, ChartLine, line_chart
from tasks.publish.drawings import inline_svg
from tasks.publish.ees import outcome_file
from tasks.publish.package import data_dictionary, outcome_definitions
from tasks.publish.seven import percent_change, public_seven, with_value_for_money
from tasks.publish.tables import costs_file
from tasks.publish.workbook import bracketed, sheet_frame, workbook_bytes
from tests.support.costs import MODEL, SETTINGS, run
from tests.support.editions import invented_drawing
from tests.support.outcome_tables import WALSALL, one_outcome

OF_MODEL = MODEL_NAMES[MODEL]
OTHER = next(name for model, name in MODEL_NAMES.items() if model != MODEL)
NOT_WORKED_OUT = "Costs and benefits could not be worked out."
QUARTERS = tuple(f"20{year}-{year + 1}Q{q}" for year in (19, 20, 21) for q in (1, 2, 3, 4))


def walsall_alone():
    counts = [(40 + n, 200) for n in range(12)]
    table = one_outcome("rereferral_12m", counts, quarters=QUARTERS, authorities=(WALSALL,))
    return controlled(table, seen=()).rows


def yearly(rows):
    (table,) = (t for t in OUTCOME_TABLES if t.name == "care_and_protection_yearly")
    return outcome_file(table, rows)


def chart(line, times, *, incomplete=(), title="t"):
    return line_chart(
        [line], list(times), incomplete=list(incomplete), title=title, description="d", name="n"
    )


def test_a_chart_leaves_a_gap_where_a_value_is_missing():
    line = ChartLine("a", (1.0, None, 3.0, 4.0), ("S2-a",) * 4)
    svg = chart(line, "wxyz", title="t <1>")
    assert svg.count("<circle") == 3
    (path,) = (p for p in svg.split("<path ")[1:])
    assert path.split('"')[1].count("M") == 2
    assert "t &lt;1&gt;" in svg
    ET.fromstring(svg)


def test_a_chart_of_nothing_can_still_be_drawn():
    assert "<svg" in chart(ChartLine("a", (None, None), ("", "")), "wx")


@pytest.mark.parametrize(
    ("highest", "top"), [(0.23, "0.4"), (0.0093, "0.01"), (1.7, "2"), (53.0, "80"), (100.0, "100")]
)
def test_the_axis_of_a_chart_ends_near_its_highest_value(highest, top):
    svg = chart(ChartLine("a", (highest, highest / 2), ("S2-a", "S2-a")), "wx")
    assert re.findall(r'text-anchor="end">([^<]+)<', svg)[-1] == top


def test_a_chart_breaks_its_line_where_the_set_of_authorities_changes():
    over = ("S2-a", "S2-a", "S3-b", "S3-b")
    svg = chart(ChartLine("a", (1.0, 2.0, 3.0, 4.0), over, frozenset({0, 1})), "wxyz")
    (path,) = (p for p in svg.split("<path ")[1:])
    assert path.split('"')[1].count("M") == 2
    assert path.split('"')[1].count("L") == 2
    assert svg.count('fill="#ffffff"') == 2


def test_a_chart_shades_the_times_that_are_not_complete_and_says_so():
    line = ChartLine("a", (1.0, 2.0, None, None), ("S2-a",) * 4)
    svg = chart(line, "wxyz", incomplete=[2, 3])
    assert svg.count("<rect") == 2
    assert SHADE_WORDS in svg
    assert SHADE_WORDS not in chart(line, "wxyz")


def test_a_drawing_loses_what_runs_and_what_loads():
    svg = inline_svg(invented_drawing(), name="forest")
    for word in ("script", "onclick", "image", "example.org", "style", "xlink"):
        assert word not in svg


def test_a_drawing_keeps_its_look_as_attributes_and_its_ids_to_itself():
    svg = inline_svg(invented_drawing(), name="forest")
    assert 'stroke="#000"' in svg
    assert 'font-size="10px"' in svg
    assert 'font-weight="bold"' in svg
    assert 'clip-path="url(#forest-c)"' in svg
    assert 'href="#forest-m"' in svg
    assert 'aria-labelledby="forest-t forest-d"' in svg


def test_what_is_no_drawing_is_refused():
    with pytest.raises(ValueError, match="no SVG"):
        inline_svg("<html/>", name="x")


def test_before_is_the_last_whole_year_before_going_live_and_after_the_newest():
    rows = public_seven(walsall_alone())
    assert rows.empty
    counts = [(40 + n, 200) for n in range(12)]
    table = one_outcome("repeat_cpp_24m", counts, quarters=QUARTERS, authorities=(WALSALL,))
    (row,) = public_seven(controlled(table, seen=()).rows).to_dict("records")
    assert (row["before_time"], row["before"]) == ("2019-20", "20.8")
    assert (row["after_time"], row["after"]) == ("2021-22", "24.8")
    assert row["change_percent"] == "19"


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("0.180", "0.220", "22"),
        ("50.0", "40.0", "-20"),
        ("50.0", "50.0", "0"),
        ("50.0", "50.1", "low"),
        ("0.0", "4.0", "z"),
        ("c", "x", "c"),
        ("20.0", "x", "x"),
        ("u", "20.0", "u"),
    ],
)
def test_a_change_in_per_cent_is_that_of_the_values_as_printed(before, after, change):
    assert percent_change(before, after) == change


def test_value_for_money_is_a_row_of_each_model_with_its_interval_or_why_there_is_none():
    given = run(settings=SETTINGS).table
    table = costs_file(given, time="2022-23Q4")
    rows = with_value_for_money(public_seven(walsall_alone()), table, given)
    assert set(rows["theme"]) == {"Value for money"}
    known, unknown = (rows[rows["practice_model"] == name].iloc[0] for name in (OF_MODEL, OTHER))
    assert float(known["interval_low"]) < float(known["value"]) < float(known["interval_high"])
    assert (known["before"], known["after"], known["note"]) == ("z", "z", "")
    assert (unknown["value"], unknown["note"]) == ("x", NOT_WORKED_OUT)
    assert set(with_value_for_money(rows.iloc[:0], None, None)["value"]) == {"x"}


def test_a_sheet_shows_numbers_as_numbers_and_symbols_in_brackets():
    assert bracketed(Series(["166", "c", "1.5", "low"])).tolist() == [166, "[c]", 1.5, "[low]"]


def test_a_sheet_leaves_out_rows_in_which_nothing_applies():
    frame = sheet_frame(yearly(walsall_alone()), None)
    assert set(frame["Area"]) == {"Walsall", "England"}
    assert not (frame["Number with the outcome"] == "[z]").any()


def test_the_workbook_is_the_same_bytes_again():
    table = yearly(walsall_alone())

    def made():
        return workbook_bytes(
            [table],
            title="=1+1",
            paragraphs=["x"],
            contact=["y"],
            as_at=Quarter.parse("2021-22Q4"),
            marks={},
            totals=DataFrame(),
        )

    assert made() == made()


def test_the_dictionary_has_every_column_and_the_definitions_every_outcome():
    table = yearly(walsall_alone())
    dictionary = data_dictionary([table])
    assert dictionary["column"].tolist() == list(table.frame.columns)
    assert (dictionary["meaning"] != "").all()
    definitions = outcome_definitions()
    assert definitions["definition"].str.len().min() > 20
    assert definitions["outcome"].is_unique
