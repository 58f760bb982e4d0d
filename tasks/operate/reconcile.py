"""Reconciliation: set aside what nothing names, and list where files and ledger disagree."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from schemas.calendar import ABANDONED_DRAFT_DAYS
from schemas.errors import LedgerError
from tasks.runtime.heads import leave_signed_head
from warehouse.discrepancy import Discrepancy
from warehouse.head_check import actions_after
from warehouse.heads import fingerprint, newest_head
from warehouse.orphans import (
    orphan_alarm,
    orphans,
    remove_abandoned_drafts,
    set_orphans_aside,
)
from warehouse.reconcile import discrepancies
from warehouse.removals import finish_removals, unfinished_removals
from warehouse.root import Root
from warehouse.root_lock import exclusive_lock

_OLD = ABANDONED_DRAFT_DAYS * 86_400.0


def orphan_words(root: Root) -> str:
    """Return in words why files that no ledger row names stay where they are; empty when none do.

    Until they are a day old a process may still be at them.
    """
    return orphan_alarm(root, orphans(root, older_than_seconds=_OLD))


def verified(root: Root, *, heads: Path | None = None) -> list[Discrepancy]:
    """Return everything in which files, ledger, audit chain and signed heads do not agree."""
    return discrepancies(root, heads=heads)


def newest_head_words(root: Root, place: Path | None) -> str:
    """Return in words what the chain was held against, for the operator to note down."""
    head = newest_head(root)
    if head is None:
        return "no head of the audit chain has been signed yet: the first cut leaves one"
    where = f"under the root and in {place}" if place else "under the root"
    return (
        f"the signed heads {where} agree; the newest is of entry {head.number}, {head.at}, signed "
        f"with key {fingerprint(head.key)}{_since_words(root, head.number)}"
    )


def _since_words(root: Root, number: int) -> str:
    """Return in words what was recorded after a head; empty when nothing was."""
    actions = actions_after(root, number)
    if not actions:
        return ""
    each = ", ".join(f"{count} of `{action}`" for action, count in sorted(actions.items()))
    return (
        f". {actions.total()} entries were recorded since ({each}): no head vouches for them yet, "
        "the next cut or edition leaves one"
    )


@task(name="reconcile-files", cache_policy=NO_CACHE, persist_result=False)
def reconcile_files(root: str) -> int:
    """Set orphans aside and list discrepancies as an observed step; return how many of the latter.

    Raises:
        LedgerError: there are more orphans than killed processes leave; all of them stayed.
    """
    at = Root.at(root)
    remove_abandoned_drafts(at, older_than_seconds=_OLD)
    if unfinished_removals(at):
        with exclusive_lock(at):
            finish_removals(at)
    refusal = set_orphans_aside(at, older_than_seconds=_OLD)
    leave_signed_head(at)
    found = verified(at)
    create_table_artifact(
        table=[{"kind": one.kind, "subject": one.subject, "words": one.words} for one in found],
        key="discrepancies",
    )
    if refusal:
        raise LedgerError(refusal)
    return len(found)
