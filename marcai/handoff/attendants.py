"""The people who answer customers: their accounts, who may sign in, and whether they take somebody now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from marcai.customers import service as customers
from marcai.handoff import passwords, presence
from marcai.handoff.models import ROLES, Attendant
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")
SEEN_STEP = timedelta(minutes=1)


class AttendantError(ValueError):
    """An account that cannot be made or changed so; the message says why."""


@dataclass(frozen=True)
class AttendantInfo:
    """One attendant."""

    id: UUID
    tenant_id: UUID
    login: str
    name: str
    role: str
    active: bool
    paused: bool
    password_at: datetime
    last_seen_at: datetime | None

    @property
    def is_manager(self) -> bool:
        """Whether she sees everybody's conversations."""
        return self.role == "manager"

    @property
    def first_name(self) -> str:
        """How customers hear of her."""
        return self.name.split()[0]


def add(tenant: TenantInfo, login: str, name: str, password: str, role: str = "attendant") -> AttendantInfo:
    """Makes an account.

    Raises:
        AttendantError: the login is taken or cannot be one, or the name is empty.
        passwords.PasswordError: the password is not taken.
    """
    login, name = login.strip().lower(), " ".join(name.split())
    if not LOGIN.fullmatch(login):
        raise AttendantError("a login has 2 to 60 letters, digits or ._@-")
    if not 0 < len(name) <= 80:
        raise AttendantError("a name has 1 to 80 characters")
    if role not in ROLES:
        raise AttendantError(f"a role is one of {', '.join(ROLES)}")
    now = clock.now()
    with transaction() as session:
        made = session.execute(insert(Attendant).values(
            id=uuid4(), tenant_id=tenant.id, login=login, name=name, password_hash=passwords.hashed(password),
            role=role, created_at=now, password_at=now).on_conflict_do_nothing().returning(Attendant.id)).scalar()
        if made is None:
            raise AttendantError(f"there is an attendant {login} already")
        customers.audit(session, tenant.id, None, "attendant_added", attendant=str(made), role=role)
    return get(tenant.id, made)


def list_all(tenant: TenantInfo) -> list[AttendantInfo]:
    """Every attendant of an establishment, by name."""
    with transaction() as session:
        rows = session.execute(select(Attendant).where(Attendant.tenant_id == tenant.id)
                               .order_by(Attendant.active.desc(), Attendant.name)).scalars()
        return [_info(row) for row in rows]


def get(tenant_id: UUID, attendant_id: UUID) -> AttendantInfo | None:
    """An attendant of an establishment by id."""
    with transaction() as session:
        row = session.get(Attendant, attendant_id)
        return _info(row) if row is not None and row.tenant_id == tenant_id else None


def sign_in(tenant: TenantInfo | None, login: str, password: str) -> AttendantInfo | None:
    """The attendant with this login and password; None for every kind of wrong, after the same time."""
    row = None
    if tenant is not None:
        with transaction() as session:
            row = _by_login(session, tenant, login)
            stored = row.password_hash if row is not None and row.active else None
    else:
        stored = None
    if not passwords.fits(password, stored):
        return None
    with transaction() as session:
        customers.audit(session, tenant.id, None, "attendant_signed_in", attendant=str(row.id))
    return _info(row)


def set_password(tenant: TenantInfo, login: str, password: str) -> bool:
    """Gives an attendant another password, and access again where she had none, and ends her sign-ins.

    Returns:
        Whether there is such an attendant.
    """
    return _change(tenant, login, "attendant_password", password_hash=passwords.hashed(password),
                   password_at=clock.now(), active=True)


def disable(tenant: TenantInfo, login: str) -> bool:
    """Lets an attendant in no more, from her next click on; says whether there is such an attendant."""
    return _change(tenant, login, "attendant_disabled", active=False)


def pause(tenant: TenantInfo, attendant_id: UUID, paused: bool) -> None:
    """She takes nobody for a while, or takes customers again."""
    with transaction() as session:
        session.execute(update(Attendant).where(Attendant.id == attendant_id, Attendant.tenant_id == tenant.id)
                        .values(paused=paused))
        customers.audit(session, tenant.id, None, "attendant_paused" if paused else "attendant_on_duty",
                        attendant=str(attendant_id))
    if paused:
        presence.leave(tenant.slug, attendant_id)
    else:
        presence.beat(tenant.slug, attendant_id)


def seen(tenant: TenantInfo, attendant: AttendantInfo) -> None:
    """Her page is open: she is on duty, unless she has paused."""
    if not attendant.paused:
        presence.beat(tenant.slug, attendant.id)
    now = clock.now()
    if attendant.last_seen_at is None or not timedelta() <= now - attendant.last_seen_at < SEEN_STEP:
        with transaction() as session:
            session.execute(update(Attendant).where(Attendant.id == attendant.id).values(last_seen_at=now))


def _change(tenant: TenantInfo, login: str, event: str, **values: object) -> bool:
    with transaction() as session:
        changed = session.execute(
            update(Attendant).where(Attendant.tenant_id == tenant.id, Attendant.login == login.strip().lower())
            .values(**values).returning(Attendant.id)).scalar()
        if changed is not None:
            customers.audit(session, tenant.id, None, event, attendant=str(changed))
    if changed is not None:
        presence.leave(tenant.slug, changed)
    return changed is not None


def _by_login(session, tenant: TenantInfo, login: str) -> Attendant | None:
    return session.execute(select(Attendant).where(
        Attendant.tenant_id == tenant.id, Attendant.login == login.strip().lower())).scalar_one_or_none()


def _info(row: Attendant) -> AttendantInfo:
    return AttendantInfo(row.id, row.tenant_id, row.login, row.name, row.role, row.active, row.paused,
                         row.password_at, row.last_seen_at)
