"""Everything that has settled, in observed steps, for the flows of arrival and of the night."""

from __future__ import annotations

from prefect import unmapped
from prefect.futures import PrefectFuture

from schemas.errors import WaitsError
from tasks.announce import announce_verdict
from tasks.receive import receive_returns
from tasks.take_in import take_in_submission


def take_in_settled(root: str) -> None:
    """Register what has settled, judge it wave after wave and tell each verdict.

    Called within a flow. A submission that cannot be judged fails its own task; the others go on,
    later ones of the same return, too. What the disk or the ledger refused waits for the next run,
    and so does whatever looks at it.
    """
    faulty: tuple[str, ...] = ()
    for wave in receive_returns(root):
        verdicts = take_in_submission.map(unmapped(root), wave, unmapped(faulty))
        announce_verdict.map(unmapped(root), verdicts).wait()
        found = zip(wave, verdicts, strict=True)
        faulty += tuple(one for one, verdict in found if _is_faulty(verdict))


def _is_faulty(verdict: PrefectFuture[dict[str, str]]) -> bool:
    """Say whether a submission cannot be judged, so that no later one need wait for it."""
    outcome: object = verdict.result(raise_on_failure=False)
    return isinstance(outcome, Exception) and not isinstance(outcome, WaitsError)
