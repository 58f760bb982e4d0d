"""A data cut: what is in force, read with this code and this configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from schemas.derived import COLUMNS_READ
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.returns.child_ids import CHILD_IDS
from schemas.rows import ALIKE_KEY, BIRTH_MARK, CHILD_KEY, AuthorityRows, Bar
from schemas.table import Coverage
from tasks.cut.analysis import config_hash
from tasks.cut.bars import BARRING_FINDINGS, bars_found_at_intake, with_bars_from_rows
from tasks.cut.code_version import code_version
from tasks.histories.child_ids import with_census_keys
from tasks.histories.history import QUARTERLY
from tasks.runtime.heads import leave_signed_head
from warehouse import ledger
from warehouse.adoption import record_prices
from warehouse.cuts import (
    Cut,
    CutSubmission,
    all_cuts,
    all_editions,
    read_cut,
    record_cut,
    tables_sent,
)
from warehouse.key import open_key
from warehouse.ledger import Actor
from warehouse.pseudonyms import key_id
from warehouse.root import Root
from warehouse.rule_books import broken_in
from warehouse.store import read_frame

_STATUTORY = ("ssda903", "cin_census")
_LATEST_ALONE = frozenset({Coverage.YEAR_TO_DATE, Coverage.STANDING})
_READ = frozenset(
    (
        *COLUMNS_READ,
        *QUARTERLY,
        CHILD_IDS.name,
        *(table.name for table in RETURNS["training_feedback"].tables),
    )
)
"""Tables that outcomes and training measures read; the others are never opened."""


def make_cut(root: Root, actor: Actor) -> tuple[Cut, bool]:
    """Record what is in force now as a cut; return whether it differs from every earlier one.

    The prices that the root has of its own are recorded with it: they are what it was meant with.
    """
    record_prices(root, actor)
    cut, is_new = record_cut(
        root,
        code_version=code_version(),
        config_hash=config_hash(root),
        key_id=key_id(open_key(root)),
        actor=actor,
    )
    leave_signed_head(root)
    return cut, is_new


def has_changed(root: Root) -> bool:
    """Return whether there is anything to refresh or publish.

    That is: what is in force differs from the newest cut, or the code that reads it does, or the
    newest cut has no edition (the process that made the cut was killed). Nothing in force is
    nothing to do.
    """
    in_force = {row.id for row in ledger.all_in_force(root)}
    newest = all_cuts(root)[-1:]
    if not in_force or not newest:
        return bool(in_force)
    cut = read_cut(root, newest[0].id)
    known = {given.submission_id for given in cut.submissions}
    is_published = any(row.cut_id == cut.id for row in all_editions(root))
    return known != in_force or cut.code_version != code_version() or not is_published


def span(cut: Cut) -> tuple[Quarter, Quarter] | None:
    """Return the first and last quarter that any statutory return of the cut speaks for.

    None while the cut holds none.
    """
    statutory = (given for given in cut.submissions if given.return_name in _STATUTORY)
    # Of 36,000 submissions a hundred differ in return and quarter.
    distinct = {(given.return_name, given.quarter): given for given in statutory}
    quarters = sorted(quarter for given in distinct.values() for quarter in quarters_covered(given))
    return (quarters[0], quarters[-1]) if quarters else None


def quarters_covered(given: CutSubmission) -> tuple[Quarter, ...]:
    """Return the quarters one submission speaks for."""
    quarter = _quarter(given.quarter)
    if RETURNS[given.return_name].coverage is Coverage.YEAR_TO_DATE:
        return tuple(Quarter(quarter.year, 1).through(quarter))
    return (quarter,)


def submissions_in_use(submissions: Iterable[CutSubmission]) -> list[CutSubmission]:
    """Return the submissions that outcomes read.

    Of a year-to-date return only the latest quarter of each financial year, of one that stands
    until the next only the latest of all, of the others all.
    """
    ordered = sorted(submissions, key=lambda g: (g.la_code, g.return_name, g.quarter))
    return [
        given
        for _, group in groupby(ordered, key=_year_of)
        for given in _latest_or_all(list(group))
    ]


def _year_of(given: CutSubmission) -> tuple[str, str, int]:
    is_standing = RETURNS[given.return_name].coverage is Coverage.STANDING
    return given.la_code, given.return_name, 0 if is_standing else _quarter(given.quarter).year


_quarter = cache(Quarter.parse)


def _latest_or_all(group: list[CutSubmission]) -> list[CutSubmission]:
    is_latest_alone = RETURNS[group[0].return_name].coverage in _LATEST_ALONE
    return group[-1:] if is_latest_alone else group


@dataclass(frozen=True)
class AuthorityParts:
    """What counts for one authority, by name: enough to read it without asking the ledger.

    Attributes:
        la_code: lasting nine-character code.
        parts: per table, (path relative to the root, quarter) of each file, in order.
        covered, sent: as `AuthorityRows` has them.
        bars: what was found at intake that bars.
    """

    la_code: str
    parts: Mapping[str, tuple[tuple[str, str], ...]]
    covered: Mapping[str, frozenset[Quarter]]
    sent: Mapping[str, frozenset[Quarter]]
    bars: tuple[Bar, ...] = ()


def authority_parts(root: Root, la_code: str, given: Iterable[CutSubmission]) -> AuthorityParts:
    """Return by name everything that counts for one authority, as the ledger has it."""
    submissions = list(given)
    read = submissions_in_use(submissions)
    ids = [found.submission_id for found in read]
    brought = tables_sent(root, ids)
    spoken_for = {
        found.submission_id: (found.return_name, frozenset(quarters_covered(found)))
        for found in read
    }
    parts = [part for part in ledger.parts_of(root, ids) if part.table_name in _READ]
    return AuthorityParts(
        la_code=la_code,
        parts={
            name: tuple((part.path, part.quarter) for part in group)
            for name, group in groupby(parts, key=lambda part: part.table_name)
        },
        covered=_quarters((found.return_name, found) for found in submissions),
        sent=_quarters((name, found) for found in read for name in brought[found.submission_id]),
        bars=tuple(bars_found_at_intake(broken_in(root, ids, BARRING_FINDINGS), spoken_for)),
    )


def _quarters(
    named: Iterable[tuple[str, CutSubmission]],
) -> dict[str, frozenset[Quarter]]:
    """Return per name the quarters that its submissions speak for."""
    found: dict[str, set[Quarter]] = {}
    for name, given in named:
        found.setdefault(name, set()).update(quarters_covered(given))
    return {name: frozenset(quarters) for name, quarters in found.items()}


def authority_rows(root: Root, la_code: str, given: Iterable[CutSubmission]) -> AuthorityRows:
    """Return everything that counts for one authority, read from Parquet."""
    return read_rows(root, authority_parts(root, la_code, given))


def read_rows(root: Root, given: AuthorityParts) -> AuthorityRows:
    """Return the rows of what counts for one authority: the tables and columns that are read.

    Children that the census knows by another identifier than SSDA903 have that of the census.
    """
    frames = {
        name: read_frame(root, parts, columns=_columns(name)) for name, parts in given.parts.items()
    }
    joined = with_census_keys(frames)
    rows = AuthorityRows(given.la_code, joined, given.covered, given.sent, given.bars)
    return with_bars_from_rows(rows)


def _columns(table: str) -> tuple[str, ...] | None:
    """Return the columns of a table that outcomes read; None for all of them."""
    return (
        (CHILD_KEY, BIRTH_MARK, ALIKE_KEY, *COLUMNS_READ[table]) if table in COLUMNS_READ else None
    )
