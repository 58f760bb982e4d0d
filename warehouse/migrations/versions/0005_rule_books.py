"""What is the same for many submissions, or many cuts, is kept once.

Counts of rules become rule books and the counts that are a submission's own; cuts become what each
took in and let go. The tables that shrink are made again and the old ones dropped, so that
PostgreSQL gives the room back by itself; on SQLite the program does so after the upgrade.
"""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OWN = "(count <> 0 OR status IN ('failed', 'could not run'))"
"""True of a count that is its submission's own: the rule was broken, or could not be judged."""

_AS_IF_HELD = (
    f"position, code, table_name, CASE WHEN {_OWN} THEN 'passed' ELSE status END, "
    f"CASE WHEN {_OWN} THEN '' ELSE reason END"
)
"""A rule as a book has it, led by its place: no database promises an order within an aggregate."""

_LIST = {
    "sqlite": f"json_group_array(json_array({_AS_IF_HELD}))",
    "postgresql": f"CAST(json_agg(json_build_array({_AS_IF_HELD})) AS text)",
}
_KEY = {"sqlite": "{}", "postgresql": "md5({})"}
"""What tells lists apart: long texts themselves are slow to look up in PostgreSQL."""

_LISTS = (
    "SELECT submission_id, {list} AS rules FROM finding_counts {which} GROUP BY submission_id "
    f"HAVING sum(CASE WHEN {_OWN} THEN 0 ELSE 1 END) > 0"
)

_DIFFERENCES = """
    CREATE TABLE kept_differences AS
    WITH placed AS (
        SELECT id, number, row_number() OVER (ORDER BY number) AS place FROM cuts
    ),
    held AS (
        SELECT submission_id, number, place, place - row_number() OVER (
            PARTITION BY submission_id ORDER BY place
        ) AS stretch
        FROM cut_submissions JOIN placed ON placed.id = cut_submissions.cut_id
    ),
    stretches AS (
        SELECT submission_id, min(number) AS since_cut, max(place) AS last_place
        FROM held GROUP BY submission_id, stretch
    )
    SELECT submission_id, since_cut, number AS until_cut
    FROM stretches LEFT JOIN placed ON placed.place = stretches.last_place + 1
"""
"""A submission is in a stretch of cuts that follow each other, or in several such stretches."""


def upgrade() -> None:
    """Carry every count into books and every cut into differences, in sets."""
    _make_books()
    _keep_own_counts()
    _keep_differences()


def _make_books() -> None:
    op.create_table(
        "rule_books",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_books")),
    )
    with op.batch_alter_table("submissions") as submissions:
        submissions.add_column(sa.Column("rule_book_id", sa.String(32)))
        submissions.create_foreign_key(
            op.f("fk_submissions_rule_book_id_rule_books"), "rule_books", ["rule_book_id"], ["id"]
        )
    op.create_table("listed", sa.Column("name", sa.Text()), sa.Column("book_id", sa.String(32)))
    op.create_index("ix_listed", "listed", ["name"])
    _list_books()
    _name_books()
    op.drop_table("listed")


def _lists(which: str) -> str:
    return _LISTS.format(list=_LIST[op.get_bind().dialect.name], which=which)


def _key() -> str:
    return _KEY[op.get_bind().dialect.name].format("rules")


def _list_books() -> None:
    """Keep every list of rules once; there are as many as there are ways to be judged."""
    connection, made = op.get_bind(), set()
    distinct = f"SELECT {_key()} AS name, min(rules) FROM ({_lists('')}) AS lists GROUP BY name"
    for name, found in connection.execute(sa.text(distinct)).all():
        rules = json.dumps(
            [rule[1:] for rule in sorted(json.loads(found))],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        book = {"id": hashlib.sha256(rules.encode()).hexdigest()[:32], "rules": rules}
        if book["id"] not in made:
            connection.execute(sa.text("INSERT INTO rule_books VALUES (:id, :rules)"), book)
            made.add(book["id"])
        row = {"name": name, "book_id": book["id"]}
        connection.execute(sa.text("INSERT INTO listed VALUES (:name, :book_id)"), row)


def _name_books() -> None:
    mine = _lists("WHERE submission_id = submissions.id")
    op.execute(
        "UPDATE submissions SET rule_book_id = (SELECT book_id FROM listed WHERE name = "
        f"(SELECT {_key()} FROM ({mine}) AS mine))"
    )


def _keep_own_counts() -> None:
    names = "submission_id, position, code, table_name, status, count, reason"
    op.execute(f"CREATE TABLE kept_counts AS SELECT {names} FROM finding_counts WHERE {_OWN}")
    op.drop_table("finding_counts")
    op.create_table(
        "finding_counts",
        sa.Column("submission_id", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_finding_counts_submission_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "position", name=op.f("pk_finding_counts")),
    )
    op.execute(f"INSERT INTO finding_counts ({names}) SELECT {names} FROM kept_counts")
    op.drop_table("kept_counts")


def _keep_differences() -> None:
    op.execute(_DIFFERENCES)
    op.drop_table("cut_submissions")
    op.create_table(
        "cut_submissions",
        sa.Column("submission_id", sa.String(16), nullable=False),
        sa.Column("since_cut", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until_cut", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_cut_submissions_submission_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "since_cut", name=op.f("pk_cut_submissions")),
    )
    names = "submission_id, since_cut, until_cut"
    op.execute(f"INSERT INTO cut_submissions ({names}) SELECT {names} FROM kept_differences")
    op.drop_table("kept_differences")
