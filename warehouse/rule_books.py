"""What every rule came to on a submission, kept once for all that went through the same rules.

Of some hundred rules a submission breaks a few. The others passed, do not apply to it or had
nothing to compare with, and that is the same for every submission of the same tables, years and
neighbours. So the ledger keeps a rule book: every rule in order, as if none had been broken. A
submission names its book, and has rows of its own only for rules that were broken or could not be
judged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from schemas.submission import RuleStatus
from warehouse import tables
from warehouse.database import reading
from warehouse.discrepancy import Discrepancy
from warehouse.root import Root

_OWN = (RuleStatus.FAILED, RuleStatus.COULD_NOT_RUN)
"""Statuses that a submission has a row of its own for."""
_RESTORE = "Restore the ledger from its backup."


@dataclass(frozen=True)
class RuleCount:
    """What one rule came to: how often it was broken, or why it said nothing."""

    code: str
    table_name: str
    status: str
    count: int
    reason: str


class RuleBook(NamedTuple):
    """Every rule as if none had been broken: its name, made from its rules, and these as JSON."""

    id: str
    rules: str


def rule_book_of(counts: Iterable[RuleCount]) -> RuleBook:
    """Return the rule book that these counts were made with."""
    rules = [_as_if_held(one) for one in counts]
    text = json.dumps(rules, ensure_ascii=False, separators=(",", ":"))
    return RuleBook(_book_id(text), text)


def _book_id(rules: str) -> str:
    return hashlib.sha256(rules.encode()).hexdigest()[:32]


def _as_if_held(one: RuleCount) -> tuple[str, str, str, str]:
    is_own = _is_own(one)
    status, reason = (str(RuleStatus.PASSED), "") if is_own else (one.status, one.reason)
    return one.code, one.table_name, status, reason


def _is_own(one: RuleCount) -> bool:
    """Return whether a count belongs to its submission alone: something broke the rule, or it."""
    return one.count != 0 or one.status in _OWN


def record_rule_counts(
    connection: Connection, submission_id: str, counts: Sequence[RuleCount]
) -> None:
    """Record what every rule came to on a submission that has no counts yet."""
    if not all(map(_is_own, counts)):
        _name_book(connection, submission_id, rule_book_of(counts))
    own = [
        {"submission_id": submission_id, "position": position, **vars(one)}
        for position, one in enumerate(counts)
        if _is_own(one)
    ]
    if own:
        connection.execute(insert(tables.finding_counts), own)


def _name_book(connection: Connection, submission_id: str, book: RuleBook) -> None:
    books, given = tables.rule_books, tables.submissions
    if not connection.execute(select(books.c.id).filter_by(id=book.id)).first():
        put = _inserts[connection.dialect.name](books).values(book._asdict())
        # Two authorities may be the first to go through the same book at the same moment.
        connection.execute(put.on_conflict_do_nothing())
    connection.execute(
        update(given).where(given.c.id == submission_id).values(rule_book_id=book.id)
    )


_inserts: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def rule_counts(root: Root, submission_id: str) -> list[RuleCount]:
    """Return what every rule came to on a submission, in the order in which they were reported."""
    with reading(root) as connection:
        return rule_counts_in(connection, submission_id)


def rule_counts_in(connection: Connection, submission_id: str) -> list[RuleCount]:
    """Return the same as `rule_counts`, inside the caller's transaction."""
    own, given = tables.finding_counts, tables.submissions.c
    rules = connection.execute(
        select(tables.rule_books.c.rules)
        .join_from(tables.submissions, tables.rule_books)
        .where(given.id == submission_id)
    ).scalar()
    found = {
        position: RuleCount(code, table, status, 0, reason)
        for position, (code, table, status, reason) in enumerate(json.loads(rules or "[]"))
    }
    names = (own.c.code, own.c.table_name, own.c.status, own.c.count, own.c.reason)
    rows = connection.execute(select(own.c.position, *names).filter_by(submission_id=submission_id))
    found |= {position: RuleCount(*count) for position, *count in rows}
    return [found[position] for position in sorted(found)]


def broken_rule_counts(root: Root, submission_id: str) -> list[RuleCount]:
    """Return what was broken in a submission, or could not be judged, in the same order."""
    return [one for one in rule_counts(root, submission_id) if one.status in _OWN]


def broken_in(
    root: Root, submission_ids: Sequence[str], codes: Sequence[str]
) -> dict[str, list[RuleCount]]:
    """Return per submission which of the named rules it broke; those that broke none left out."""
    own = tables.finding_counts.c
    names = (own.code, own.table_name, own.status, own.count, own.reason)
    query = (
        select(own.submission_id, *names)
        .where(own.submission_id.in_(submission_ids), own.code.in_(codes))
        .where(own.status == RuleStatus.FAILED)
        .order_by(own.submission_id, own.position)
    )
    found: dict[str, list[RuleCount]] = {}
    with reading(root) as connection:
        for submission_id, *count in connection.execute(query):
            found.setdefault(submission_id, []).append(RuleCount(*count))
    return found


def altered_rule_books(connection: Connection) -> Iterator[str]:
    """Yield the ids of rule books that are not what their id says."""
    for book in connection.execute(select(tables.rule_books).order_by("id")):
        if book.id != _book_id(book.rules):
            yield book.id


def forget_rule_counts(connection: Connection, submission_id: str) -> None:
    """Take what the rules found in a submission out of the ledger."""
    own, given = tables.finding_counts.c, tables.submissions
    connection.execute(delete(tables.finding_counts).where(own.submission_id == submission_id))
    connection.execute(update(given).where(given.c.id == submission_id).values(rule_book_id=None))


def rule_book_discrepancies(root: Root) -> Iterator[Discrepancy]:
    """Yield each rule book that is not what its name says, or that a submission names in vain."""
    with reading(root) as connection:
        books = {row.id: row.rules for row in connection.execute(select(tables.rule_books))}
        named = connection.execute(
            select(tables.submissions.c.rule_book_id).where(
                tables.submissions.c.rule_book_id.is_not(None)
            )
        )
        lost = set(named.scalars()) - books.keys()
    for book in sorted(lost):
        yield Discrepancy("missing", f"rule book {book}", f"A submission names it. {_RESTORE}")
    for book, rules in sorted(books.items()):
        if _book_id(rules) != book:
            yield Discrepancy("altered", f"rule book {book}", f"Its rules were changed. {_RESTORE}")
