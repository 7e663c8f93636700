"""The one class that every action extends: reads the turn, runs the action, answers, and never leaves silence."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.more import asked_for_more
from actions.reasons import told_why
from actions.waiting import keeps_quiet
from marcai.conversation import flow, phrases, session, understanding, wording
from marcai.conversation.draft import Draft
from marcai.conversation.noise import is_typed_blindly
from marcai.conversation.options import Button
from marcai.conversation.question import Question
from marcai.conversation.salon import Salon, first_name
from marcai.conversation.turn import Turn
from marcai.customers import service as customers
from marcai.customers.service import CustomerInfo
from marcai.platform import database, logging, metrics
from marcai.platform.settings import settings
from marcai.scheduling import holds, suggestions
from marcai.tenants import service as tenants
from marcai.whatsapp.turns import QUIET

log = logging.get_logger(__name__)

# What a message that only asks for a moment is taken for; every other intent is answered.
DECIDING = {"affirm", "deny", "stop", "inform", "provide_name", "goodbye", "nlu_fallback", "out_of_scope"}
ANSWERED_SECONDS = 0.02  # by then an answer is on its way, and what is done afterwards does not hold it up
CHOICES = 10  # choices that can be named by their place: the rows of one WhatsApp list


class Conversation:
    """One turn, as an action sees it: the customer, the establishment, the draft, and a voice."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any],
                 afterwards: list[Callable[[], None]]) -> None:
        self._dispatcher = dispatcher
        self.afterwards = afterwards  # counting and the like: done when she has her answer, lost if the process dies
        self._domain = domain
        self._message = tracker.latest_message
        self.customer = _customer_of(tracker.sender_id)
        self.tenant = tenants.by_id(self.customer.tenant_id)
        self.salon = Salon.of(self.tenant)
        self.draft = Draft.from_slot(tracker.get_slot("draft"))
        self.question: str | None = tracker.get_slot("question")
        self.assisted = False  # a person is to answer from now on

    @property
    def text(self) -> str:
        """What the customer wrote; for a tap, the title of what she tapped."""
        return self._message.get("text") or ""

    @property
    def entities(self) -> list[Mapping[str, Any]]:
        """Rasa's entities of the message."""
        return self._message.get("entities") or []

    @property
    def intent(self) -> str:
        """The name of the message's intent."""
        return self._message.get("intent", {}).get("name") or ""

    @property
    def intent_ranking(self) -> list[Mapping[str, Any]]:
        """The intents that the message may have, likeliest first."""
        return self._message.get("intent_ranking") or []

    def entity(self, name: str) -> str | None:
        """The value of the first entity with this name."""
        return next((str(entity["value"]) for entity in self.entities if entity["entity"] == name), None)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the channel tells of the message."""
        return self._message.get("metadata") or {}

    @property
    def tapped(self) -> bool:
        """Whether she tapped an option, and wrote nothing."""
        return self.metadata.get("kind") == "tap"

    @property
    def waits(self) -> bool:
        """Whether she only asks for a moment before she answers: "peraí", "deixa eu ver com meu marido"."""
        vague = self.intent in DECIDING and not self.tapped and self.question is not None
        return (vague and bool(phrases.WAIT.search(self.text)) and not phrases.SOMETHING_MORE.search(self.text)
                and not self.understand().anything)

    @property
    def name(self) -> str:
        """The customer's first name, or an empty string."""
        return first_name(self.customer.name or "")

    def turn(self) -> Turn:
        """The turn for the conversation room."""
        return Turn(self.salon, self.customer.id, self.draft, self._message.get("message_id") or self.text,
                    bool(self.customer.name))

    def understand(self, text: str | None = None) -> understanding.Said:
        """What the message, or other words in its place, says about a visit."""
        return understanding.understand(self.text if text is None else text, self.entities,
                                        services=self.salon.services, staff=self.salon.staff,
                                        now=self.salon.naive_now,
                                        name_known=bool(self.customer.name) or self.question == "professional")

    def say(self, response: str, buttons: list[Button] | None = None, **values: Any) -> None:
        """Answers with a response of `domain.yml`; every response may use the establishment's and her own name."""
        values = {"name": self.name, "comma_name": f", {self.name}" if self.name else "", "salon": self.tenant.name,
                  "article": wording.article(self.tenant.name), **values}
        self._dispatcher.utter_message(response=response, buttons=buttons, **values)

    def stay_quiet(self) -> None:
        """Says nothing, on purpose: the channel would take silence for a failure, and apologise."""
        self._dispatcher.utter_message(json_message=dict(QUIET))

    def words(self, response: str) -> str | None:
        """The text of a response of `domain.yml`, for actions listed there with `send_domain`."""
        variations = (self._domain.get("responses") or {}).get(response)
        return variations[0].get("text") if variations else None

    def ask(self, question: Question | None) -> None:
        """Asks a question (None leaves nothing open) and remembers it, and its choices, for the next turn."""
        self.draft.offered = [] if question is None else [button["payload"] for button in question.buttons[:CHOICES]]
        if question is None:
            self.question = None
            return
        if question.suggests:
            suggestion_id = self.turn().new_id("suggestion")
            suggestions.offered(self.tenant.id, suggestion_id, question.suggests)
            self.draft.suggestion = str(suggestion_id)
        for response, values in question.notes:
            self.say(response, **values)
        self.say(question.response, question.buttons, **question.values)
        self.question = question.name

    def go_on(self) -> None:
        """Asks whatever is next in the booking, or nothing when she is not booking."""
        self.ask(flow.next_question(self.turn()))

    def ask_for(self, name: str | None) -> None:
        """Asks the question with this name; where it has no point any more, whatever is next."""
        self.ask(flow.question(self.turn(), name))

    def ask_again(self) -> None:
        """Asks the open question again, after something else was answered; without one, whatever is next."""
        self.ask(flow.question_again(self.turn(), self.question))

    def greet_once(self) -> None:
        """Greets at the first turn of a session: a known customer by name."""
        if self.draft.greeted:
            self._learn_name()
            if not self.customer.consent_told:  # the turn that told her is stored by now: it was not lost in a crash
                customers.tell_consent(self.customer.id)
            return
        self.draft.greeted = True
        known = bool(self.customer.name)
        own_name = customers.clean_name(self.entity("person_name") or "") or customers.introduced_name(self.text)
        if not known and own_name:  # "aqui é a Lurdes, queria marcar…": not asked again
            self.rename(own_name)
        if known:
            self.say("utter_greet_known")
        else:
            self.say("utter_greet_new")
        if not self.customer.consent_told:
            self.say("utter_consent", privacy_url=f"{settings().public_url}/privacidade")

    def _learn_name(self) -> None:
        """Keeps a name that she gives with something else: "me chamo Antônia e queria fazer o cabelo"."""
        own_name = None if self.customer.name or self.intent in DECIDING else customers.introduced_name(self.text)
        if own_name:
            self.rename(own_name)
            self.say("utter_name_saved")

    def rename(self, name: str) -> None:
        """Stores the customer's name."""
        customers.set_name(self.customer.id, name)
        self.customer = replace(self.customer, name=name)

    def restart_draft(self) -> None:
        """Starts the draft anew."""
        self.draft = self.draft.restarted()
        self.question = None

    def begin(self) -> None:
        """A booking is under way from now on; what was chosen for one that is done is not carried over."""
        if self.draft.booked or not self.draft.active:
            self.restart_draft()
        self.draft.active = True

    def drop_visit(self) -> None:
        """Gives back the held time and starts the draft anew."""
        if self.draft.visit_id:
            holds.release(UUID(self.draft.visit_id))
        self.restart_draft()

    def events(self) -> list[dict[str, Any]]:
        """What the tracker keeps of the turn; nothing follows in it but listening."""
        session.write(self.tenant.slug, self.customer.id, self.draft, has_name=bool(self.customer.name),
                      question=self.question, at=self.salon.now, assisted=self.assisted)
        return [SlotSet("draft", self.draft.to_slot()), SlotSet("question", self.question),
                FollowupAction("action_listen")]


