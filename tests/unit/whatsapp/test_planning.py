"""Which messages are answered together."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from marcai.whatsapp.payloads import Incoming, Kind
from marcai.whatsapp.planning import plan

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


def made(*said, last=None, last_at=None):
    messages = [Incoming(number, kind, NOW - timedelta(seconds=age), text=str(value), token=str(value))
                for number, (kind, value, age) in enumerate(said)]
    return [(one.kind, [message.id for message in one.messages]) for one in plan(messages, NOW, last, last_at)]


def test_texts_in_a_row_are_one_turn_and_taps_are_their_own():
    assert made((Kind.TEXT, "a", 9), (Kind.TEXT, "b", 8), (Kind.TAP, "x", 7), (Kind.TAP, "y", 6),
                (Kind.TEXT, "c", 5)) == [("text", [0, 1]), ("tap", [2]), ("tap", [3]), ("text", [4])]


def test_the_same_option_tapped_again_at_once_is_silent_and_later_it_is_not():
    assert made((Kind.TAP, "x", 9), (Kind.TAP, "x", 8)) == [("tap", [0]), ("silent", [1])]
    assert made((Kind.TAP, "x", 100), (Kind.TAP, "x", 8)) == [("tap", [0]), ("tap", [1])]
    assert made((Kind.TAP, "x", 5), last="x", last_at=NOW - timedelta(seconds=20)) == [("silent", [0])]
    assert made((Kind.TAP, "x", 5), last="y", last_at=NOW - timedelta(seconds=20)) == [("tap", [0])]
    assert made((Kind.TAP, "", 9), (Kind.TAP, "", 8)) == [("tap", [0]), ("tap", [1])]


def test_late_messages_are_one_question_whatever_they_are():
    assert made((Kind.TEXT, "a", 4000), (Kind.TAP, "x", 3000), (Kind.MEDIA, "", 2000), (Kind.TEXT, "b", 599)) == [
        ("late", [0, 1, 2]), ("text", [3])]


def test_albums_are_one_turn_and_silent_things_stay_silent_however_late():
    assert made((Kind.MEDIA, "", 9), (Kind.MEDIA, "", 8), (Kind.REACTION, "", 9000), (Kind.SILENT, "", 9000)) == [
        ("media", [0, 1]), ("reaction", [2]), ("silent", [3])]
