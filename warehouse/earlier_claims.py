"""Submissions that count and were accepted before the ledger kept claims, and theirs put right."""

from __future__ import annotations

from sqlalchemy import Select, select

from schemas.submission import Submission
from warehouse import tables
from warehouse.audit import append
from warehouse.claims import ChildMarks, record_claim
from warehouse.database import reading, writing
from warehouse.ledger import Actor
from warehouse.recorded import NOW, changed_units, of_submissions
from warehouse.root import Root


def unclaimed(root: Root) -> list[str]:
    """Return what counts without a claim and has all its files in landing, quarter after quarter.

    What retention or an erasure took files from stays without.
    """
    with reading(root) as connection:
        return list(connection.execute(_unclaimed()).scalars())


def _unclaimed() -> Select[tuple[str]]:
    given, files, force = tables.submissions.c, tables.submission_files.c, tables.in_force.c
    gone = files.removed.is_(True) | files.erased.is_(True)
    return (
        select(given.id)
        .join_from(tables.in_force, tables.submissions)
        .where(force.until.is_(None))
        .where(given.id.not_in(select(tables.claims.c.submission_id)))
        .where(given.id.not_in(select(files.submission_id).where(gone)))
        .order_by(given.quarter, given.la_code, given.return_name)
    )


def record_earlier_claim(root: Root, given: Submission, children: ChildMarks, actor: Actor) -> None:
    """Record what a submission claims that was judged before, unless it counts no more."""
    with writing(root, f"{given.la_code}/{given.quarter}") as connection:
        mine = _unclaimed().where(tables.submissions.c.id == given.id)
        if connection.execute(mine).first() is None:
            return
        with changed_units(connection, of_submissions([given.id], ["claim"])) as changed:
            record_claim(connection, given.id, children)
        append(
            connection,
            actor=actor.name,
            run=actor.run,
            action="claim",
            subject=f"{given.label} {given.id}",
            counts={},
            detail={NOW: changed},
        )
