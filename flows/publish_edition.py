"""Outcomes were refreshed: make the draft edition that a person looks at before it is final."""

from prefect import flow

from flows import notify_run, own_root
from tasks.announce.events import announce_published
from tasks.publish.publish_cut import publish_draft


@flow(
    name="publish-edition",
    persist_result=False,
    retries=2,
    retry_delay_seconds=15,
    on_failure=[notify_run],
)
def publish_edition() -> None:
    """Publish the newest cut as a draft.

    Runs on `outcomes.refreshed` and on the quarterly schedule. Emits `edition.published`. An
    edition is made final by a person: `sfp publish --final`.
    """
    name = publish_draft(own_root())
    announce_published(name)
