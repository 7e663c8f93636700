"""Keyboard noise and laughter are told from words."""

import re

import pytest
import yaml

from marcai.conversation.noise import is_laughter, is_noise, is_typed_blindly
from tests.conftest import ROOT


@pytest.mark.parametrize("text", ["asdfgh", "ASDFGHJKL", "qwerty", "....", "???", "😀🎉", "hfjdkslahf", "aaaaaaa",
                                  "lalala", "1234", "", "x", "asdfgh qwerty", "poiuyt", "-", "x" * 4000, "zxcvbnm"])
def test_noise_has_no_word_in_it(text):
    assert is_noise(text)


@pytest.mark.parametrize("text", ["oi", "sábado", "qual a capital da França?", "vc é top", "hj", "blz", "manicure",
                                  "transgredir", "asdf quero barba", "às 10", "sim", "ok"])
def test_words_are_no_noise_even_beside_it(text):
    assert not is_noise(text)


@pytest.mark.parametrize("text", ["kkkk", "rsrsrs", "hahaha", "kkkkk 😂", "😂😂", "huehuehue", "kkk!!", "Rs"])
def test_laughter(text):
    assert is_laughter(text)


@pytest.mark.parametrize("text", ["", "ok", "oi", "aki", "hahaha para com isso", "????", "😀", "chá"])
def test_what_is_no_laughter(text):
    assert not is_laughter(text)


@pytest.mark.parametrize("text", ["zxcvbnm", "asdfgh", "hfjdkslahf qwerty"])
def test_a_hand_on_the_keys(text):
    assert is_typed_blindly(text)


@pytest.mark.parametrize("text", ["", "👍", "ssss", "s", "n", "blz", "obgd", "vlwwww", "naaaao", "kkkkk", "???", "ok",
                                  "1", "asdfgh sim"])
def test_short_answers_are_no_hand_on_the_keys(text):
    assert not is_typed_blindly(text)


def test_hardly_a_message_that_trainers_have_labelled_is_taken_for_noise_or_laughter():
    wrong, read = [], 0
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if block.get("intent", "out_of_scope") == "out_of_scope":
                continue
            for line in re.findall(r"^- (.+)$", block["examples"], re.MULTILINE):
                words = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", line)
                read += 1
                assert not is_typed_blindly(words), words
                if is_noise(words) and re.search(r"[a-zA-Z]{3}", words):
                    wrong.append(words)
    assert read > 1000 and len(wrong) < read / 200, wrong
