"""How often one intake visits the ledger: one read, one verdict, one note that it was answered."""

import sys
from collections import Counter

import pytest
from sqlalchemy import event

from cli.app import main
from tests.flows.conftest import LANCASHIRE, WALSALL
from warehouse.database import engine
from warehouse.ledger import all_submissions

QUARTER = "2022-23Q3"
PER_SUBMISSION = {"read": 1, "write": 2}
FOR_MODULE_PAGES = 3
"""What is in force of feedback is looked up by name, and what bars figures of it, to draw pages."""


@pytest.fixture
def visits(root, monkeypatch):
    """Run `sfp sweep`; return how many transactions read the ledger and how many wrote to it."""

    def swept():
        counts = Counter()

        def begins(connection):
            reads = connection.get_execution_options().get("sfpc_reads")
            counts["read" if reads else "write"] += 1

        ledger = engine(root.ledger_url)
        event.listen(ledger, "begin", begins)
        monkeypatch.setattr(sys, "argv", ["sfp", "sweep", "--no-wait", "--root", str(root.path)])
        with pytest.raises(SystemExit) as ended:
            main()
        event.remove(ledger, "begin", begins)
        assert ended.value.code == 0
        return counts

    return swept


def test_a_submission_costs_one_read_and_two_writes_of_the_ledger(root, drop, visits):
    drop(WALSALL, QUARTER, "workforce.csv")
    one = visits()
    drop(LANCASHIRE, QUARTER, "workforce.csv", "pre_proceedings.csv", "cin_census.xml")
    three = visits()
    assert len(all_submissions(root)) == 4
    assert {kind: (three[kind] - one[kind]) / 2 for kind in one} == PER_SUBMISSION


def test_feedback_costs_what_its_pages_look_up_besides(root, drop, visits):
    drop(WALSALL, QUARTER, "workforce.csv")
    one = visits()
    drop(WALSALL, QUARTER, "before.csv", "after.csv", "sessions.csv", "register.csv")
    feedback = visits()
    assert feedback - one == {"read": FOR_MODULE_PAGES}
    assert one - feedback == {}
