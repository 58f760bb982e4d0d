"""An entry of the audit chain says what was done, in values that can be compared."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; entries made before keep their seal, because they have no detail.

    A ledger that holds anything is noted as one whose chain has yet to record what stands: the
    next `sfp init` does that once (warehouse/adoption.py).
    """
    op.add_column("audit", sa.Column("detail", sa.Text(), nullable=False, server_default="{}"))
    op.execute(
        "INSERT INTO facts (name, value) "
        "SELECT 'adopt', '0003' WHERE EXISTS (SELECT 1 FROM facts) OR EXISTS (SELECT 1 FROM audit)"
    )
