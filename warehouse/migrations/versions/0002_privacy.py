"""What lies beside the accepted rows, what was erased, and the key each file was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table of tombstones."""
    with op.batch_alter_table("parts") as parts:
        parts.add_column(
            sa.Column("kind", sa.String(16), nullable=False, server_default="accepted")
        )
        parts.add_column(sa.Column("key_id", sa.String(16), nullable=False, server_default=""))
        parts.drop_constraint("pk_parts", type_="primary")
        parts.create_primary_key("pk_parts", ["submission_id", "kind", "table_name"])
    op.execute(
        "UPDATE parts SET key_id = coalesce((SELECT value FROM facts WHERE name = 'key_id'), '')"
    )
    op.add_column(
        "submission_files",
        sa.Column("left_out", sa.Integer(), nullable=False, server_default="0"),
    )
    for name in ("erased", "removed"):
        op.add_column(
            "submission_files",
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false")),
        )
    op.add_column("submissions", sa.Column("erased_from", sa.String(16), nullable=True))
    op.create_table(
        "tombstones",
        sa.Column("la_code", sa.String(9), nullable=False),
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("erased_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("la_code", "mark", name=op.f("pk_tombstones")),
    )
