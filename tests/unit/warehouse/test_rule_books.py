"""What every rule came to, kept once for all that went through the same rules."""

from sqlalchemy import func, select

from schemas.quarter import Quarter
from schemas.submission import State, SubmittedFile
from tasks.announce.events import broken_rules
from tasks.operate.status import rule_statuses
from warehouse import database, tables
from warehouse.ledger import Decision, decide
from warehouse.registry import Arrival, Incoming, register_incoming
from warehouse.rule_books import RuleCount, forget_rule_counts, rule_counts

PASSED = ("100", "episodes", "passed", 0, "")
BROKEN = ("101", "episodes", "failed", 3, "")
STOPPED = ("102", "oc2", "could not run", 0, "KeyError")
NOT_RUN = ("103", "oc2", "not run", 0, "no submission in force before this quarter")
UNUSED = ("104", "oc3", "not applicable", 0, "not sent: oc3")


def judged(root, actor, quarter, statuses):
    """Register a submission for a quarter and decide it with these statuses; return its id."""
    file = SubmittedFile("a.csv", f"{quarter:0<64}"[:64], 1, "episodes")
    (given,) = register_incoming(
        root,
        la_code="E08000030",
        quarter=Quarter.parse(quarter),
        incoming=[Incoming("ssda903", (file,))],
        arrivals=[Arrival("a.csv", quarter, file.sha256, 1, (file.sha256,))],
        actor=actor,
    ).submissions
    decide(root, given, Decision(State.ACCEPTED, statuses=statuses), actor)
    return given.id


def rows_of(root, table):
    with database.reading(root) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_every_rule_is_read_back_in_its_order_whatever_came_of_it(any_ledger_root, actor):
    sent = (PASSED, BROKEN, STOPPED, NOT_RUN, UNUSED)
    given = judged(any_ledger_root, actor, "2023-24Q4", sent)
    assert rule_counts(any_ledger_root, given) == [RuleCount(*one) for one in sent]
    assert [tuple(row.values()) for row in rule_statuses(any_ledger_root, given)] == list(sent)
    assert [row["code"] for row in broken_rules(any_ledger_root, given)] == ["101", "102"]


def test_only_what_was_broken_or_not_judged_has_rows_of_its_own(any_ledger_root, actor):
    judged(any_ledger_root, actor, "2023-24Q4", (PASSED, BROKEN, STOPPED, NOT_RUN, UNUSED))
    assert rows_of(any_ledger_root, tables.finding_counts) == 2


def test_a_book_is_kept_once_whatever_was_broken(any_ledger_root, actor):
    held = ("101", "episodes", "passed", 0, "")
    first = judged(any_ledger_root, actor, "2023-24Q4", (PASSED, BROKEN, UNUSED))
    second = judged(any_ledger_root, actor, "2023-24Q3", (PASSED, held, UNUSED))
    assert rows_of(any_ledger_root, tables.rule_books) == 1
    assert rule_counts(any_ledger_root, first)[1] == RuleCount(*BROKEN)
    assert rule_counts(any_ledger_root, second)[1] == RuleCount(*held)
    judged(any_ledger_root, actor, "2023-24Q2", (PASSED, held))
    assert rows_of(any_ledger_root, tables.rule_books) == 2


def test_a_refusal_without_rules_names_no_book(root, actor):
    refusal = ("HEADER_NOT_FOUND", "", "failed", 1, "")
    given = judged(root, actor, "2023-24Q4", (refusal,))
    assert rule_counts(root, given) == [RuleCount(*refusal)]
    assert rows_of(root, tables.rule_books) == 0


def test_what_is_forgotten_of_an_erased_submission_leaves_the_book_to_others(root, actor):
    sent = (PASSED, BROKEN)
    erased = judged(root, actor, "2023-24Q4", sent)
    other = judged(root, actor, "2023-24Q3", sent)
    with database.writing(root) as connection:
        forget_rule_counts(connection, erased)
    assert rule_counts(root, erased) == []
    assert rule_counts(root, other) == [RuleCount(*one) for one in sent]
