import pytest
from pandas import DataFrame

from schemas.outcomes import OUTCOME_TABLES
from schemas.outcomes.publication import TimeSpan
from tasks.disclose.control import controlled
from tasks.publish.ees import outcome_file, table_csv, time_period
from tests.support.outcome_tables import (
    LANCASHIRE,
    NORFOLK,
    ROCHDALE,
    WALSALL,
    YEAR,
    one_outcome,
    outcome_table,
)

TABLES = {table.name: table for table in OUTCOME_TABLES}


def frame(name, table):
    made = outcome_file(TABLES[name], controlled(table, seen=()).rows)
    assert made is not None
    return made.frame


@pytest.mark.parametrize(
    ("span", "time", "expected"),
    [
        (TimeSpan.QUARTER, "2025-26Q1", ("202526", "Financial year Q1")),
        (TimeSpan.YEAR, "2025-26", ("202526", "Financial year")),
        (TimeSpan.CUMULATIVE, "1999-00", ("199900", "Financial year")),
    ],
)
def test_times_are_written_as_the_service_wants_them(span, time, expected):
    assert time_period(span, time) == expected


def test_a_row_of_an_authority_names_it_and_its_region():
    rows = frame("care_and_protection_quarterly", one_outcome("rereferral_12m", [(40, 200)] * 16))
    walsall = rows[rows["new_la_code"] == WALSALL].iloc[0]
    assert walsall["la_name"] == "Walsall"
    assert walsall["region_name"] == "West Midlands"
    assert (walsall["numerator"], walsall["percentage"]) == ("40", "20.0")


def test_a_national_row_has_a_practice_model_or_their_total():
    rows = frame("care_and_protection_quarterly", one_outcome("rereferral_12m", [(40, 200)] * 16))
    national = rows[
        (rows["geographic_level"] == "National") & (rows["time_identifier"] == "Financial year Q1")
    ]
    seen = dict(zip(national["practice_model"], national["numerator"], strict=True))
    assert seen == {"Family Safeguarding": "80", "No Wrong Door": "80", "Total": "160"}


def test_an_outcome_of_another_model_does_not_apply():
    table = outcome_table(
        ("cla_18m", WALSALL, YEAR[0], 10, 80), ("reunified_18m", "E10000031", YEAR[0], 10, 40)
    )
    rows = frame("cohort_outcomes_quarterly", table)
    walsall = rows[(rows["new_la_code"] == WALSALL)]
    seen = dict(zip(walsall["outcome"], walsall["numerator"], strict=True))
    assert set(seen.values()) == {"10", "z"}


def test_a_mean_over_few_people_is_unreliable():
    table = outcome_table(
        ("sdq_total", WALSALL, "2021-22Q4", 120, 8), ("sdq_total", LANCASHIRE, "2021-22Q4", 900, 70)
    )
    rows = frame("young_people_yearly", table)
    seen = dict(zip(rows["new_la_code"], rows["mean_score"], strict=True))
    assert (seen[WALSALL], seen[LANCASHIRE]) == ("u", "12.9")


def test_a_change_of_a_rate_by_a_fifth_shows_for_one_authority():
    quarters = (("2020-21Q1", 18), ("2021-22Q1", 22))
    table = outcome_table(
        *(
            ("cla_start_rate", LANCASHIRE, quarter, starts, 1_000_000)
            for quarter, starts in quarters
        )
    )
    rows = frame("care_and_protection_quarterly", table)
    own = rows[rows["new_la_code"] == LANCASHIRE]
    assert own["rate_per_10000"].tolist() == ["0.180", "0.220"]


def test_a_value_stands_in_the_column_of_its_measure_alone():
    table = outcome_table(
        ("cla_rate", WALSALL, YEAR[0], 300, 60_000), ("rereferral_12m", WALSALL, YEAR[0], 40, 200)
    )
    rows = frame("care_and_protection_quarterly", table)
    rows = rows[rows["new_la_code"] == WALSALL].set_index("outcome")
    rate = rows.loc["Children looked after on the last day"]
    assert (rate["rate_per_10000"], rate["percentage"]) == ("50.0", "z")


def test_rows_come_in_one_order_whatever_the_order_of_the_outcomes():
    table = one_outcome("rereferral_12m", [(40 + n, 200 + n) for n in range(16)])
    assert frame("care_and_protection_quarterly", table).equals(
        frame("care_and_protection_quarterly", table.iloc[::-1])
    )


def test_workers_are_counted_to_one_decimal():
    counts = [(20.5, 80.25), (30, 90), (25, 70), (22, 60)]
    rows = frame(
        "workforce_quarterly",
        one_outcome(
            "turnover",
            counts,
            quarters=YEAR[:1],
            authorities=(WALSALL, LANCASHIRE, ROCHDALE, NORFOLK),
        ),
    )
    walsall = rows[rows["new_la_code"] == WALSALL].iloc[0]
    assert (walsall["numerator"], walsall["denominator"]) == ("20.5", "80.3")


def test_a_table_of_nothing_is_not_made():
    assert (
        outcome_file(TABLES["workforce_yearly"], controlled(outcome_table(), seen=()).rows) is None
    )


def test_csv_is_plain_utf_8_with_line_feeds():
    content = table_csv(DataFrame({"la_name": ["Herefordshire, County of"], "n": ["1"]}))
    assert content == b'la_name,n\n"Herefordshire, County of",1\n'
