"""Day, time, professional, the hold and the booking."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from marcai.platform.database import engine

SATURDAY_10H = "barba sábado às 10h"


def rows(query, **values):
    """Rows of the database as tuples."""
    with engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def holds():
    """(state, local start) of every allocation that counts."""
    return rows("SELECT state, to_char(lower(during) AT TIME ZONE 'America/Sao_Paulo', 'DD HH24:MI') FROM allocations "
                "WHERE state <> 'released' ORDER BY lower(during)")


def count(table):
    """How many rows a table has."""
    return rows(f"SELECT count(*) FROM {table}")[0][0]


# ---- day and time ----------------------------------------------------------------------------------------------------


def test_the_days_with_room_are_offered_and_closed_days_are_not(talk):
    talk("book_appointment", "quero barba")
    talk("deny", "só isso")
    assert talk.question == "date"
    assert talk.options[0] == "amanhã, 24/11"
    assert len(talk.options) == 9
    assert not [title for title in talk.options if title.startswith(("domingo", "segunda", "hoje"))]


def test_a_part_of_the_day_narrows_the_times(talk):
    talk("book_appointment", "barba sábado à tarde")
    hours = [int(title.split("h")[0]) for title in talk.options if title[0].isdigit()]
    assert hours and all(12 <= hour < 18 for hour in hours)


def test_more_times_are_a_tap_away(talk):
    talk("book_appointment", "barba sábado")
    some = [title for title in talk.options if title[0].isdigit()]
    assert talk.options[-2:] == ["🕐 Mais horários", "📅 Outro dia"]
    talk.tap("🕐 Mais horários")
    every = [title for title in talk.options if title[0].isdigit()]
    assert set(some) < set(every)


@pytest.mark.parametrize(("words", "start"), [
    ("o mais rápido possível", "2026-11-24T10:00"),
    ("o primeiro horário de sábado", "2026-11-28T09:00"),
    ("o último horário de sábado", "2026-11-28T17:30"),
    ("sábado às 15h30", "2026-11-28T15:30"),
])
def test_a_wish_that_leaves_one_start_is_not_asked_further(talk, words, start):
    talk("book_appointment", f"barba {words}")
    assert (talk.question, talk.draft.start) == ("booking", start)


@pytest.mark.parametrize(("at", "words", "start"), [
    ("date", "tanto faz", "2026-11-24T10:00"), ("date", "qualquer dia", "2026-11-24T10:00"),
    ("time", "tanto faz", "2026-11-28T09:00"), ("time", "qualquer horário", "2026-11-28T09:00"),
])
def test_any_day_or_time_takes_the_first(talk, at, words, start):
    talk("book_appointment", "quero barba" if at == "date" else "barba sábado")
    if at == "date":
        talk("deny", "só isso")
    talk("inform", words)
    assert (talk.question, talk.draft.start) == ("booking", start)


@pytest.mark.parametrize(("words", "note"), [
    ("barba sábado às 20h", "utter_why_not_closed"), ("barba sábado às 10h07", "utter_why_not_off_grid"),
    ("barba sábado às 17h45", "utter_why_not_too_long"),
    ("manicure sábado às 17h", "utter_why_not_professional_off"),
])
def test_a_time_that_is_not_to_be_had_is_explained_and_near_ones_are_offered(talk, words, note):
    talk("book_appointment", words)
    assert note in talk.names
    assert talk.question == "time" and talk.options[0][0].isdigit()


def test_a_closed_day_leads_to_the_next_three_with_room(talk):
    talk("book_appointment", "barba domingo")
    assert "Não temos horários disponíveis" in talk.text and "domingo, 29/11" in talk.text
    assert [title for title in talk.options if "/" in title] == ["terça, 01/12", "quarta, 02/12", "quinta, 03/12"]
    talk.tap("terça")
    assert talk.question == "time" and talk.draft.services == ["barba"]


def test_a_holiday_is_closed(talk):
    talk("book_appointment", "barba dia 25/12")
    assert "Não temos horários disponíveis" in talk.text


def test_a_day_beyond_the_diary_is_not_offered(talk):
    talk("book_appointment", "barba dia 15 de março")
    assert talk.question == "date" and talk.options


@pytest.mark.parametrize("words", ["31/02", "dia 30 de fevereiro"])
def test_a_date_that_does_not_exist_is_told_and_the_question_stays(talk, words):
    talk("book_appointment", "quero barba")
    talk("deny", "só isso")
    talk("inform", words)
    assert "não existe" in talk.text
    assert talk.question == "date"


def test_a_time_of_today_that_is_over_is_told(talk, monday):
    monday(datetime(2026, 11, 24, 15, 0))
    talk("book_appointment", "barba hoje às 11h")
    assert "já passou" in talk.text
    assert talk.question == "time"


# ---- with whom -------------------------------------------------------------------------------------------------------


def test_the_professional_is_asked_only_where_there_is_a_choice(talk):
    talk("book_appointment", "corte feminino sábado às 10h")
    assert talk.question == "professional"
    assert set(talk.options) == {"Ana", "Bruno", "Tanto faz"}
    talk.tap("Bruno")
    assert talk.question == "booking" and "👤 Bruno" in talk.text


@pytest.mark.parametrize(("intent", "words"), [("inform", "tanto faz"), ("deny", "não"), ("affirm", "pode ser"),
                                               ("inform", "qualquer um")])
def test_no_preference_leaves_the_choice_to_us(talk, intent, words):
    talk("book_appointment", "corte feminino sábado às 10h")
    talk(intent, words)
    assert talk.question == "booking"


def test_another_professional_is_the_other_one_at_the_same_time(talk):
    talk("book_appointment", "corte feminino com a Ana sábado às 10h")
    assert "👤 Ana" in talk.text
    talk("other_professional", "tem com outra pessoa?")
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-28T10:00")
    assert "👤 Bruno" in talk.text


def test_a_named_professional_instead_keeps_the_time(talk):
    talk("book_appointment", "corte feminino com a Ana sábado às 10h")
    talk("inform", "com o Bruno")
    assert (talk.question, talk.draft.start) == ("booking", "2026-11-28T10:00")
    assert "👤 Bruno" in talk.text


def test_whom_she_does_not_want_is_left_out(talk):
    talk("book_appointment", "corte feminino sábado às 10h, menos com a Ana")
    assert talk.question == "booking" and "👤 Bruno" in talk.text


def test_nobody_else_does_it_is_told(talk):
    talk("book_appointment", "barba com o Bruno sábado às 10h")
    talk("other_professional", "com outra pessoa")
    assert "*Barba* por aqui só com Bruno" in talk.text
    assert talk.question == "booking"


def test_an_unknown_professional_is_told_and_the_booking_goes_on(talk):
    talk("book_appointment", "corte feminino com a Fernanda sábado às 10h", professional="Fernanda")
    assert "Não encontrei *Fernanda*" in talk.text
    assert talk.question == "professional"


# ---- hold and booking ------------------------------------------------------------------------------------------------


def test_the_summary_holds_the_time_in_postgresql_for_five_minutes(talk):
    talk("book_appointment", SATURDAY_10H)
    assert talk.state == "SLOT_HELD"
    (state, start), = holds()
    assert (state, start) == ("hold", "28 10:00")
    assert "por 5 minutos" in talk.text
    held_until = datetime.fromisoformat(talk.session["held_until"])
    assert timedelta(minutes=4, seconds=50) < held_until - datetime.fromisoformat(talk.session["updated_at"]) \
        <= timedelta(minutes=5, seconds=10)


def test_a_yes_makes_it_a_booking_with_its_event(talk):
    talk("book_appointment", SATURDAY_10H)
    talk("affirm", "confirmo")
    assert (talk.names, talk.state, talk.question) == (["utter_booked"], "BOOKED", None)
    assert holds() == [("booked", "28 10:00")]
    assert rows("SELECT status, payment_status, total_price::float FROM bookings") == [("confirmed", "on_site", 40.0)]
    assert rows("SELECT name FROM event_outbox") == [("booking.confirmed",)]


def test_another_time_moves_the_hold_and_leaves_none_behind(talk):
    talk("book_appointment", SATURDAY_10H)
    talk("inform", "na verdade às 16h")
    assert holds() == [("hold", "28 16:00")]


@pytest.mark.parametrize("intent", ["stop", "goodbye"])
def test_giving_up_frees_the_time_at_once(talk, intent):
    talk("book_appointment", SATURDAY_10H)
    talk(intent, "deixa pra lá")
    assert holds() == []


def test_a_turn_that_is_repeated_after_a_crash_makes_one_hold_and_one_booking(talk):
    talk("book_appointment", SATURDAY_10H, again=True, message_id="first")
    assert holds() == [("hold", "28 10:00")]
    talk("affirm", "sim", again=True, message_id="second")
    assert (talk.names, count("bookings"), holds()) == (["utter_booked"], 1, [("booked", "28 10:00")])
    assert count("event_outbox") == 1


def test_a_repeated_cancellation_cancels_once(talk):
    talk("book_appointment", SATURDAY_10H)
    talk("affirm", "sim")
    talk("cancel_appointment", "quero desmarcar", again=True, message_id="third")
    talk("affirm", "sim", again=True, message_id="fourth")
    assert talk.names == ["utter_cancelled"]
    assert rows("SELECT name FROM event_outbox ORDER BY id") == [("booking.confirmed",), ("booking.cancelled",)]


def test_a_second_booking_in_the_same_conversation_is_another_booking(talk):
    talk("book_appointment", SATURDAY_10H)
    talk("affirm", "sim")
    talk("book_appointment", "agora sobrancelha sábado às 14h com a Carla")
    talk("affirm", "sim")
    assert count("bookings") == 2


def test_a_yes_with_a_change_takes_the_change_first(talk):
    talk("book_appointment", SATURDAY_10H)
    talk("affirm", "sim, mas às 16h")
    assert (talk.question, talk.draft.start, count("bookings")) == ("booking", "2026-11-28T16:00", 0)


def test_a_no_asks_what_to_change_and_keeps_the_time_meanwhile(talk):
    talk("book_appointment", SATURDAY_10H)
    talk.tap("Mudar")
    assert (talk.question, holds()) == ("change_booking", [("hold", "28 10:00")])
    assert talk.options == ["Outro dia", "Outro horário", "Outro profissional"]
    talk.tap("Outro horário")
    assert talk.question == "time" and talk.draft.when.days[0] == "2026-11-28"


def test_another_day_after_the_summary(talk):
    talk("book_appointment", SATURDAY_10H)
    talk.tap("Mudar")
    talk.tap("Outro dia")
    assert talk.question == "date" and not [title for title in talk.options if "28/11" in title]


def test_a_yes_to_what_to_change_comes_back_to_the_summary(talk):
    talk("book_appointment", SATURDAY_10H)
    talk.tap("Mudar")
    talk("deny", "nada, deixa assim")
    assert talk.question == "booking"


def test_a_hold_that_has_ended_is_booked_all_the_same_while_the_time_is_free(talk, monday):
    talk("book_appointment", SATURDAY_10H)
    monday(datetime(2026, 11, 23, 10, 20))
    talk("affirm", "sim")
    assert (talk.names, count("bookings")) == (["utter_booked"], 1)


# ---- another customer ------------------------------------------------------------------------------------------------


def test_the_loser_of_a_fight_hears_it_at_once_and_finishes_nearby(talk, customer):
    rival = customer("Bia Lima")
    talk("book_appointment", "barba sábado de manhã")
    rival("book_appointment", SATURDAY_10H)
    title = next(title for title in talk.options if title[0].isdigit())
    rival("inform", f"às {title}")
    assert rival.question == "booking"
    talk.tap(title)
    assert "Este horário acabou de ser reservado por outro cliente" in talk.text
    assert (talk.question, talk.draft.services) == ("time", ["barba"])
    near = [other for other in talk.options if other[0].isdigit()]
    assert near and title not in near
    talk.tap(near[0])
    talk("affirm", "sim")
    rival("affirm", "sim")
    assert count("bookings") == 2


def test_a_second_collision_looks_further_around(talk, customer):
    talk("book_appointment", "barba sábado")
    for collision in (1, 2):
        title = next(title for title in talk.options if title[0].isdigit())
        rival = customer("Bia")
        rival("book_appointment", f"barba sábado às {title}")
        assert rival.question == "booking", rival.transcript()
        talk.tap(title)
        assert talk.draft.collisions == collision
    assert "A procura está alta" in talk.text


def test_a_hold_that_has_ended_and_was_taken_by_another_is_told(talk, customer, monday):
    talk("book_appointment", SATURDAY_10H)
    monday(datetime(2026, 11, 23, 10, 20))
    rival = customer("Bia")
    rival("book_appointment", SATURDAY_10H)
    rival("affirm", "sim")
    talk("affirm", "sim")
    assert count("bookings") == 1
    assert "acabou de ser reservado" in talk.text
    assert talk.question == "time"


def test_collisions_are_recorded(talk, customer):
    from marcai.scheduling import holds as verbs

    talk("book_appointment", "barba sábado de manhã")
    title = next(title for title in talk.options if title[0].isdigit())
    taken = verbs.hold
    verbs.hold = lambda *args, **kwargs: None  # somebody else was faster by a hair
    try:
        talk.tap(title)
    finally:
        verbs.hold = taken
    assert title not in talk.options  # the other's hold may not be stored yet
    assert rows("SELECT round, outcome FROM slot_collisions") == [(1, None)]
    assert rows("SELECT name FROM event_outbox") == [("slot.collision",)]


def test_customers_do_not_see_each_others_choices(talk, customer):
    other = customer("Bia")
    talk("book_appointment", "quero barba")
    other("book_appointment", "quero escova")
    talk("deny", "só isso")
    other("deny", "só isso")
    assert (talk.draft.services, other.draft.services) == (["barba"], ["escova"])
    assert "Bia" not in talk.text and "Carla" not in other.text


def test_who_does_not_mind_with_whom_gets_the_other_professional_when_one_is_lost(talk, monkeypatch):
    from marcai.scheduling import holds as verbs

    talk("book_appointment", "corte feminino sábado às 10h")
    tried, real = [], verbs.hold

    def first_is_lost(tenant, customer_id, visit, **more):
        tried.append(visit)
        return None if len(tried) == 1 else real(tenant, customer_id, visit, **more)

    monkeypatch.setattr(verbs, "hold", first_is_lost)
    talk.tap("Tanto faz")
    assert (talk.question, talk.draft.start, len(tried)) == ("booking", "2026-11-28T10:00", 2)
