"""What an authority claims with a submission: marks of its children, comparable across authorities.

Submissions from before have none: what counts of them gets its own from landing, by the next run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "claims",
        sa.Column("submission_id", sa.String(16), nullable=False),
        sa.Column("basis", sa.String(8), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_claims_submission_id_submissions"
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_claims"),
    )
