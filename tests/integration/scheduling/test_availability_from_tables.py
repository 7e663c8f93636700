"""What the tables say about a diary, read through the engine, is what trying every minute on the wall clock says."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta, timezone
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from establishments import customer_of, establish, insert_allocation, insert_time_off
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from marcai.platform import clock
from marcai.platform.database import transaction
from marcai.scheduling import availability, holds
from marcai.scheduling.visit import Feasibility
from marcai.tenants.service import Policy

HOLIDAYS = {date(2018, 11, 2), date(2018, 11, 15), date(2026, 11, 20), date(2026, 12, 25)}  # in BR-SP, of those below
DAYS = [
    ("America/Sao_Paulo", date(2018, 11, 3)),  # the 4th begins at 01:00; the 2nd is a holiday
    ("America/Sao_Paulo", date(2018, 2, 17)),  # 23:00 to midnight comes twice
    ("America/Sao_Paulo", date(2026, 11, 19)),  # the 20th is a holiday
    ("America/Sao_Paulo", date(2028, 2, 28)),
    ("America/Manaus", date(2026, 12, 24)),
    ("America/Noronha", date(2027, 1, 1)),
    ("America/New_York", date(2026, 3, 7)),  # the 8th has no 02:00
    ("America/New_York", date(2026, 10, 31)),
    ("Asia/Kathmandu", date(2026, 5, 5)),  # 5:45 ahead of UTC
    ("Australia/Lord_Howe", date(2026, 4, 4)),  # the clock changes by half an hour
]
CLOCK = st.sampled_from(
    ["00:00", "00:30", "01:00", "02:30", "06:00", "09:00", "12:00", "14:20", "22:00", "23:30", "23:59"]
)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def as_minute(at):
    return int((at - EPOCH).total_seconds() // 60)


def as_instant(minute):
    return EPOCH + timedelta(minutes=minute)


@st.composite
def diaries(draw):
    zone, day = draw(st.sampled_from(DAYS))
    people = draw(st.integers(1, 3))
    count = draw(st.integers(1, 3))
    length, cleanup = st.sampled_from([15, 30, 50, 90]), st.sampled_from([0, 0, 10, 20])
    resources = draw(st.sampled_from([{}, {"sala": 1}, {"sala": 2}, {"sala": 1, "maca": 2}]))
    needs = st.lists(st.sampled_from(sorted(resources)), unique=True) if resources else st.just([])
    services = [(draw(length), draw(cleanup), *draw(needs)) for _ in range(count)]
    able = [sorted(draw(st.sets(st.integers(0, count - 1), min_size=1))) for _ in range(people)]
    weekdays = [(day + timedelta(days=number)).weekday() for number in (-1, 0, 1)]
    shifts = [
        draw(st.lists(st.tuples(st.sampled_from(weekdays), CLOCK, CLOCK), min_size=1, max_size=4))
        for _ in range(people)
    ]
    span = st.tuples(st.integers(0, 40 * 60), st.integers(1, 200))
    units = [(code, number) for code, count in resources.items() for number in range(count)]
    off = draw(st.lists(st.tuples(st.sampled_from([None, *range(people)]), span), max_size=2))
    if units:
        off += draw(st.lists(st.tuples(st.sampled_from(units), st.tuples(st.integers(0, 2400), st.integers(60, 900))),
                             max_size=3))
    taken = []
    for who in [*range(people), *units]:
        at = 0
        for gap, length, state in draw(
            st.lists(st.tuples(st.integers(0, 600), st.integers(5, 200),
                               st.sampled_from(["booked", "live", "expired", "released", "own"])), max_size=6)
        ):
            taken.append((who, at + gap, at + gap + length, state))
            at += gap + length
    return {
        "zone": zone, "day": day, "services": services, "resources": resources, "able": able,
        "shifts": shifts, "off": off, "taken": taken,
        "policy": Policy(slot_step_minutes=draw(st.sampled_from([15, 15, 20, 30, 50])),
                         min_notice_minutes=draw(st.sampled_from([0, 60, 600])),
                         booking_window_days=draw(st.integers(0, 2))),
        "holidays": "BR-SP" if zone == "America/Sao_Paulo" else None,
        "now": draw(st.integers(-600, 600)),
        "staff": draw(st.sampled_from([None, None, *range(people)])),
    }


class Tried:
    """The diary on the wall clock, minute by minute."""

    def __init__(self, it, now):
        zone, day = ZoneInfo(it["zone"]), it["day"]
        self.it, self.now, self.zone = it, now, zone
        middle = as_minute(datetime(day.year, day.month, day.day, tzinfo=timezone.utc))
        self.walls = [
            (minute, as_instant(minute).astimezone(zone).replace(tzinfo=None))
            for minute in range(middle - 3 * 1440, middle + 5 * 1440)
        ]
        self.wall_of = dict(self.walls)
        self.midnight = self.first(datetime(day.year, day.month, day.day))
        self.duty, self.free = [], []
        for person, shifts in enumerate(it["shifts"]):
            duty = set()
            for number in range(-2, 4):
                date_ = day + timedelta(days=number)
                if it["holidays"] and date_ in HOLIDAYS:
                    continue
                for weekday, starts, ends in shifts:
                    if weekday == date_.weekday():
                        start = datetime.fromisoformat(f"{date_} {starts}")
                        end = datetime.fromisoformat(f"{date_} {ends}")
                        end += timedelta(days=1) if ends <= starts else timedelta()
                        duty |= set(range(self.first(start), self.first(end)))
            duty -= self.off(None, person)
            self.duty.append(duty)
            self.free.append(duty - self.busy(person))
        always = set(self.wall_of)
        units = {code: [(code, number) for number in range(count)] for code, count in it["resources"].items()}
        self.usable = {code: [always - self.off(unit) for unit in equal] for code, equal in units.items()}
        self.unused = {
            code: [always - self.off(unit) - self.busy(unit) for unit in equal] for code, equal in units.items()
        }

    def off(self, *whose):
        spans = [span for who, span in self.it["off"] if who in whose]
        return {self.midnight + minute for at, length in spans for minute in range(at, at + length)}

    def busy(self, whose):
        spans = [(start, end) for who, start, end, state in self.it["taken"]
                 if who == whose and state in ("booked", "live")]
        return {self.midnight + minute for start, end in spans for minute in range(start, end)}

    def first(self, wall):
        return next(minute for minute, reads in self.walls if reads >= wall)

    def may_start(self, minute):
        policy, reads = self.it["policy"], self.wall_of[minute]
        today = self.now.astimezone(self.zone).date()
        return (
            (reads.hour * 60 + reads.minute) % policy.slot_step_minutes == 0
            and as_instant(minute) >= self.now + timedelta(minutes=policy.min_notice_minutes)
            and reads.date() <= today + timedelta(days=policy.booking_window_days)
        )

    def doers(self):
        """For each service who may do it, with the preferred professional doing all she can; None when impossible."""
        wanted, out = self.it["staff"], []
        for number in range(len(self.it["services"])):
            able = [person for person, mine in enumerate(self.it["able"]) if number in mine]
            if not able:
                return None
            out.append([wanted] if wanted in able else able)
        if wanted is not None and [wanted] not in out:
            return None
        return out

    def best(self, start, minutes, units):
        """Professionals and minutes of the best visit at a start, None without any."""
        doers, found = self.doers(), []
        if doers is None:
            return None
        for order in itertools.permutations(range(len(doers))):
            for people in itertools.product(*(doers[number] for number in order)):
                at, ready, ends, fits = start, {}, start, True
                last = None
                for number, person in zip(order, people, strict=True):
                    duration, cleanup, *needs = self.it["services"][number]
                    at = ready[person] if person == last else ends
                    until = at + duration + cleanup
                    if at < ready.get(person, 0) or not minutes[person].issuperset(range(at, until)) or not all(
                        any(unit.issuperset(range(at, until)) for unit in units[code]) for code in needs
                    ):
                        fits = False
                        break
                    ready[person], ends, last = until, at + duration, person
                if fits:
                    found.append((len(set(people)), ends - start))
        return min(found) if found else None


@settings(max_examples=120, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large])
@given(it=diaries())
def test_openings_days_and_feasibility_are_those_found_by_trying_every_minute(servers, it):
    noon = datetime(it["day"].year, it["day"].month, it["day"].day, 12, tzinfo=timezone.utc)
    now = noon + timedelta(minutes=it["now"])
    tried = Tried(it, now)
    place = establish(it["services"], list(zip(it["able"], it["shifts"], strict=True)), zone=it["zone"],
                      resources=it["resources"], holidays=it["holidays"], policy=it["policy"])
    unit_of = {(code, number): unit for code, equal in place.units.items() for number, unit in enumerate(equal)}
    for who, (at, length) in it["off"]:
        insert_time_off(place.tenant, as_instant(tried.midnight + at), as_instant(tried.midnight + at + length),
                        place.staff[who] if isinstance(who, int) else None, unit_of.get(who))
    own = uuid4()
    for who, start, end, state in it["taken"]:
        expires = {"live": now + timedelta(seconds=1), "own": now + timedelta(minutes=3), "expired": now}.get(state)
        insert_allocation(place.tenant, place.staff[who] if isinstance(who, int) else unit_of[who],
                          as_instant(tried.midnight + start), as_instant(tried.midnight + end),
                          state="hold" if expires else state, expires_at=expires,
                          visit_id=own if state == "own" else None)
    since, until = tried.midnight + 7, tried.midnight + 2 * 1440
    staff_id = None if it["staff"] is None else place.staff[it["staff"]]
    with pytest.MonkeyPatch.context() as patch, transaction() as session:
        patch.setattr(clock, "now", lambda: now)
        found = availability.openings(session, place.tenant, place.services, since=as_instant(since),
                                      until=as_instant(until), staff_id=staff_id, for_visit=own)
        rooms = availability.days(session, place.tenant, place.services, first=it["day"], count=2, staff_id=staff_id,
                                  for_visit=own)
        verdict = availability.can_be_done(session, place.tenant, place.services, staff_id)
        session.execute(text("DELETE FROM allocations WHERE tenant_id = :id"), {"id": place.tenant.id})
    allowed = {minute for minute in tried.wall_of if tried.may_start(minute)}
    expected = {minute: tried.best(minute, tried.free, tried.unused) for minute in sorted(allowed)}
    expected = {minute: best for minute, best in expected.items() if best}
    visits = [opening.visits[0] for opening in found]
    assert [opening.start for opening in found] == sorted(visit.start for visit in visits)
    assert {
        as_minute(visit.start): (len(visit.staff_ids), as_minute(visit.end) - as_minute(visit.start))
        for visit in visits
    } == {minute: best for minute, best in expected.items() if since <= minute < until}
    assert {room.date: room.starts for room in rooms} == {
        it["day"] + timedelta(days=number): sum(
            tried.wall_of[minute].date() == it["day"] + timedelta(days=number) for minute in expected
        )
        for number in (0, 1)
    }
    for visit in (visit for opening in found for visit in opening.visits):
        check_units(tried, place, unit_of, visit)
    unbooked = [tried.best(minute, tried.duty, tried.usable) for minute in allowed]
    people = {best[0] for best in unbooked if best}
    impossible = Feasibility.TWO_VISITS if staff_id is None else Feasibility.NOT_BY_THAT_PROFESSIONAL
    assert verdict is (
        Feasibility.ONE_PROFESSIONAL if 1 in people else Feasibility.SEQUENCE if people else impossible
    )


def check_units(tried, place, unit_of, visit):
    """Every service has a unit of each resource it needs, unused all the time; no claims of the visit overlap."""
    names = {unit: name for name, unit in unit_of.items()}
    needs = {service.id: list(service.needs) for service in place.services}
    for part in visit.segments:
        units = [names[unit] for unit in part.unit_ids]
        assert [code for code, _ in units] == needs[part.service_id]
        taken = set(range(as_minute(part.start), as_minute(part.blocked_until)))
        assert all(taken <= tried.unused[code][number] for code, number in units)
    claimed = [
        (claim.resource_id, minute)
        for claim in visit.claims for minute in range(as_minute(claim.start), as_minute(claim.until))
    ]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) == {
        (resource, minute)
        for part in visit.segments for resource in (part.staff_id, *part.unit_ids)
        for minute in range(as_minute(part.start), as_minute(part.blocked_until))
    }


def test_a_day_that_begins_at_one_in_the_morning_has_no_starts_before(servers, monkeypatch):
    policy = Policy(min_notice_minutes=0, slot_step_minutes=30)
    place = establish([(60, 0)], [([0], [(6, "00:00", "03:00")])], policy=policy)
    monkeypatch.setattr(clock, "now", lambda: datetime(2018, 11, 3, 12, tzinfo=timezone.utc))
    assert local_starts(place, date(2018, 11, 4)) == ["01:00", "01:30", "02:00"]


def test_a_shift_past_midnight_goes_on_into_the_next_day(servers, monkeypatch):
    place = establish([(60, 0)], [([0], [(4, "22:00", "02:00")])], policy=Policy(slot_step_minutes=60))
    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 3, 1, 12, tzinfo=timezone.utc))  # a Friday
    assert local_starts(place, date(2030, 3, 1)) == ["22:00", "23:00"]
    assert local_starts(place, date(2030, 3, 2)) == ["00:00", "01:00"]


def test_a_shift_until_a_minute_before_midnight_is_a_minute_shorter_than_one_until_midnight(servers, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 3, 1, 12, tzinfo=timezone.utc))
    for ends, expected in (("23:59", ["22:00", "22:30"]), ("24:00", ["22:00", "22:30", "23:00"]),
                           ("00:00", ["22:00", "22:30", "23:00"])):
        place = establish([(60, 0)], [([0], [(4, "22:00", ends)])], policy=Policy(slot_step_minutes=30))
        assert local_starts(place, date(2030, 3, 1)) == expected


def test_the_29th_of_february_is_a_day_like_others(servers, monkeypatch):
    place = establish([(60, 0)], [([0], [(1, "09:00", "11:00")])], policy=Policy(slot_step_minutes=60))
    monkeypatch.setattr(clock, "now", lambda: datetime(2028, 2, 28, 12, tzinfo=timezone.utc))
    assert local_starts(place, date(2028, 2, 29)) == ["09:00", "10:00"]


def test_nothing_starts_on_a_regional_holiday_and_the_reason_is_said(servers, monkeypatch):
    shifts = [(weekday, "09:00", "11:00") for weekday in range(7)]
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 7, 12, tzinfo=timezone.utc))
    at = datetime(2026, 7, 9, 13, tzinfo=timezone.utc)  # Revolução Constitucionalista, in São Paulo only
    paulista = establish([(60, 0)], [([0], shifts)], holidays="BR-SP")
    carioca = establish([(60, 0)], [([0], shifts)], holidays="BR-RJ")
    assert local_starts(paulista, date(2026, 7, 9)) == []
    assert local_starts(carioca, date(2026, 7, 9)) != []
    assert reason(paulista, at) is availability.Reason.HOLIDAY


def test_the_reason_why_a_start_is_not_offered_is_the_one_that_a_person_would_give(servers, monkeypatch):
    now = datetime(2030, 3, 4, 12, 0, tzinfo=timezone.utc)  # Monday, 9:00
    monkeypatch.setattr(clock, "now", lambda: now)
    place = establish(
        [(60, 0), (30, 0)],
        [([0], [(0, "09:00", "18:00"), (1, "09:00", "12:00")]), ([1], [(1, "09:00", "18:00")])],
        policy=Policy(booking_window_days=3),
    )
    reasons = availability.Reason
    tuesday = datetime(2030, 3, 5, 3, 0, tzinfo=timezone.utc)  # local midnight

    def at(hours, minutes=0):
        return tuesday + timedelta(hours=hours, minutes=minutes)

    def why(instant, staff=None):
        return reason(place, instant, [place.services[0]], staff)

    insert_allocation(place.tenant, place.staff[0], at(9, 30), at(10))
    assert why(now - timedelta(minutes=1)) is reasons.PAST
    assert why(now + timedelta(minutes=30)) is reasons.TOO_SOON
    assert why(at(24 * 3)) is reasons.TOO_FAR
    assert why(at(24 * 2 + 23)) is reasons.CLOSED
    assert why(at(20)) is reasons.CLOSED
    assert why(at(13)) is reasons.PROFESSIONAL_OFF
    assert why(at(10), place.staff[1]) is reasons.PROFESSIONAL_OFF
    assert why(at(11, 30)) is reasons.TOO_LONG
    assert why(at(9, 30)) is reasons.TAKEN
    assert why(at(9)) is reasons.GAP_TOO_SHORT
    assert why(at(10, 7)) is reasons.OFF_GRID
    insert_time_off(place.tenant, at(10), at(12), place.staff[0])
    assert why(at(10, 30)) is reasons.PROFESSIONAL_OFF
    insert_time_off(place.tenant, at(10), at(12))
    assert why(at(10, 30)) is reasons.CLOSED


def test_the_reason_why_a_day_or_a_part_of_it_has_no_start_is_the_one_that_a_person_would_give(servers, monkeypatch):
    now = datetime(2030, 3, 4, 12, 0, tzinfo=timezone.utc)  # Monday, 9:00
    monkeypatch.setattr(clock, "now", lambda: now)
    place = establish(
        [(60, 0), (30, 0), (300, 0)],
        [([0, 2], [(0, "09:00", "10:00"), (1, "09:00", "12:00")]),
         ([1], [(1, "09:00", "18:00"), (2, "09:00", "12:00")])],
        policy=Policy(booking_window_days=3),
    )
    reasons = availability.Reason
    midnight = datetime(2030, 3, 5, 3, 0, tzinfo=timezone.utc)  # of Tuesday

    def why(day, service=0, since=0, until=24, **more):
        start = midnight + timedelta(days=day)
        with transaction() as session:
            return availability.why_none(session, place.tenant, [place.services[service]], **more,
                                         since=start + timedelta(hours=since), until=start + timedelta(hours=until))

    assert why(-2) is reasons.PAST
    assert why(-1) is reasons.TOO_SOON
    assert why(3) is reasons.TOO_FAR
    assert why(2) is reasons.CLOSED
    assert why(1) is reasons.PROFESSIONAL_OFF
    assert why(0, staff_id=place.staff[1]) is reasons.PROFESSIONAL_OFF
    assert why(0, since=13, until=18) is reasons.PROFESSIONAL_OFF
    assert why(0, since=6, until=9) is reasons.CLOSED
    assert why(0, service=2) is reasons.TOO_LONG
    assert why(0) is None
    nine = midnight + timedelta(hours=9)
    insert_allocation(place.tenant, place.staff[0], nine, nine + timedelta(hours=2, minutes=30))
    assert why(0) is reasons.TAKEN
    assert why(0, service=1) is None


def test_days_may_be_counted_for_a_part_of_the_day_only(servers, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 3, 4, 3, tzinfo=timezone.utc))
    shifts = [(1, "09:00", "13:00"), (2, "14:00", "18:00"), (4, "22:00", "02:00")]
    place = establish([(60, 0)], [([0], shifts)], policy=Policy(slot_step_minutes=60, min_notice_minutes=0))

    def starts(since, until):
        with transaction() as session:
            found = availability.days(session, place.tenant, place.services, first=date(2030, 3, 5), count=5,
                                      clock_times=(since, until))
        return [day.starts for day in found]

    assert starts(None, None) == [4, 4, 0, 2, 2]
    assert starts(None, time(12)) == [3, 0, 0, 0, 2]
    assert starts(time(16), None) == [0, 2, 0, 2, 0]
    assert starts(time(10), time(17)) == [3, 3, 0, 0, 0]
    assert starts(time(10, 0, 1), time(11, 0, 1)) == [1, 0, 0, 0, 0]


def test_days_may_be_counted_for_some_starts_only(servers, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 3, 4, 3, tzinfo=timezone.utc))
    shifts = [(1, "09:00", "13:00"), (2, "14:00", "18:00")]
    place = establish([(60, 0)], [([0], shifts)], policy=Policy(slot_step_minutes=60, min_notice_minutes=0))
    with transaction() as session:
        found = availability.days(session, place.tenant, place.services, first=date(2030, 3, 5), count=2,
                                  clock_times=(None, time(17)), accepts=lambda at: at.hour % 2 == 0)
    assert [day.starts for day in found] == [2, 1]  # three hours behind: of 12 to 15h UTC, and of 17 to 19h UTC


def test_a_hold_blocks_others_until_it_expires_and_never_its_own_customer(servers, monkeypatch):
    now = datetime(2031, 3, 3, 12, tzinfo=timezone.utc)
    monkeypatch.setattr(clock, "now", lambda: now)
    place = establish([(60, 0)], [([0], [(1, "09:00", "11:00")])], policy=Policy(slot_step_minutes=60))
    visit_id, day = uuid4(), date(2031, 3, 4)
    held = holds.hold(place.tenant, customer_of(place.tenant), place.visit((0, 0, 0)), visit_id=visit_id)
    assert local_starts(place, day) == ["10:00"]
    assert local_starts(place, day, for_visit=visit_id) == ["09:00", "10:00"]
    monkeypatch.setattr(clock, "now", lambda: held.expires_at)
    assert local_starts(place, day) == ["09:00", "10:00"]


def local_starts(place, day, **more):
    zone = ZoneInfo(place.tenant.timezone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
    with transaction() as session:
        found = availability.openings(session, place.tenant, place.services, since=midnight - timedelta(days=1),
                                      until=midnight + timedelta(days=2), **more)
    locals_ = [opening.start.astimezone(zone) for opening in found]
    return [at.strftime("%H:%M") for at in locals_ if at.date() == day]


def reason(place, at, services=None, staff_id=None):
    with transaction() as session:
        return availability.why_not(session, place.tenant, services or place.services, at, staff_id)
