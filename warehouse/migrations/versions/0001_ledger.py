"""The ledger as it began."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table('arrivals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('la_code', sa.String(length=9), nullable=False),
    sa.Column('quarter', sa.String(length=9), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('identity', sa.String(length=80), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('size', sa.BigInteger(), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=40), server_default='', nullable=False),
    sa.Column('submission_id', sa.String(length=16), nullable=True),
    sa.Column('seen_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_arrivals')),
    sa.UniqueConstraint('la_code', 'quarter', 'name', 'identity', name=op.f('uq_arrivals_la_code_quarter_name_identity'))
    )
    op.create_table('audit',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('run', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('counts', sa.Text(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit'))
    )
    op.create_table('cuts',
    sa.Column('id', sa.String(length=16), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.String(length=32), nullable=False),
    sa.Column('code_version', sa.String(length=64), nullable=False),
    sa.Column('config_hash', sa.String(length=64), nullable=False),
    sa.Column('key_id', sa.String(length=16), nullable=False),
    sa.Column('authorities', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cuts')),
    sa.UniqueConstraint('number', name=op.f('uq_cuts_number'))
    )
    op.create_table('facts',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_facts'))
    )
    op.create_table('submissions',
    sa.Column('id', sa.String(length=16), nullable=False),
    sa.Column('la_code', sa.String(length=9), nullable=False),
    sa.Column('return_name', sa.String(length=40), nullable=False),
    sa.Column('quarter', sa.String(length=9), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('reason_code', sa.String(length=40), server_default='', nullable=False),
    sa.Column('reason_words', sa.Text(), server_default='', nullable=False),
    sa.Column('received_at', sa.String(length=32), nullable=False),
    sa.Column('decided_at', sa.String(length=32), nullable=True),
    sa.Column('child_count', sa.Integer(), nullable=True),
    sa.Column('row_counts', sa.Text(), server_default='{}', nullable=False),
    sa.Column('error_count', sa.Integer(), server_default='0', nullable=False),
    sa.Column('query_count', sa.Integer(), server_default='0', nullable=False),
    sa.Column('answered', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submissions')),
    sa.UniqueConstraint('la_code', 'return_name', 'quarter', 'version', name=op.f('uq_submissions_la_code_return_name_quarter_version'))
    )
    op.create_table('cut_submissions',
    sa.Column('cut_id', sa.String(length=16), nullable=False),
    sa.Column('submission_id', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['cut_id'], ['cuts.id'], name=op.f('fk_cut_submissions_cut_id_cuts')),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_cut_submissions_submission_id_submissions')),
    sa.PrimaryKeyConstraint('cut_id', 'submission_id', name=op.f('pk_cut_submissions'))
    )
    op.create_table('editions',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('cut_id', sa.String(length=16), nullable=False),
    sa.Column('is_final', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.String(length=32), nullable=False),
    sa.Column('folder', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['cut_id'], ['cuts.id'], name=op.f('fk_editions_cut_id_cuts')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_editions'))
    )
    op.create_table('finding_counts',
    sa.Column('submission_id', sa.String(length=16), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('table_name', sa.String(length=40), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_finding_counts_submission_id_submissions')),
    sa.PrimaryKeyConstraint('submission_id', 'position', name=op.f('pk_finding_counts'))
    )
    op.create_table('in_force',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('la_code', sa.String(length=9), nullable=False),
    sa.Column('return_name', sa.String(length=40), nullable=False),
    sa.Column('quarter', sa.String(length=9), nullable=False),
    sa.Column('submission_id', sa.String(length=16), nullable=False),
    sa.Column('since', sa.String(length=32), nullable=False),
    sa.Column('until', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_in_force_submission_id_submissions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_in_force'))
    )
    op.create_index('uq_in_force_now', 'in_force', ['la_code', 'return_name', 'quarter'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
    op.create_table('parts',
    sa.Column('submission_id', sa.String(length=16), nullable=False),
    sa.Column('table_name', sa.String(length=40), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('row_count', sa.Integer(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_parts_submission_id_submissions')),
    sa.PrimaryKeyConstraint('submission_id', 'table_name', name=op.f('pk_parts')),
    sa.UniqueConstraint('path', name=op.f('uq_parts_path'))
    )
    op.create_table('submission_files',
    sa.Column('submission_id', sa.String(length=16), nullable=False),
    sa.Column('part', sa.String(length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('carried_from', sa.String(length=16), nullable=True),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_submission_files_submission_id_submissions')),
    sa.PrimaryKeyConstraint('submission_id', 'part', 'position', name=op.f('pk_submission_files'))
    )
    op.create_index(op.f('ix_submission_files_sha256'), 'submission_files', ['sha256'], unique=False)
    op.create_table('submission_states',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('submission_id', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.Column('run', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['submissions.id'], name=op.f('fk_submission_states_submission_id_submissions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submission_states'))
    )
    op.create_index(op.f('ix_submission_states_submission_id'), 'submission_states', ['submission_id'], unique=False)
