"""Intent classifier: one linear separator per intent over n-grams and a sentence embedding (docs/nlu.md)."""
from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from marcai.nlu.normalizer import words
from marcai.nlu.variation import annotated, another_name, another_service, lookup, with_other_phrases
from marcai.nlu.vectors import Vocabulary, embed, letter_ngrams, word_ngrams

_NOTHING = np.empty(0, dtype=np.int64)
NO_INTENT = {"name": None, "confidence": 0.0}


class Counted:
    """The n-grams of messages as columns and values; what was found for a word once is kept."""

    def __init__(self, word: Vocabulary, letter: Vocabulary) -> None:
        self.word, self.letter = word, letter
        self._letters = lru_cache(maxsize=8192)(lambda text: letter.find(letter_ngrams(text)))

    def vectors(self, text: str) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        plain = [word.text for word in words(text)]
        letters = np.concatenate([_NOTHING, *(self._letters(word) for word in plain)])
        return self.word.vector(self.word.find(word_ngrams(plain))), self.letter.vector(letters)


class Separator:
    """The trained state: the vocabularies and a matrix with a row per feature and a column per intent."""

    def __init__(self, intents: list[str], counted: Counted, weights: np.ndarray, bias: np.ndarray) -> None:
        self.intents, self.counted, self.weights, self.bias = intents, counted, weights, bias
        self._letters_at = len(counted.word)
        self._embedding_at = self._letters_at + len(counted.letter)

    def scores(self, text: str, embedding_weight: float) -> np.ndarray:
        (columns, values), (letter_columns, letter_values) = self.counted.vectors(text)
        total = self.bias + _weigh(values, self.weights[columns])
        total += _weigh(letter_values, self.weights[self._letters_at + letter_columns])
        if embedding_weight:
            total += embedding_weight * _weigh(embed([text])[0], self.weights[self._embedding_at :])
        return total


def _weigh(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.einsum("i,ij->j", values, rows)  # not @: for so little, BLAS spends more on waking its threads


def fit(texts: list[str], intents: list[str], c: float, embedding_weight: float, seed: int) -> Separator:
    """Trains on all examples; every intent weighs the same however many examples it has."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.svm import LinearSVC

    plain = [[word.text for word in words(text)] for text in texts]
    counted = Counted(
        Vocabulary.learn([word_ngrams(p) for p in plain], 1),
        Vocabulary.learn([[gram for word in p for gram in letter_ngrams(word)] for p in plain], 2),
    )

    def matrix(vocabulary: Vocabulary, rows: Sequence[tuple[np.ndarray, np.ndarray]]) -> Any:
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns, values = (np.concatenate(parts) for parts in zip(*rows, strict=True))
        return csr_matrix((values, columns, ends), shape=(len(rows), len(vocabulary)))

    word_rows, letter_rows = zip(*(counted.vectors(text) for text in texts), strict=True)
    blocks = [matrix(counted.word, word_rows), matrix(counted.letter, letter_rows)]
    if embedding_weight:
        blocks.append(csr_matrix(embedding_weight * embed(texts)))
    model = LinearSVC(C=c, class_weight="balanced", random_state=seed)
    model.fit(hstack(blocks).tocsr(), intents)
    names, weights, bias = list(model.classes_), model.coef_, model.intercept_
    if len(names) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return Separator(names, counted, np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Confidence is a softmax of the separators' scores, sharpened so that it means about what it says."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"c": 0.3, "embedding_weight": 1.0, "sharpness": 7.0, "ranking_length": 5,
                "other_words": 1.0, "random_seed": 7}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
                 separator: Separator | None = None) -> None:
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self._separator = separator

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in annotated(training_data) if example.intent]
        if len({example.intent for example in examples}) > 1:
            config, chance = self._config, Random(self._config["random_seed"])
            service = another_service(lookup(training_data, "service"), chance)
            name = another_name(lookup(training_data, "person_name"), chance)
            for entities, another in (({"service"}, service), ({"person_name", "professional"}, name)):
                share = config["other_words"]
                examples += list(with_other_phrases(examples, entities, another, share, chance))
            texts, intents = [example.text for example in examples], [example.intent for example in examples]
            self._separator = fit(texts, intents, config["c"], config["embedding_weight"], config["random_seed"])
            self._persist(self._separator)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._ranking(message.get(TEXT) or "")
            message.set(INTENT, ranking[0] if ranking else dict(NO_INTENT), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, text: str) -> list[dict[str, Any]]:
        if self._separator is None or not words(text):
            return []
        scores = self._separator.scores(text, self._config["embedding_weight"]) * self._config["sharpness"]
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        best = np.argsort(-likely)[: self._config["ranking_length"]]
        return [{"name": self._separator.intents[i], "confidence": float(likely[i])} for i in best]

    def _persist(self, separator: Separator) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            names = {"intents": separator.intents, "word": list(separator.counted.word.columns),
                     "letter": list(separator.counted.letter.columns)}
            (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
            np.savez(folder / "weights.npz", weights=separator.weights, bias=separator.bias,
                     word=separator.counted.word.weights, letter=separator.counted.letter.weights)

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> LinearIntentClassifier:
        with model_storage.read_from(resource) as folder:
            names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                word, letter = (
                    Vocabulary({gram: i for i, gram in enumerate(names[kind])}, arrays[kind])
                    for kind in ("word", "letter")
                )
                separator = Separator(names["intents"], Counted(word, letter), arrays["weights"], arrays["bias"])
        if config["embedding_weight"]:
            embed(["oi"])  # read the embedding's weights now, not with the first customer
        return cls(config, model_storage, resource, separator)
