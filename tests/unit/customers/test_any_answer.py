"""Whatever a customer answers, names and numbers are read without failing, and reading twice changes nothing."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from marcai.customers.name import clean_name
from marcai.customers.phone import equality_key, normalise

PIECES = ["meu", "nome", "é", "sou", "a", "o", "Carla", "joão", "da", "silva", ",", ".", "dona", "Dr.", "e", "quero",
          "não", "?", "D'Arc", "-", "😀", "com", "k", "me", "chamo", "de", "Jô", "MARIA", "dos"]
TYPED = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=10).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(typed=TYPED)
def test_a_name_once_clean_stays_clean(typed):
    name = clean_name(typed)
    assert name is None or (2 <= sum(map(str.isalpha, name)) <= 60 and clean_name(name) == name)


@settings(max_examples=300, deadline=None)
@example(typed="00430000")
@given(typed=st.one_of(st.text(max_size=30), st.text("0123456789 +-()", max_size=24)))
def test_a_number_once_normal_stays_normal(typed):
    number = normalise(typed)
    if number is not None:
        assert number[0] == "+" and number[1:].isdecimal() and number.isascii()
        assert normalise(number) == number
        assert equality_key(equality_key(number)) == equality_key(number)
