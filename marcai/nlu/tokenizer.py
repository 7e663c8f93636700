"""Rasa's view of the plain words: tokens that know where they stand in the original message."""
from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from marcai.nlu.normalizer import words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BrazilianTokenizer(Tokenizer):
    """One token per written word, its text the plain form. Rasa's own components and its evaluation read these."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> BrazilianTokenizer:
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text: str = message.get(attribute)
        tokens: list[Token] = []
        for word in words(text):
            if tokens and tokens[-1].start == word.start:  # "pfv" is two plain words and one written word
                tokens[-1] = Token(f"{tokens[-1].text} {word.text}", word.start, word.end)
            else:
                tokens.append(Token(word.text, word.start, word.end))
        return tokens or [Token(text, 0)]  # Rasa's featurizers expect at least one
