"""How long what a submission leaves behind stays, to the second."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from schemas.calendar import REFUSED
from schemas.quarter import Quarter
from schemas.submission import State, SubmittedFile
from warehouse import tables
from warehouse.database import writing
from warehouse.landing import land_bytes
from warehouse.ledger import Decision, decide
from warehouse.registry import Arrival, Incoming, register_incoming
from warehouse.retention import expired

DECIDED = datetime(2024, 5, 1, 12, tzinfo=UTC)
LIMIT = timedelta(days=REFUSED.days)
SECOND = timedelta(seconds=1)


def refused(root, actor, landed, *, quarter, decided):
    """Refuse a submission of one landed file at a moment."""
    file = SubmittedFile("a.csv", landed.sha256, landed.size, "episodes")
    (given,) = register_incoming(
        root,
        la_code="E08000030",
        quarter=Quarter.parse(quarter),
        incoming=[Incoming("ssda903", (file,))],
        arrivals=[Arrival("a.csv", quarter, landed.sha256, landed.size, (landed.sha256,))],
        actor=actor,
    ).submissions
    decide(root, given, Decision(State.REJECTED), actor)
    with writing(root) as connection:
        connection.execute(
            update(tables.submissions)
            .where(tables.submissions.c.id == given.id)
            .values(decided_at=decided.isoformat(), answered=True)
        )


def test_a_file_stays_until_its_days_are_over_and_goes_right_after(root, actor):
    landed = land_bytes(root, b"some text")
    refused(root, actor, landed, quarter="2023-24Q4", decided=DECIDED)
    assert expired(root, moment=DECIDED + LIMIT) == []
    (found,) = expired(root, moment=DECIDED + LIMIT + SECOND)
    assert (found.path, found.retention) == (f"landing/{landed.sha256}", "refused")


def test_a_file_that_two_submissions_hold_stays_as_long_as_the_later_needs_it(root, actor):
    landed = land_bytes(root, b"some text")
    refused(root, actor, landed, quarter="2023-24Q4", decided=DECIDED + SECOND)
    refused(root, actor, landed, quarter="2023-24Q3", decided=DECIDED)
    assert expired(root, moment=DECIDED + LIMIT + SECOND) == []
    assert len(expired(root, moment=DECIDED + LIMIT + 2 * SECOND)) == 1
