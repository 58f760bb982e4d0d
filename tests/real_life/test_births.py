"""The same ids with other dates of birth: sorted alone, or with day and month exchanged."""

import csv
import io

import pytest

from tests.support.command import expect_only, sfp
from tests.support.dropped import WALSALL, Dropped
from tests.support.files import EPISODES, HEADER
from warehouse.root import Root

YEARS = ("2022-23Q4", "2023-24Q4", "2024-25Q4")
BORN = {f"A{n}": (f"{n:02}", "12", "2012") for n in range(1, 9)}


def header(born):
    rows = (f"{child},1,{'/'.join(day)},WBRI,UN1,0,\n" for child, day in born.items())
    return HEADER + "".join(rows)


def sorted_alone(born):
    """Return the children with their dates of birth in another order."""
    return dict(zip(born, reversed(born.values()), strict=True))


def exchanged(born):
    """Return the children as a program has them that writes the month first."""
    return {child: (month, day, year) for child, (day, month, year) in born.items()}


def episodes(year):
    """Return the episodes of children who were all looked after before, and one review's move."""
    rows = (f"{child},05/0{n}/2021,S,C2,N1,U1,PR1,,,,,,\n" for n, child in enumerate(BORN, start=1))
    return EPISODES + "".join(rows) + f"A1,05/05/{year[:4]},P,C2,N1,U1,PR1,,,,,,\n"


def looked_after(root):
    """Return status and reason of the number looked after at each year-end."""
    sfp("refresh", "--root", root.path)
    rows = csv.DictReader(io.StringIO(sfp("outcomes", "--root", root.path)))
    return {
        row["quarter"]: (row["numerator"], row["reason"])
        for row in rows
        if (row["la_code"], row["outcome"]) == (WALSALL, "cla_rate") and row["quarter"] in YEARS
    }


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A root to which three years were sent, in the second another date of birth for each child."""
    path = tmp_path_factory.mktemp("births") / "root"
    sfp("init", "--root", path, "--settle-seconds", 0)
    expect_only(path, [WALSALL])
    dropped = Dropped(Root.at(path))
    for year, born in zip(YEARS, (BORN, sorted_alone(BORN), BORN), strict=True):
        dropped.put("header.csv", header(born), quarter=year)
        dropped.put("episodes.csv", episodes(year), quarter=year)
    sfp("sweep", "--root", path)
    return dropped


def asked(dropped, year):
    """Return what the newest answer for a year says of ids that do not match."""
    packs = (dropped.root.outbox / WALSALL / year).iterdir()
    newest = max(packs, key=lambda pack: pack.stat().st_mtime_ns)
    found = csv.DictReader(io.StringIO((newest / "findings.csv").read_text("utf-8-sig")))
    return [row["words"] for row in found if row["code"] == "IDS_DO_NOT_MATCH"]


def test_children_with_other_dates_of_birth_are_asked_about_and_no_figure_is_made(sent):
    (words,) = asked(sent, YEARS[1])
    assert "8 of the 8 children" in words
    assert "another date of birth" in words
    assert "sorted by itself" in words
    assert asked(sent, YEARS[0]) == asked(sent, YEARS[2]) == []
    reason = ("", "IDS_DO_NOT_MATCH")
    assert looked_after(sent.root) == dict(zip(YEARS, (reason, reason, ("8", "")), strict=True))


def test_the_same_with_day_and_month_exchanged_and_then_corrected(sent):
    sent.put("header.csv", header(exchanged(BORN)), quarter=YEARS[1])
    sfp("sweep", "--root", sent.root.path)
    assert "day and month" in asked(sent, YEARS[1])[0]
    sent.put("header.csv", header(BORN) + "\n", quarter=YEARS[1])
    sfp("sweep", "--root", sent.root.path)
    assert asked(sent, YEARS[1]) == []
    assert looked_after(sent.root) == dict.fromkeys(YEARS, ("8", ""))
