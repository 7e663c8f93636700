"""Replies that an establishment's attendants keep ready; managers edit them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import yaml
from sqlalchemy import delete, func, select, update

from marcai.handoff.models import CannedReply
from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.tenants.service import TenantInfo

SUGGESTED = Path(__file__).with_name("suggested_replies.yml")
MOST = 50
TITLE, TEXT = 40, 1000  # characters


@dataclass(frozen=True)
class ReplyInfo:
    """One reply kept ready."""

    id: UUID
    title: str
    text: str

    def filled(self, customer: str, salon: str) -> str:
        """The reply with the customer's first name and the establishment's name in it."""
        said = self.text.replace("{salao}", salon)
        return said.replace("{nome}", customer) if customer else \
            said.replace(", {nome}", "").replace(" {nome}", "").replace("{nome}", "")


def list_all(tenant: TenantInfo) -> list[ReplyInfo]:
    """An establishment's replies, in their order."""
    with transaction() as session:
        rows = session.execute(select(CannedReply).where(CannedReply.tenant_id == tenant.id)
                               .order_by(CannedReply.position, CannedReply.title)).scalars()
        return [ReplyInfo(row.id, row.title, row.text) for row in rows]


def put(tenant: TenantInfo, title: str, words: str, reply_id: UUID | None = None) -> bool:
    """Adds a reply, or changes the one with this id; says whether it was taken."""
    title, words = " ".join(title.split())[:TITLE], words.strip()[:TEXT]
    if not title or not words:
        return False
    with transaction() as session:
        if reply_id is not None:
            return session.execute(
                update(CannedReply).where(CannedReply.id == reply_id, CannedReply.tenant_id == tenant.id)
                .values(title=title, text=words, updated_at=clock.now())).rowcount == 1
        count, last = session.execute(select(func.count(), func.coalesce(func.max(CannedReply.position), 0)).where(
            CannedReply.tenant_id == tenant.id)).one()
        if count >= MOST:
            return False
        session.add(CannedReply(id=uuid4(), tenant_id=tenant.id, title=title, text=words, position=last + 1,
                                updated_at=clock.now()))
    return True


def remove(tenant: TenantInfo, reply_id: UUID) -> None:
    """Deletes a reply."""
    with transaction() as session:
        session.execute(delete(CannedReply).where(CannedReply.id == reply_id, CannedReply.tenant_id == tenant.id))


def suggest(tenant: TenantInfo) -> None:
    """Gives an establishment without replies a few to begin with."""
    if list_all(tenant):
        return
    for one in yaml.safe_load(SUGGESTED.read_text(encoding="utf-8")):
        put(tenant, one["title"], one["text"])
