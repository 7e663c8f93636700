"""Flow 3: "quero mais uma coisa" and "não quero mais nada", whatever they were taken for: nothing chosen is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marcai.conversation import phrases

if TYPE_CHECKING:
    from actions.base import Conversation


def asked_for_more(conversation: Conversation) -> bool:
    """Answers a wish for one more service that is not named, or for no more; says whether it was one."""
    draft = conversation.draft
    more = phrases.SOMETHING_MORE.search(conversation.text)
    enough = conversation.question == "add_another" and phrases.NOTHING_MORE.search(conversation.text)
    if not (more or enough) or not (draft.active and draft.services) or draft.unclear:
        return False
    if conversation.understand().anything:
        return False
    if more:
        draft.no_more = draft.package_ok = False
        conversation.ask_for("another_service")
    else:
        draft.no_more = True
        conversation.go_on()
    return True
