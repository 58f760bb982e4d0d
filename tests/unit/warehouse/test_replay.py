"""Whatever is changed in ledger, files or chain without the program, `sfp verify` names."""

import hashlib
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas import DataFrame
from sqlalchemy import MetaData, create_engine, insert, select, text
from typer.testing import CliRunner

from cli.app import app
from tasks.cut.data_cut import make_cut
from tasks.operate.set_up import set_up
from tests.unit.warehouse.test_reconcile import filled, part
from warehouse import tables
from warehouse.adoption import ADOPT
from warehouse.audit import FIRST, append, seal
from warehouse.cache import read_cached, write_cached
from warehouse.cuts import put_edition, record_cut
from warehouse.database import writing
from warehouse.erasure import flag
from warehouse.heads import leave_head
from warehouse.ledger import Actor, all_submissions
from warehouse.migrations.upgrade import upgrade
from warehouse.outbox import pack_folder
from warehouse.reconcile import discrepancies
from warehouse.recorded import NOW, WHOLE_LEDGER, changed_units, file_digests
from warehouse.root import Root, write_bytes
from warehouse.store import ACCEPTED

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
ACTOR = Actor("tester", "test")
LA, OTHER = "E08000026", "E08000031"
PRE = "(SELECT id FROM submissions WHERE return_name = 'pre_proceedings')"


def with_everything(root):
    """A root with submissions, a cut, a final edition, a kept result and a tombstone."""
    filled(root)
    cut, _ = record_cut(root, code_version="c", config_hash="p", key_id="k", actor=ACTOR)
    for name, is_final in (("draft", False), ("final", True)):
        files = {"report.html": b"<p>8</p>", "data/figures.csv": b"a,1\n"}
        put_edition(
            root,
            name=name,
            cut=cut,
            is_final=is_final,
            public=files,
            restricted={"disclosure.csv": b"b,2\n"},
            actor=ACTOR,
        )
    flag(root, LA, [12345], [], [], ACTOR)
    write_cached(root, "authority", "0", {"outcomes": DataFrame({"value": [1, 2]})})
    assert leave_head(root) == ""
    return root


@pytest.fixture(scope="module", params=DATABASES)
def made(request, tmp_path_factory):
    """The root once for each database, and every row of its ledger."""
    server = request.param == "postgresql" and request.getfixturevalue("postgres_server")
    place = tmp_path_factory.mktemp("made") / "root"
    url = server.new_database() if server else ""
    root = with_everything(set_up(Root.at(place), settle_seconds=0.0, ledger_url=url))
    assert discrepancies(root) == []
    return root, rows_of(root)


@pytest.fixture
def whole(made):
    """The same root, its ledger as it was before any test."""
    root, rows = made
    yield root
    with writing(root) as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(table.delete())
        for table in tables.metadata.sorted_tables:
            if rows[table.name]:
                connection.execute(insert(table), rows[table.name])


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    place = tmp_path_factory.mktemp("once") / "root"
    return with_everything(set_up(Root.at(place), settle_seconds=0.0))


@pytest.fixture
def copy(once, tmp_path):
    """The root on SQLite, whose files a test may change."""
    shutil.copytree(once.path, tmp_path / "root", symlinks=True)
    return Root.at(tmp_path / "root")


def rows_of(root):
    with writing(root) as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in tables.metadata.sorted_tables
        }


def change(root, *statements):
    with writing(root) as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0, statement


def verified(root):
    """Return what `sfp verify` prints; it must find something."""
    ended = CliRunner().invoke(app, ["verify", "--root", str(root.path)])
    assert ended.exit_code == 1, ended.output
    return ended.stdout


