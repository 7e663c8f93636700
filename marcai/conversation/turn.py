"""One turn of a conversation: who, where, what is chosen so far, and what is to be said on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from marcai.conversation.draft import ANY_STAFF, Draft
from marcai.conversation.salon import Salon


@dataclass
class Turn:
    """One turn.

    `turn_id` is the id of the customer's message: what the turn creates takes its id from it, so that a turn which is
    repeated after a crash creates it once. `asks_why` says that she wants the reason where a wish cannot be met.
    """

    salon: Salon
    customer_id: UUID
    draft: Draft
    turn_id: str
    has_name: bool
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asks_why: bool = False

    def note(self, response: str, **values: Any) -> None:
        """Remembers something to say before the next question."""
        self.notes.append((response, values))

    @property
    def staff_id(self) -> UUID | None:
        """The id of the professional she asked for; None when any will do or nothing was said."""
        if self.draft.staff in (None, ANY_STAFF):
            return None
        try:
            return self.salon.professional(self.draft.staff).id
        except KeyError:  # no longer with the establishment
            self.draft.staff = None
            return None

    def visit_id(self) -> UUID:
        """The id of the visit that is being held; the same for a repeated turn."""
        if not self.draft.visit_id:
            self.draft.visit_id = str(self.new_id("visit"))
        return UUID(self.draft.visit_id)

    @property
    def own_visits(self) -> list[UUID]:
        """The visits whose time is hers already: the one being held, and the booking that it is to replace."""
        return [self.visit_id(), *([UUID(self.draft.moving)] if self.draft.moving else [])]

    @property
    def known_visits(self) -> list[UUID]:
        """Of `own_visits`, those that earlier turns may have given time to."""
        return [UUID(visit_id) for visit_id in (self.draft.visit_id, self.draft.moving) if visit_id]

    def new_id(self, what: str) -> UUID:
        """An id for something that this turn creates; the same for a repeated turn."""
        return uuid5(NAMESPACE_OID, f"{what}:{self.customer_id}:{self.turn_id}")
