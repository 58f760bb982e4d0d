import re

import pandas as pd
import pytest
from pandas import DataFrame

from tasks.publish.ees import table_csv
from tasks.publish.ees_rules import breaches, file_breaches

META_COLUMNS = [
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
    "filter_default",
]


def data():
    national = ("National", "E92000001", "England", "", "", "", "", "")
    walsall = (
        "Local authority",
        "E92000001",
        "England",
        "E12000005",
        "West Midlands",
        "335",
        "E08000030",
        "Walsall",
    )
    rows = [
        ("202324", f"Financial year Q{quarter}", *place, outcome, number, share)
        for quarter in (1, 2)
        for place in (national, walsall)
        for outcome, number, share in (("Total", "120", "31.4"), ("Repeat plans", "c", "c"))
    ]
    columns = [
        "time_period",
        "time_identifier",
        "geographic_level",
        "country_code",
        "country_name",
        "region_code",
        "region_name",
        "old_la_code",
        "new_la_code",
        "la_name",
        "outcome",
        "numerator",
        "percentage",
    ]
    return DataFrame(rows, columns=columns)


def meta():
    rows = [
        ("outcome", "Filter", "Outcome", "", "", "", "Choose one", "", ""),
        ("numerator", "Indicator", "Number", "", "", "0", "", "", ""),
        ("percentage", "Indicator", "Percentage", "", "%", "1", "", "", ""),
    ]
    return DataFrame(rows, columns=META_COLUMNS)


def rules(frame=None, described=None, name="plans_quarterly"):
    frame = data() if frame is None else frame
    described = meta() if described is None else described
    return {b.rule for b in breaches(name, table_csv(frame), table_csv(described))}


def with_cell(column, value, row=0):
    frame = data()
    frame.loc[row, column] = value
    return frame


def with_meta(column, value, row=0):
    described = meta()
    described.loc[row, column] = value
    return described


def renamed(old, new):
    return data().rename(columns={old: new}), meta().replace({"col_name": {old: new}})


def test_a_table_in_good_form_breaks_no_rule():
    assert rules() == set()


@pytest.mark.parametrize(
    "cell",
    ["*", "<5", "[c]", "C", "1,234", "1e3", " 5", "-3", "", "05", "+1", "1.", "~", ":", "12.5"],
)
def test_what_the_screener_lets_pass_in_an_indicator_is_refused(cell):
    assert rules(with_cell("numerator", cell)) & {
        "indicator_cell",
        "indicator_negative",
        "indicator_decimals",
    }


@pytest.mark.parametrize("cell", ["c", "z", "x", "low", "u", "k", "0", "1234"])
def test_plain_numbers_and_symbols_pass(cell):
    assert rules(with_cell("numerator", cell)) == set()


@pytest.mark.parametrize("cell", ["NULL", "null", "NA", "na", "N/A", "n/a", ".", "..", "-"])
def test_words_for_nothing_are_refused_anywhere(cell):
    assert "null_text" in rules(with_cell("outcome", cell))


def test_decimals_are_those_of_the_metadata():
    assert rules(with_cell("percentage", "31.42")) == {"indicator_decimals"}


@pytest.mark.parametrize("name", ["Plans", "plans 1", "plans.1", "p" * 51])
def test_a_file_name_is_small_letters_digits_and_dashes(name):
    assert rules(name=name) == {"file_name"}


def test_a_file_without_rows_is_refused():
    assert rules(data().iloc[:0]) == {"file_empty"}


def test_a_file_that_is_not_utf_8_is_refused():
    bad = table_csv(data()).replace(b"Walsall", b"Wals\xe9ll")
    assert breaches("plans", bad, table_csv(meta()))[0].rule == "file_unreadable"


@pytest.mark.parametrize("column", ["time_period", "geographic_level", "country_name"])
def test_every_file_needs_time_and_country(column):
    assert rules(data().drop(columns=column)) == {"columns_missing"}


@pytest.mark.parametrize("period", ["2023", "202325", "2023/24", "2023-24", "20232４"])
def test_a_period_is_two_years_in_a_row(period):
    assert "time_period" in rules(data().assign(time_period=period))


def test_the_turn_of_a_century_is_two_years_in_a_row():
    assert "time_period" not in rules(data().assign(time_period="199900"))


def test_years_and_quarters_do_not_mix():
    assert "time_identifier" in rules(with_cell("time_identifier", "Financial year"))
    assert "time_identifier" in rules(data().assign(time_identifier="Calendar year Q1"))


def test_levels_are_case_exact():
    assert "geographic_level" in rules(data().replace("National", "national"))


