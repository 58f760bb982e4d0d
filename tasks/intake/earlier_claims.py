"""Claims of what was accepted before the ledger kept any: made from landing, once."""

from __future__ import annotations

from functools import partial

from schemas.errors import KeyMissingError, UnreadableError
from schemas.submission import Submission
from tasks.runtime.progress import Progress
from tasks.validate.claims import child_marks
from tasks.validate.submission import read_submission
from warehouse.claims import ChildMarks, marks_in
from warehouse.earlier_claims import record_earlier_claim, unclaimed
from warehouse.landing import opened_landed
from warehouse.ledger import Actor, submission
from warehouse.outage import is_outage
from warehouse.root import Root
from warehouse.root_lock import shared_lock

_TOLD_EVERY = 100


def record_earlier_claims(root: Root, *, actor: Actor, progress: Progress = lambda _: None) -> None:
    """Record what is claimed by what counts and was accepted before claims were kept.

    Each is one transaction: a run that is killed is finished by the next. Nothing is judged again
    here; what follows for other submissions is worked out at the end of the run.
    """
    waiting, unread = unclaimed(root), 0
    for number, submission_id in enumerate(waiting):
        if number % _TOLD_EVERY == 0:
            progress(f"children of earlier returns noted: {number} of {len(waiting)} returns")
        with shared_lock(root):
            given = submission(root, submission_id)
            children = _children(root, given)
            if children is not None:
                record_earlier_claim(root, given, children, actor)
            unread += children is None
    if unread:
        progress(
            f"children of {unread} earlier returns could not be noted: their files are damaged or "
            "not read as before (`sfp verify` names damaged ones). The next run tries again."
        )


def _children(root: Root, given: Submission) -> ChildMarks | None:
    """Return what a submission claims; None where its files are not read as they once were.

    Raises:
        OutageError, OSError: the disk or the ledger is away, for this return as for any other.
        KeyMissingError: a key is.
    """
    try:
        read = read_submission(given, partial(opened_landed, root))
        return child_marks(given, read, partial(marks_in, root))
    except UnreadableError:
        return ChildMarks()
    except KeyMissingError:
        raise
    except Exception as error:
        if is_outage(error):
            raise
        # It must keep no new return waiting: the next run tries again.
        return None