TAMPERED = {
    "DELETE FROM in_force WHERE return_name = 'pre_proceedings'": "in force E08000026 pre_proc",
    "UPDATE in_force SET until = since WHERE return_name = 'pre_proceedings'": "in force E08000026",
    "UPDATE in_force SET since = '2020-01-01T00:00:00+00:00'": "in force E08000026",
    f"UPDATE submissions SET la_code = '{OTHER}' WHERE id = {PRE}": "submission ",
    "UPDATE submissions SET quarter = '2021-22Q4'": "submission ",
    "UPDATE submissions SET version = 9": "submission ",
    "UPDATE submissions SET state = 'held'": "submission ",
    "UPDATE submissions SET reason_words = 'Another reason.'": "submission ",
    "UPDATE submissions SET row_counts = '{}'": "submission ",
    "UPDATE submissions SET child_count = 99": "submission ",
    "UPDATE submissions SET query_count = query_count + 1": "submission ",
    "UPDATE submissions SET decided_at = received_at": "submission ",
    "UPDATE submissions SET answered = false": "submission ",
    "UPDATE submissions SET erased_from = 'somebody'": "submission ",
    f"UPDATE submissions SET rule_book_id = NULL WHERE id = {PRE}": "submission ",
    "UPDATE finding_counts SET count = 0": "submission ",
    "DELETE FROM finding_counts": "submission ",
    "UPDATE rule_books SET rules = '[]'": "rule book ",
    "UPDATE cut_submissions SET until_cut = 1": "cuts",
    f"DELETE FROM cut_submissions WHERE submission_id = {PRE}": "cut 1",
    "UPDATE cuts SET code_version = 'other'": "cut 1",
    "UPDATE cuts SET key_id = 'other'": "cut 1",
    "UPDATE cuts SET authorities = '[]'": "cut 1",
    "UPDATE cuts SET made_at = '2020-01-01T00:00:00+00:00'": "cut ",
    "UPDATE editions SET is_final = false WHERE name = 'final'": "edition final",
    "UPDATE editions SET made_at = '2020-01-01T00:00:00+00:00'": "edition draft",
    "DELETE FROM editions WHERE name = 'final'": "edition final",
    "UPDATE arrivals SET outcome = 'refused'": "arrivals E08000026",
    "DELETE FROM arrivals": "arrivals E08000026",
    "UPDATE submission_files SET size = size + 1": "submission ",
    "UPDATE submission_files SET name = 'other.csv'": "submission ",
    "UPDATE submission_files SET removed = true": "submission ",
    f"DELETE FROM submission_files WHERE submission_id = {PRE}": "submission ",
    f"DELETE FROM submission_states WHERE submission_id = {PRE}": "submission ",
    "UPDATE submission_states SET at = '2020-01-01T00:00:00+00:00'": "submission ",
    "UPDATE parts SET key_id = 'other'": "submission ",
    f"DELETE FROM parts WHERE submission_id = {PRE}": "submission ",
    "DELETE FROM tombstones": "tombstones E08000026",
    "UPDATE tombstones SET mark = 54321": "tombstones E08000026",
    "UPDATE facts SET value = 'E08000026' WHERE name = 'registered'": "fact registered",
    "INSERT INTO facts (name, value) VALUES ('planted', '1')": "fact planted",
    "UPDATE audit SET subject = 'altered' WHERE number = 7": "audit entry 7",
    "UPDATE audit SET detail = '{}' WHERE number = 8": "audit entry 8",
    "UPDATE audit SET detail = '[' WHERE number = 8": "audit entry 8",
    "DELETE FROM audit WHERE number = 9": "audit entry ",
    "DELETE FROM audit WHERE number > 9": "audit entry ",
    "DELETE FROM audit": "audit",
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_a_ledger_changed_by_other_hands_is_named(whole, statement):
    change(whole, statement)
    assert TAMPERED[statement] in verified(whole)


def test_what_counts_is_named_by_what_the_chain_says_and_what_the_ledger_says(whole):
    given = next(row.id for row in all_submissions(whole) if row.return_name == "pre_proceedings")
    change(whole, "UPDATE in_force SET until = since WHERE return_name = 'pre_proceedings'")
    words = " ".join(one.words for one in discrepancies(whole) if "in force" in one.subject)
    assert f"recorded {given}, found nothing" in words


def test_every_date_changed_together_with_its_hash_is_named(copy):
    path = part(copy, ACCEPTED)
    rows = pq.read_table(path)
    for place, field in enumerate(rows.schema):
        if pa.types.is_date(field.type):
            later = [day and day.replace(day=1) for day in rows.column(place).to_pylist()]
            rows = rows.set_column(place, field, pa.array(later, field.type))
    pq.write_table(rows, path)
    data, relative = path.read_bytes(), path.relative_to(copy.path)
    found = hashlib.sha256(data).hexdigest()
    change(
        copy, f"UPDATE parts SET sha256 = '{found}', size = {len(data)} WHERE path = '{relative}'"
    )
    assert path.stem in verified(copy)


def test_figures_of_a_final_edition_changed_together_with_its_hash_are_named(copy):
    from warehouse.cuts import stored_edition_files
    from warehouse.outbox import manifest_hash

    write_bytes(copy.editions / "final" / "data" / "figures.csv", b"a,2\n")
    found = manifest_hash(stored_edition_files(copy, "final"))
    change(copy, f"UPDATE editions SET sha256 = '{found}' WHERE name = 'final'")
    said = verified(copy)
    assert "edition final" in said
    assert "data/figures.csv" in said


def entry(root, action, subject, units):
    with writing(root) as connection:
        append(
            connection,
            actor="tester",
            run="test",
            action=action,
            subject=subject,
            counts={},
            detail={NOW: units},
        )


FIGURES = {"report.html": b"<p>8</p>", "data/figures.csv": b"a,2\n"}

LEGITIMISED = [
    ("answer", "UPDATE parts SET sha256 = 'other'", "which only `rotate` does"),
    ("load", "UPDATE parts SET size = 9", "which only `rotate` does"),
    ("answer", "UPDATE editions SET sha256 = 'other' WHERE name = 'final'", "edition is final"),
    ("publish", "UPDATE editions SET sha256 = 'other' WHERE name = 'final'", "edition is final"),
    ("retain", "DELETE FROM editions WHERE name = 'final'", "edition is final"),
    ("retain", f"UPDATE submissions SET la_code = '{OTHER}' WHERE id = {PRE}", "it changed submis"),
    ("answer", f"UPDATE submissions SET la_code = '{OTHER}' WHERE id = {PRE}", "It was received"),
    ("answer", "UPDATE in_force SET since = '2020-01-01'", "`reinstate`, `restate` does"),
    ("answer", "DELETE FROM in_force WHERE return_name = 'pre_proceedings'", "it removed in_force"),
    ("load", "DELETE FROM in_force WHERE return_name = 'pre_proceedings'", "nothing does"),
    ("cut", "UPDATE cuts SET code_version = 'other'", "it changed cut/"),
    ("answer", f"DELETE FROM cut_submissions WHERE submission_id = {PRE}", "`cut`, `retain` does"),
    ("answer", "DELETE FROM tombstones", "it removed tombstones/"),
    ("answer", "UPDATE arrivals SET outcome = 'refused'", "it changed arrivals/"),
    ("answer", "UPDATE facts SET value = 'E08000026' WHERE name = 'registered'", "changed fact/"),
    ("adopt", "UPDATE finding_counts SET count = 0", "it changed findings/"),
    ("planted", "UPDATE parts SET size = 9", "knows no such action"),
    ("rotate", "UPDATE parts SET size = 9", "parts, and no key with them"),
    (
        "rotate",
        f"UPDATE parts SET size = 9 WHERE submission_id = {PRE}",
        "parts, and no key with them",
    ),
]


@pytest.mark.parametrize(("action", "statement", "words"), LEGITIMISED)
def test_an_appended_entry_makes_no_change_legitimate(whole, action, statement, words):
    with writing(whole) as connection, changed_units(connection, WHOLE_LEDGER) as changed:
        assert connection.execute(text(statement)).rowcount > 0
    entry(whole, action, "x", changed)
    assert words in verified(whole)


def test_a_change_of_key_that_leaves_parts_as_they_were_is_named(whole):
    with writing(whole) as connection, changed_units(connection, WHOLE_LEDGER) as changed:
        connection.execute(text(f"UPDATE parts SET size = 9 WHERE submission_id = {PRE}"))
        connection.execute(text("UPDATE facts SET value = 'other' WHERE name = 'key_id'"))
    entry(whole, "rotate", "pseudonym key changed", changed)
    assert "parts and the key, and left " in verified(whole)


@pytest.mark.parametrize("kind", ["draft", "final"])
def test_files_of_a_final_edition_are_not_published_again(copy, kind):
    write_bytes(copy.editions / "final" / "data" / "figures.csv", FIGURES["data/figures.csv"])
    units = {"published/final": file_digests(FIGURES)}
    entry(copy, "publish", f"edition final of cut 1 {kind}", units)
    assert "it changed published/final, and the edition is final" in verified(copy)


def test_an_older_ledger_is_not_recorded_a_second_time(copy):
    entry(copy, ADOPT, "fact", {"fact/first": "1"})
    entry(copy, "settings", "settings.toml", {})
    entry(copy, ADOPT, "fact", {"fact/second": "2"})
    said = verified(copy)
    assert "it first recorded fact/second, which only `fact` does" in said
    assert "it first recorded fact/first" not in said


SCHEMA = {
    "CREATE VIEW planted AS SELECT 1": "DROP VIEW planted",
    "CREATE TABLE planted (a INTEGER)": "DROP TABLE planted",
    "CREATE INDEX planted ON parts (path)": "DROP INDEX planted",
    "ALTER TABLE parts ADD COLUMN planted INTEGER": "ALTER TABLE parts DROP COLUMN planted",
}
ACTING = {
    "sqlite": (
        ("CREATE TRIGGER planted AFTER INSERT ON parts BEGIN UPDATE parts SET size = 0; END",),
        ("DROP TRIGGER planted",),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER planted BEFORE INSERT ON parts EXECUTE FUNCTION planted()",
            "CREATE RULE ruled AS ON DELETE TO parts DO INSTEAD NOTHING",
        ),
        ("DROP TRIGGER planted ON parts", "DROP FUNCTION planted", "DROP RULE ruled ON parts"),
    ),
}


