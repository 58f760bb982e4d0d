"""Retention: remove what has been kept as long as it may be, or only say what would be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterEndTime
from prefect.types import DateTime

from schemas.calendar import CLASSES, RUNS
from tasks.runtime.faults import redact_exceptions
from warehouse.ledger import Actor
from warehouse.removals import finish_removals
from warehouse.retention import Expired, expired, remove_expired_files
from warehouse.root import Root
from warehouse.root_lock import exclusive_lock

_PAGE = 200


def retained(root: Root, *, moment: datetime, dry_run: bool, actor: Actor) -> list[Expired]:
    """Return what is past its retention, having removed it unless this is a dry run."""
    if dry_run:
        return expired(root, moment=moment)
    with exclusive_lock(root):
        finish_removals(root)
        found = expired(root, moment=moment)
        if found:
            remove_expired_files(root, found, actor)
    return found


def by_class(found: Iterable[Expired]) -> list[dict[str, object]]:
    """Return one row per class: how long it is kept and why, and what of it is past that."""
    listed = list(found)
    rows: list[dict[str, object]] = []
    for retention in CLASSES:
        mine = [one for one in listed if one.retention == retention.name]
        rows.append(
            {
                "class": retention.name,
                "days": retention.days,
                "expired": len(mine),
                "bytes": sum(one.size for one in mine),
                "since": min((one.expired_on for one in mine), default=""),
                "reason": retention.reason,
            }
        )
    return rows


async def remove_old_runs(*, moment: datetime, days: int = RUNS.days) -> int:
    """Remove from the Prefect server the runs that ended so long ago; return how many.

    The server is the one this process talks to (`PREFECT_API_URL`).
    """
    before = DateTime.fromtimestamp((moment - timedelta(days=days)).timestamp(), tz=UTC)
    wanted = FlowRunFilter(end_time=FlowRunFilterEndTime(before_=before))
    count = 0
    async with get_client() as client:
        while found := await client.read_flow_runs(flow_run_filter=wanted, limit=_PAGE):
            for run in found:
                await client.delete_flow_run(run.id)
                count += 1
    return count


@task(name="remove-ended-runs", cache_policy=NO_CACHE, persist_result=False)
def remove_ended_runs() -> int:
    """Remove what Prefect has known of ended runs for too long, as an observed step."""
    with redact_exceptions("retain"):
        return asyncio.run(remove_old_runs(moment=datetime.now(UTC)))


@task(name="remove-expired", cache_policy=NO_CACHE, persist_result=False)
def remove_expired(root: str) -> int:
    """Remove what is past its retention as an observed step; return how many files and packs."""
    actor = Actor.service("retain")
    with redact_exceptions("retain"):
        at, moment = Root.at(root), datetime.now(UTC)
        return len(retained(at, moment=moment, dry_run=False, actor=actor))
