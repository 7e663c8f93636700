"""Flow 2: the list of services, the details of one, its price and its duration."""

from __future__ import annotations

from functools import partial

from actions.base import Conversation, MarcaiAction
from marcai.catalogue import matching
from marcai.catalogue import service as catalogue
from marcai.catalogue.service import ServiceInfo
from marcai.conversation import options, wording
from marcai.conversation.salon import first_name


class ActionListServices(MarcaiAction):
    """Shows the catalogue by category; a tap opens the details."""

    action_name = "action_list_services"

    def respond(self, conversation: Conversation) -> None:
        """Lists everything, or answers about the service she asked for ("vocês fazem luzes?")."""
        conversation.greet_once()
        named = mentioned(conversation)
        if len(named) == 1:
            show_details(conversation, named[0])
            return
        unknown = not_offered(conversation)
        if unknown and not named:
            conversation.say("utter_service_unknown", services=unknown)
        if conversation.question == "service":  # the open question is the list
            conversation.ask_again()
            return
        offered = named or conversation.salon.services
        conversation.say("utter_list_services", options.services(offered, conversation.tenant.currency,
                                                                 intent="service_details"))
        conversation.draft.viewing = []
        back(conversation)


class ActionServiceDetails(MarcaiAction):
    """Shows what one service includes, its price, its duration and how to prepare."""

    action_name = "action_service_details"

    def respond(self, conversation: Conversation) -> None:
        """Shows the details, or asks which service is meant."""
        conversation.greet_once()
        service = the_service(conversation)
        if service:
            show_details(conversation, service)
        else:
            ask_which(conversation, "service_details")


class ActionAskPrice(MarcaiAction):
    """Says what a service costs, then goes on with the open question."""

    action_name = "action_ask_price"

    def respond(self, conversation: Conversation) -> None:
        """Answers for every service in the message, else for those chosen, else shows the list with prices."""
        tell_about(conversation, "utter_price", "ask_price")


class ActionAskDuration(MarcaiAction):
    """Says how long a service takes, then goes on with the open question."""

    action_name = "action_ask_duration"

    def respond(self, conversation: Conversation) -> None:
        """Answers for every service in the message, else for those chosen, else shows the list with durations."""
        tell_about(conversation, "utter_duration", "ask_duration")


class ActionListProfessionals(MarcaiAction):
    """Says who works here, or who does a service, then goes on with the open question."""

    action_name = "action_list_professionals"

    def respond(self, conversation: Conversation) -> None:
        """Names each professional with what she does."""
        conversation.greet_once()
        salon = conversation.salon
        wanted = {service.id for service in mentioned(conversation)}
        people = [person for person in salon.staff if wanted <= person.service_ids] or salon.staff
        lines = [
            f"• *{first_name(person.name)}*: "
            + wording.listed([service.name for service in salon.services if service.id in person.service_ids])
            for person in people
        ]
        conversation.say("utter_list_professionals", professional_lines="\n".join(lines))
        conversation.ask_again()


def mentions(conversation: Conversation) -> list[list[str]]:
    """The codes of the services that the message names, or that a tap carries; an ambiguous word has several."""
    code = conversation.entity("service_code")
    if code:
        return [[code]]
    found = matching.find(conversation.text, conversation.salon.services)
    return [[service.code for service in mention.candidates] for mention in found]


def mentioned(conversation: Conversation) -> list[ServiceInfo]:
    """The services that the message names, each once, with all that an ambiguous word may mean."""
    return conversation.salon.chosen(dict.fromkeys(code for group in mentions(conversation) for code in group))


def not_offered(conversation: Conversation) -> str:
    """What the message names as a service and the establishment does not have, as written; or an empty string."""
    return wording.listed(conversation.understand().unknown_services)


def looked_at(conversation: Conversation) -> list[ServiceInfo]:
    """The services she has just asked about, else those she has chosen."""
    draft = conversation.draft
    return conversation.salon.chosen([code for group in draft.viewing for code in group] or draft.services)


def the_service(conversation: Conversation) -> ServiceInfo | None:
    """The one service that is meant: in the message, else on screen, else chosen."""
    named = mentioned(conversation)
    if not named and not not_offered(conversation):
        named = looked_at(conversation)
    return named[0] if len(named) == 1 else None


def show_details(conversation: Conversation, service: ServiceInfo) -> None:
    """Shows one service and what can be done with it, and counts the view."""
    currency = conversation.tenant.currency
    values = {
        "service": service.name,
        "description": service.description,
        "price": wording.money(service.price, currency),
        "duration": wording.duration(service.duration),
        "preparation": service.preparation,
    }
    conversation.say("utter_service_details", **values)
    if service.preparation:
        conversation.say("utter_service_preparation", **values)
    conversation.say("utter_service_choices", service_code=service.code, image=service.image_url,
                     about={"service_id": str(service.id)})
    conversation.draft.viewing = [[service.code]]
    conversation.afterwards.append(partial(catalogue.count_view, conversation.tenant, service.id))
    back(conversation)


def ask_which(conversation: Conversation, intent: str) -> None:
    """Asks which service is meant, after a word about one that is not offered; the tap asks the same of that one."""
    named = mentioned(conversation)
    unknown = not_offered(conversation)
    if unknown and not named:
        conversation.say("utter_service_unknown", services=unknown)
    offered = named or conversation.salon.services
    conversation.say("utter_which_service", options.services(offered, conversation.tenant.currency, intent=intent))
    back(conversation)


def back(conversation: Conversation) -> None:
    """Asks the open question again, if there is one; who only looks around is asked nothing, nor for her name."""
    looks_around = conversation.question is None or (conversation.question == "name" and not conversation.draft.active)
    if not looks_around:
        conversation.ask_again()


def tell_about(conversation: Conversation, response: str, intent: str) -> None:
    """Answers with one line a service, then goes on."""
    conversation.greet_once()
    currency = conversation.tenant.currency
    services = mentioned(conversation)
    if not services and not not_offered(conversation):
        services = looked_at(conversation)
    for service in services:
        conversation.say(response, service=service.name, price=wording.money(service.price, currency),
                         duration=wording.duration(service.duration))
    if not services:
        ask_which(conversation, intent)
        return
    if mentioned(conversation):
        conversation.draft.viewing = mentions(conversation)
    conversation.ask_again()
    if conversation.question is None and len(services) == 1:
        conversation.say("utter_book_this", service_code=services[0].code)
    elif conversation.question is None:
        conversation.say("utter_book_these")