def test_a_national_row_has_no_region_and_no_authority():
    assert "geog_overcompleted" in rules(with_cell("region_code", "E12000005"))
    assert "geog_overcompleted" in rules(with_cell("la_name", "Walsall"))


def test_an_authority_is_one_known_code_number_name_and_region():
    for column, value in (
        ("la_name", "WALSALL"),
        ("old_la_code", "336"),
        ("new_la_code", "E08000031"),
        ("region_name", "North East"),
    ):
        frame = data()
        frame.loc[frame["la_name"] == "Walsall", column] = value
        assert "la_unknown" in rules(frame), column


def test_a_code_that_was_given_up_is_refused_for_later_years():
    frame = data().replace(
        {
            "335": "370",
            "E08000030": "E08000016",
            "Walsall": "Barnsley",
            "E12000005": "E12000003",
            "West Midlands": "Yorkshire and The Humber",
        }
    )
    assert "la_retired" not in rules(frame.assign(time_period="202425"))
    assert "la_retired" in rules(frame.assign(time_period="202627"))


def test_a_total_is_no_place():
    assert "total_in_identifier" in rules(with_cell("la_name", "Total"))


def test_every_column_is_described_and_every_description_has_a_column():
    assert "column_not_described" in rules(data().assign(more="1"))
    assert rules(data().drop(columns="percentage")) == {"meta_without_column"}


@pytest.mark.parametrize("name", ["comparable_rate", "female_rate", "aromatic", "welsh_count"])
def test_an_indicator_name_that_holds_a_refused_word_is_refused(name):
    refused = "indicator_name" in rules(*renamed("percentage", name))
    assert refused is bool(re.search("arab|male|roma|welsh", name))


@pytest.mark.parametrize("name", ["local_programme_name", "ward_of_court_id", "region_code_name"])
def test_a_filter_name_that_reads_as_a_place_is_refused(name):
    assert "filter_name" in rules(*renamed("outcome", name))


@pytest.mark.parametrize("name", ["Outcome", "out-come", "1outcome", "o" * 51])
def test_a_column_name_is_snake_case(name):
    assert "column_name" in rules(*renamed("outcome", name))


def test_a_filter_has_two_items_or_more_none_blank_none_padded():
    assert "filter_levels" in rules(data()[data()["outcome"] == "Total"])
    assert "filter_blank" in rules(with_cell("outcome", ""))
    assert "filter_spaces" in rules(data().replace("Repeat plans", " Repeat plans"))


def test_a_filter_has_a_total_or_a_default_that_exists():
    frame = data().replace("Total", "First plans")
    assert rules(frame) == {"filter_default"}
    assert rules(frame, with_meta("filter_default", "First plans")) == set()
    assert rules(frame, with_meta("filter_default", "Nothing")) == {"filter_default"}


def test_no_row_stands_twice_even_with_other_numbers():
    frame = pd.concat([data(), data().iloc[:1].assign(numerator="7")])
    assert "row_twice" in rules(frame)


def test_no_combination_is_missing():
    assert rules(data().iloc[:-1]) == {"matrix"}


@pytest.mark.parametrize(
    ("column", "value", "row", "rule"),
    [
        ("col_type", "filter", 0, "meta_type"),
        ("label", "", 1, "meta_label_blank"),
        ("label", "Outcome", 1, "meta_label_twice"),
        ("label", "n" * 81, 1, "meta_label_long"),
        ("col_name", "outcome", 1, "meta_name_twice"),
        ("col_name", "la_name", 1, "meta_identifier"),
        ("indicator_unit", "per 10,000", 1, "meta_unit"),
        ("indicator_dp", "", 1, "meta_dp"),
        ("indicator_dp", "1.5", 1, "meta_dp"),
        ("indicator_unit", "%", 0, "meta_not_blank"),
        ("filter_hint", "Choose", 1, "meta_not_blank"),
        ("filter_grouping_column", "group", 0, "filter_group_missing"),
    ],
)
def test_metadata_has_its_own_rules(column, value, row, rule):
    assert rule in rules(described=with_meta(column, value, row))


def test_metadata_columns_are_these_and_no_others():
    assert rules(described=meta().drop(columns="label")) == {"meta_columns_missing"}
    assert rules(described=meta().assign(more="")) == {"meta_columns_unknown"}


def test_a_breach_names_the_table_and_the_rule_and_no_value():
    (breach,) = breaches("plans", table_csv(with_cell("numerator", "<5")), table_csv(meta()))
    assert (breach.table, breach.rule) == ("plans", "indicator_cell")
    assert "<5" not in breach.words


def test_a_data_file_without_metadata_is_refused():
    assert file_breaches({"data/plans.csv": table_csv(data())})[0].rule == "pair"
