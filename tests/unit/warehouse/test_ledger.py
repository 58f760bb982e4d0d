import hashlib
import json
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from schemas.errors import KeyMissingError, LedgerError, UsageError
from schemas.quarter import Quarter
from schemas.submission import State, SubmittedFile
from warehouse import database, ledger, registry, tables
from warehouse.audit import append, breaks, seal
from warehouse.cuts import all_cuts, read_cut, record_cut
from warehouse.key import open_key
from warehouse.ledger import Decision
from warehouse.pseudonyms import make_key
from warehouse.registry import Arrival, Incoming, register_incoming

WALSALL = "E08000030"
Q1 = Quarter.parse("2023-24Q1")
MIGRATIONS = "warehouse/migrations"


def file(part, content, name="a.csv"):
    return SubmittedFile(name, content * 64, 10, part)


def arrived(root, actor, *files, return_name="ssda903", quarter=Q1):
    """Register files that arrived together; return the new submissions."""
    arrivals = [Arrival(f.name, f"{f.sha256}", f.sha256, f.size, (f.sha256,)) for f in files]
    return register_incoming(
        root,
        la_code=WALSALL,
        quarter=quarter,
        incoming=[Incoming(return_name, tuple(files))],
        arrivals=arrivals,
        actor=actor,
    ).submissions


def in_force(root):
    return {(row.return_name, row.quarter): row.version for row in ledger.all_in_force(root)}


def test_the_migrations_build_exactly_the_tables_that_are_declared(any_ledger_root):
    with database.reading(any_ledger_root) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_the_code_needs_the_newest_migration():
    assert ScriptDirectory(MIGRATIONS).get_current_head() == database.HEAD


def test_an_accepted_submission_is_in_force(any_ledger_root, actor):
    (given,) = arrived(any_ledger_root, actor, file("episodes", "a"))
    assert ledger.unfinished(any_ledger_root) == (given.id,)
    assert ledger.decide(any_ledger_root, given, Decision(State.ACCEPTED), actor).is_new
    assert in_force(any_ledger_root) == {("ssda903", "2023-24Q1"): 1}


def test_deciding_twice_changes_nothing_the_second_time(any_ledger_root, actor):
    (given,) = arrived(any_ledger_root, actor, file("episodes", "a"))
    assert ledger.decide(any_ledger_root, given, Decision(State.ACCEPTED), actor).is_new
    again = ledger.decide(any_ledger_root, given, Decision(State.REJECTED), actor)
    assert (again.is_new, again.state) == (False, State.ACCEPTED)
    assert [found.id for found in again.in_force] == [given.id]
    assert ledger.submission_row(any_ledger_root, given.id).state == State.ACCEPTED


def refused(root, actor):
    return register_incoming(
        root,
        la_code=WALSALL,
        quarter=Q1,
        incoming=[
            Incoming(
                "unrecognised",
                (file("unrecognised", "c"),),
                Decision(State.REJECTED, reason_code="HEADER_NOT_FOUND", reason_words="None."),
            )
        ],
        arrivals=[],
        actor=actor,
    ).submissions


def test_what_is_refused_is_registered_with_its_verdict(any_ledger_root, actor):
    (given,) = refused(any_ledger_root, actor)
    row = ledger.submission_row(any_ledger_root, given.id)
    assert (row.state, row.reason_code) == (State.REJECTED, "HEADER_NOT_FOUND")


def test_a_process_that_dies_before_the_verdict_of_a_refused_file_leaves_nothing(
    any_ledger_root, actor, monkeypatch
):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(registry, "record_verdict", die)
        with pytest.raises(KeyboardInterrupt):
            refused(any_ledger_root, actor)
    assert ledger.all_submissions(any_ledger_root) in ((), [])
    (given,) = refused(any_ledger_root, actor)
    assert ledger.submission_row(any_ledger_root, given.id).reason_code == "HEADER_NOT_FOUND"