class MarcaiAction(Action, ABC):
    """Base of every action: a subclass names itself and says what it does in `respond`.

    `respond` is synchronous and runs in a thread, so that a database call never blocks the server. An exception
    becomes an apology with a way on; the tracker keeps the state from before the turn. Without the database there is
    no answer at all: the turn is run again a little later.
    """

    action_name = ""
    while_waiting = False  # it also answers a customer who waits for a person
    reads_noise = False  # it helps, by itself, a customer who typed nothing that has a meaning

    def name(self) -> str:
        """The action's name in `domain.yml`."""
        return self.action_name

    @abstractmethod
    def respond(self, conversation: Conversation) -> None:
        """Answers the customer."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict]:
        """Called by Rasa."""
        afterwards: list[Callable[[], None]] = []
        events = await asyncio.to_thread(self._run, dispatcher, tracker, domain, afterwards)
        for work in afterwards:
            asyncio.get_running_loop().run_in_executor(None, _done, work)
        return events

    def _run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any],
        afterwards: list[Callable[[], None]],
    ) -> list[dict[str, Any]]:
        began = time.perf_counter()
        try:
            conversation = Conversation(dispatcher, tracker, domain, afterwards)
            if conversation.metadata.get("handoff") and not self.while_waiting and keeps_quiet(conversation):
                if not dispatcher.messages:
                    conversation.stay_quiet()
                return [FollowupAction("action_listen")]
            missed = conversation.draft.misses
            if conversation.waits:  # nothing is decided, and the open question stays
                conversation.say("utter_no_rush")
            elif not self.reads_noise and not conversation.tapped and is_typed_blindly(conversation.text):
                return [FollowupAction("action_fallback")]  # whatever NLU took it for
            elif not (told_why(conversation) or asked_for_more(conversation)):
                self.respond(conversation)
            if conversation.draft.misses <= missed:  # understood: the count of misunderstandings starts anew
                conversation.draft.misses = 0
            return conversation.events()
        except database.AWAY:  # not answered: the channel has the turn run again
            metrics.ACTION_FAILURES.labels(action=self.action_name).inc()
            raise
        except Exception as error:
            log.exception("action.failed", action=self.action_name, error=type(error).__name__)
            metrics.ACTION_FAILURES.labels(action=self.action_name).inc()
            dispatcher.messages.clear()
            dispatcher.utter_message(response="utter_apology")
            return [FollowupAction("action_listen")]
        finally:
            metrics.ACTION_SECONDS.labels(action=self.action_name).observe(time.perf_counter() - began)


def _done(work: Callable[[], None]) -> None:
    time.sleep(ANSWERED_SECONDS)
    try:
        work()
    except Exception as error:
        log.warning("afterwards.failed", error=type(error).__name__)


def _customer_of(sender_id: str) -> CustomerInfo:
    """The customer whose conversation this is; a conversation from `rasa shell` gets one of its own."""
    try:
        customer = customers.get(UUID(sender_id))
    except ValueError:
        customer = None
    return customer or customers.for_shell(tenants.first().id, sender_id)
