"""Loading an establishment's file stores it whole, updates it in place, and is seen by every process at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from marcai.catalogue import service as catalogue
from marcai.catalogue.models import Service
from marcai.platform import redis
from marcai.platform.database import transaction
from marcai.resources.models import Unit
from marcai.staff import service as staff
from marcai.staff.models import Shift, Staff, TimeOff
from marcai.tenants import cache
from marcai.tenants import service as tenants
from marcai.tenants.models import Tenant

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "tenants" / "bela-vista.yml"
OTHERS = sorted((ROOT / "tests" / "data").glob("*.yml"))


@pytest.fixture
def changed(tmp_path):
    """Writes the demonstration file with a change."""
    def write(change):
        content = yaml.safe_load(DEMO.read_text())
        change(content)
        path = tmp_path / "changed.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
        return path
    return write


def rows(model, **values):
    with transaction() as session:
        query = select(model)
        for name, value in values.items():
            query = query.where(getattr(model, name) == value)
        return session.execute(query).scalars().all()


def test_the_demonstration_salon_is_stored_as_its_file_says(salon):
    services = catalogue.active_services(salon)
    assert [one.code for one in services][:3] == ["corte-feminino", "corte-masculino", "barba"]
    progressiva = next(one for one in services if one.code == "progressiva")
    assert progressiva.incompatible_with == {"escova", "coloracao", "luzes"}
    assert str(progressiva.price) == "280.00"
    assert salon.policy.prepayment == "offered" and salon.policy.quiet_hours == ("21:00", "08:00")
    assert salon.policy.hold_minutes == 5, "what the file does not say has its default"
    people = staff.active_staff(salon)
    assert [one.name for one in people] == ["Ana Souza", "Bruno Lima", "Carla Mendes", "Denise Rocha"]
    assert {one.code for one in services if one.id in people[1].service_ids} == {
        "corte-masculino", "barba", "corte-feminino", "hidratacao"}


def test_an_establishment_is_found_by_each_of_its_names(salon):
    assert tenants.by_phone_number_id("100000000000001") == tenants.by_slug("bela-vista") == salon
    assert tenants.by_id(salon.id) == tenants.by_id(str(salon.id)) == tenants.first() == salon
    assert tenants.by_phone_number_id("1") is tenants.by_slug("x") is tenants.by_id("no uuid") is None
    assert tenants.list_all() == [salon]


def test_an_empty_database_has_no_first_establishment(database):
    assert tenants.first() is None
    assert tenants.list_all() == []


def test_loading_the_same_file_again_changes_no_id(salon):
    before = {one.code: one.id for one in catalogue.active_services(salon)}
    people = {one.code: one.id for one in staff.active_staff(salon)}
    report = tenants.load(DEMO)
    assert (report.created, report.retired_services, report.retired_staff) == (False, (), ())
    assert {one.code: one.id for one in catalogue.active_services(salon)} == before
    assert {one.code: one.id for one in staff.active_staff(salon)} == people
    assert len(rows(Shift)) == 9 + 9 + 9 + 4, "shifts are replaced, not added"


def test_what_is_no_longer_in_the_file_becomes_inactive_and_returns_as_itself(salon, changed):
    luzes = next(one for one in catalogue.active_services(salon) if one.code == "luzes")

    def without(content):
        content["services"] = [one for one in content["services"] if one["code"] != "luzes"]
        content["staff"] = [one for one in content["staff"] if one["code"] != "denise"]
        content["staff"][0]["services"].remove("luzes")
        for one in content["services"]:
            one["incompatible_with"] = [code for code in one.get("incompatible_with", []) if code != "luzes"]

    report = tenants.load(changed(without))
    assert (report.retired_services, report.retired_staff) == (("luzes",), ("denise",))
    assert "luzes" not in {one.code for one in catalogue.active_services(salon)}
    assert [one.code for one in staff.active_staff(salon)] == ["ana", "bruno", "carla"]
    assert [row.active for row in rows(Service, code="luzes")] == [False], "bookings still point to it"
    assert [row.active for row in rows(Staff, code="denise")] == [False]
    tenants.load(DEMO)
    assert luzes in catalogue.active_services(salon)


def test_shifts_and_time_off_are_replaced(salon, changed):
    def other(content):
        content["staff"][0]["shifts"] = {"mon": ["22:00-02:00"]}
        content["time_off"] = [{"staff": "ana", "from": "2027-01-04", "to": "2027-01-09", "reason": "férias"},
                               {"from": "2026-12-24", "to": "2026-12-25"}]

    tenants.load(changed(other))
    ana = rows(Staff, code="ana")[0]
    assert [(row.weekday, row.starts, row.ends) for row in rows(Shift, staff_id=ana.id)] == [(0, time(22), time(2))]
    assert {row.staff_id for row in rows(TimeOff)} == {ana.id, None}
    tenants.load(DEMO)
    assert rows(TimeOff) == []


@pytest.fixture
def equipped(tmp_path):
    """Loads the pet shop's file, with a change if one is given."""
    def load(change=lambda content: None):
        content = yaml.safe_load((ROOT / "tests" / "data" / "bicho-feliz.yml").read_text())
        change(content)
        path = tmp_path / "equipped.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
        return tenants.load(path)
    return load


