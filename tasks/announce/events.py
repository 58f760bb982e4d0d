"""Events: who, which return, when and the verdict; never anything from a child's row.

An event only makes things prompt. Its id is made from its content, so that the server drops a
repeat and a repeat does no harm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import NAMESPACE_URL, UUID, uuid5

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from tasks.announce.notices import notify_verdict
from tasks.cut.data_cut import has_changed
from warehouse.ledger import all_in_force
from warehouse.root import Root
from warehouse.rule_books import broken_rule_counts

_NAMESPACE = uuid5(NAMESPACE_URL, "sfpc")
_EVENT_OF_STATE = {
    "accepted": "return.accepted",
    "accepted with queries": "return.accepted",
    "rejected": "return.rejected",
    "held": "return.held",
}


def event_id(event: str, *facts: str) -> UUID:
    """Return the id of an event: the same event about the same facts has the same id."""
    return uuid5(_NAMESPACE, "\n".join((event, *facts)))


def broken_rules(root: Root, submission_id: str) -> list[dict[str, object]]:
    """Return what operators see of a submission's findings: rule code, our table and how many."""
    return [
        {"code": one.code, "table": one.table_name, "status": one.status, "findings": one.count}
        for one in broken_rule_counts(root, submission_id)
    ]


def report_verdict(root: Root, verdict: Mapping[str, str]) -> None:
    """Emit the event of one verdict, and send a notice of it where the settings say so."""
    event = _EVENT_OF_STATE.get(verdict["state"])
    if event is None:
        return
    notify_verdict(root, verdict)
    submission_id = verdict["submission_id"]
    emit_event(
        event,
        resource={
            "prefect.resource.id": f"sfpc.submission.{submission_id}",
            "prefect.resource.name": submission_id,
            "sfpc.la_code": verdict["la_code"],
            "sfpc.return": verdict["return_name"],
            "sfpc.quarter": verdict["quarter"],
            "sfpc.state": verdict["state"],
        },
        id=event_id(event, submission_id),
    )


@task(name="announce-verdicts", cache_policy=NO_CACHE, persist_result=False)
def announce_verdicts(root: str, verdicts: Sequence[Mapping[str, str]]) -> None:
    """Leave the verdicts of one batch, and how often each rule was broken, as two artifacts.

    Two for a batch, not two for a submission: in a burst of hundreds the server would be busy with
    them for longer than the returns took.
    """
    if not verdicts:
        return
    quarter = verdicts[0]["quarter"].lower()
    create_table_artifact(table=[dict(verdict) for verdict in verdicts], key=f"verdicts-{quarter}")
    if rules := rule_totals(Root.at(root), [verdict["submission_id"] for verdict in verdicts]):
        create_table_artifact(table=rules, key=f"rules-{quarter}")


def rule_totals(root: Root, submission_ids: Iterable[str]) -> list[dict[str, object]]:
    """Return what was broken: rule code, our table, status, in how many submissions, how often."""
    submissions, findings = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for submission_id in submission_ids:
        for one in broken_rules(root, submission_id):
            which = (str(one["code"]), str(one["table"]), str(one["status"]))
            submissions[which] += 1
            findings[which] += int(str(one["findings"]))
    names = ("code", "table", "status")
    return [
        {
            **dict(zip(names, which, strict=True)),
            "submissions": submissions[which],
            "findings": findings[which],
        }
        for which in sorted(submissions)
    ]


@task(name="announce-ingested", cache_policy=NO_CACHE, persist_result=False)
def announce_ingested(root: str) -> bool:
    """Emit `returns.ingested` when what is in force differs from the newest cut; return whether."""
    at = Root.at(root)
    if not has_changed(at):
        return False
    ids = sorted(row.id for row in all_in_force(at))
    emit_event(
        "returns.ingested",
        resource={"prefect.resource.id": "sfpc.ledger", "sfpc.in_force": str(len(ids))},
        id=event_id("returns.ingested", *ids),
    )
    return True


@task(name="announce-refreshed", cache_policy=NO_CACHE, persist_result=False)
def announce_refreshed(cut_id: str) -> None:
    """Emit `outcomes.refreshed` for a cut."""
    emit_event(
        "outcomes.refreshed",
        resource={"prefect.resource.id": f"sfpc.cut.{cut_id}"},
        id=event_id("outcomes.refreshed", cut_id),
    )


@task(name="announce-published", cache_policy=NO_CACHE, persist_result=False)
def announce_published(edition: str) -> None:
    """Emit `edition.published` for an edition."""
    emit_event(
        "edition.published",
        resource={"prefect.resource.id": f"sfpc.edition.{edition}"},
        id=event_id("edition.published", edition),
    )