def test_a_rejected_resubmission_leaves_the_earlier_one_in_force(root, actor):
    (first,) = arrived(root, actor, file("episodes", "a"))
    ledger.decide(root, first, Decision(State.ACCEPTED), actor)
    (second,) = arrived(root, actor, file("episodes", "b"))
    ledger.decide(root, second, Decision(State.REJECTED), actor)
    assert in_force(root) == {("ssda903", "2023-24Q1"): 1}


def test_the_later_version_counts_whichever_is_judged_last(root, actor):
    (first,) = arrived(root, actor, file("episodes", "a"))
    (second,) = arrived(root, actor, file("episodes", "b"))
    ledger.decide(root, second, Decision(State.ACCEPTED), actor)
    ledger.decide(root, first, Decision(State.ACCEPTED), actor)
    assert in_force(root) == {("ssda903", "2023-24Q1"): 2}


def test_a_resubmission_of_one_file_carries_the_others_forward(root, actor):
    (first,) = arrived(root, actor, file("children", "c"), file("episodes", "a"))
    (second,) = arrived(root, actor, file("episodes", "b"))
    assert [(f.part, f.sha256[0], f.carried_from) for f in second.files] == [
        ("children", "c", first.id),
        ("episodes", "b", None),
    ]


def test_a_return_sent_whole_carries_nothing_forward(root, actor):
    arrived(root, actor, file("children", "c"), file("episodes", "a"))
    (second,) = arrived(root, actor, file("whole", "d", name="all.xml"))
    assert [f.part for f in second.files] == ["whole"]


def test_the_same_bytes_under_another_name_are_no_new_submission(root, actor):
    arrived(root, actor, file("episodes", "a"))
    assert arrived(root, actor, file("episodes", "a", name="other.csv")) == ()
    outcomes = {row.name: (row.outcome, row.code) for row in ledger.all_arrivals(root)}
    assert outcomes["other.csv"] == ("duplicate", "DUPLICATE_CONTENT")


def test_the_same_files_have_the_same_id_on_every_machine(root, actor, tmp_path):
    from tasks.operate.set_up import set_up
    from warehouse.root import Root

    elsewhere = set_up(Root.at(tmp_path / "elsewhere"))
    files = (file("children", "c"), file("episodes", "a"))
    (here,) = arrived(root, actor, *files)
    (there,) = arrived(elsewhere, actor, *reversed(files))
    assert here.id == there.id


def test_two_submissions_in_force_for_one_quarter_are_refused_by_the_database(
    any_ledger_root, actor
):
    (first,) = arrived(any_ledger_root, actor, file("episodes", "a"))
    ledger.decide(any_ledger_root, first, Decision(State.ACCEPTED), actor)
    (second,) = arrived(any_ledger_root, actor, file("episodes", "b"))
    with pytest.raises(IntegrityError), database.writing(any_ledger_root) as connection:
        connection.execute(
            insert(tables.in_force).values(
                la_code=WALSALL,
                return_name="ssda903",
                quarter="2023-24Q1",
                submission_id=second.id,
                since="now",
            )
        )


