"""Rule codes and the names of people and runs have no length of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN: dict[str, dict[str, tuple[int, str | None]]] = {
    "arrivals": {"code": (40, "")},
    "submissions": {"reason_code": (40, "")},
    "submission_states": {"run": (64, None)},
    "finding_counts": {"code": (40, None)},
    "audit": {"actor": (64, None), "run": (64, None)},
}


def upgrade() -> None:
    """Let the columns hold text of any length; PostgreSQL refused codes that SQLite took."""
    for table, columns in _OPEN.items():
        with op.batch_alter_table(table) as changed:
            for name, (length, default) in columns.items():
                changed.alter_column(
                    name,
                    existing_type=sa.String(length),
                    type_=sa.Text(),
                    existing_nullable=False,
                    existing_server_default=default,
                )
