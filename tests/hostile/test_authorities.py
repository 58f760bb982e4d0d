"""Whose return it is, by the ids in the list of hostile cases."""

import csv

import pytest

from schemas.authorities import JointReturn, joint_lead, joint_returns, reporting_together
from schemas.quarter import Quarter
from tasks.operate.set_up import set_up
from tests.support.dropped import LANCASHIRE, QUARTER, WALSALL
from tests.support.files import census, child

NORTH, WEST = "E06000061", "E06000062"
BOTH = "<Source><LEA>940</LEA></Source><Source><LEA>941</LEA></Source>"
IN_ONE_ELEMENT = "<Source><LEA>940 / 941</LEA></Source>"


@pytest.fixture
def registered(root):
    """The root expects returns of two authorities that may or may not report together."""
    return set_up(root, authorities=(WALSALL, LANCASHIRE, NORTH, WEST))


@pytest.fixture
def pair(monkeypatch):
    """A pair in the register, invented: the register ships without any."""
    held = JointReturn(NORTH, WEST, Quarter.parse("2023-24Q1"), None, "invented for the test")
    monkeypatch.setattr("schemas.authorities.joint_returns", lambda: (held,))


def joint_census(sources=BOTH):
    text = census(child(), la="940")
    assert "<Source><LEA>940</LEA></Source>" in text
    return text.replace("<Source><LEA>940</LEA></Source>", sources)


@pytest.mark.parametrize("sources", [BOTH, IN_ONE_ELEMENT])
def test_h014_a_joint_return_of_a_pair_nobody_registered_is_refused(registered, dropped, sources):
    dropped.put("census.xml", joint_census(sources), la_code=NORTH)
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("rejected", "JOINT_RETURN_UNKNOWN")
    words = dropped.words(taken.submission_id)
    assert "940, 941" in words
    assert "Send one return for each." in words
    assert list(dropped.in_force()) == [(LANCASHIRE, "pre_proceedings", QUARTER)]


@pytest.mark.parametrize("sources", [BOTH, IN_ONE_ELEMENT])
def test_h014_a_joint_return_of_a_registered_pair_counts_under_its_lead(
    registered, dropped, pair, sources
):
    dropped.put("census.xml", joint_census(sources), la_code=NORTH)
    (taken,) = dropped.sweep()
    assert taken.state.is_accepted
    assert (NORTH, "cin_census", QUARTER) in dropped.in_force()
    assert not [key for key in dropped.in_force() if key[0] == WEST]
    report = (dropped.pack(taken) / "report.html").read_text()
    assert "registered as joint; it counts under 940." in report


def test_h014_a_joint_return_in_the_partners_folder_is_refused(registered, dropped, pair):
    dropped.put("census.xml", joint_census(), la_code=WEST)
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("rejected", "AUTHORITY_MISMATCH")
    assert list(dropped.in_force()) == [(LANCASHIRE, "pre_proceedings", QUARTER)]


def test_h014_a_pair_is_joint_only_in_the_quarters_of_the_register(pair):
    assert joint_lead({"940", "941"}, Quarter.parse("2023-24Q1")) == "940"
    assert joint_lead({NORTH, WEST}, Quarter.parse("2023-24Q1")) == NORTH
    assert joint_lead({"940", "941"}, Quarter.parse("2022-23Q4")) is None
    assert joint_lead({"940", "335"}, Quarter.parse("2023-24Q1")) is None
    assert joint_lead({"940", "941", "335"}, Quarter.parse("2023-24Q1")) is None


def test_h014_rates_of_a_lead_are_by_the_children_of_both(pair):
    assert reporting_together(NORTH, Quarter.parse("2023-24Q1")) == (NORTH, WEST)
    assert reporting_together(NORTH, Quarter.parse("2022-23Q4")) == (NORTH,)
    assert reporting_together(WEST, Quarter.parse("2023-24Q1")) == (WEST,)


def test_h014_the_register_ships_without_a_pair_nobody_named(tmp_path):
    from schemas.authorities import REFERENCE

    assert joint_returns() == ()
    with (REFERENCE / "joint_returns.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == [
            "lead_la_code",
            "partner_la_code",
            "first_quarter",
            "last_quarter",
            "source",
        ]


def test_h015_a_return_of_another_authority_is_loaded_for_neither(dropped):
    dropped.put("census.xml", census(child(child_id="Zq7Secret"), la="888"))
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("rejected", "AUTHORITY_MISMATCH")
    assert list(dropped.in_force()) == [(LANCASHIRE, "pre_proceedings", QUARTER)]
    pack = dropped.pack(taken)
    assert "888 (Lancashire) in a folder of 335, E08000030 (Walsall)" in (
        pack / "findings.csv"
    ).read_text("utf-8-sig")
    said = [path.read_text("utf-8-sig") for path in pack.iterdir() if path.suffix != ".xlsx"]
    assert len(said) == 3
    assert not any("Zq7Secret" in text for text in said)
