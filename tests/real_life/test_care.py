"""Care histories end: cases R020 to R024 of real life, from the drop folder to the figures."""

import csv
import io

import pytest

from tasks.cut.data_cut import authority_rows, make_cut
from tasks.operate.set_up import set_up
from tests.support.command import ending, sfp
from tests.support.files import EPISODES, HEADER
from warehouse.cuts import read_cut
from warehouse.ledger import Actor
from warehouse.root import Root

WALSALL = "E08000030"
BEFORE, AFTER = "2023-24Q4", "2024-25Q4"
CHILDREN = {
    BEFORE: "ABCDE",
    AFTER: "BE",
}
TOLD = {
    BEFORE: (
        ("A", "01/05/2023", "S", "", ""),
        ("B", "01/03/2024", "S", "", ""),
        ("C", "01/05/2023", "S", "01/06/2023", "X1"),
        ("C", "01/06/2023", "S", "01/07/2023", "E4A"),
        ("D", "01/05/2023", "S", "01/06/2023", "X1"),
        ("D", "10/06/2023", "P", "01/07/2023", "E4A"),
        ("E", "01/05/2021", "S", "01/02/2024", "X1"),
        ("E", "01/02/2024", "T", "", ""),
    ),
    AFTER: (
        ("B", "04/03/2024", "S", "01/06/2024", "E4A"),
        ("E", "01/02/2024", "T", "", ""),
    ),
}


def header(quarter):
    return HEADER + "".join(f"{child},M,05/04/2014,WBRI,UN1,0,\n" for child in CHILDREN[quarter])


def episodes(quarter):
    rows = (
        f"{child},{start},{reason},C2,N1,U6,PR1,{end},{why},,WS1 1AA,WS1 1AB,SC012345\n"
        for child, start, reason, end, why in TOLD[quarter]
    )
    return EPISODES + "".join(rows)


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory):
    """A root into which one authority has sent two years."""
    root = set_up(Root.at(tmp_path_factory.mktemp("care") / "root"), settle_seconds=0.0)
    for quarter in (BEFORE, AFTER):
        folder = root.drop / WALSALL / quarter
        folder.mkdir(parents=True)
        (folder / "header.csv").write_text(header(quarter))
        (folder / "episodes.csv").write_text(episodes(quarter))
        sfp("sweep", "--root", str(root.path))
    sfp("refresh", "--root", str(root.path))
    return root


@pytest.fixture(scope="module")
def figures(taken_in):
    """Numerator and denominator by outcome and quarter."""
    printed = csv.DictReader(io.StringIO(sfp("outcomes", "--root", str(taken_in.path))))
    return {
        (row["outcome"], row["quarter"]): (row["numerator"], row["denominator"])
        for row in printed
        if row["la_code"] == WALSALL
    }


@pytest.fixture(scope="module")
def findings(taken_in):
    """What the answers of the later year say, by rule."""
    packs = taken_in.outbox / WALSALL / AFTER
    (path,) = packs.glob("*/findings.csv")
    return {row["code"]: row for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))}


def counted(root):
    """What the status says did not fit; it is for people, so it is not on standard output."""
    return ending("status", "--root", str(root.path)).stderr


def moved(*, day_of_end):
    """Return header and episodes of six children who moved on 1 June, told to end that day."""
    children = [f"M{number}" for number in range(6)]
    end_reason = "X1" if day_of_end else ""
    rows = "".join(
        f"{child},01/05/2023,S,C2,N1,U6,PR1,{day_of_end},{end_reason},CARPL,,,SC012345\n"
        f"{child},01/06/2023,P,C2,N1,U6,PR1,,,,,,SC012346\n"
        for child in children
    )
    born = "".join(f"{child},M,05/04/2014,WBRI,UN1,0,\n" for child in children)
    return HEADER + born, EPISODES + rows


@pytest.mark.parametrize(
    ("day_of_end", "is_barred"), [("31/05/2023", True), ("", True), ("01/06/2023", False)]
)
def test_no_figure_is_made_where_the_end_is_the_last_day_in_care_or_was_not_exported(
    dropped, day_of_end, is_barred
):
    header, episodes = moved(day_of_end=day_of_end)
    dropped.put("header.csv", header, quarter=BEFORE)
    dropped.put("episodes.csv", episodes, quarter=BEFORE)
    (found,) = dropped.sweep(quarter=BEFORE)
    reason = "TOO_MANY_CONTRADICT"
    assert (reason in {row["code"] for row in dropped.findings(found)}) is is_barred
    cut, _ = make_cut(dropped.root, Actor("tester", "test"))
    given = [one for one in read_cut(dropped.root, cut.id).submissions if one.la_code == WALSALL]
    (bar,) = authority_rows(dropped.root, WALSALL, given).bars or (None,)
    assert (bar and (bar.reason, bar.table)) == ((reason, "episodes") if is_barred else None)


def looked_after(figures, quarter):
    return int(figures["cla_rate", quarter][0])


def test_r020_a_child_who_vanishes_from_the_next_return_has_left(taken_in, figures, findings):
    assert looked_after(figures, BEFORE) == len({"A", "B", "E"})
    assert looked_after(figures, "2024-25Q1") == looked_after(figures, AFTER) == len({"E"})
    assert "episodes_gone_with_child: 1" in counted(taken_in)
    # Ids do not rest: the row of the last return names the child to the authority alone.
    assert "rows 2, 3 of the return for 2023-24Q4" in findings["SFP-GONE"]["found"]


def test_r021_a_corrected_start_is_one_start(taken_in, figures):
    assert int(figures["cla_start_rate", BEFORE][0]) == len({"B"})
    assert looked_after(figures, "2024-25Q2") == len({"E"})
    assert "episodes_corrected: 1" in counted(taken_in)


def test_r022_an_x1_followed_by_a_new_period_ends_on_its_day(figures):
    starts_of_a_c_and_d = 1 + 2 + 2
    assert int(figures["cla_start_rate", "2023-24Q1"][0]) == starts_of_a_c_and_d
    assert looked_after(figures, "2023-24Q2") == len({"A", "E"})


def test_r023_an_x1_followed_after_a_gap_ends_on_its_day(taken_in, figures):
    assert looked_after(figures, "2023-24Q3") == len({"A", "E"})
    assert "episodes_unfollowed: 1" in counted(taken_in)


def test_r024_a_move_with_the_same_carer_does_not_break_two_years(figures):
    assert figures["placement_long_term", BEFORE] == ("1", "1")
