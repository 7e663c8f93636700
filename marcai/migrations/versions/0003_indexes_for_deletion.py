"""Indexes with which rows whose time is over are found."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.create_index(op.f('ix_audit_records_at'), 'audit_records', ['at'], unique=False)
    op.create_index(op.f('ix_conversation_snapshots_updated_at'), 'conversation_snapshots', ['updated_at'], unique=False)
    op.create_index('ix_customers_silent', 'customers', ['last_seen_at'], unique=False, postgresql_where=sa.text('erased_at IS NULL'))
    op.create_index(op.f('ix_handoffs_customer_id'), 'handoffs', ['customer_id'], unique=False)
    op.create_index('ix_handoffs_to_forget', 'handoffs', ['closed_at'], unique=False, postgresql_where=sa.text('context IS NOT NULL'))
    op.create_index(op.f('ix_lanes_last_inbound_at'), 'lanes', ['last_inbound_at'], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index(op.f('ix_lanes_last_inbound_at'), table_name='lanes')
    op.drop_index('ix_handoffs_to_forget', table_name='handoffs', postgresql_where=sa.text('context IS NOT NULL'))
    op.drop_index(op.f('ix_handoffs_customer_id'), table_name='handoffs')
    op.drop_index('ix_customers_silent', table_name='customers', postgresql_where=sa.text('erased_at IS NULL'))
    op.drop_index(op.f('ix_conversation_snapshots_updated_at'), table_name='conversation_snapshots')
    op.drop_index(op.f('ix_audit_records_at'), table_name='audit_records')
