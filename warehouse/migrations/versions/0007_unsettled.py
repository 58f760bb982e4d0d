"""A cut also names what was sent last for a quarter and does not count: refused, or held.

Cuts made before name none: what had been refused or was held at their time is not known any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; empty is what counts, so that no row and no seal changes."""
    state = sa.Column("state", sa.String(30), nullable=False, server_default="")
    reason_code = sa.Column("reason_code", sa.Text(), nullable=False, server_default="")
    op.add_column("cut_submissions", state)
    op.add_column("cut_submissions", reason_code)
