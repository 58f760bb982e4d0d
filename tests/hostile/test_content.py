"""Files that can be read and say odd things, by the ids in the list of hostile cases."""

from datetime import date, timedelta

import pandas as pd
import pytest

from schemas.quarter import Quarter
from schemas.rows import AuthorityRows
from tasks.outcomes.authority import authority_outcomes
from tests.support.dropped import LANCASHIRE, QUARTER, WALSALL
from tests.support.files import EPISODES, HEADER, census
from warehouse.ledger import parts_of
from warehouse.store import read_frame, read_part

CASE = (
    "<CINdetails><CINreferralDate>{day}</CINreferralDate><ReferralSource>1A</ReferralSource>"
    "<PrimaryNeedCode>N1</PrimaryNeedCode><ReferralNFA>0</ReferralNFA></CINdetails>"
)
WORKFORCE = (
    "la_code,quarter,fte_days,sickness_days,fte_start,leavers_fte,agency_fte,vacancies_fte,cases,"
    "direct_work_hours,total_hours\n"
)


BORN = "<PersonBirthDate>2015-04-05</PersonBirthDate><UPNunknown>UN3</UPNunknown>"


def a_child(child_id, *, born=BORN, sex="M", day="2024-05-06"):
    disability = "<Disabilities><Disability>NONE</Disability></Disabilities>"
    return (
        f"<Child><ChildIdentifiers><LAchildID>{child_id}</LAchildID>{born}<Sex>{sex}</Sex>"
        "</ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity>"
        f"{disability if 'PersonBirthDate' in born else ''}</ChildCharacteristics>"
        f"{CASE.format(day=day)}</Child>"
    )


def a_census(*children, year=2025, la="335"):
    return census("\n".join(children), year=year, la=la)


def many(count, **how):
    return [a_child(f"C{number}", **how) for number in range(count)]


def rows_in_force(root, taken, table):
    """Return the rows at rest of one table of one submission."""
    parts = [part for part in parts_of(root, [taken.submission_id]) if part.table_name == table]
    return read_frame(root, [(part.path, part.quarter) for part in parts])


def found(dropped, taken):
    """Return the findings in the authority's pack."""
    return pd.read_csv(dropped.pack(taken) / "findings.csv", dtype=str, keep_default_na=False)


def test_h079_of_two_children_with_one_id_none_is_chosen(root, dropped):
    twice = [
        a_child("X1"),
        a_child("X1", born=BORN.replace("2015-04-05", "2012-01-31")),
    ]
    dropped.put("census.xml", a_census(*many(60), *twice))
    (taken,) = dropped.sweep()
    told = found(dropped, taken)
    mine = told[told["code"] == "CHILD_ID_DUPLICATE"]
    assert set(mine["severity"]) == {"error"}
    assert list(mine["found"]) == ["X1", "X1"]
    assert mine["row"].nunique() == 2
    assert str(taken.state) == "accepted with queries"
    assert len(rows_in_force(root, taken, "cin_children")) == 60
    aside = list(root.quarantine.rglob("cin_children/**/*.parquet"))
    assert [len(read_part(root, str(path.relative_to(root.path)))) for path in aside] == [2]


def test_h079_a_census_of_nothing_but_one_id_is_rejected(dropped):
    twice = [a_child("X1"), a_child("X1", sex="F")]
    dropped.put("census.xml", a_census(*twice))
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("rejected", "NOTHING_LEFT")
    assert "CHILD_ID_DUPLICATE" in set(found(dropped, taken)["code"])
    assert list(dropped.in_force()) == [(LANCASHIRE, "pre_proceedings", QUARTER)]


def test_h081_the_same_id_in_two_authorities_is_two_children(root, dropped):
    dropped.put("census.xml", a_census(a_child("C1")))
    dropped.put("census.xml", a_census(a_child("C1"), la="354"), la_code="E08000005")
    taken = dropped.sweep()
    assert sorted(found.la_code for found in taken) == ["E08000005", WALSALL]
    assert {(str(each.state), each.reason_code) for each in taken} == {("accepted", "")}
    keys = [rows_in_force(root, each, "cin_children")["child_key"].tolist() for each in taken]
    assert [len(key) for key in keys] == [1, 1]
    assert keys[0] != keys[1]


@pytest.mark.parametrize("sex", ["U", "unborn", "Not known", "9"])
def test_h083_an_unborn_child_is_accepted_under_a_rule_of_its_name(root, dropped, sex):
    due = date(2025, 3, 31) + timedelta(weeks=40)
    born = f"<ExpectedPersonBirthDate>{due}</ExpectedPersonBirthDate>"
    unborn = a_child("U1", born=born, sex=sex, day="2025-03-31")
    dropped.put("census.xml", a_census(a_child("C1"), unborn))
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("accepted", "")
    told = found(dropped, taken)
    assert told[["code", "severity", "found"]].to_numpy().tolist() == [
        ["SFP-UNBORN", "notice", str(due)]
    ]
    referrals = rows_in_force(root, taken, "referrals")
    assert sorted(referrals["is_unborn"]) == [False, True]


def test_h083_a_due_date_further_off_is_a_query(dropped):
    due = date(2025, 3, 31) + timedelta(weeks=44)
    born = f"<ExpectedPersonBirthDate>{due}</ExpectedPersonBirthDate>"
    dropped.put("census.xml", a_census(a_child("C1"), a_child("U1", born=born, sex="U")))
    (taken,) = dropped.sweep()
    assert str(taken.state) == "accepted with queries"
    assert {"8530Q", "SFP-UNBORN"} <= set(found(dropped, taken)["code"])


