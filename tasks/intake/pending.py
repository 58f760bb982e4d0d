"""What waits to be ingested: settled files not seen before, and submissions left unfinished."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.intake.settle import pending_files
from warehouse.ledger import unfinished
from warehouse.root import Root


@dataclass(frozen=True)
class Pending:
    """What waits at one moment.

    Attributes:
        files: identities of settled files that were not looked at yet, in order.
        unfinished: ids of submissions still to be judged or answered, in order.
        arriving: files that have not settled.
        settle_seconds: the settle window of this root.
    """

    files: tuple[str, ...]
    unfinished: tuple[str, ...]
    arriving: int
    settle_seconds: float

    @property
    def items(self) -> tuple[str, ...]:
        """Everything that waits to be ingested."""
        return (*self.files, *self.unfinished)


def pending(root: str, *, moment: float) -> Pending:
    """Return what waits in the drop folder and the ledger, touching nothing."""
    at = Root.at(root)
    window = at.settings().settle_seconds
    found = pending_files(at, settle_seconds=window, moment=moment)
    return Pending(found.settled, unfinished(at), len(found.arriving), window)
