"""Whatever a customer types, services are looked for in it without failing."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from marcai.catalogue.matching import find
from marcai.platform.text import words

PIECES = [
    "corte", "cortar", "e", "ou", ",", "o", "a", "pé", "mão", "fazer", "unha", "de", "gel", "escova", "progressiva",
    "pra", "mim", "meu", "marido", "com", "Ana", "😀", "masculino", "feminino", "limpeza", "banho", "tosa", "é",
    "à", "+", "/",
]
TYPED = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(typed=TYPED)
def test_mentions_lie_in_the_text_in_order_without_overlap_and_each_service_once(catalogues, typed):
    for services in catalogues.values():
        found = find(typed, services)
        assert all(typed[one.span[0]:one.span[1]] == one.text != "" for one in found)
        assert all(one.span[1] <= other.span[0] for one, other in pairwise(found))
        certain = [one.candidates[0] for one in found if len(one.candidates) == 1]
        assert len(set(certain)) == len(certain)
        assert all(one.candidates for one in found)


@settings(max_examples=300, deadline=None)
@given(typed=st.text(max_size=60))
def test_words_know_where_they_stood(typed):
    assert all(0 <= one.start < one.end <= len(typed) for one in words(typed))
