"""Nothing left, and less than last time, by the ids in the list of real cases."""

import json

import pytest

from schemas.quarter import Quarter
from schemas.returns import RETURNS
from tasks.cut.data_cut import authority_rows, make_cut
from tasks.outcomes.authority import authority_outcomes
from tests.support.dropped import QUARTER, WALSALL
from tests.support.files import (
    EPISODES,
    HEADER,
    MEETINGS,
    ONE_CHILD,
    ONE_EPISODE,
    census,
    child,
    workbook,
)
from warehouse.cuts import read_cut
from warehouse.ledger import Actor

SESSION = RETURNS["training_feedback"]["training_session"]
REVIEWS = "CHILD,DOB,REVIEW,REVIEW_CODE\n"
ONE_REVIEW = "A1,05/04/2010,01/12/2024,PN1\n"


def report(dropped, taken):
    return (dropped.pack(taken) / "report.html").read_text("utf-8")


def codes(dropped, taken):
    receipt = json.loads((dropped.pack(taken) / "receipt.json").read_text("utf-8"))
    return receipt["findings_by_code"]


def put_set(dropped, quarter=QUARTER, **files):
    for name, content in files.items():
        dropped.put(f"{name}.csv", content, quarter=quarter)


def test_r030_a_table_that_keeps_no_row_refuses_the_return_and_the_good_one_stays(dropped):
    put_set(dropped, header=HEADER + ONE_CHILD, episodes=EPISODES + ONE_EPISODE)
    dropped.sweep()
    put_set(dropped, reviews=REVIEWS + "A1,05/04/2010,not a day,PN1\n")
    (found,) = dropped.sweep()
    assert (str(found.state), found.reason_code) == ("rejected", "NOTHING_LEFT")
    assert dropped.in_force()[WALSALL, "ssda903", QUARTER] == 1


def test_r030_one_row_that_is_kept_is_enough(dropped):
    put_set(
        dropped,
        header=HEADER + ONE_CHILD,
        episodes=EPISODES + ONE_EPISODE,
        reviews=REVIEWS + "A1,05/04/2010,not a day,PN1\n" + ONE_REVIEW,
    )
    (found,) = dropped.sweep()
    assert str(found.state) == "accepted with queries"


@pytest.mark.parametrize("table", RETURNS["annex_a"].tables[:2])
def test_r031_a_template_without_rows_is_refused_and_the_filled_one_stays(dropped, table):
    columns = [column for column in table.columns if column.sent_as]
    headings = [column.sent_as for column in columns]
    row = ["A1" if column.name == "child_id" else "" for column in columns]
    dropped.put("annex.xlsx", workbook((table.sent_as[:31], [headings, row])))
    dropped.sweep()
    empty = [
        (one.sent_as[:31], [[c.sent_as for c in one.columns if c.sent_as]])
        for one in RETURNS["annex_a"].tables
    ]
    dropped.put("template.xlsx", workbook(*empty))
    (found,) = dropped.sweep()
    assert (str(found.state), found.reason_code) == ("rejected", "NO_ROWS")
    assert dropped.in_force()[WALSALL, "annex_a", QUARTER] == 1


def test_r031_a_nil_return_is_taken_and_its_fall_is_asked_about_first(dropped):
    rows = "".join(f"C{number},2025-01-15,,none\n" for number in range(6))
    dropped.put("return.csv", MEETINGS + rows)
    dropped.sweep()
    dropped.put("nil.csv", MEETINGS + "nil return,,,\n")
    (found,) = dropped.sweep()
    assert str(found.state) == "accepted with queries"
    assert codes(dropped, found)["ROWS_FALL"] == 1
    page = report(dropped, found)
    assert "Please check that nothing is missing" in page
    assert page.index('id="changes"') < page.index('id="query"')


def test_r031_what_repeats_is_no_row_more_than_before(dropped):
    rows = [f"C{number},2025-01-15,,none\n" for number in range(20)]
    dropped.put("return.csv", MEETINGS + "".join(rows))
    dropped.sweep()
    dropped.put("less.csv", MEETINGS + "".join(rows[:12]) + rows[0] * 10)
    (found,) = dropped.sweep()
    assert codes(dropped, found)["ROWS_FALL"] == 1
    assert "20 rows in the version before, 12 now" in report(dropped, found)


def test_r032_a_table_that_last_quarter_had_and_is_not_sent_is_a_query(dropped):
    put_set(
        dropped,
        "2024-25Q3",
        header=HEADER + ONE_CHILD,
        episodes=EPISODES + ONE_EPISODE,
        reviews=REVIEWS + ONE_REVIEW,
    )
    dropped.sweep(quarter="2024-25Q3")
    put_set(dropped, header=HEADER + ONE_CHILD, episodes=EPISODES + ONE_EPISODE)
    (found,) = dropped.sweep()
    assert str(found.state) == "accepted with queries"
    assert codes(dropped, found)["TABLE_GONE"] == 1
    assert "1 rows in the quarter before, 0 now" in report(dropped, found)
    assert "what counts for 2024-25Q3" in report(dropped, found)


def test_r032_a_table_carried_forward_is_not_gone(dropped):
    put_set(
        dropped,
        header=HEADER + ONE_CHILD,
        episodes=EPISODES + ONE_EPISODE,
        reviews=REVIEWS + ONE_REVIEW,
    )
    dropped.sweep()
    put_set(dropped, episodes=EPISODES + ONE_EPISODE.replace("05/04/2024", "06/04/2024"))
    (found,) = dropped.sweep()
    assert "TABLE_GONE" not in codes(dropped, found)


def test_r032_a_first_return_has_nothing_to_be_compared_with(dropped):
    put_set(dropped, header=HEADER + ONE_CHILD, episodes=EPISODES + ONE_EPISODE)
    (found,) = dropped.sweep()
    assert not {"TABLE_GONE", "ROWS_FALL"} & set(codes(dropped, found))


PLAN = (
    "<ChildProtectionPlans><CPPstartDate>{}-05-01</CPPstartDate>"
    "<NumberOfPreviousCPP>0</NumberOfPreviousCPP></ChildProtectionPlans>"
)


def census_of(year, plan=""):
    """Return a year's census of twelve children, each with a plan or none."""
    many = "".join(child(plan, child_id=f"C{number}") for number in range(12))
    return census(many.replace("2024-05-06", f"{year - 1}-05-06"), year=year, la="335")


def test_a_census_from_which_a_block_was_left_out_is_asked_about_and_has_no_figure(dropped):
    dropped.put("c.xml", census_of(2024, PLAN.format(2023)), quarter="2023-24Q4")
    dropped.sweep(quarter="2023-24Q4")
    dropped.put("c.xml", census_of(2025))
    (found,) = dropped.sweep()
    told = [row["found"] for row in dropped.findings(found) if row["code"] == "ROWS_FALL"]
    assert "12 rows in the quarter before, 0 now" in told
    cut, _ = make_cut(dropped.root, Actor("tester", "test"))
    given = [one for one in read_cut(dropped.root, cut.id).submissions if one.la_code == WALSALL]
    rows = authority_rows(dropped.root, WALSALL, given)
    first, last = Quarter.parse("2023-24Q1"), Quarter.parse("2024-25Q4")
    made = authority_outcomes(rows, first=first, last=last).outcomes
    figures = made.set_index(["outcome", "quarter"])["reason"].to_dict()
    for outcome in ("cpp_start_rate", "repeat_cpp"):
        assert figures[outcome, "2024-25Q4"] == "TABLE_NOT_SENT"
    assert figures["cpp_start_rate", "2023-24Q1"] == ""
