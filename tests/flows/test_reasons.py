"""Why a figure is not given, through files and the command line."""

import csv
import io
import json

from schemas.returns import RETURNS
from tests.flows.conftest import WALSALL
from tests.support.command import sfp

YEAR_END = "2022-23Q4"
FILES = ("header.csv", "episodes.csv", "reviews.csv", "oc2.csv", "oc3.csv")


def reasons(root):
    """Return status and reason of every figure of the year end, as `sfp outcomes` prints them."""
    sfp("refresh", "--root", root.path)
    rows = csv.DictReader(io.StringIO(sfp("outcomes", "--root", root.path)))
    as_json = json.loads(sfp("outcomes", "--format", "json", "--root", root.path))
    found = {
        (row["outcome"], row["quarter"]): (row["status"], row["reason"])
        for row in rows
        if row["la_code"] == WALSALL
    }
    assert {(row["outcome"], row["quarter"]) for row in as_json if not row["reason"]} == {
        key for key, (_, reason) in found.items() if not reason
    }
    return {outcome: pair for (outcome, quarter), pair in found.items() if quarter == YEAR_END}


def why(root, outcome):
    rows = json.loads(sfp("status", "--why", "--json", "--root", root.path))
    return [row for row in rows if (row["la_code"], row["outcome"]) == (WALSALL, outcome)]


def at_year_end(root, outcome):
    (row,) = (row for row in why(root, outcome) if row["quarters"].endswith(YEAR_END))
    return row


def test_each_figure_says_why_it_is_not_given(root, drop, sweep):
    drop(WALSALL, YEAR_END, *(name for name in FILES if name != "oc2.csv"))
    sweep()
    found = reasons(root)
    assert found["cla_rate"] == ("ok", "")
    assert found["sdq_total"] == ("x", "TABLE_NOT_SENT")
    assert found["turnover"] == ("x", "NOT_RETURNED")
    assert found["cpp_start_rate"] == ("x", "NOT_RETURNED")
    assert found["placement_moves_3plus"] == ("ok", "")
    row = at_year_end(root, "sdq_total")
    assert (row["status"], row["meant"]) == ("x", f"ssda903 (oc2) {YEAR_END}")
    assert row["advice"] == "Ask the authority for the table; it can be sent on its own."
    assert at_year_end(root, "turnover")["meant"] == f"workforce 2022-23Q1 to {YEAR_END}"
    assert "NOT_MATURE" in {row["reason"] for row in why(root, "placement_moves_3plus")}


def test_a_table_that_lost_too_many_rows_is_not_counted(root, drop, sweep):
    folder = drop(WALSALL, YEAR_END, *FILES)
    spoil(folder / "ssda903" / "episodes.csv")
    assert set(sweep().values()) == {"accepted with queries"}
    found = reasons(root)
    assert found["cla_rate"] == ("x", "TOO_MANY_SET_ASIDE")
    assert found["sdq_total"][0] == "ok"
    assert at_year_end(root, "cla_rate")["meant"] == f"ssda903 (episodes) 2022-23Q1 to {YEAR_END}"


def test_a_figure_of_a_table_that_lost_a_row_is_given_and_says_so(root, drop, sweep):
    folder = drop(WALSALL, YEAR_END, *FILES)
    spoil(folder / "ssda903" / "episodes.csv", count=1)
    sweep()
    found = reasons(root)
    assert found["cla_rate"] == ("ok", "ROWS_SET_ASIDE")
    assert found["sdq_total"] == ("ok", "")
    row = at_year_end(root, "cla_rate")
    assert (row["status"], row["meant"]) == ("ok", f"ssda903 (episodes) 2022-23Q1 to {YEAR_END}")


def spoil(episodes, count=None):
    """Give some episodes, over a tenth and at least five, a start that cannot be."""
    with episodes.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    count = count or max(5, len(rows) // 10 + 1)
    assert count < 20
    for row in rows[:count]:
        row["DECOM"] = "31/02/2021"
    with episodes.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_figure_of_an_earlier_version_says_so(root, drop, sweep):
    folder = drop(WALSALL, YEAR_END, *FILES)
    sweep()
    assert reasons(root)["cla_rate"] == ("ok", "")
    lost = (folder / "ssda903" / "episodes.csv").read_text("utf-8-sig").replace("/20", "/30")
    (folder / "again").mkdir()
    (folder / "again" / "episodes.csv").write_text(lost)
    assert set(sweep().values()) == {"rejected"}
    found = reasons(root)
    assert found["cla_rate"] == ("ok", "LATER_VERSION_REFUSED")
    assert found["turnover"] == ("x", "NOT_RETURNED")
    assert at_year_end(root, "cla_rate")["meant"] == f"ssda903 2022-23Q1 to {YEAR_END}"


def test_a_return_that_was_refused_is_told_from_one_that_was_not_sent(root, drop, sweep):
    drop(WALSALL, "2022-23Q3", *FILES)
    folder = drop(WALSALL, YEAR_END, *FILES)
    (folder / "ssda903" / "header.csv").unlink()
    assert sorted(sweep().values())[-1] == "rejected"
    drop(WALSALL, YEAR_END, "cin_census.xml")
    sweep()
    assert reasons(root)["cla_rate"] == ("x", "RETURN_REFUSED")
    row = at_year_end(root, "cla_rate")
    assert (row["quarters"], row["meant"]) == (YEAR_END, f"ssda903 {YEAR_END}")


def published(root, name, *arguments):
    """Publish an edition; return its reasons of one outcome, and its completeness at year end."""
    sfp("publish", "--edition", name, *arguments, "--root", root.path)
    folder = root.editions / name
    reasons = csv.DictReader(io.StringIO((folder / "not_available.csv").read_text("utf-8-sig")))
    counted = csv.DictReader(io.StringIO((folder / "data/completeness.csv").read_text("utf-8-sig")))
    return (
        {
            (row["from_quarter"], row["to_quarter"]): row["reason"]
            for row in reasons
            if (row["new_la_code"], row["id"]) == (WALSALL, "cla_rate")
        },
        {
            row["collection"]: (row["returns_received"], row["returns_refused"])
            for row in counted
            if row["new_la_code"] == WALSALL
            and row["time_period"] == "202223"
            and row["time_identifier"].endswith("4")
        },
    )


def test_an_edition_says_what_was_refused_when_its_cut_was_made(root, drop, sweep):
    drop(WALSALL, "2022-23Q3", *FILES)
    folder = drop(WALSALL, YEAR_END, *FILES)
    header = (folder / "ssda903" / "header.csv").read_bytes()
    (folder / "ssda903" / "header.csv").unlink()
    drop(WALSALL, YEAR_END, "cin_census.xml")
    sweep()
    sfp("refresh", "--root", root.path)
    found, counted = published(root, "then")
    assert found[YEAR_END, YEAR_END] == "RETURN_REFUSED"
    assert counted[RETURNS["ssda903"].title] == ("0", "1")
    (folder / "ssda903" / "header.csv").write_bytes(header)
    sweep()
    sfp("refresh", "--root", root.path)
    # The same cut gives the same edition, whatever came since.
    assert published(root, "again", "--cut", "1") == (found, counted)
    now_found, now_counted = published(root, "now")
    assert (YEAR_END, YEAR_END) not in now_found
    assert now_counted[RETURNS["ssda903"].title] == ("1", "0")
