"""Ledgers of every earlier revision, with a row in every table, are brought up to date."""

from datetime import UTC, datetime

import pytest
from alembic import op
from sqlalchemy import MetaData, create_engine, func, insert, select, text

from schemas.errors import LedgerError
from warehouse import database
from warehouse.cuts import all_cuts, read_cut
from warehouse.ledger_schema import schema_discrepancies
from warehouse.migrations.upgrade import upgrade
from warehouse.root import Root, write_settings
from warehouse.rule_books import RuleCount, rule_book_of, rule_counts
from warehouse.settings import Settings

EARLIER = ("0001", "0002", "0003", "0004")
ROWS = 3


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_ledger")
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


def made(url, revision):
    """A ledger at a revision, with rows in all its tables; return how many, by table."""
    old = create_engine(url)
    upgrade(old, revision)
    tables = MetaData()
    tables.reflect(old)
    with old.begin() as connection:
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                for number in range(1, ROWS + 1):
                    connection.execute(insert(table).values(row(table, number)))
    old.dispose()
    return {table.name: ROWS for table in tables.sorted_tables if table.name != "alembic_version"}


def row(table, number):
    return {column.name: value(column, number) for column in table.columns}


def value(column, number):
    kind = column.type.python_type
    if column.name == "until":
        return None
    if column.name.endswith("_at") or column.name in ("at", "since"):
        return datetime(2025, 1, number, tzinfo=UTC).isoformat()
    return {int: number, bool: False}.get(kind, f"{number}" * 9)


@pytest.mark.parametrize("revision", EARLIER)
def test_every_row_is_kept_and_every_reference_holds(url, revision, tmp_path):
    before = made(url, revision)
    now = database.engine(url)
    tables = MetaData()
    tables.reflect(now)
    with now.connect() as connection:
        after = {
            name: connection.execute(
                select(func.count()).select_from(tables.tables[name])
            ).scalar_one()
            for name in before
        }
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if now.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert found == database.HEAD
    # One fact more: the chain of an older ledger has yet to record what stands.
    assert after == before | {"facts": ROWS + (revision < "0004")}
    assert list(schema_discrepancies(root_of(url, tmp_path))) == []


def test_a_ledger_with_rows_that_refer_to_nothing_is_left_as_it_was(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    made(url, "0002")
    old = create_engine(url)
    with old.begin() as connection:
        connection.execute(text("DELETE FROM submissions WHERE id = '111111111'"))
    with pytest.raises(LedgerError, match=r"refer to nothing\. It is as it was"):
        upgrade(old)
    with old.connect() as connection:
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0002"
        )


def test_a_ledger_of_a_revision_nobody_knows_is_refused_in_words(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    made(url, "0002")
    old = create_engine(url)
    with old.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerError, match="revision 9999, which this program does not know"):
        upgrade(old)


PASSED, UNUSED = ("100", "episodes", "passed", 0, ""), ("104", "oc3", "not applicable", 0, "né")
BROKEN, STOPPED = ("101", "oc2", "failed", 3, ""), ("102", "oc2", "could not run", 0, "KeyError")
COUNTS = {
    "one": (PASSED, BROKEN, UNUSED),
    "two": (PASSED, ("101", "oc2", "passed", 0, ""), UNUSED),
    "three": (UNUSED, STOPPED, ("101", "oc2", "not run", 0, "nothing to compare with"), PASSED),
    "refused": (("HEADER_NOT_FOUND", "", "failed", 1, ""),),
    "unread": (),
}
CUTS = {"first": ("one", "two"), "second": ("two", "three"), "third": ("one", "three", "two")}
NUMBERS = {"first": 1, "second": 2, "third": 4}


def filled_at_0003(url):
    """A ledger as it was when every rule of every submission, and every cut whole, had its rows."""
    old = create_engine(url)
    upgrade(old, "0003")
    tables = MetaData()
    tables.reflect(old)
    shape = tables.tables
    names = ("code", "table_name", "status", "count", "reason")
    with old.begin() as connection:
        for number, (name, counts) in enumerate(COUNTS.items(), start=1):
            given = row(shape["submissions"], number) | {"id": name, "row_counts": "{}"}
            connection.execute(insert(shape["submissions"]).values(given))
            for position, count in enumerate(counts):
                values = dict(zip(names, count, strict=True))
                mine = {"submission_id": name, "position": position}
                connection.execute(insert(shape["finding_counts"]).values(mine | values))
        for cut, submissions in CUTS.items():
            made = row(shape["cuts"], NUMBERS[cut]) | {"id": cut, "authorities": "[]"}
            connection.execute(insert(shape["cuts"]).values(made))
            for name in submissions:
                held = {"cut_id": cut, "submission_id": name}
                connection.execute(insert(shape["cut_submissions"]).values(held))
    old.dispose()


def root_of(url, tmp_path):
    root = Root.at(tmp_path)
    write_settings(root, Settings(ledger_url=url, authorities=("E08000030",)))
    return root


def test_a_ledger_of_whole_counts_and_whole_cuts_gives_the_same_answers(url, tmp_path):
    filled_at_0003(url)
    root = root_of(url, tmp_path)
    for name, counts in COUNTS.items():
        assert rule_counts(root, name) == [RuleCount(*one) for one in counts]
    for cut, submissions in CUTS.items():
        assert {one.submission_id for one in read_cut(root, cut).submissions} == {*submissions}
    assert [(row.number, row.submissions) for row in all_cuts(root)] == [(1, 2), (2, 2), (4, 3)]
    with database.reading(root) as connection:
        books = set(connection.execute(text("SELECT id FROM rule_books")).scalars())
        rows = connection.execute(text("SELECT count(*) FROM finding_counts")).scalar()
    counted = [[RuleCount(*one) for one in COUNTS[name]] for name in ("one", "two", "three")]
    assert books == {rule_book_of(counts).id for counts in counted}
    assert (len(books), rows) == (2, 3)


def test_an_upgrade_that_is_killed_leaves_the_ledger_as_it_was_and_is_done_again(
    url, tmp_path, monkeypatch
):
    filled_at_0003(url)
    drop, dropped = op.drop_table, []

    def die_at_the_last(name):
        dropped.append(name)
        if name == "kept_differences":
            raise KeyboardInterrupt
        drop(name)

    with monkeypatch.context() as patched:
        patched.setattr(op, "drop_table", die_at_the_last)
        with pytest.raises(KeyboardInterrupt):
            database.engine(url)
    assert "finding_counts" in dropped
    old = create_engine(url)
    with old.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        rows = connection.execute(text("SELECT count(*) FROM finding_counts")).scalar()
    old.dispose()
    assert (version, rows) == ("0003", sum(map(len, COUNTS.values())))
    root = root_of(url, tmp_path)
    assert rule_counts(root, "three") == [RuleCount(*one) for one in COUNTS["three"]]


def test_the_room_of_counts_that_went_is_given_back(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    filled_at_0003(url)
    old = create_engine(url)
    with old.begin() as connection:
        connection.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                "INSERT INTO finding_counts SELECT 'one', i, 'r' || i, 't', 'passed', 0, '' FROM n"
            )
        )
    old.dispose()
    before = (tmp_path / "ledger.sqlite").stat().st_size
    with database.engine(url).connect() as connection:
        assert connection.execute(text("PRAGMA freelist_count")).scalar() == 0
    assert (tmp_path / "ledger.sqlite").stat().st_size < before
