"""Cuts as differences: each holds what counted when it was made, whatever came or went after."""

import pytest
from sqlalchemy import select, update

from schemas.quarter import Quarter
from schemas.submission import State, SubmittedFile
from tasks.operate.listing import cut_rows
from warehouse import tables
from warehouse.cuts import (
    all_cuts,
    altered_cuts,
    lost_cuts,
    read_cut,
    record_cut,
    unsettled_now,
    why_lost,
)
from warehouse.database import reading, writing
from warehouse.erasure import mark_erased
from warehouse.ledger import Decision, all_in_force, decide, withdraw
from warehouse.registry import Arrival, Incoming, register_incoming

QUARTERS = ("2023-24Q1", "2023-24Q2", "2023-24Q3")


def sent(root, actor, quarter, content):
    """Let a version of a return count for a quarter; return its id."""
    file = SubmittedFile("a.csv", f"{content:0<64}", 1, "episodes")
    (given,) = register_incoming(
        root,
        la_code="E08000030",
        quarter=Quarter.parse(quarter),
        incoming=[Incoming("ssda903", (file,))],
        arrivals=[Arrival("a.csv", content, file.sha256, 1, (file.sha256,))],
        actor=actor,
    ).submissions
    decide(root, given, Decision(State.ACCEPTED, row_counts={}), actor)
    return given.id


def cut_made(root, actor, code="c"):
    return record_cut(root, code_version=code, config_hash="p", key_id="k", actor=actor)[0]


@pytest.fixture
def history(any_ledger_root, actor):
    """A ledger in which three returns came, two came again and one was withdrawn, cut each time."""
    root, expected = any_ledger_root, {}

    def cut(code="c"):
        made = cut_made(root, actor, code)
        expected[made.number] = [row.id for row in all_in_force(root)]

    cut()
    for place, quarter in enumerate(QUARTERS):
        sent(root, actor, quarter, f"a{place}")
        cut()
    sent(root, actor, QUARTERS[0], "b0")
    cut()
    cut("other code")
    last = sent(root, actor, QUARTERS[1], "b1")
    cut()
    with writing(root) as connection:
        withdraw(connection, last)
    cut()
    return root, expected


def test_every_cut_holds_what_counted_when_it_was_made(history):
    root, expected = history
    assert [*expected] == [row.number for row in all_cuts(root)] == [*range(1, 9)]
    for number, ids in expected.items():
        assert [one.submission_id for one in read_cut(root, str(number)).submissions] == ids
    assert [row.submissions for row in all_cuts(root)] == [*map(len, expected.values())]


def test_a_cut_writes_what_changed_and_no_more(history):
    root, _ = history
    with reading(root) as connection:
        rows = connection.execute(select(tables.cut_submissions)).all()
    assert len(rows) == 5
    assert sum(row.until_cut is not None for row in rows) == 3


def test_a_cut_reads_the_same_after_the_clock_went_back(history):
    root, expected = history
    with writing(root) as connection:
        connection.execute(update(tables.in_force).values(since="1999"))
        connection.execute(update(tables.cuts).values(made_at="1999"))
    for number, ids in expected.items():
        assert [one.submission_id for one in read_cut(root, str(number)).submissions] == ids


def test_the_list_of_cuts_says_which_are_lost_as_each_of_them_does(history, actor):
    root, expected = history
    erased = expected[2][0]
    mark_erased(root, [erased], actor)
    rowless = expected[3][1]
    with writing(root) as connection:
        connection.execute(
            update(tables.submissions)
            .where(tables.submissions.c.id == rowless)
            .values(row_counts='{"episodes": 1}')
        )
    each = {row.number: why_lost(root, read_cut(root, row.id)) for row in all_cuts(root)}
    assert lost_cuts(root) == {number: why for number, why in each.items() if why}
    assert {row["number"]: row["lost"] for row in cut_rows(root)} == each
    assert [number for number, why in each.items() if "erased" in why] == [2, 3, 4]
    assert [number for number, why in each.items() if "pseudonym key" in why] == [5, 6]


def judged(root, actor, quarter, content, decision):
    """Let a version of a return be refused or held; return its id."""
    file = SubmittedFile("a.csv", f"{content:0<64}", 1, "episodes")
    (given,) = register_incoming(
        root,
        la_code="E08000030",
        quarter=Quarter.parse(quarter),
        incoming=[Incoming("ssda903", (file,))],
        arrivals=[Arrival("a.csv", content, file.sha256, 1, (file.sha256,))],
        actor=actor,
    ).submissions
    decide(root, given, decision, actor)
    return given.id


REFUSED = Decision(State.REJECTED, reason_code="PERIOD_MISMATCH", row_counts={"episodes": 9})
KEPT_BACK = Decision(State.HELD, reason_code="CROSS_AUTHORITY_DUPLICATE", row_counts={})


def test_a_cut_names_what_was_sent_last_and_does_not_count(any_ledger_root, actor):
    root = any_ledger_root
    first = sent(root, actor, QUARTERS[0], "a")
    plain = cut_made(root, actor)
    refused = judged(root, actor, QUARTERS[0], "b", REFUSED)
    held = judged(root, actor, QUARTERS[1], "c", KEPT_BACK)
    cut = cut_made(root, actor)
    assert cut.id != plain.id
    assert [(one.submission_id, one.state, one.reason_code) for one in cut.unsettled] == [
        (refused, "rejected", "PERIOD_MISMATCH"),
        (held, "held", "CROSS_AUTHORITY_DUPLICATE"),
    ]
    assert read_cut(root, cut.id) == cut
    assert [one.submission_id for one in cut.submissions] == [first]
    assert read_cut(root, plain.id).unsettled == ()
    assert [row.submissions for row in all_cuts(root)] == [1, 1]
    # What was refused has no rows at rest, and is no reason to call a cut lost.
    assert lost_cuts(root) == {}
    with reading(root) as connection:
        assert list(altered_cuts(connection)) == []


def test_a_cut_still_names_it_after_it_was_sent_again(any_ledger_root, actor):
    root = any_ledger_root
    refused = judged(root, actor, QUARTERS[0], "a", REFUSED)
    before = cut_made(root, actor)
    again = sent(root, actor, QUARTERS[0], "b")
    after = cut_made(root, actor)
    assert (after.unsettled, [one.submission_id for one in after.submissions]) == ((), [again])
    assert [one.submission_id for one in read_cut(root, before.id).unsettled] == [refused]
    assert unsettled_now(root) == ()


def test_what_is_held_in_one_cut_may_count_in_the_next_and_the_other_way_round(
    any_ledger_root, actor
):
    root = any_ledger_root
    held = judged(root, actor, QUARTERS[0], "a", KEPT_BACK)
    cuts = [cut_made(root, actor)]
    with writing(root) as connection:
        states = update(tables.submissions).where(tables.submissions.c.id == held)
        connection.execute(states.values(state="accepted", reason_code=""))
        connection.execute(
            tables.in_force.insert().values(
                la_code="E08000030",
                return_name="ssda903",
                quarter=QUARTERS[0],
                submission_id=held,
                since="2024",
            )
        )
    cuts.append(cut_made(root, actor))
    found = [read_cut(root, cut.id) for cut in cuts]
    assert [len(cut.unsettled) for cut in found] == [1, 0]
    assert [len(cut.submissions) for cut in found] == [0, 1]
