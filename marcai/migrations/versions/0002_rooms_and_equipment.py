"""Rooms and equipment: the units of resources, which services need them, and when a unit is off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.create_table('resource_units',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.CheckConstraint("kind IN ('room', 'equipment')", name=op.f('ck_resource_units_kind')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_resource_units_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resource_units')),
    sa.UniqueConstraint('tenant_id', 'code', 'number', name=op.f('uq_resource_units_tenant_id_code_number'))
    )
    op.add_column('services', sa.Column('needs', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False))
    op.add_column('time_off', sa.Column('unit_id', postgresql.UUID(as_uuid=True), nullable=True))
    op.create_foreign_key(op.f('fk_time_off_unit_id'), 'time_off', 'resource_units', ['unit_id'], ['id'])
    op.create_check_constraint(op.f('ck_time_off_of_one'), 'time_off', 'staff_id IS NULL OR unit_id IS NULL')


def downgrade() -> None:
    """Takes it back."""
    op.execute('DELETE FROM allocations WHERE resource_id IN (SELECT id FROM resource_units)')
    op.execute('DELETE FROM time_off WHERE unit_id IS NOT NULL')  # it would close the whole establishment
    op.drop_constraint(op.f('ck_time_off_of_one'), 'time_off', type_='check')
    op.drop_constraint(op.f('fk_time_off_unit_id'), 'time_off', type_='foreignkey')
    op.drop_column('time_off', 'unit_id')
    op.drop_column('services', 'needs')
    op.drop_table('resource_units')
