"""The schema of a ledger: every column, key and index as the migrations make it."""

import sqlite3

import pytest
from sqlalchemy import text

from tests.support.promised import HOME
from warehouse.database import writing
from warehouse.ledger_schema import schema_discrepancies

ON_SQLITE = {
    "path TEXT NOT NULL": ("path BLOB NOT NULL", "column parts.path BLOB not null"),
    "size BIGINT NOT NULL": ("size BIGINT", "column parts.size BIGINT default"),
    "DEFAULT 'accepted'": ("DEFAULT 'planted'", "default 'planted'"),
    "FOREIGN KEY(submission_id) REFERENCES submissions (id)": (
        "CHECK (0 < 1)",
        "foreign key parts (submission_id) to submissions (id)",
    ),
    "PRIMARY KEY (submission_id, kind, table_name)": (
        "PRIMARY KEY (submission_id, kind, table_name, path)",
        "primary key parts (kind, path, submission_id, table_name)",
    ),
}
"""What stands in the making of `parts`, what stands there instead, and what is said of it."""
ON_POSTGRES = {
    "ALTER TABLE parts ALTER COLUMN path TYPE VARCHAR(7)": "column parts.path VARCHAR(7)",
    "ALTER TABLE parts ALTER COLUMN size DROP NOT NULL": "column parts.size BIGINT default",
    "ALTER TABLE parts ALTER COLUMN kind SET DEFAULT 'planted'": "default 'planted'",
    "ALTER TABLE audit ALTER COLUMN detail DROP DEFAULT": "column audit.detail TEXT not null "
    "default 'none'",
    "ALTER TABLE parts DROP CONSTRAINT fk_parts_submission_id_submissions": "foreign key parts "
    "(submission_id) to submissions (id)",
    "ALTER TABLE parts DROP CONSTRAINT pk_parts": "primary key parts ()",
    "ALTER TABLE parts ADD CHECK (size > 0)": "check parts",
}


def said(root):
    return " ".join(one.words for one in schema_discrepancies(root))


def test_a_ledger_as_it_is_made_is_of_the_program(any_ledger_root):
    assert list(schema_discrepancies(any_ledger_root)) == []


@pytest.mark.parametrize("made", ON_SQLITE)
def test_a_column_or_key_altered_in_a_file_is_named(root, made):
    instead, words = ON_SQLITE[made]
    altered_file(root, made, instead)
    assert words in said(root)


def altered_file(root, made, instead):
    """Write another declaration of `parts` into the file, as an editor of bytes would."""
    with sqlite3.connect(root.path / "ledger.sqlite") as ledger:
        (before,) = ledger.execute("SELECT sql FROM sqlite_master WHERE name = 'parts'").fetchone()
        assert made in before
        ledger.execute("PRAGMA writable_schema = ON")
        change = "UPDATE sqlite_master SET sql = ? WHERE name = 'parts'"
        ledger.execute(change, (before.replace(made, instead),))
    ledger.close()


@pytest.mark.postgres
@pytest.mark.parametrize("any_ledger_root", ["postgresql"], indirect=True)
def test_a_column_or_key_altered_in_a_database_is_named(any_ledger_root):
    for statement, words in ON_POSTGRES.items():
        with writing(any_ledger_root) as connection:
            connection.execute(text(statement))
        assert words in said(any_ledger_root), statement


def test_an_index_that_no_longer_keeps_rows_apart_is_named(any_ledger_root):
    with writing(any_ledger_root) as connection:
        connection.execute(text("DROP INDEX uq_in_force_now"))
        connection.execute(text("CREATE INDEX uq_in_force_now ON in_force (la_code)"))
    assert "unique index uq_in_force_now" in said(any_ledger_root)
    assert "index uq_in_force_now (la_code)" in said(any_ledger_root)


@pytest.mark.postgres
def test_policies_of_the_production_host_are_of_the_program_and_no_others(any_ledger_root):
    if any_ledger_root.ledger_url.startswith("sqlite"):
        pytest.skip("rows have policies on PostgreSQL alone")
    made = (HOME / "deploy" / "ledger-rights.sql").read_text("utf-8").splitlines()
    policies = [line.replace(' TO "sfp-publish"', "") for line in made if "CREATE POLICY" in line]
    with writing(any_ledger_root) as connection:
        for policy in policies:
            connection.execute(text(policy))
    assert len(policies) == 3
    assert said(any_ledger_root) == ""
    with writing(any_ledger_root) as connection:
        connection.execute(text("ALTER POLICY read_all ON facts USING (name <> 'audit_head')"))
    assert "row policy read_all" in said(any_ledger_root)
