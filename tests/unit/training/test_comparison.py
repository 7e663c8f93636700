"""A new model is judged by the messages that only one of the two reads right."""

from marcai.nlu.evaluation import Example, Score
from marcai.training.comparison import Compared, report


def scored(total: int, *misread: tuple[str, str]) -> Score:
    """A score in which the named messages were misread as the named intents."""
    return Score(total=total, right=total - len(misread), milliseconds=[1.0],
                 misread=[(Example(text, "greet", frozenset()), intent, 0.5) for text, intent in misread])


def test_what_got_better_and_what_got_worse_is_told_message_by_message():
    compared = Compared("hurried", scored(100, ("oi", "thank"), ("opa", "affirm")), scored(100, ("eae", "stop")))
    assert [example.text for example in compared.gained] == ["oi", "opa"]
    assert [(example.text, intent) for example, intent in compared.lost] == [("eae", "stop")]
    assert "- eae  (greet, now stop)" in report([compared])


def test_a_small_loss_is_allowed_and_a_larger_one_is_not():
    old = scored(200)
    assert Compared("x", old, scored(200, ("a", "stop"))).acceptable
    assert not Compared("x", old, scored(200, ("a", "stop"), ("b", "stop"))).acceptable


def test_a_model_that_is_worse_on_one_kind_of_messages_is_named_so():
    fine = Compared("careful", scored(10, ("a", "stop")), scored(10))
    worse = Compared("hurried", scored(10), scored(10, ("a", "stop")))
    assert report([fine, worse]).endswith("The new model is worse on: hurried.")
