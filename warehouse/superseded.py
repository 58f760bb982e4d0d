"""Drafts and cuts that later ones took the place of: which they are, and how the ledger forgets.

Which is later is said by the numbers of cuts; the moment only says for how long already, as clocks
may jump. The newest draft and the newest cut are never superseded, nor is anything that a final
edition rests on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from sqlalchemy import Connection, delete, select

from warehouse import tables


def superseded_drafts(connection: Connection) -> dict[str, str]:
    """Return the moment since which each draft has been superseded, by its name.

    That is when the first draft of a later cut was made.
    """
    editions, cuts = tables.editions.c, tables.cuts.c
    rows = connection.execute(
        select(editions.name, cuts.number, editions.made_at)
        .join_from(tables.editions, tables.cuts)
        .where(editions.is_final.is_(False))
        .order_by(cuts.number, editions.name)
    ).all()
    made = [(number, made_at) for _, number, made_at in rows]
    return {
        name: since for name, number, _ in rows if (since := _later_made(number, made)) is not None
    }


def superseded_cuts(connection: Connection) -> dict[int, str]:
    """Return the moment at which the next cut was made, by number of each cut no edition names."""
    cuts = tables.cuts.c
    named = set(connection.execute(select(tables.editions.c.cut_id)).scalars())
    rows = connection.execute(select(cuts.id, cuts.number, cuts.made_at).order_by(cuts.number))
    ordered = rows.all()
    following = pairwise(ordered)
    return {cut.number: later.made_at for cut, later in following if cut.id not in named}


def _later_made(number: int, made: Iterable[tuple[int, str]]) -> str | None:
    """Return when the first of those of later numbers was made; None when there is none."""
    return min((made_at for later, made_at in made if later > number), default=None)


def forget_drafts(connection: Connection, names: Collection[str]) -> None:
    """Take drafts out of the ledger; their files are gone."""
    editions = tables.editions.c
    connection.execute(
        delete(tables.editions).where(editions.name.in_(names), editions.is_final.is_(False))
    )


def forget_cuts(connection: Connection, numbers: Sequence[int]) -> list[str]:
    """Take cuts out of the ledger, and what only they held; return their ids.

    Every other cut holds what it held: what a cut took in is told by number, not by its neighbour.
    """
    cuts, held = tables.cuts.c, tables.cut_submissions.c
    gone = connection.execute(select(cuts.id).where(cuts.number.in_(numbers)).order_by(cuts.number))
    ids = list(gone.scalars())
    connection.execute(delete(tables.cuts).where(cuts.number.in_(numbers)))
    holds = (cuts.number >= held.since_cut) & (cuts.number < held.until_cut)
    connection.execute(
        delete(tables.cut_submissions).where(
            held.until_cut.is_not(None), ~select(cuts.id).where(holds).exists()
        )
    )
    return ids
