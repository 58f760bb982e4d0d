"""Drafts and cuts that later ones took the place of leave; what is newest or final never does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

import warehouse.cuts
from schemas.calendar import CUTS, DRAFTS
from schemas.errors import UsageError
from schemas.quarter import Quarter
from schemas.submission import State, SubmittedFile
from tasks.privacy.retain import by_class, retained
from tasks.runtime.heads import leave_signed_head
from warehouse import retention, tables
from warehouse.cuts import all_cuts, all_editions, put_edition, read_cut, record_cut
from warehouse.database import reading, writing
from warehouse.landing import land_bytes
from warehouse.ledger import Decision, decide
from warehouse.reconcile import discrepancies
from warehouse.registry import Arrival, Incoming, register_incoming
from warehouse.retention import expired

MADE = datetime(2024, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = MADE + timedelta(days=CUTS.days + 1)


def resubmitted(root, actor, quarter="2023-24Q4"):
    """Let another version of a return count for a quarter."""
    landed = land_bytes(root, str(len(ids_of(root))).encode())
    file = SubmittedFile("a.csv", landed.sha256, landed.size, "episodes")
    (given,) = register_incoming(
        root,
        la_code="E08000030",
        quarter=Quarter.parse(quarter),
        incoming=[Incoming("ssda903", (file,))],
        arrivals=[Arrival("a.csv", landed.sha256, landed.sha256, 1, (landed.sha256,))],
        actor=actor,
    ).submissions
    decide(root, given, Decision(State.ACCEPTED), actor)
    return given.id


def ids_of(root):
    with reading(root) as connection:
        return connection.execute(select(tables.submissions.c.id)).scalars().all()


def cut_made(root, actor):
    return record_cut(root, code_version="c", config_hash="p", key_id="k", actor=actor)[0]


def published(root, actor, cut, name, *, is_final=False, text=b"<p>1</p>"):
    put_edition(
        root,
        name=name,
        cut=cut,
        is_final=is_final,
        public={"report.html": text, "data/a.csv": b"a\n1\n"},
        restricted={"disclosure.json": b"{}"},
        actor=actor,
    )


def dated(root, moments):
    """Let cuts and their editions have been made at these moments, by number of the cut."""
    with writing(root) as connection:
        for number, moment in moments.items():
            cut_id = connection.execute(
                select(tables.cuts.c.id).filter_by(number=number)
            ).scalar_one()
            for table, key in ((tables.cuts, "id"), (tables.editions, "cut_id")):
                connection.execute(
                    update(table).where(table.c[key] == cut_id).values(made_at=moment.isoformat())
                )


@pytest.fixture
def four(any_ledger_root, actor, monkeypatch):
    """Four cuts, each of another version; from 2 on of two quarters; 2 is final, not a draft."""
    root, cuts = any_ledger_root, []
    monkeypatch.setattr(warehouse.cuts, "now", MADE.isoformat)
    for number in range(1, 5):
        resubmitted(root, actor)
        if number == 2:
            resubmitted(root, actor, "2022-23Q4")
        cuts.append(cut_made(root, actor))
    for number in (1, 3, 4):
        published(root, actor, cuts[number - 1], f"draft-{number}")
    published(root, actor, cuts[1], "2023-24Q4", is_final=True)
    leave_signed_head(root)
    return root


def held(root):
    return {
        row.number: [one.submission_id for one in read_cut(root, row.id).submissions]
        for row in all_cuts(root)
    }


def leave(root, actor, moment=LATER):
    return [one.path for one in retained(root, moment=moment, dry_run=False, actor=actor)]


def test_superseded_drafts_leave_first_and_then_the_cuts_no_edition_names(four, actor):
    before = held(four)
    assert leave(four, actor) == ["editions/draft-1", "editions/draft-3"]
    assert leave(four, actor) == ["cuts/1", "cuts/3"]
    assert leave(four, actor) == []
    assert held(four) == {number: before[number] for number in (2, 4)}
    assert {row.name for row in all_editions(four)} == {"2023-24Q4", "draft-4"}
    for folder in (four.editions, four.restricted):
        assert sorted(path.name for path in folder.iterdir()) == ["2023-24Q4", "draft-4"]
    assert [row.submissions for row in all_cuts(four)] == [2, 2]
    assert discrepancies(four) == []


def test_what_only_a_removed_cut_held_leaves_the_ledger_with_it(four, actor):
    leave(four, actor)
    leave(four, actor)
    with reading(four) as connection:
        rows = connection.execute(select(tables.cut_submissions.c.since_cut)).scalars().all()
    assert sorted(rows) == [2, 2, 4]


def test_the_chain_says_which_drafts_and_cuts_went(four, actor):
    first = read_cut(four, "1").id
    leave(four, actor)
    leave(four, actor)
    with reading(four) as connection:
        rows = connection.execute(select(tables.audit).order_by("number")).all()
    assert all(name in rows[-2].detail for name in ("draft-1", "draft-3"))
    assert "draft-4" not in rows[-2].detail
    assert first in rows[-1].detail
    assert (rows[-2].counts, rows[-1].counts) == ('{"drafts": 2}', '{"cuts": 2}')


@pytest.mark.parametrize(
    ("retention", "path"),
    [(DRAFTS, "editions/draft-1"), (CUTS, "cuts/1")],
    ids=lambda one: str(one),
)
def test_days_run_from_the_moment_a_later_one_was_made(root, actor, retention, path):
    for name in ("draft-1", "draft-2"):
        resubmitted(root, actor)
        cut = cut_made(root, actor)
        if retention is DRAFTS:
            published(root, actor, cut, name)
    dated(root, {1: MADE - timedelta(days=900), 2: MADE})
    limit = MADE + timedelta(days=retention.days)
    assert expired(root, moment=limit) == []
    assert [one.path for one in expired(root, moment=limit + SECOND)] == [path]


def test_the_clock_does_not_say_which_is_newest(four, actor):
    dated(four, {1: MADE, 2: MADE - SECOND, 3: MADE - 2 * SECOND, 4: MADE - 3 * SECOND})
    leave(four, actor)
    leave(four, actor)
    assert [row.number for row in all_cuts(four)] == [2, 4]
    assert {row.name for row in all_editions(four)} == {"2023-24Q4", "draft-4"}


def test_two_drafts_of_the_newest_cut_both_stay(four, actor):
    published(four, actor, read_cut(four, "4"), "another")
    leave(four, actor)
    assert {row.name for row in all_editions(four)} == {"2023-24Q4", "draft-4", "another"}


def test_a_dry_run_lists_them_with_their_room_and_removes_nothing(four, actor):
    found = retained(four, moment=LATER, dry_run=True, actor=actor)
    rows = {row["class"]: (row["expired"], row["bytes"]) for row in by_class(found)}
    assert rows["drafts"] == (2, 2 * len(b"<p>1</p>" + b"a\n1\n" + b"{}"))
    assert len(all_editions(four)) == 4
    assert (four.editions / "draft-1").is_dir()


@pytest.mark.parametrize("survived", range(5))
def test_a_run_that_is_killed_is_finished_by_the_next(four, actor, monkeypatch, survived):
    class Killed(BaseException):
        pass

    real, done = retention._remove, []

    def die_after_some(path):
        if len(done) == survived:
            raise Killed
        done.append(path)
        real(path)

    with monkeypatch.context() as patched:
        patched.setattr(retention, "_remove", die_after_some)
        if survived < 4:
            with pytest.raises(Killed):
                leave(four, actor)
    leave(four, actor)
    leave(four, actor)
    assert sorted(path.name for path in four.restricted.iterdir()) == ["2023-24Q4", "draft-4"]
    assert [row.number for row in all_cuts(four)] == [2, 4]
    assert discrepancies(four) == []


def test_a_cut_that_left_cannot_be_published(four, actor):
    gone = read_cut(four, "3")
    leave(four, actor)
    leave(four, actor)
    with pytest.raises(UsageError, match="no cut"):
        published(four, actor, gone, "late")
    assert not (four.editions / "late").exists()


def test_numbers_go_on_after_cuts_left_and_later_cuts_hold_what_counts(four, actor):
    leave(four, actor)
    leave(four, actor)
    before = held(four)[4]
    new = resubmitted(four, actor)
    cut = cut_made(four, actor)
    assert cut.number == 5
    assert [one.submission_id for one in read_cut(four, "5").submissions] == [before[0], new]
    assert held(four)[4] == before
