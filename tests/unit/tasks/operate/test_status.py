"""What is owed and overdue, by the calendar of the root."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schemas.calendar import EVERY_QUARTER, YEAR_ENDS
from schemas.quarter import Quarter
from schemas.trial import adopters
from tasks.intake.sweep import sweep_once
from tasks.operate.status import overdue, status_table
from tasks.operate.status_page import status_view
from warehouse.root import write_settings

LATER = date(2030, 1, 1)


@pytest.fixture
def sent_once(root):
    """A root with one return in force, of a third quarter."""
    folder = root.drop / "E08000030-walsall" / "2023-24Q3"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pp.csv").write_text(
        "child_id,first_meeting_date,proceedings_issued_date,outcome\n007,03/05/2023,,\n"
    )
    sweep_once(root, wait=False, progress=lambda _: None)
    return root


def keep(root, **changes):
    write_settings(root, replace(root.settings(), **changes))
    return root


def names_of(table):
    return set(zip(table["return_name"], table["quarter"], strict=True))


def test_what_is_owed_at_year_ends_is_not_overdue_in_other_quarters(sent_once):
    quarter = "2023-24Q3"
    every = overdue(keep(sent_once, calendar=EVERY_QUARTER.name), today=LATER)
    assert ("ssda903", quarter) in names_of(every)
    ends = overdue(keep(sent_once, calendar=YEAR_ENDS.name), today=LATER)
    assert {name for name, when in names_of(ends) if when == quarter} == {
        "workforce",
        "programme_delivery",
    }
    assert set(ends.loc[ends["return_name"] == "ssda903", "due"]) == {"2029-06-30"}


def test_nothing_is_overdue_of_quarters_after_the_last_that_is_owed(sent_once):
    ended = keep(sent_once, calendar=YEAR_ENDS.name, last_quarter="2023-24Q3")
    late = overdue(ended, today=LATER)
    assert ("workforce", "2023-24Q3") in names_of(late)
    assert max(late["quarter"]) == "2023-24Q3"
    others = late[late["quarter"] == "2023-24Q3"]
    assert len(others) == 2 * len(adopters())


def test_what_was_sent_has_the_day_it_was_due_by_the_calendar(sent_once):
    table = status_table(keep(sent_once, calendar=YEAR_ENDS.name), today=LATER)
    (due,) = table.loc[table["submission_id"] != "", "due"]
    assert due == YEAR_ENDS.due_date("pre_proceedings", Quarter.parse("2023-24Q3")).isoformat()


def test_the_page_says_of_what_is_not_owed_that_it_is_not(sent_once):
    at = keep(sent_once, calendar=YEAR_ENDS.name, last_quarter="2023-24Q3")
    view = status_view(at, moment=datetime(2024, 1, 10, tzinfo=UTC))
    grid = {row[0]: row[1:] for row in view.grid}
    assert grid["Walsall"] == (
        *("not owed", "not owed", "in force", "not owed"),
        *("not received", "not received"),
    )
    assert set(grid["Lancashire"]) == {"not owed", "not received"}
