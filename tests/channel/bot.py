"""A small real Rasa assistant, trained once per session: greets, uses a form, fails, restarts."""

from __future__ import annotations

from pathlib import Path

CONFIG = """
recipe: default.v1
language: pt
assistant_id: channel-test
pipeline:
  - {name: WhitespaceTokenizer}
  - {name: KeywordIntentClassifier}
  - {name: RegexEntityExtractor}
policies:
  - {name: RulePolicy}
"""
DOMAIN = """
version: "3.1"
intents: [greet, ask_form, give, break_it, nothing, restart_me, media_message, late_message, expired_option]
entities: [day]
slots:
  day:
    type: text
    mappings: [{type: from_entity, entity: day}]
  city:
    type: text
    mappings: [{type: from_text, conditions: [{active_loop: visit_form, requested_slot: city}]}]
forms:
  visit_form: {required_slots: [city]}
session_config: {session_expiration_time: 30, carry_over_slots_to_new_session: false}
responses:
  utter_greet:
    - text: "Oi!"
      buttons: [{title: "Sexta", payload: '/give{{"day": "sexta"}}'}]
  utter_ask_city: [{text: "Qual cidade?"}]
  utter_done: [{text: "Feito: {city}"}]
  utter_day: [{text: "Dia: {day}"}]
  utter_media: [{text: "Só leio texto"}]
  utter_late: [{text: "Demorou"}]
  utter_expired: [{text: "Expirou"}]
  utter_apology: [{text: "desculpe"}]
  utter_channel_more: [{text: "Ver mais"}]
  utter_channel_list_button: [{text: "Ver opções"}]
actions: [action_that_fails]
"""
DATA = """
version: "3.1"
nlu:
  - {intent: greet, examples: "- oi\\n- olá\\n"}
  - {intent: ask_form, examples: "- visita\\n- marcar\\n"}
  - {intent: break_it, examples: "- quebra\\n- falha\\n"}
  - {intent: give, examples: "- dia\\n- data\\n"}
rules:
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: day, steps: [{intent: give}, {action: utter_day}]}
  - {rule: break, steps: [{intent: break_it}, {action: action_that_fails}]}
  - {rule: media, steps: [{intent: media_message}, {action: utter_media}]}
  - {rule: late, steps: [{intent: late_message}, {action: utter_late}]}
  - {rule: expired, steps: [{intent: expired_option}, {action: utter_expired}]}
  - {rule: form, steps: [{intent: ask_form}, {action: visit_form}, {active_loop: visit_form}]}
  - rule: submit
    condition: [{active_loop: visit_form}]
    steps: [{action: visit_form}, {active_loop: null}, {slot_was_set: [{requested_slot: null}]}, {action: utter_done}]
"""


def train(folder: Path) -> str:
    """Trains it and gives the model's path."""
    import rasa

    for name, content in (("config.yml", CONFIG), ("domain.yml", DOMAIN), ("data.yml", DATA)):
        (folder / name).write_text(content)
    return rasa.train(str(folder / "domain.yml"), str(folder / "config.yml"), [str(folder / "data.yml")],
                      output=str(folder / "models")).model
