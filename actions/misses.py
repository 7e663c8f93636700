"""Flow 8: help that grows with each message in a row that was not understood, and loses nothing that was chosen."""

from __future__ import annotations

from actions.base import Conversation
from marcai.conversation import options
from marcai.conversation.noise import is_noise
from marcai.conversation.options import Button
from marcai.handoff import presence

SUGGESTIONS = 2  # likeliest meanings offered; the third button is the menu
USUAL = ("book_appointment", "list_services", "my_appointments")  # wishes, commonest first, where words say nothing


def not_understood(conversation: Conversation) -> None:
    """First the likeliest meanings, then simpler choices and the menu, then a person; the open question stays open.

    At first it is asked again too, for WhatsApp's older options no longer count. Something that the assistant does not
    do is told as such, with what it does.
    """
    draft, open_question = conversation.draft, conversation.question
    draft.misses += 1
    if draft.misses > 2:
        somebody = presence.on_duty(conversation.tenant.slug)
        conversation.say("utter_need_help_or_person" if somebody else "utter_need_help",
                         phone=conversation.tenant.display_phone_number)
    elif draft.misses == 2:
        conversation.say("utter_not_understood_midway" if open_question else "utter_not_understood_again")
    elif _is_something_else(conversation):
        conversation.say("utter_out_of_scope")
        if open_question:
            conversation.ask_again()
        else:
            conversation.say("utter_main_menu")
    elif open_question == "name":
        conversation.say("utter_name_not_understood")
    else:
        conversation.say("utter_not_understood", _likeliest(conversation))
        if open_question:
            conversation.ask_again()


def _is_something_else(conversation: Conversation) -> bool:
    """Whether she wrote words about something else; what answers the question for her name is only an odd name."""
    if conversation.intent != "out_of_scope" or is_noise(conversation.text):
        return False
    return conversation.question != "name" or "?" in conversation.text


def _likeliest(conversation: Conversation) -> list[Button]:
    """What she may mean: by the ranking of the message's intents as far as there are words in it, else by custom."""
    ranked = () if is_noise(conversation.text) else (intent["name"] for intent in conversation.intent_ranking)
    usual = (name for name in USUAL if not (conversation.draft.active and name == "book_appointment"))
    meanings = ((name, conversation.words(f"utter_meaning_{name}")) for name in dict.fromkeys([*ranked, *usual]))
    return [options.button(words, name) for name, words in meanings if words][:SUGGESTIONS]
