"""Retention: remove what has been kept as long as it may be, or only say what would be."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from warehouse.ledger import Actor
from warehouse.retention import Expired, expired, remove_landed
from warehouse.root import Root


def retained(root: Root, *, moment: datetime, dry_run: bool, actor: Actor) -> list[Expired]:
    """Return what is past its retention, having removed it unless this is a dry run."""
    found = expired(root, moment=moment)
    if found and not dry_run:
        remove_landed(root, found, actor)
    return found


@task(name="remove-expired", cache_policy=NO_CACHE, persist_result=False)
def remove_expired(root: str) -> int:
    """Remove what is past its retention as an observed step; return how many files."""
    actor = Actor.here("retain")
    return len(retained(Root.at(root), moment=datetime.now(UTC), dry_run=False, actor=actor))
