"""What has been kept as long as it may be goes, class by class, and nothing that counts does."""

from datetime import UTC, datetime, timedelta

import pytest
from pandas import DataFrame

from schemas.calendar import CLASSES
from tasks.privacy.retain import by_class, retained
from tests.support.files import MEETINGS
from tests.unit.tasks.privacy.conftest import (
    CHILDREN,
    WALSALL,
    attendance,
    copied,
    meetings,
    opened,
    put,
    rows_in_force,
    sweep,
)
from warehouse import retention
from warehouse.cache import write_cached
from warehouse.database import reading
from warehouse.ledger import Actor
from warehouse.orphans import orphans, set_aside_folders
from warehouse.reconcile import discrepancies
from warehouse.removals import finish_removals
from warehouse.tables import audit

DAYS = {one.name: one.days for one in CLASSES}


def after(days):
    return datetime.now(UTC) + timedelta(days=days, hours=1)


@pytest.fixture(scope="module")
def history_once(filled_once, tmp_path_factory):
    """A root with superseded and refused versions, a zip, rows set aside and kept results."""
    filled = copied(filled_once, tmp_path_factory.mktemp("history") / "root")
    put(filled, "attendance2.xlsx", attendance(CHILDREN[:2]))
    put(filled, "pre2.csv", meetings(CHILDREN[:2], first="06/02/2025"))
    sweep(filled)
    put(filled, "bad.csv", f"{MEETINGS}{CHILDREN[0]},06/02/2025\n")
    assert sweep(filled) == {(WALSALL, "pre_proceedings"): "rejected"}
    write_cached(filled, "authority", "0", {"outcomes": DataFrame({"value": [1]})})
    return filled


@pytest.fixture
def history(history_once, tmp_path):
    return copied(history_once, tmp_path / "root")


def expired(root, days):
    actor = Actor("tester", "test")
    found = retained(root, moment=after(days), dry_run=True, actor=actor)
    return {row["class"]: row["expired"] for row in by_class(found) if row["expired"]}


def test_nothing_expires_before_its_day(history):
    assert expired(history, 0) == {}
    assert "cache" not in expired(history, DAYS["cache"] - 1)
    assert "refused" not in expired(history, DAYS["refused"] - 1)
    assert "superseded" not in expired(history, DAYS["superseded"] - 1)


def test_every_class_expires_after_its_days(history):
    assert expired(history, DAYS["cache"]).keys() == {"cache"}
    found = expired(history, DAYS["refused"])
    assert (found["refused"], found["zips"]) == (1, 1)
    found = expired(history, DAYS["quarantine"])
    assert (found["quarantine"], found["packs"]) == (1, 3)
    assert expired(history, DAYS["superseded"])["superseded"] == 2


def test_what_counts_stays_however_old_it_is(history, actor):
    before = rows_in_force(history)
    found = retained(history, moment=after(10_000), dry_run=False, actor=actor)
    assert {one.retention for one in found} >= {"superseded", "refused", "quarantine", "packs"}
    assert rows_in_force(history) == before
    assert len(opened(history)) == 4
    assert discrepancies(history) == []
    assert retained(history, moment=after(10_000), dry_run=False, actor=actor) == []
    with reading(history) as connection:
        entries = connection.execute(audit.select()).all()
    assert entries[-1].action == "retain"
    assert '"superseded": 2' in entries[-1].counts


def test_a_dry_run_removes_nothing(history, actor):
    before = sorted(opened(history))
    assert retained(history, moment=after(10_000), dry_run=True, actor=actor)
    assert sorted(opened(history)) == before


def test_a_part_sent_after_the_refused_files_are_gone_joins_what_counts(history, actor):
    retained(history, moment=after(10_000), dry_run=False, actor=actor)
    put(history, "new.csv", meetings(CHILDREN[:2], first="08/02/2025"))
    assert sweep(history) == {(WALSALL, "pre_proceedings"): "accepted with queries"}


def test_a_run_killed_when_the_ledger_has_forgotten_leaves_what_is_swept(
    history, actor, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_arguments, **_more):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(retention.shutil, "rmtree", die)
        patched.setattr(retention.Path, "unlink", die)
        with pytest.raises(Killed):
            retained(history, moment=after(10_000), dry_run=False, actor=actor)
    assert {one.kind for one in discrepancies(history)} == {"extra", "unfinished"}
    finish_removals(history)
    assert orphans(history, older_than_seconds=-1.0) == []
    assert set_aside_folders(history) == []
    # Packs are no orphans: the next retention still finds them past their day.
    assert {one.subject.split("/")[0] for one in discrepancies(history)} == {"outbox"}
    retained(history, moment=after(10_000), dry_run=False, actor=actor)
    assert discrepancies(history) == []
