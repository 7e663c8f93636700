"""The schema as the project began."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")  # for the guarantee against double booking
    op.create_table('conversation_events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('sender_id', sa.Text(), nullable=False),
    sa.Column('type_name', sa.Text(), nullable=False),
    sa.Column('timestamp', sa.DateTime(timezone=True), nullable=False),
    sa.Column('intent_name', sa.Text(), nullable=True),
    sa.Column('action_name', sa.Text(), nullable=True),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation_events'))
    )
    op.create_index(op.f('ix_conversation_events_sender_id_id'), 'conversation_events', ['sender_id', 'id'], unique=False)
    op.create_index(op.f('ix_conversation_events_timestamp'), 'conversation_events', ['timestamp'], unique=False)
    op.create_table('conversation_snapshots',
    sa.Column('sender_id', sa.Text(), nullable=False),
    sa.Column('last_message_id', sa.Text(), nullable=True),
    sa.Column('events', sa.LargeBinary(), nullable=False),
    sa.Column('question', sa.Text(), nullable=True),
    sa.Column('intent', sa.Text(), nullable=True),
    sa.Column('nudged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('sender_id', name=op.f('pk_conversation_snapshots'))
    )
    op.create_index('ix_conversation_snapshots_open', 'conversation_snapshots', ['updated_at'], unique=False, postgresql_where=sa.text('question IS NOT NULL'))
    op.create_table('delivery_statuses',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('wamid_key', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('error_code', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_statuses')),
    sa.UniqueConstraint('wamid_key', 'status', name=op.f('uq_delivery_statuses_wamid_key_status'))
    )
    op.create_index(op.f('ix_delivery_statuses_received_at'), 'delivery_statuses', ['received_at'], unique=False)
    op.create_table('event_outbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('event_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('relayed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_outbox')),
    sa.UniqueConstraint('event_id', name=op.f('uq_event_outbox_event_id'))
    )
    op.create_index(op.f('ix_event_outbox_relayed_at'), 'event_outbox', ['relayed_at'], unique=False)
    op.create_index('ix_event_outbox_waiting', 'event_outbox', ['id'], unique=False, postgresql_where=sa.text('relayed_at IS NULL'))
    op.create_table('idempotent_requests',
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('key_index', sa.LargeBinary(), nullable=False),
    sa.Column('content_index', sa.LargeBinary(), nullable=False),
    sa.Column('subject_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('worker_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'key_index', name=op.f('pk_idempotent_requests'))
    )
    op.create_index(op.f('ix_idempotent_requests_created_at'), 'idempotent_requests', ['created_at'], unique=False)
    op.create_table('tenants',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('timezone', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), server_default='pt_BR', nullable=False),
    sa.Column('currency', sa.Text(), server_default='BRL', nullable=False),
    sa.Column('phone_number_id', sa.Text(), nullable=False),
    sa.Column('display_phone_number', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('business_hours_note', sa.Text(), nullable=True),
    sa.Column('holidays', sa.Text(), nullable=True),
    sa.Column('policy', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenants')),
    sa.UniqueConstraint('phone_number_id', name=op.f('uq_tenants_phone_number_id')),
    sa.UniqueConstraint('slug', name=op.f('uq_tenants_slug'))
    )
    op.create_table('abandonments',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('conversation', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('session_started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('flow', sa.Text(), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('last_intent', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason IN ('timeout', 'stop', 'fallback', 'handoff', 'lost_window')", name=op.f('ck_abandonments_reason')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_abandonments_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_abandonments')),
    sa.UniqueConstraint('conversation', 'session_started_at', name=op.f('uq_abandonments_conversation_session_started_at'))
    )
    op.create_index(op.f('ix_abandonments_tenant_id_session_started_at'), 'abandonments', ['tenant_id', 'session_started_at'], unique=False)
    op.create_table('attendants',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), server_default='attendant', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('paused', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('password_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('attendant', 'manager')", name=op.f('ck_attendants_role')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_attendants_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendants')),
    sa.UniqueConstraint('tenant_id', 'login', name=op.f('uq_attendants_tenant_id_login'))
    )
    op.create_table('audit_records',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_audit_records_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_records'))
    )
    op.create_index(op.f('ix_audit_records_tenant_id_customer_id_at'), 'audit_records', ['tenant_id', 'customer_id', 'at'], unique=False)
    op.create_table('canned_replies',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), server_default='0', nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_canned_replies_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_replies'))
    )
    op.create_index(op.f('ix_canned_replies_tenant_id_position'), 'canned_replies', ['tenant_id', 'position'], unique=False)
    op.create_table('customers',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('user_id', sa.LargeBinary(), nullable=True),
    sa.Column('user_index', sa.LargeBinary(), nullable=True),
    sa.Column('reply_to', sa.LargeBinary(), nullable=True),
    sa.Column('name', sa.LargeBinary(), nullable=True),
    sa.Column('consent_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opted_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('visits', sa.Integer(), server_default='0', nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_customers_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customers')),
    sa.UniqueConstraint('tenant_id', 'phone_index', name=op.f('uq_customers_tenant_id_phone_index')),
    sa.UniqueConstraint('tenant_id', 'user_index', name=op.f('uq_customers_tenant_id_user_index'))
    )
    op.create_table('dialogue_turns',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('conversation', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('session_started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('turn_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('intent', sa.Text(), nullable=True),
    sa.Column('action', sa.Text(), nullable=True),
    sa.Column('asked', sa.Text(), nullable=True),
    sa.Column('flow', sa.Text(), nullable=True),
    sa.Column('step', sa.Text(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('miss', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('guess', sa.Text(), nullable=True),
    sa.Column('confidence', sa.Float(), nullable=True),
    sa.Column('rival', sa.Text(), nullable=True),
    sa.Column('latest', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint("outcome IN ('open', 'booked', 'stop')", name=op.f('ck_dialogue_turns_outcome')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_dialogue_turns_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dialogue_turns'))
    )
    op.create_index(op.f('ix_dialogue_turns_conversation_session_started_at'), 'dialogue_turns', ['conversation', 'session_started_at'], unique=False)
    op.create_index('ix_dialogue_turns_latest', 'dialogue_turns', ['conversation'], unique=False, postgresql_where=sa.text('latest'))
    op.create_index('ix_dialogue_turns_missed', 'dialogue_turns', ['tenant_id', 'at'], unique=False, postgresql_where=sa.text('miss > 0'))
    op.create_index(op.f('ix_dialogue_turns_tenant_id_session_started_at'), 'dialogue_turns', ['tenant_id', 'session_started_at'], unique=False)
    op.create_table('event_receipts',
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('group_name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event_outbox.id'], name=op.f('fk_event_receipts_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'group_name', name=op.f('pk_event_receipts'))
    )
    op.create_table('inbound_messages',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('phone_number_id', sa.Text(), nullable=False),
    sa.Column('message_key', sa.LargeBinary(), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('lane_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('turn_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_inbound_messages_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_messages')),
    sa.UniqueConstraint('phone_number_id', 'message_key', name=op.f('uq_inbound_messages_phone_number_id_message_key'))
    )
    op.create_index(op.f('ix_inbound_messages_customer_id'), 'inbound_messages', ['customer_id'], unique=False)
    op.create_index(op.f('ix_inbound_messages_received_at'), 'inbound_messages', ['received_at'], unique=False)
    op.create_index('ix_inbound_waiting', 'inbound_messages', ['lane_id', 'sent_at', 'id'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('lanes',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('identified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('arrivals', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('waiting', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('retry_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leased_by', sa.Text(), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_inbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_tap', sa.Text(), nullable=True),
    sa.Column('last_tap_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('forgotten', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_lanes_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lanes'))
    )
    op.create_index(op.f('ix_lanes_customer_id'), 'lanes', ['customer_id'], unique=False)
    op.create_index('ix_lanes_waiting', 'lanes', ['last_inbound_at'], unique=False, postgresql_where=sa.text('waiting'))
    op.create_table('offered_options',
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('turn_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('page', sa.LargeBinary(), nullable=True),
    sa.Column('lasting', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_offered_options_tenant_id')),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_offered_options'))
    )
    op.create_index(op.f('ix_offered_options_customer_id_created_at'), 'offered_options', ['customer_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_offered_options_expires_at'), 'offered_options', ['expires_at'], unique=False)
    op.create_table('outbound_messages',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('turn_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('dedupe_key', sa.Text(), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.Column('about', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('doubt', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('wamid_key', sa.LargeBinary(), nullable=True),
    sa.Column('error_code', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_outbound_messages_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbound_messages')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_outbound_messages_dedupe_key'))
    )
    op.create_index('ix_outbound_due', 'outbound_messages', ['next_attempt_at'], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index(op.f('ix_outbound_messages_created_at'), 'outbound_messages', ['created_at'], unique=False)
    op.create_index(op.f('ix_outbound_messages_customer_id_id'), 'outbound_messages', ['customer_id', 'id'], unique=False)
    op.create_index('ix_outbound_waiting', 'outbound_messages', ['customer_id', 'id'], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_outbound_wamid', 'outbound_messages', ['wamid_key'], unique=False)
    op.create_table('services',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('price', sa.Numeric(precision=10, scale=2), nullable=False),
    sa.Column('duration', sa.Integer(), nullable=False),
    sa.Column('cleanup', sa.Integer(), server_default='0', nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.Column('preparation', sa.Text(), nullable=True),
    sa.Column('image_url', sa.Text(), nullable=True),
    sa.Column('aliases', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('incompatible_with', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('position', sa.Integer(), server_default='0', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.CheckConstraint('duration > 0 AND cleanup >= 0 AND price >= 0', name=op.f('ck_services_sane')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_services_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_services')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_services_tenant_id_code'))
    )
    op.create_table('slot_collisions',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('wanted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_slot_collisions_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slot_collisions'))
    )
    op.create_index('ix_slot_collisions_open', 'slot_collisions', ['at'], unique=False, postgresql_where=sa.text('outcome IS NULL'))
    op.create_index(op.f('ix_slot_collisions_tenant_id_at'), 'slot_collisions', ['tenant_id', 'at'], unique=False)
    op.create_table('staff',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), server_default='0', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_staff_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_staff_tenant_id_code'))
    )
    op.create_table('suggestions',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_suggestions_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestions'))
    )
    op.create_index(op.f('ix_suggestions_tenant_id_offered_at'), 'suggestions', ['tenant_id', 'offered_at'], unique=False)
    op.create_table('allocations',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('resource_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('visit_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('service_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('position', sa.Integer(), server_default='0', nullable=False),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    sa.Column('service_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    postgresql.ExcludeConstraint((sa.column('resource_id'), '='), (sa.column('during'), '&&'), where=sa.text("state IN ('hold', 'booked')"), using='gist', name='ex_allocations_no_overlap'),
    sa.CheckConstraint("state <> 'hold' OR expires_at IS NOT NULL", name=op.f('ck_allocations_hold_expires')),
    sa.CheckConstraint("state IN ('hold', 'booked', 'released')", name=op.f('ck_allocations_state')),
    sa.CheckConstraint('NOT isempty(during)', name=op.f('ck_allocations_not_empty')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_allocations_service_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_allocations_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocations'))
    )
    op.create_index('ix_allocations_expiring', 'allocations', ['expires_at'], unique=False, postgresql_where=sa.text('expires_at IS NOT NULL'))
    op.create_index(op.f('ix_allocations_visit_id'), 'allocations', ['visit_id'], unique=False)
    op.create_table('bookings',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Text(), server_default='confirmed', nullable=False),
    sa.Column('payment_status', sa.Text(), server_default='on_site', nullable=False),
    sa.Column('total_price', sa.Numeric(precision=10, scale=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("payment_status IN ('on_site', 'awaiting', 'partially_paid', 'pre_paid', 'refunded')", name=op.f('ck_bookings_payment_status')),
    sa.CheckConstraint("status IN ('pending_payment', 'confirmed', 'completed', 'cancelled', 'no_show')", name=op.f('ck_bookings_status')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_bookings_customer_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_bookings_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bookings')),
    sa.UniqueConstraint('tenant_id', 'code', name=op.f('uq_bookings_tenant_id_code'))
    )
    op.create_index(op.f('ix_bookings_customer_id_starts_at'), 'bookings', ['customer_id', 'starts_at'], unique=False)
    op.create_index(op.f('ix_bookings_tenant_id_created_at'), 'bookings', ['tenant_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_bookings_tenant_id_starts_at'), 'bookings', ['tenant_id', 'starts_at'], unique=False)
    op.create_table('handoffs',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promised_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attendant_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('context', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'assisted', 'closed', 'gone')", name=op.f('ck_handoffs_state')),
    sa.ForeignKeyConstraint(['attendant_id'], ['attendants.id'], name=op.f('fk_handoffs_attendant_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_handoffs_customer_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_handoffs_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handoffs'))
    )
    op.create_index(op.f('ix_handoffs_attendant_id_requested_at'), 'handoffs', ['attendant_id', 'requested_at'], unique=False)
    op.create_index('ix_handoffs_open', 'handoffs', ['tenant_id', 'requested_at'], unique=False, postgresql_where=sa.text("state IN ('waiting', 'assisted')"))
    op.create_index(op.f('ix_handoffs_tenant_id_requested_at'), 'handoffs', ['tenant_id', 'requested_at'], unique=False)
    op.create_index(op.f('ix_handoffs_tenant_id_taken_at'), 'handoffs', ['tenant_id', 'taken_at'], unique=False)
    op.create_index('uq_handoffs_open_customer', 'handoffs', ['customer_id'], unique=True, postgresql_where=sa.text("state IN ('waiting', 'assisted')"))
    op.create_table('service_interest',
    sa.Column('service_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('views', sa.Integer(), server_default='0', nullable=False),
    sa.Column('liked', sa.Integer(), server_default='0', nullable=False),
    sa.Column('disliked', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_interest_service_id')),
    sa.PrimaryKeyConstraint('service_id', 'day', name=op.f('pk_service_interest'))
    )
    op.create_table('shifts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('staff_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_shifts_weekday')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_shifts_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shifts'))
    )
    op.create_index(op.f('ix_shifts_staff_id'), 'shifts', ['staff_id'], unique=False)
    op.create_table('staff_services',
    sa.Column('staff_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('service_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_staff_services_service_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_services_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', 'service_id', name=op.f('pk_staff_services'))
    )
    op.create_table('time_off',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('staff_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_time_off_period')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_time_off_staff_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_time_off_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_off'))
    )
    op.create_index(op.f('ix_time_off_tenant_id_ends_at'), 'time_off', ['tenant_id', 'ends_at'], unique=False)
    op.create_table('booking_items',
    sa.Column('booking_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('service_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('staff_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('price', sa.Numeric(precision=10, scale=2), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_booking_items_booking_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_booking_items_service_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_booking_items_staff_id')),
    sa.PrimaryKeyConstraint('booking_id', 'position', name=op.f('pk_booking_items'))
    )
    op.create_table('notifications',
    sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('tenant_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('customer_id', postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column('booking_id', postgresql.UUID(as_uuid=True), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('dedupe_key', sa.Text(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.Text(), server_default='queued', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_notifications_booking_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_notifications_customer_id')),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], name=op.f('fk_notifications_tenant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_notifications_dedupe_key'))
    )
    op.create_index(op.f('ix_notifications_booking_id'), 'notifications', ['booking_id'], unique=False)
    op.create_index(op.f('ix_notifications_tenant_id_created_at'), 'notifications', ['tenant_id', 'created_at'], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index(op.f('ix_notifications_tenant_id_created_at'), table_name='notifications')
    op.drop_index(op.f('ix_notifications_booking_id'), table_name='notifications')
    op.drop_table('notifications')
    op.drop_table('booking_items')
    op.drop_index(op.f('ix_time_off_tenant_id_ends_at'), table_name='time_off')
    op.drop_table('time_off')
    op.drop_table('staff_services')
    op.drop_index(op.f('ix_shifts_staff_id'), table_name='shifts')
    op.drop_table('shifts')
    op.drop_table('service_interest')
    op.drop_index('uq_handoffs_open_customer', table_name='handoffs', postgresql_where=sa.text("state IN ('waiting', 'assisted')"))
    op.drop_index(op.f('ix_handoffs_tenant_id_taken_at'), table_name='handoffs')
    op.drop_index(op.f('ix_handoffs_tenant_id_requested_at'), table_name='handoffs')
    op.drop_index('ix_handoffs_open', table_name='handoffs', postgresql_where=sa.text("state IN ('waiting', 'assisted')"))
    op.drop_index(op.f('ix_handoffs_attendant_id_requested_at'), table_name='handoffs')
    op.drop_table('handoffs')
    op.drop_index(op.f('ix_bookings_tenant_id_starts_at'), table_name='bookings')
    op.drop_index(op.f('ix_bookings_tenant_id_created_at'), table_name='bookings')
    op.drop_index(op.f('ix_bookings_customer_id_starts_at'), table_name='bookings')
    op.drop_table('bookings')
    op.drop_index(op.f('ix_allocations_visit_id'), table_name='allocations')
    op.drop_index('ix_allocations_expiring', table_name='allocations', postgresql_where=sa.text('expires_at IS NOT NULL'))
    op.drop_table('allocations')
    op.drop_index(op.f('ix_suggestions_tenant_id_offered_at'), table_name='suggestions')
    op.drop_table('suggestions')
    op.drop_table('staff')
    op.drop_index(op.f('ix_slot_collisions_tenant_id_at'), table_name='slot_collisions')
    op.drop_index('ix_slot_collisions_open', table_name='slot_collisions', postgresql_where=sa.text('outcome IS NULL'))
    op.drop_table('slot_collisions')
    op.drop_table('services')
    op.drop_index('ix_outbound_wamid', table_name='outbound_messages')
    op.drop_index('ix_outbound_waiting', table_name='outbound_messages', postgresql_where=sa.text("state = 'queued'"))
    op.drop_index(op.f('ix_outbound_messages_customer_id_id'), table_name='outbound_messages')
    op.drop_index(op.f('ix_outbound_messages_created_at'), table_name='outbound_messages')
    op.drop_index('ix_outbound_due', table_name='outbound_messages', postgresql_where=sa.text("state = 'queued'"))
    op.drop_table('outbound_messages')
    op.drop_index(op.f('ix_offered_options_expires_at'), table_name='offered_options')
    op.drop_index(op.f('ix_offered_options_customer_id_created_at'), table_name='offered_options')
    op.drop_table('offered_options')
    op.drop_index('ix_lanes_waiting', table_name='lanes', postgresql_where=sa.text('waiting'))
    op.drop_index(op.f('ix_lanes_customer_id'), table_name='lanes')
    op.drop_table('lanes')
    op.drop_index('ix_inbound_waiting', table_name='inbound_messages', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(op.f('ix_inbound_messages_received_at'), table_name='inbound_messages')
    op.drop_index(op.f('ix_inbound_messages_customer_id'), table_name='inbound_messages')
    op.drop_table('inbound_messages')
    op.drop_table('event_receipts')
    op.drop_index(op.f('ix_dialogue_turns_tenant_id_session_started_at'), table_name='dialogue_turns')
    op.drop_index('ix_dialogue_turns_missed', table_name='dialogue_turns', postgresql_where=sa.text('miss > 0'))
    op.drop_index('ix_dialogue_turns_latest', table_name='dialogue_turns', postgresql_where=sa.text('latest'))
    op.drop_index(op.f('ix_dialogue_turns_conversation_session_started_at'), table_name='dialogue_turns')
    op.drop_table('dialogue_turns')
    op.drop_table('customers')
    op.drop_index(op.f('ix_canned_replies_tenant_id_position'), table_name='canned_replies')
    op.drop_table('canned_replies')
    op.drop_index(op.f('ix_audit_records_tenant_id_customer_id_at'), table_name='audit_records')
    op.drop_table('audit_records')
    op.drop_table('attendants')
    op.drop_index(op.f('ix_abandonments_tenant_id_session_started_at'), table_name='abandonments')
    op.drop_table('abandonments')
    op.drop_table('tenants')
    op.drop_index(op.f('ix_idempotent_requests_created_at'), table_name='idempotent_requests')
    op.drop_table('idempotent_requests')
    op.drop_index('ix_event_outbox_waiting', table_name='event_outbox', postgresql_where=sa.text('relayed_at IS NULL'))
    op.drop_index(op.f('ix_event_outbox_relayed_at'), table_name='event_outbox')
    op.drop_table('event_outbox')
    op.drop_index(op.f('ix_delivery_statuses_received_at'), table_name='delivery_statuses')
    op.drop_table('delivery_statuses')
    op.drop_index('ix_conversation_snapshots_open', table_name='conversation_snapshots', postgresql_where=sa.text('question IS NOT NULL'))
    op.drop_table('conversation_snapshots')
    op.drop_index(op.f('ix_conversation_events_timestamp'), table_name='conversation_events')
    op.drop_index(op.f('ix_conversation_events_sender_id_id'), table_name='conversation_events')
    op.drop_table('conversation_events')
