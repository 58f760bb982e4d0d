"""Claims: of which children an authority says, by the folder it uses, that they are its own.

A claim holds marks of its children, made with the tombstone key over identifier and month of birth
and cut to 32 bits. Unlike pseudonyms they are alike for every authority, so that one return can be
compared with another authority's; no one without the key can tell from them who a child is. It goes
when its submission is erased.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from schemas.claims import CLAIM_CODES
from schemas.submission import State
from warehouse import tables
from warehouse.key import tombstone_key
from warehouse.pseudonyms import pseudonym_array
from warehouse.root import Root

_DOMAIN = "claim"
_CUT = np.uint64(31)
"""A pseudonym has 63 bits; a mark is its first 32."""
MARK_TYPE = np.dtype("<u4")


class ChildMarks(NamedTuple):
    """What is kept of the children of one submission.

    Attributes:
        basis: `births` where marks are of identifier and month of birth, `ids` of identifiers
            alone, empty where the return names no child.
        marks: the lowest marks in order.
        contents: hashes of its files that hold rows.
    """

    basis: str = ""
    marks: np.ndarray = np.empty(0, MARK_TYPE)
    contents: frozenset[str] = frozenset()


class Claim(NamedTuple):
    """One submission as its authority's claim.

    Attributes:
        submission_id, la_code, return_name, quarter, version: which.
        reason_code, reason_words: why the ledger says that it does not count; empty otherwise.
        children: their marks.
        is_settled: whether what stands follows from every other claim.
    """

    submission_id: str
    la_code: str
    return_name: str
    quarter: str
    version: int
    reason_code: str = ""
    reason_words: str = ""
    children: ChildMarks = ChildMarks()
    is_settled: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """Authority, return and quarter."""
        return self.la_code, self.return_name, self.quarter


def marks_in(root: Root, texts: Iterable[str]) -> np.ndarray:
    """Return the marks of texts, each once and in order.

    Raises:
        KeyMissingError: the tombstone key is not there.
    """
    found = pseudonym_array(tombstone_key(root), _DOMAIN, texts)
    return np.unique((found >> _CUT).astype(MARK_TYPE))


def record_claim(connection: Connection, submission_id: str, children: ChildMarks | None) -> None:
    """Record what a submission claims in place of what it claimed before; nothing for None."""
    claims = tables.claims.c
    was = connection.execute(
        select(claims.basis, claims.marks, claims.contents).filter_by(submission_id=submission_id)
    ).first()
    found = None if children is None else _kept(children)
    if was is not None and found != was._asdict():
        _unsettle_around(connection, submission_id)
    connection.execute(delete(tables.claims).filter_by(submission_id=submission_id))
    if found is not None:
        values = {"submission_id": submission_id, "is_settled": False, **found}
        connection.execute(insert(tables.claims).values(values))


def _kept(children: ChildMarks) -> dict[str, Any]:
    return {
        "basis": children.basis,
        "marks": children.marks.astype(MARK_TYPE).tobytes(),
        "contents": " ".join(sorted(children.contents)),
    }


def _unsettle_around(connection: Connection, submission_id: str) -> None:
    """Let everything be compared again that may stand as it does because of a claim that goes.

    That is what was refused or held from its quarter on, and what its own authority claims: without
    it another's earlier return may know those children better.
    """
    given = tables.submissions.c
    la_code, quarter = connection.execute(
        select(given.la_code, given.quarter).where(given.id == submission_id)
    ).one()
    may_change = (given.la_code == la_code) | given.reason_code.in_(CLAIM_CODES)
    around = select(given.id).where(given.quarter >= quarter, may_change)
    unsettled = update(tables.claims).values(is_settled=False)
    connection.execute(unsettled.where(tables.claims.c.submission_id.in_(around)))


def forget_claim(connection: Connection, submission_id: str) -> None:
    """Remove what a submission claimed."""
    record_claim(connection, submission_id, None)


def first_unsettled(connection: Connection) -> str | None:
    """Return the first quarter with a claim that was not compared with every other one's yet."""
    given = tables.submissions.c
    return connection.execute(
        select(func.min(given.quarter))
        .join_from(tables.claims, tables.submissions)
        .where(tables.claims.c.is_settled.is_(False))
    ).scalar()


def unsettle_all(connection: Connection) -> None:
    """Let every claim be compared again, as when the rules have changed."""
    connection.execute(update(tables.claims).values(is_settled=False))


def note_settled(connection: Connection, submission_ids: Collection[str]) -> None:
    """Note that these claims were compared with every other authority's.

    On PostgreSQL others may have come since those were read: they are left as they are.
    """
    if not submission_ids:
        return
    settled = update(tables.claims).where(tables.claims.c.submission_id == bindparam("which"))
    connection.execute(
        settled.values(is_settled=True), [{"which": found} for found in submission_ids]
    )


def claims_since(connection: Connection, quarter: str) -> list[Claim]:
    """Return every claim of a quarter and of those after it."""
    return _claims(connection, _query().where(tables.submissions.c.quarter >= quarter))


def rival_claims(connection: Connection, return_name: str, quarter: str) -> list[Claim]:
    """Return every claim with one return and quarter."""
    given = tables.submissions.c
    here = (given.return_name == return_name) & (given.quarter == quarter)
    return _claims(connection, _query().where(here))


def claims_before(connection: Connection, quarter: str, *also: str) -> list[Claim]:
    """Return what each authority knew: of each of its returns, the last that counts.

    Args:
        connection: to the ledger.
        quarter: before which.
        also: returns that count as known in this quarter too.
    """
    given = tables.submissions.c
    counting = select(tables.in_force.c.submission_id).where(tables.in_force.c.until.is_(None))
    known = (given.quarter < quarter) | ((given.quarter == quarter) & given.return_name.in_(also))
    which = (given.la_code, given.return_name)
    newest = (
        select(*which, func.max(given.quarter).label("quarter"))
        .join_from(tables.claims, tables.submissions)
        .where(known, given.id.in_(counting))
        .group_by(*which)
        .subquery()
    )
    place = tuple_(*which, given.quarter)
    is_newest = place == tuple_(newest.c.la_code, newest.c.return_name, newest.c.quarter)
    return _claims(connection, _query().join(newest, is_newest).where(given.id.in_(counting)))


def _query() -> Select[Any]:
    given = tables.submissions.c
    columns = (given.id, given.la_code, given.return_name, given.quarter, given.version)
    return (
        select(*columns, given.reason_code, given.reason_words, tables.claims)
        .join_from(tables.claims, tables.submissions)
        .where(given.state != State.ERASED)
        .order_by(given.quarter, given.la_code, given.return_name, given.version)
    )


def _claims(connection: Connection, query: Select[Any]) -> list[Claim]:
    return [_claim(row) for row in connection.execute(query).all()]


def _claim(row: Row[Any]) -> Claim:
    # By place: a national ledger hands over a thousand for every submission that is judged.
    marks = np.frombuffer(row.marks, MARK_TYPE)
    children = ChildMarks(row.basis, marks, frozenset(row.contents.split()))
    return Claim._make((*row[:7], children, row.is_settled))
