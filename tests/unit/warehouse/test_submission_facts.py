"""What judging looks up, read in one transaction: on SQLite and on PostgreSQL."""

import pytest

from schemas.errors import LedgerError
from schemas.quarter import Quarter
from schemas.submission import State, SubmittedFile
from warehouse import ledger
from warehouse.ledger import Decision
from warehouse.registry import Arrival, Incoming, register_incoming
from warehouse.store import QUARANTINE, Part
from warehouse.submission_facts import StoredTable, VersionBefore, submission_facts

WALSALL, LANCASHIRE = "E08000030", "E10000017"
Q3, Q4 = Quarter.parse("2022-23Q4"), Quarter.parse("2023-24Q1")


@pytest.fixture
def arrived(any_ledger_root, actor):
    """Register one file as a new version of a return; return the submission."""

    def registered(content, *, return_name="ssda903", quarter=Q4, la_code=WALSALL):
        file = SubmittedFile("a.csv", content * 64, 10, "episodes")
        made = register_incoming(
            any_ledger_root,
            la_code=la_code,
            quarter=quarter,
            incoming=[Incoming(return_name, (file,))],
            arrivals=[Arrival("a.csv", content, file.sha256, 10, (file.sha256,))],
            actor=actor,
        )
        return made.submissions[0]

    return registered


@pytest.fixture
def decided(any_ledger_root, actor):
    """Decide a submission, accepted with one table unless another state is named."""

    def recorded(given, state=State.ACCEPTED, **more):
        parts = (
            Part("episodes", f"warehouse/{given.id}", 3, 1, "0" * 64),
            Part("episodes", f"quarantine/{given.id}", 1, 1, "1" * 64, QUARANTINE),
        )
        decision = Decision(
            state,
            parts=parts if state.is_accepted else (),
            row_counts={"episodes": 3},
            child_count=2,
            **more,
        )
        return ledger.decide(any_ledger_root, given, decision, actor)

    return recorded


def table_of(given):
    return StoredTable("episodes", f"warehouse/{given.id}", str(given.quarter))


def test_of_a_first_submission_nothing_comes_before(any_ledger_root, arrived):
    given = arrived("a")
    facts = submission_facts(any_ledger_root, given.id)
    assert (facts.submission, facts.state) == (given, State.LANDED)
    assert (facts.waits_for, facts.previous, facts.replaced) == (frozenset(), (), ())
    assert (facts.version_before, facts.past_patterns) == (None, ())
    assert facts.received_at
    assert {"key_id", "storage_key_id", "tombstone_key_id"} <= set(facts.key_ids)


def test_it_waits_for_earlier_quarters_and_versions_of_its_own_return_alone(
    any_ledger_root, arrived
):
    earlier, first = arrived("a", quarter=Q3), arrived("b")
    arrived("c", return_name="workforce", quarter=Q3)
    arrived("d", la_code=LANCASHIRE, quarter=Q3)
    second = arrived("e")
    assert submission_facts(any_ledger_root, second.id).waits_for == {earlier.id, first.id}
    assert submission_facts(any_ledger_root, earlier.id).waits_for == frozenset()


def test_feedback_waits_for_the_workforce_return_of_its_own_quarter(any_ledger_root, arrived):
    workforce = arrived("a", return_name="workforce")
    feedback = arrived("b", return_name="training_feedback")
    assert submission_facts(any_ledger_root, feedback.id).waits_for == {workforce.id}


def test_it_is_compared_with_what_counts_for_the_quarter_before_and_what_it_would_replace(
    any_ledger_root, arrived, decided
):
    earlier, first = arrived("a", quarter=Q3), arrived("b")
    decided(earlier, statuses=(("354", "episodes", "failed", 2, ""), ("355", "", "passed", 0, "")))
    decided(first)
    second = arrived("c")
    facts = submission_facts(any_ledger_root, second.id)
    assert (facts.previous, facts.replaced) == ((table_of(earlier),), (table_of(first),))
    assert facts.version_before == VersionBefore({"episodes": 3}, 2, str(Q4))
    assert facts.past_patterns == ((str(Q3), "354", 2),)


def test_a_rejected_version_is_neither_replaced_nor_compared_with(
    any_ledger_root, arrived, decided
):
    first = arrived("a")
    decided(first)
    decided(arrived("b"), State.REJECTED)
    facts = submission_facts(any_ledger_root, arrived("c").id)
    assert facts.replaced == (table_of(first),)
    assert facts.version_before == VersionBefore({"episodes": 3}, 2, str(Q4))


def test_what_counts_is_never_held_against_itself(any_ledger_root, arrived, decided):
    given = arrived("a")
    recorded = decided(given)
    assert [found.id for found in recorded.in_force] == [given.id]
    assert submission_facts(any_ledger_root, given.id).replaced == ()


def test_judged_again_it_is_compared_with_the_version_it_replaced(
    any_ledger_root, arrived, decided
):
    first = arrived("a")
    decided(first)
    second = arrived("b")
    decided(second)
    assert submission_facts(any_ledger_root, second.id).replaced == (table_of(first),)
    decided(arrived("c"))
    assert submission_facts(any_ledger_root, second.id).replaced == (table_of(first),)


def test_the_record_says_what_counts_when_a_later_version_came_first(
    any_ledger_root, arrived, decided
):
    first, second = arrived("a"), arrived("b")
    decided(second)
    recorded = decided(first)
    assert (recorded.state, recorded.is_new) == (State.ACCEPTED, True)
    assert [(found.id, found.version) for found in recorded.in_force] == [(second.id, 2)]


def test_asking_for_a_submission_that_is_not_there_says_where_to_look(any_ledger_root):
    with pytest.raises(LedgerError, match="sfp status"):
        submission_facts(any_ledger_root, "f" * 16)
