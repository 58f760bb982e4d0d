"""Reconciliation: clear what nothing names, and say in what files and ledger do not agree."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from schemas.calendar import ABANDONED_DRAFT_DAYS
from warehouse.reconcile import Discrepancy, discrepancies, orphans, remove
from warehouse.root import Root

_DAY = 86_400.0


def clear_orphans(root: Root) -> int:
    """Remove files that a killed process left and no ledger row names; return how many."""
    return remove(orphans(root, older_than_seconds=ABANDONED_DRAFT_DAYS * _DAY))


def verified(root: Root) -> list[Discrepancy]:
    """Return everything in which files, ledger and audit chain do not agree."""
    return discrepancies(root)


@task(name="reconcile-files", cache_policy=NO_CACHE, persist_result=False)
def reconcile_files(root: str) -> int:
    """Clear orphans and list discrepancies as an observed step; return how many of the latter."""
    at = Root.at(root)
    clear_orphans(at)
    found = verified(at)
    create_table_artifact(
        table=[{"kind": one.kind, "subject": one.subject, "words": one.words} for one in found],
        key="discrepancies",
    )
    return len(found)