def outcomes_of(root, taken):
    """Return the outcomes of one year that one year-end return of looked-after children makes."""
    last = Quarter.parse(taken.quarter)
    first = Quarter(last.year, 1)
    frames = {table: rows_in_force(root, taken, table) for table in ("children", "episodes")}
    covered = {taken.return_name: frozenset(first.through(last))}
    rows = AuthorityRows(taken.la_code, frames, covered)
    return authority_outcomes(rows, first=first, last=last).outcomes


EPISODE = "{child},{start},S,C2,N1,U1,PR1,{end},{reason},,,,\n"


def test_h085_days_on_a_boundary_are_counted_once(root, dropped):
    header = HEADER + "".join(f"B{n},1,05/04/2012,WBRI,UN1,0,\n" for n in range(4))
    episodes = (
        EPISODES
        # On the last day of a quarter; over 29 February; over the change of clocks on 31 March.
        + EPISODE.format(child="B0", start="30/06/2023", end="01/07/2023", reason="E4A")
        + EPISODE.format(child="B1", start="28/02/2024", end="01/03/2024", reason="E4A")
        + EPISODE.format(child="B2", start="30/03/2024", end="", reason="")
        + EPISODE.format(child="B3", start="31/03/2024", end="", reason="")
    )
    dropped.put("header.csv", header, quarter="2023-24Q4")
    dropped.put("episodes.csv", episodes, quarter="2023-24Q4")
    (taken,) = dropped.sweep(quarter="2023-24Q4")
    assert taken.state.is_accepted
    assert len(rows_in_force(root, taken, "episodes")) == 4
    mine = outcomes_of(root, taken)
    starts = mine[mine["outcome"] == "cla_start_rate"].set_index("quarter")["numerator"]
    assert starts.to_dict() == {
        f"2023-24Q{n}": float(count) for n, count in zip((1, 2, 3, 4), (1, 0, 0, 3), strict=True)
    }
    held = mine[mine["outcome"] == "cla_rate"].set_index("quarter")["numerator"]
    # Half-open: B0 is looked after on 30 June, and no more on 1 July.
    assert held.to_dict() == {
        "2023-24Q1": 1.0,
        "2023-24Q2": 0.0,
        "2023-24Q3": 0.0,
        "2023-24Q4": 2.0,
    }


def a_quarter(quarter, **amounts):
    usual = {
        "fte_days": 6200,
        "sickness_days": 310,
        "fte_start": 100,
        "leavers_fte": 3,
        "agency_fte": 10,
        "vacancies_fte": 12,
        "cases": 1800,
        "direct_work_hours": 12000,
        "total_hours": 45000,
    }
    cells = ",".join(str(amount) for amount in (usual | amounts).values())
    return f"{WORKFORCE}{WALSALL},{quarter},{cells}\n"


@pytest.mark.parametrize(
    "amounts", [{"agency_fte": 0.1}, {"sickness_days": 3.1}, {"direct_work_hours": 120}]
)
def test_h086_an_amount_out_of_the_scale_of_its_own_history_is_queried(dropped, amounts):
    dropped.put("w.csv", a_quarter("2024-25Q1"), quarter="2024-25Q1")
    (first,) = dropped.sweep(quarter="2024-25Q1")
    assert (str(first.state), first.reason_code) == ("accepted", "")
    dropped.put("w.csv", a_quarter("2024-25Q2", **amounts), quarter="2024-25Q2")
    (second,) = dropped.sweep(quarter="2024-25Q2")
    assert str(second.state) == "accepted with queries"
    told = found(dropped, second)
    assert told[["code", "field", "severity"]].to_numpy().tolist() == [
        ["SCALE_SUSPECT", next(iter(amounts)), "query"]
    ]


def test_h086_an_amount_like_the_last_one_is_not(dropped):
    dropped.put("w.csv", a_quarter("2024-25Q1"), quarter="2024-25Q1")
    dropped.sweep(quarter="2024-25Q1")
    dropped.put("w.csv", a_quarter("2024-25Q2", agency_fte=21, cases=1500), quarter="2024-25Q2")
    (second,) = dropped.sweep(quarter="2024-25Q2")
    assert (str(second.state), second.query_count) == ("accepted", 0)


@pytest.mark.parametrize(("now", "is_queried"), [(40, True), (90, False)])
def test_h087_a_fall_of_sixty_in_a_hundred_since_the_last_return_is_queried(
    dropped, now, is_queried
):
    dropped.put("census.xml", a_census(*many(100)), quarter="2024-25Q1")
    (first,) = dropped.sweep(quarter="2024-25Q1")
    assert first.state.is_accepted
    assert "CHANGE_LARGE" not in set(found(dropped, first)["code"])
    dropped.put("census.xml", a_census(*many(now)), quarter="2024-25Q2")
    (second,) = dropped.sweep(quarter="2024-25Q2")
    assert second.state.is_accepted
    codes = set(found(dropped, second)["code"])
    assert ("CHANGE_LARGE" in codes) == is_queried
    if is_queried:
        assert str(second.state) == "accepted with queries"
        assert "send a note" in (dropped.pack(second) / "report.html").read_text()


def test_the_quarter_of_these_cases_is_the_one_they_name():
    assert Quarter.parse(QUARTER).collection_year == 2025