def test_many_writers_at_once_lose_nothing(any_ledger_root, actor):
    def one(number):
        quarter = Quarter(2019 + number // 4, number % 4 + 1)
        (given,) = arrived(any_ledger_root, actor, file("episodes", f"{number:x}"), quarter=quarter)
        ledger.decide(any_ledger_root, given, Decision(State.ACCEPTED), actor)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(in_force(any_ledger_root)) == 12
    with database.reading(any_ledger_root) as connection:
        assert breaks(connection) == []


def test_an_audit_entry_altered_afterwards_is_named(root, actor):
    arrived(root, actor, file("episodes", "a"))
    arrived(root, actor, file("episodes", "b"))
    with database.writing(root) as connection:
        connection.execute(update(tables.audit).filter_by(number=1).values(subject="altered"))
    with database.reading(root) as connection:
        assert breaks(connection) == [1]


@pytest.mark.parametrize("detail", ['{"files":1}', "{}"])
def test_an_entry_is_sealed_with_its_detail(any_ledger_root, actor, detail):
    with database.writing(any_ledger_root) as connection:
        append(connection, actor="a", run="r", action="act", subject="s", counts={})
        append(
            connection, actor="a", run="r", action="act", subject="s", counts={}, detail={"x": 1}
        )
        number = connection.execute(select(func.max(tables.audit.c.number))).scalar_one()
    with database.reading(any_ledger_root) as connection:
        assert breaks(connection) == []
    with database.writing(any_ledger_root) as connection:
        changed = update(tables.audit).filter_by(number=number).values(detail=detail)
        connection.execute(changed)
    with database.reading(any_ledger_root) as connection:
        assert breaks(connection) == [number]


def test_an_entry_without_detail_has_the_seal_it_had_before_details_were_kept():
    entry = dict.fromkeys(("at", "actor", "run", "action", "subject", "counts", "previous"), "x")
    before = hashlib.sha256(json.dumps([1, *["x"] * 7]).encode()).hexdigest()
    assert seal({"number": 1, **entry, "detail": "{}"}) == before


def test_an_audit_entry_removed_breaks_the_chain_after_it(root, actor):
    for content in "abc":
        arrived(root, actor, file("episodes", content))
    with database.writing(root) as connection:
        connection.execute(tables.audit.delete().filter_by(number=2))
    with database.reading(root) as connection:
        assert breaks(connection) == [3]


def test_the_newest_audit_entries_removed_are_missed(any_ledger_root, actor):
    for content in "abc":
        arrived(any_ledger_root, actor, file("episodes", content))
    with database.writing(any_ledger_root) as connection:
        connection.execute(tables.audit.delete().where(tables.audit.c.number > 1))
    with database.reading(any_ledger_root) as connection:
        assert breaks(connection) == [1]


def test_a_ledger_made_with_another_key_is_refused(root):
    root.key_file.unlink()
    make_key(root.key_file)
    with pytest.raises(KeyMissingError, match="not the one this ledger was made with"):
        open_key(root)


def test_asking_for_a_submission_that_is_not_there_says_where_to_look(root):
    with pytest.raises(LedgerError, match="sfp status"):
        ledger.submission(root, "f" * 16)


def test_a_cut_lists_what_is_in_force_and_is_recorded_once(root, actor):
    (given,) = arrived(root, actor, file("episodes", "a"))
    ledger.decide(root, given, Decision(State.ACCEPTED), actor)
    facts = {"code_version": "c", "config_hash": "p", "key_id": "k", "actor": actor}
    cut, is_new = record_cut(root, **facts)
    again, is_new_again = record_cut(root, **facts)
    assert [found.submission_id for found in cut.submissions] == [given.id]
    assert (is_new, is_new_again, cut.id) == (True, False, again.id)
    assert read_cut(root, "1") == read_cut(root, cut.id) == read_cut(root, "latest")
    assert len(all_cuts(root)) == 1


def test_an_old_cut_still_lists_what_was_in_force_then(root, actor):
    facts = {"code_version": "c", "config_hash": "p", "key_id": "k", "actor": actor}
    (first,) = arrived(root, actor, file("episodes", "a"))
    ledger.decide(root, first, Decision(State.ACCEPTED), actor)
    old, _ = record_cut(root, **facts)
    (second,) = arrived(root, actor, file("episodes", "b"))
    ledger.decide(root, second, Decision(State.ACCEPTED), actor)
    new, _ = record_cut(root, **facts)
    assert [found.submission_id for found in read_cut(root, old.id).submissions] == [first.id]
    assert [found.submission_id for found in new.submissions] == [second.id]


def test_before_anything_was_cut_the_message_says_what_to_run(root):
    with pytest.raises(UsageError, match="sfp refresh"):
        read_cut(root, "latest")


def test_a_reader_sees_one_state_while_a_writer_is_at_work(any_ledger_root, actor):
    with database.writing(any_ledger_root) as connection:
        connection.execute(insert(tables.facts).values(name="half", value="done"))
        with database.reading(any_ledger_root) as reader:
            assert (
                reader.execute(text("SELECT count(*) FROM facts WHERE name='half'")).scalar() == 0
            )