def done(root, statements):
    with writing(root) as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("statement", SCHEMA)
def test_what_was_added_to_the_schema_is_named(whole, statement):
    done(whole, [statement])
    said = verified(whole)
    done(whole, [SCHEMA[statement]])
    assert "ledger schema" in said
    assert "planted" in said
    assert discrepancies(whole) == []


def test_what_acts_by_itself_in_the_ledger_is_named(whole):
    with writing(whole) as connection:
        made, undone = ACTING[connection.dialect.name]
    done(whole, made)
    said = verified(whole)
    done(whole, undone)
    assert "trigger planted" in said
    assert ("rule ruled" in said) is ("rule" in " ".join(made).lower())
    assert discrepancies(whole) == []


@pytest.mark.parametrize("data", [b"", b"short"])
@pytest.mark.parametrize("name", ["key_file", "storage_key_file", "tombstone_key_file"])
def test_a_key_that_is_none_is_named_along_with_all_else(copy, name, data):
    path = getattr(copy, name)
    path.chmod(0o600)
    path.write_bytes(data)
    change(copy, "UPDATE parts SET key_id = 'other'")
    said = verified(copy)
    assert "is not a key (needs 32 bytes" in said
    assert "not what the audit chain recorded" in said


def pack(root):
    given = next(row for row in all_submissions(root) if row.return_name == "pre_proceedings")
    return pack_folder(root, given)


