"""After superseded drafts and cuts left, what comes after works as if they had not."""

from datetime import UTC, datetime, timedelta

from schemas.calendar import CUTS
from tasks.cut.refresh import refresh_now
from tasks.operate.listing import cut_rows, edition_rows
from tasks.operate.reconcile import verified
from tasks.privacy.retain import retained
from tasks.publish.publish_cut import edition_difference, publish_now
from tests.flows.conftest import WALSALL


def quiet(_words):
    pass


def published(root, *, draft, final=""):
    """Refresh, and make a draft, a final edition, or both."""
    refresh_now(root, everything=False, progress=quiet)
    for name, is_final in [("", False)] * draft + [(final, True)] * bool(final):
        publish_now(root, name=name, is_final=is_final, cut="latest")


def test_a_revision_is_published_after_drafts_and_cuts_left(root, drop, sweep, actor):
    for quarter, final in (("2022-23Q3", ""), ("2022-23Q4", "2022-23Q4")):
        drop(WALSALL, quarter, "header.csv", "episodes.csv", "workforce.csv")
        sweep()
        published(root, draft=True, final=final)
    moment = datetime.now(UTC) + timedelta(days=CUTS.days + 1)
    for _ in range(2):
        retained(root, moment=moment, dry_run=False, actor=actor)
    assert [row["number"] for row in cut_rows(root)] == [2]
    assert [row["is_final"] for row in edition_rows(root)] == [False, True]

    drop(WALSALL, "2023-24Q1", "header.csv", "episodes.csv", "workforce.csv")
    sweep()
    published(root, draft=False, final="2023-24Q1")
    assert [row["number"] for row in cut_rows(root)] == [2, 3]
    assert "2022-23Q4" in (root.editions / "2023-24Q1" / "CHANGES.md").read_text()
    assert "submissions" in edition_difference(root, "2022-23Q4", "2023-24Q1")
    assert verified(root) == []
