"""Numbers are read however they are written, and two ways to write one number meet."""

import pytest

from marcai.customers.phone import equality_key, normalise

WRITTEN = {
    "+55 11 98765-4321": "+5511987654321",
    "5511987654321": "+5511987654321",
    "(11) 98765-4321": "+5511987654321",
    "11 98765 4321": "+5511987654321",
    "011 98765-4321": "+5511987654321",
    "0 15 11 98765-4321": "+5511987654321",
    "02111987654321": "+5511987654321",
    "055 11 98765-4321": "+5511987654321",
    "0055 11 98765-4321": "+5511987654321",
    "+55 (0) 11 98765-4321": "+5511987654321",
    "551187654321": "+551187654321",
    "+55 11 8765-4321": "+551187654321",
    "11 8765-4321": "+551187654321",
    "(11) 4000-0001": "+551140000001",
    "551140000001": "+551140000001",
    "5555987654321": "+5555987654321",
    "55987654321": "+5555987654321",  # eleven digits: the area code 55, Santa Maria
    "+1 415 555 2671": "+14155552671",
    "+351 912 345 678": "+351912345678",
    "351912345678": "+351912345678",
    "+54 9 11 2345-6789": "+5491123456789",
    " 11.98765.4321 ": "+5511987654321",
}
NO_NUMBERS = ["", "98765-4321", "8765-4321", "987654321", "abc", "11 98765-43", "0800 123 4567", "+55 98765-4321",
              "+5511", "11 98765 4321 ramal", "+999 1234567", "1" * 30, "00 00 0000 0000", "190"]


@pytest.mark.parametrize(("written", "e164"), list(WRITTEN.items()))
def test_a_number_is_read_in_every_common_form(written, e164):
    assert normalise(written) == e164


@pytest.mark.parametrize("written", NO_NUMBERS)
def test_what_is_no_whole_number_is_refused(written):
    assert normalise(written) is None


@pytest.mark.parametrize(("with_nine", "without"), [
    ("+5511987654321", "+551187654321"), ("+5531998765432", "+553198765432"), ("+5585966665555", "+558566665555"),
    ("+5212345678901", "+522345678901"),
])
def test_a_mobile_with_and_without_its_added_digit_is_one_number(with_nine, without):
    assert equality_key(with_nine) == equality_key(without)


@pytest.mark.parametrize(("one", "other"), [
    ("+5511940000001", "+551140000001"),  # a newer mobile range, and the landline with the same eight digits
    ("+5511932345678", "+551132345678"),
    ("+5511987654321", "+5521987654321"),
    ("+14155552671", "+4155552671"),
])
def test_different_numbers_stay_different(one, other):
    assert equality_key(one) != equality_key(other)


def test_landlines_and_foreign_numbers_keep_their_form():
    for number in ("+551140000001", "+14155552671", "+351912345678"):
        assert equality_key(number) == number