def altered(path):
    write_bytes(path, path.read_bytes() + b" ")


def alter_a_pack(root):
    altered(sorted(pack(root).iterdir())[0])


def move_a_pack(root):
    place = root.outbox / OTHER / pack(root).parent.name / pack(root).name
    place.parent.mkdir(parents=True)
    pack(root).rename(place)


ON_DISK = {
    "pack altered": (alter_a_pack, "outbox/E08000026"),
    "file added to a pack": (lambda root: write_bytes(pack(root) / "x", b"x"), "outbox/E08000026"),
    "pack removed": (lambda root: shutil.rmtree(pack(root)), "outbox/E08000026"),
    "pack moved": (move_a_pack, "outbox/E08000031"),
    "file in the outbox": (lambda root: write_bytes(root.outbox / "x.html", b"x"), "outbox/x.html"),
    "settings": (lambda root: altered(root.settings_file), "run `sfp init` to record it"),
    "settings are a link": (lambda root: linked(root.settings_file), "settings.toml"),
    "prices put there": (lambda root: write_bytes(root.prices_file, b"{}"), "run `sfp refresh`"),
    "published file is a link": (
        lambda root: linked(root.editions / "draft" / "report.html"),
        "editions/draft",
    ),
    "edition is a link": (lambda root: linked(root.editions / "final"), "editions/final"),
    "link added to an edition": (
        lambda root: (root.editions / "final" / "more").symlink_to("/etc"),
        "editions/final",
    ),
    "pipe added to an edition": (
        lambda root: os.mkfifo(root.editions / "final" / "pipe"),
        "editions/final",
    ),
    "empty folder added to an edition": (
        lambda root: (root.editions / "final" / "empty").mkdir(),
        "editions/final",
    ),
    "Parquet file is a link": (lambda root: linked(part(root, ACCEPTED)), "warehouse/"),
    "drop folder away": (lambda root: shutil.rmtree(root.drop), "DROP_FOLDER_UNAVAILABLE"),
    "restricted file": (
        lambda root: altered(root.restricted / "final" / "disclosure.csv"),
        "restricted/final",
    ),
    "published file removed": (
        lambda root: (root.editions / "draft" / "report.html").unlink(),
        "editions/draft",
    ),
    "edition added": (
        lambda root: write_bytes(root.editions / "planted" / "report.html", b"9"),
        "editions/planted",
    ),
    "restricted folder removed": (
        lambda root: shutil.rmtree(root.restricted / "final"),
        "restricted/final",
    ),
    "kept result": (lambda root: flipped(next(root.cache.rglob("*.parquet"))), "cache/authority/0"),
    "kept result renamed": (
        lambda root: next(root.cache.rglob("*.parquet")).rename(root.cache / "1.parquet"),
        "cache/1.parquet",
    ),
}


