"""Entity extractor: a conditional random field over plain words; entities are cut from the original text."""
from __future__ import annotations

import json
import random
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pycrfsuite
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from marcai.nlu.normalizer import words
from marcai.nlu.tagging import Hints, Terms, features, to_spans, to_tags
from marcai.nlu.variation import (
    Annotated,
    annotated,
    another_name,
    another_service,
    lookup,
    with_other_phrases,
    with_strange_words,
)

# Rasa counts only its own extractors as users of entities and lookup tables, and warns when it sees another.
warnings.filterwarnings("ignore", "You have defined training data consisting of (entity examples|lookup tables)")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class BrazilianEntityExtractor(EntityExtractorMixin, GraphComponent):
    """Learns from the annotated examples, from the lookup tables `service` and `person_name` as hints, and from
    copies of examples whose service is exchanged, so that it reads the sentence and not only the word.
    Stands behind the intent classifier in the pipeline: it uses the intent."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"c1": 0.1, "c2": 0.1, "max_iterations": 80, "other_services": 0.6, "other_names": 0.5,
                "strange_words": 0.6, "known_from": 3, "random_seed": 3}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
                 hints: Hints | None = None, tagger: pycrfsuite.Tagger | None = None) -> None:
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self._hints, self._tagger = hints, tagger

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> BrazilianEntityExtractor:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        config, chance = self._config, random.Random(self._config["random_seed"])
        examples = annotated(training_data)
        if not any(example.spans for example in examples):
            return self._resource
        services, names = lookup(training_data, "service"), lookup(training_data, "person_name")
        everyday = {word.text for entry in lookup(training_data, "everyday") for word in words(entry)}
        counts = Counter(word.text for example in examples for word in words(example.text))
        known = frozenset(word for word, count in counts.items() if count >= config["known_from"]) | everyday
        hints, blind = Hints(Terms(services), Terms(names), known), Hints(Terms([]), Terms(names), known)
        nameless = Hints(Terms(services), Terms([]), known)

        trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
        trainer.set_params({"c1": config["c1"], "c2": config["c2"], "max_iterations": config["max_iterations"],
                            "feature.possible_transitions": False})
        for example in examples:
            self._append(trainer, example, hints)
        another = another_service(services, chance)
        for example in with_other_phrases(examples, {"service"}, another, config["other_services"], chance):
            self._append(trainer, example, blind)  # the exchanged word is unknown: its neighbours must tell
        another, people = another_name(names, chance), {"person_name", "professional"}
        for example in with_other_phrases(examples, people, another, config["other_names"], chance):
            self._append(trainer, example, chance.choice([hints, nameless]))
        for example in with_strange_words(examples, config["strange_words"], chance):
            self._append(trainer, example, hints)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "tags.crfsuite"
            trainer.train(str(path))
            with self._model_storage.write_to(self._resource) as stored:
                (stored / "tags.crfsuite").write_bytes(path.read_bytes())
                lists = {"service": services, "person_name": names, "known": sorted(known)}
                (stored / "hints.json").write_text(json.dumps(lists, ensure_ascii=False), encoding="utf-8")
        return self._resource

    @staticmethod
    def _append(trainer: pycrfsuite.Trainer, example: Annotated, hints: Hints) -> None:
        plain = words(example.text)
        if plain:
            trainer.append(features(example.text, plain, hints, example.intent), to_tags(plain, example.spans))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            intent = (message.get(INTENT) or {}).get("name") or ""
            found = self.add_extractor_name(self._entities(message.get(TEXT) or "", intent))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _entities(self, text: str, intent: str) -> list[dict[str, Any]]:
        plain = words(text)
        if self._tagger is None or self._hints is None or not plain:
            return []
        tags = self._tagger.tag(features(text, plain, self._hints, intent))
        return [
            {"entity": span.entity, "start": span.start, "end": span.end, "value": text[span.start : span.end]}
            for span in to_spans(plain, tags)
        ]

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> BrazilianEntityExtractor:
        with model_storage.read_from(resource) as folder:
            lists = json.loads((folder / "hints.json").read_text(encoding="utf-8"))
            tagger = pycrfsuite.Tagger()
            tagger.open(str(folder / "tags.crfsuite"))  # reads it; open_inmemory would leave the bytes to be freed
        hints = Hints(Terms(lists["service"]), Terms(lists["person_name"]), frozenset(lists["known"]))
        return cls(config, model_storage, resource, hints, tagger)
