"""The queue of customers who want a person: order, places, waits, who is on duty, and who takes whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from marcai.handoff import attendants, jobs, passwords, presence, queue, service
from marcai.handoff.models import Handoff
from marcai.platform import clock, redis
from marcai.platform.database import transaction
from marcai.platform.events import EventRecord
from tests.handoff import conversations

CONTEXT = {"draft": {"active": True}, "question": "date"}


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "COST", 4)


@pytest.fixture
def at(monkeypatch):
    """Moves the clock: `at(minutes=3)` is three minutes after the beginning of the test."""
    begin = clock.now()

    def move(**later):
        monkeypatch.setattr(clock, "now", lambda: begin + timedelta(**later))

    at_begin = move
    at_begin(seconds=0)
    return move


@pytest.fixture
def customer(salon):
    return lambda number, tenant=None: conversations.customer(tenant or salon, f"55119{number:08d}", f"Ana {number}")


@pytest.fixture
def julia(salon):
    return attendants.add(salon, "julia", "Júlia Prado", "uma-senha-comprida")


@pytest.fixture
def rita(salon):
    return attendants.add(salon, "rita", "Rita Alves", "uma-senha-comprida")


def take(attendant, handoff_id):
    with transaction() as session:
        return service.take(session, attendant, handoff_id)


class TestAsking:
    def test_customers_get_their_places_in_the_order_of_asking(self, salon, customer, at):
        places = []
        for number in range(3):
            at(seconds=number)
            places.append(service.request(salon, customer(number), CONTEXT).place)
        assert places == [1, 2, 3]
        assert [one.customer_id for one in service.queued(salon)] == [customer(n) for n in range(3)]

    def test_the_queue_is_in_redis_under_its_documented_key(self, salon, customer):
        wait = service.request(salon, customer(1), CONTEXT)
        assert redis.client().zrange("handoff:queue:bela-vista", 0, -1) == [str(wait.handoff.id)]

    def test_asking_again_changes_nothing_and_tells_of_it_once(self, salon, customer):
        first, again = (service.request(salon, customer(1), CONTEXT) for _ in range(2))
        assert first.handoff.id == again.handoff.id and again.place == 1
        with transaction() as session:
            told = session.execute(select(EventRecord).where(EventRecord.name == "handoff.requested")).scalars().all()
            assert [one.payload["handoff_id"] for one in told] == [str(first.handoff.id)]
            assert session.execute(text("SELECT count(*) FROM handoffs")).scalar() == 1

    def test_a_customer_who_asks_many_times_at_once_waits_once(self, salon, customer):
        customer_id = customer(1)
        with ThreadPoolExecutor(6) as pool:
            waits = list(pool.map(lambda _: service.request(salon, customer_id, CONTEXT), range(6)))
        assert len({wait.handoff.id for wait in waits}) == 1

    def test_the_event_holds_nothing_personal(self, salon, customer):
        service.request(salon, customer(1), {"draft": {"secret": "x"}, "question": None})
        with transaction() as session:
            payload = session.execute(select(EventRecord.payload)).scalar()
        assert set(payload) == {"handoff_id", "customer_id", "place", "on_duty", "reason"}

    def test_what_was_chosen_is_kept_encrypted(self, salon, customer):
        service.request(salon, customer(1), {"draft": {"services": ["barba"]}, "question": "date"})
        with transaction() as session:
            raw = bytes(session.execute(text("SELECT context FROM handoffs")).scalar())
        assert b"barba" not in raw
        assert service.open_for(customer(1)).context == {"draft": {"services": ["barba"]}, "question": "date"}


class TestRedis:
    def test_a_flushed_redis_costs_nobody_her_place(self, salon, customer, at):
        for number in range(3):
            at(seconds=number)
            service.request(salon, customer(number), CONTEXT)
        redis.client().flushdb()
        assert service.waiting(salon, customer(2)).place == 3
        assert queue.read(salon.slug) == [one.id for one in service.queued(salon)]

    def test_the_worker_mends_the_queue(self, salon, customer):
        wait = service.request(salon, customer(1), CONTEXT)
        redis.client().delete(queue.key(salon.slug))
        redis.client().zadd(queue.key(salon.slug), {str(uuid4()): 1})
        jobs.keep_queues()
        assert queue.read(salon.slug) == [wait.handoff.id]

    def test_without_redis_she_is_in_the_queue_all_the_same(self, salon, customer, monkeypatch):
        import redis as library

        class Away:
            def __getattr__(self, name):
                def fail(*_, **__):
                    raise library.ConnectionError

                return fail

        monkeypatch.setattr(redis, "client", Away)
        wait = service.request(salon, customer(1), CONTEXT)
        assert (wait.place, wait.on_duty) == (1, 0)
        monkeypatch.undo()
        assert service.waiting(salon, customer(1)).place == 1


class TestDuty:
    def test_an_attendant_is_on_duty_while_her_page_gives_a_sign(self, salon, julia, at):
        attendants.seen(salon, julia)
        assert presence.on_duty(salon.slug) == {julia.id}
        at(seconds=presence.LIFE_SECONDS - 1)
        assert presence.on_duty(salon.slug) == {julia.id}
        at(seconds=presence.LIFE_SECONDS + 1)
        assert presence.on_duty(salon.slug) == frozenset()

    def test_a_pause_ends_it_and_a_paused_page_does_not_bring_it_back(self, salon, julia):
        attendants.seen(salon, julia)
        attendants.pause(salon, julia.id, True)
        attendants.seen(salon, attendants.get(salon.id, julia.id))
        assert presence.on_duty(salon.slug) == frozenset()
        attendants.pause(salon, julia.id, False)
        assert presence.on_duty(salon.slug) == {julia.id}

    def test_with_nobody_on_duty_no_time_is_promised_and_the_assistant_goes_on(self, salon, customer, julia):
        alone = service.request(salon, customer(1), CONTEXT)
        assert (alone.on_duty, alone.handoff.quiet, alone.handoff.promised_until) == (0, False, None)
        presence.beat(salon.slug, julia.id)
        served = service.request(salon, customer(2), CONTEXT)
        assert (served.on_duty, served.handoff.quiet) == (1, True)
        assert served.handoff.promised_until - served.handoff.requested_at == timedelta(minutes=served.minutes)

    def test_what_an_attendant_left_behind_goes_back_to_its_place(self, salon, customer, julia, at):
        first = service.request(salon, customer(1), CONTEXT).handoff
        at(seconds=1)
        second = service.request(salon, customer(2), CONTEXT).handoff
        attendants.seen(salon, julia)
        assert take(julia, first.id)
        at(minutes=14)
        jobs.give_back()
        assert service.get(salon.id, first.id).state == "assisted"
        at(minutes=16)
        jobs.give_back()
        assert [one.id for one in service.queued(salon)] == [first.id, second.id]
        assert queue.read(salon.slug) == [first.id, second.id]


class TestWait:
    def test_the_usual_wait_is_told_while_there_is_nothing_to_learn_from(self, salon, customer, at):
        assert service.request(salon, customer(1), CONTEXT).minutes == 5
        at(seconds=1)
        assert service.request(salon, customer(2), CONTEXT).minutes == 10

    def test_the_wait_is_the_median_of_the_last_ones_for_each_place(self, salon, customer, julia, at):
        for number, minutes in enumerate((2, 3, 30)):
            at(hours=number)
            presence.beat(salon.slug, julia.id)
            asked = service.request(salon, customer(number), CONTEXT).handoff
            at(hours=number, minutes=minutes)
            assert take(julia, asked.id)
        at(hours=4)
        assert service.request(salon, customer(8), CONTEXT).minutes == 3
        at(hours=4, seconds=1)
        assert service.request(salon, customer(9), CONTEXT).minutes == 6

    def test_a_night_in_which_nobody_was_there_is_nothing_to_learn_from(self, salon, customer, julia, at):
        for number in range(4):
            at(hours=number)
            asked = service.request(salon, customer(number), CONTEXT).handoff
            at(hours=number + 10)
            assert take(julia, asked.id)
        assert service.request(salon, customer(9), CONTEXT).minutes == 5


class TestTaking:
    def test_of_two_attendants_who_take_the_same_customer_one_has_her(self, salon, customer, julia, rita):
        for number in range(5):
            asked = service.request(salon, customer(number), CONTEXT).handoff
            with ThreadPoolExecutor(2) as pool:
                taken = list(pool.map(lambda who, asked=asked: take(who, asked.id), (julia, rita)))
            assert sum(one is not None for one in taken) == 1

    def test_a_customer_who_went_back_cannot_be_taken(self, salon, customer, julia):
        asked = service.request(salon, customer(1), CONTEXT).handoff
        assert service.leave(salon, customer(1)).state == "gone"
        assert service.leave(salon, customer(1)) is None
        assert take(julia, asked.id) is None
        assert queue.read(salon.slug) == []

    def test_after_the_end_she_may_ask_again(self, salon, customer, julia):
        first = service.request(salon, customer(1), CONTEXT).handoff
        take(julia, first.id)
        with transaction() as session:
            assert service.close(session, julia, first.id).state == "closed"
        assert service.request(salon, customer(1), CONTEXT).handoff.id != first.id

    def test_only_whoever_has_a_conversation_ends_it_or_gives_it_away(self, salon, customer, julia, rita):
        asked = service.request(salon, customer(1), CONTEXT).handoff
        take(julia, asked.id)
        with transaction() as session:
            assert service.close(session, rita, asked.id) is None
            assert service.release(session, rita, asked.id) is None
            assert service.transfer(session, rita, asked.id, rita) is None
            assert service.writable(session, rita, asked.id) is None
            assert service.transfer(session, julia, asked.id, rita).attendant_id == rita.id
            assert service.writable(session, rita, asked.id) is not None

    def test_everything_is_written_down(self, salon, customer, julia):
        asked = service.request(salon, customer(1), CONTEXT).handoff
        take(julia, asked.id)
        service.opened(julia, service.get(salon.id, asked.id))
        with transaction() as session:
            service.close(session, julia, asked.id)
        with transaction() as session:
            rows = session.execute(text("SELECT event, detail FROM audit_records WHERE customer_id = :id AND "
                                        "detail ? 'handoff' ORDER BY id"), {"id": asked.customer_id}).all()
        assert [row.event for row in rows] == ["handoff_requested", "handoff_taken", "conversation_opened",
                                               "handoff_closed"]
        assert all(row.detail["attendant"] == str(julia.id) for row in rows[1:])


class TestEstablishments:
    def test_each_has_its_own_queue_and_its_own_attendants(self, salon, other_salon, customer, julia):
        theirs = service.request(other_salon, customer(1, other_salon), CONTEXT).handoff
        presence.beat(salon.slug, julia.id)
        assert service.queued(salon) == [] and service.get(salon.id, theirs.id) is None
        assert take(julia, theirs.id) is None
        assert service.waiting(salon, customer(1, other_salon)) is None
        assert presence.on_duty(other_salon.slug) == frozenset()
        assert service.leave(salon, customer(1, other_salon)) is None
        assert attendants.get(other_salon.id, julia.id) is None
        assert attendants.sign_in(other_salon, "julia", "uma-senha-comprida") is None

    def test_a_conversation_is_not_handed_to_another_establishment(self, salon, other_salon, customer, julia):
        outsider = attendants.add(other_salon, "otto", "Otto", "uma-senha-comprida")
        asked = service.request(salon, customer(1), CONTEXT).handoff
        take(julia, asked.id)
        with transaction() as session:
            assert service.transfer(session, julia, asked.id, outsider) is None


class TestAccounts:
    def test_a_password_opens_only_while_the_account_is_active(self, salon, julia):
        assert attendants.sign_in(salon, " Julia ", "uma-senha-comprida").id == julia.id
        assert attendants.sign_in(salon, "julia", "outra-senha-comprida") is None
        assert attendants.sign_in(salon, "ninguem", "uma-senha-comprida") is None
        assert attendants.disable(salon, "julia")
        assert attendants.sign_in(salon, "julia", "uma-senha-comprida") is None
        assert attendants.set_password(salon, "julia", "uma-senha-bem-nova")
        assert attendants.sign_in(salon, "julia", "uma-senha-bem-nova").active

    def test_what_cannot_be_an_account_is_refused(self, salon, julia):
        for arguments in (("julia", "Outra", "uma-senha-comprida"), ("a b", "Ana", "uma-senha-comprida"),
                          ("ana", " ", "uma-senha-comprida"), ("ana", "Ana", "uma-senha-comprida", "chief")):
            with pytest.raises(attendants.AttendantError):
                attendants.add(salon, *arguments)
        with pytest.raises(passwords.PasswordError):
            attendants.add(salon, "ana", "Ana", "curta")

    def test_a_hash_says_nothing_of_the_password_and_differs_each_time(self, salon):
        first, second = passwords.hashed("uma-senha-comprida"), passwords.hashed("uma-senha-comprida")
        assert first != second and "senha" not in first
        assert passwords.fits("uma-senha-comprida", first) and not passwords.fits("x" * 500, first)


def test_an_erased_customer_waits_no_longer_and_nothing_of_hers_is_left(salon, customer):
    import marcai.handoff.personal  # noqa: F401
    from marcai.customers import service as customers

    asked = service.request(salon, customer(1), CONTEXT).handoff
    copy = customers.export_customer(salon, customer(1))
    assert copy["handoffs"][0]["context"] == CONTEXT
    customers.erase_customer(salon, asked.customer_id)
    with transaction() as session:
        row = session.get(Handoff, asked.id)
        assert (row.state, row.context) == ("gone", None)


def test_a_customer_who_waits_for_a_person_is_not_asked_whether_she_wants_to_go_on(salon, customer, at):
    from marcai.whatsapp import pauses
    from marcai.whatsapp.models import ConversationSnapshot

    def silent_for_six_minutes(customer_id):
        with transaction() as session:
            session.merge(ConversationSnapshot(sender_id=str(customer_id), events=[], question="date",
                                               updated_at=clock.now() - timedelta(minutes=6)))

    at(seconds=(15 - clock.local_now(salon.timezone).hour) * 3600)  # outside the quiet hours
    silent_for_six_minutes(customer(1))
    silent_for_six_minutes(customer(2))
    service.request(salon, customer(1), CONTEXT)
    assert pauses.ask_the_silent() == 1