def linked(path):
    """Put a link to the same content in a file's or a folder's place."""
    elsewhere = path.parent.parent / f"elsewhere-{path.name}"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def flipped(path):
    data = path.read_bytes()
    write_bytes(path, bytes([*data[:40], data[40] ^ 1, *data[41:]]))


@pytest.mark.parametrize("name", ON_DISK)
def test_files_changed_by_other_hands_are_named(copy, name):
    alter, subject = ON_DISK[name]
    alter(copy)
    assert subject in verified(copy)


def test_an_altered_result_is_not_used(copy):
    assert read_cached(copy, "authority", "0", ["outcomes"])["outcomes"]["value"].tolist() == [1, 2]
    flipped(next(copy.cache.rglob("*.parquet")))
    assert read_cached(copy, "authority", "0", ["outcomes"]) == {}


def test_settings_that_were_meant_are_recorded_by_init_and_only_once(copy):
    copy.settings_file.write_text(copy.settings_file.read_text().replace("= 0.0", "= 5.0"))
    assert "settings.toml" in verified(copy)
    set_up(copy)
    assert discrepancies(copy) == []
    before = len(rows_of(copy)["audit"])
    set_up(copy)
    assert len(rows_of(copy)["audit"]) == before


def test_prices_are_recorded_by_the_cut_made_with_them_also_when_they_are_taken_away(copy):
    for data in (b"{}", b"{ }", b"{}"):
        copy.prices_file.write_bytes(data)
        assert "prices.yaml" in verified(copy)
        make_cut(copy, ACTOR)
        assert discrepancies(copy) == []
    copy.prices_file.unlink()
    assert "run `sfp refresh`" in verified(copy)
    make_cut(copy, ACTOR)
    before = len(rows_of(copy)["audit"])
    make_cut(copy, ACTOR)
    assert discrepancies(copy) == []
    assert len(rows_of(copy)["audit"]) == before


def older(root, url):
    """Make the ledger at `url` one of revision 0003 that holds what the root's ledger holds."""
    old = create_engine(url)
    upgrade(old, "0003")
    known = MetaData()
    known.reflect(old)
    rows = rows_of(root)
    rows["cut_submissions"] = [
        {"cut_id": cut["id"], "submission_id": held["submission_id"]}
        for cut in rows["cuts"]
        for held in rows["cut_submissions"]
    ]
    rows["audit"], rows["finding_counts"] = entries_of_then(rows["audit"]), []
    rows["facts"] = [row for row in rows["facts"] if row["name"] not in ("audit_head",)]
    with old.begin() as connection:
        for table in known.sorted_tables:
            names = set(table.columns.keys())
            for row in rows.get(table.name, ()):
                connection.execute(
                    insert(table).values({k: v for k, v in row.items() if k in names})
                )
    old.dispose()


def entries_of_then(rows):
    """Return the entries that the chain had before it held details, sealed as then."""
    kept, previous = [], FIRST
    for row in rows:
        if row["action"] in ("receive", "check", "load", "cut", "publish", "erase"):
            entry = row | {"number": len(kept) + 1, "previous": previous, "detail": "{}"}
            previous = seal(entry)
            kept.append(entry | {"sha256": previous})
    return kept


@pytest.mark.parametrize("database", DATABASES)
def test_an_older_ledger_is_recorded_once_by_init(once, request, tmp_path, database):
    root = Root.at(tmp_path / "root")
    shutil.copytree(once.path, root.path)
    for path in root.heads.iterdir():
        path.unlink()
    url = request.getfixturevalue("postgres_ledger") if database == "postgresql" else ""
    for path in root.path.glob("ledger.sqlite*"):
        path.unlink()
    older(once, url or f"sqlite:///{root.path / 'ledger.sqlite'}")
    if url:
        settings = root.settings_file.read_text()
        root.settings_file.write_text(settings.replace('ledger_url = ""', f'ledger_url = "{url}"'))
    assert "Run `sfp init` to record it" in verified(root)
    set_up(root)
    leave_head(root)
    assert discrepancies(root) == []
    assert ADOPT not in {row["name"] for row in rows_of(root)["facts"]}
    change(root, "DELETE FROM in_force")
    assert "in force" in verified(root)
    set_up(root)
    assert "in force" in verified(root)