def test_rooms_and_equipment_are_stored_with_the_services_that_need_them(database, equipped):
    report = equipped()
    assert str(report).endswith("created: 12 services, 3 professionals, rooms: 1, pieces of equipment: 3")
    assert sorted((row.code, row.number) for row in rows(Unit)) == [
        ("banheira", 1), ("consultorio", 1), ("mesa", 1), ("mesa", 2)]
    needs = {service.code: service.needs for service in catalogue.active_services(report.tenant)}
    assert needs["banho-e-tosa"] == ("banheira", "mesa") and needs["unhas"] == ()
    before = {row.id for row in rows(Unit)}
    equipped()
    assert {row.id for row in rows(Unit)} == before


def test_units_that_are_no_longer_in_the_file_become_inactive_and_return_as_themselves(database, equipped):
    equipped()
    second, = rows(Unit, code="mesa", number=2)

    def one_table(content):
        content["resources"][1]["count"] = 1

    report = equipped(one_table)
    assert report.retired_units == ("mesa 2",) and "inactive from now on: mesa 2" in str(report)
    assert [(row.id, row.active) for row in rows(Unit, number=2)] == [(second.id, False)]
    equipped()
    assert [(row.id, row.active) for row in rows(Unit, number=2)] == [(second.id, True)]


def test_a_resource_cannot_leave_the_file_while_a_service_needs_it(database, equipped):
    equipped()

    def no_room(content):
        content["resources"].pop()

    with pytest.raises(tenants.TenantFileError) as caught:
        equipped(no_room)
    assert [error.split(": ", 1)[1] for error in caught.value.errors] == [
        f"services[{number}].needs[0]: consultorio is not the code of a resource in this file"
        for number in (9, 10, 11)]
    assert [row.active for row in rows(Unit, code="consultorio")] == [True]


def test_the_time_off_of_units_is_replaced_like_everybody_s(database, equipped):
    def broken(content):
        content["time_off"] = [{"resource": "mesa", "from": "2027-01-04", "to": "2027-01-09"},
                               {"resource": "mesa", "unit": 2, "from": "2027-02-04", "to": "2027-02-04"}]

    equipped(broken)
    tables = {row.number: row.id for row in rows(Unit, code="mesa")}
    assert sorted((row.starts_at.month, row.unit_id) for row in rows(TimeOff)) == sorted(
        [(1, tables[1]), (1, tables[2]), (2, tables[2])])
    assert {row.staff_id for row in rows(TimeOff)} == {None}
    equipped()
    assert {row.unit_id for row in rows(TimeOff)} == {None}


def test_the_same_file_loaded_twice_at_once_makes_one_establishment(database):
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(tenants.load, [DEMO] * 4))
    assert sorted(report.created for report in reports) == [False, False, False, True]
    assert len({report.tenant.id for report in reports}) == 1
    assert len(rows(Service)) == 15


def test_a_report_says_what_was_done(salon, changed):
    assert str(tenants.load(DEMO)) == "Salão Bela Vista (bela-vista) updated: 15 services, 4 professionals"
    report = str(tenants.load(changed(lambda content: content["staff"].pop())))
    assert "inactive from now on: denise" in report
    assert "warning: service massagem: no professional does it, so it cannot be booked" in report


def test_a_file_with_an_error_changes_nothing(salon, changed):
    def half(content):
        content["services"][0]["price"] = "1.00"
        content["services"][1]["price"] = "free"

    with pytest.raises(tenants.TenantFileError, match=r"services\[1\].price"):
        tenants.load(changed(half))
    assert str(catalogue.active_services(salon)[0].price) == "90.00"


def test_a_phone_number_id_belongs_to_one_establishment(salon, changed):
    def thief(content):
        content["tenant"]["slug"] = "outro"

    with pytest.raises(tenants.TenantFileError) as caught:
        tenants.load(changed(thief))
    assert caught.value.errors == ["line 7: tenant.phone_number_id: is already used by another establishment"]
    assert tenants.by_slug("outro") is None


def test_several_establishments_live_side_by_side(salon):
    for path in OTHERS:
        assert tenants.load(path).created
    assert [one.slug for one in tenants.list_all()] == ["agulha-fina", "bela-vista", "bicho-feliz", "sorriso-claro"]
    dentist = tenants.by_phone_number_id("100000000000002")
    assert dentist.timezone == "America/Manaus" and dentist.policy.prepayment == "off"
    assert not {one.id for one in catalogue.active_services(dentist)} & {
        one.id for one in catalogue.active_services(salon)}
    assert len(rows(Service)) == 15 + 10 + 12 + 9


def test_a_change_is_seen_at_once_through_the_cache(salon, changed):
    assert str(catalogue.active_services(salon)[0].price) == "90.00"
    assert redis.client().get("catalogue:bela-vista") is not None
    tenants.load(changed(lambda content: content["services"][0].update(price="95.00")))
    assert str(catalogue.active_services(salon)[0].price) == "95.00"


def test_a_load_raises_the_versions_that_other_caches_watch(salon, changed):
    def versions():
        return [int(redis.client().get(key) or 0) for key in
                ("tenant:version:bela-vista", "availability:version:bela-vista", cache.TENANTS_VERSION)]

    before = versions()
    tenants.load(DEMO)
    assert versions() == [number + 1 for number in before]


def test_another_process_sees_a_changed_establishment_without_waiting_for_its_memory_to_expire(salon, monkeypatch):
    with transaction() as session:  # another process: this one's memory is not emptied
        session.execute(select(Tenant).where(Tenant.slug == "bela-vista")).scalar_one().name = "Salão Novo"
    assert tenants.by_slug("bela-vista").name == "Salão Bela Vista"
    redis.client().incr(cache.TENANTS_VERSION)
    monkeypatch.setattr(tenants, "CHECK_SECONDS", 0.0)
    assert tenants.by_slug("bela-vista").name == "Salão Novo"
