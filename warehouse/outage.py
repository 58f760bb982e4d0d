"""Whether a fault passes by itself: what failed was the disk or the ledger's database."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from schemas.errors import OutageError


def is_outage(error: BaseException) -> bool:
    """Return whether the data had no part in an error: the disk, the network or the ledger refused.

    The same work may succeed a moment later. A fault in a row or in our code does not pass so.
    """
    if isinstance(error, DBAPIError):
        away = isinstance(error, (OperationalError, InterfaceError))
        return away or error.connection_invalidated
    return isinstance(error, (OSError, OutageError))
