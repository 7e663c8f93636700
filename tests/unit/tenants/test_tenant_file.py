"""An establishment's file is read strictly: every error is named with its line, and nothing doubtful gets in."""

from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from marcai.tenants.file import TenantFileError, read_file, read_text

ROOT = Path(__file__).resolve().parents[3]
FILES = [ROOT / "tenants" / "bela-vista.yml", *sorted((ROOT / "tests" / "data").glob("*.yml"))]

GOOD = """\
tenant:
  slug: teste
  name: Salão de Teste
  timezone: America/Sao_Paulo
  phone_number_id: "100000000000009"
  display_phone_number: "+55 11 4000-0009"
  holidays: BR-SP
  policy:
    slot_step_minutes: 15
    prepayment: off
    quiet_hours: ["21:00", "08:00"]
services:
  - code: corte
    name: Corte
    category: Cabelo
    price: "90.00"
    duration: 60
    aliases: [cortar, corte de cabelo]
  - code: escova
    name: Escova
    category: Cabelo
    price: "70.00"
    duration: 45
    incompatible_with: [corte]
staff:
  - code: ana
    name: Ana Souza
    services: [corte, escova]
    shifts:
      tue: ["09:00-12:00", "13:00-18:00"]
      sat: ["22:00-02:00"]
time_off:
  - {staff: ana, from: 2027-01-04, to: 2027-01-09, reason: férias}
"""


EQUIPPED = GOOD.replace("services:\n  - code", """\
resources:
  - {code: sala, name: Sala de estética, kind: room}
  - {code: cadeira, name: Cadeira de lavar, kind: equipment, count: 2}
services:
  - code""", 1).replace("    duration: 60\n", "    duration: 60\n    needs: [cadeira, sala]\n") + """\
  - {resource: cadeira, from: 2027-01-04, to: 2027-01-09, reason: conserto}
  - {resource: cadeira, unit: 2, from: "2027-02-04 10:00", to: "2027-02-04 12:00"}
"""


def errors_of(text):
    with pytest.raises(TenantFileError) as caught:
        read_text(text)
    return caught.value.errors


def broken(old, new):
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


BROKEN = [
    ('price: "90.00"', "price: 90", 'line 16: services[0].price: must be money such as "90.00"'),
    ('price: "90.00"', 'price: "90,00"', 'line 16: services[0].price: must be money such as "90.00"'),
    ('price: "90.00"', 'price: "-1.00"', 'line 16: services[0].price: must be money such as "90.00"'),
    ("duration: 60", "duration: uma hora", "line 17: services[0].duration: must be a whole number from 5 to 1440"),
    ("duration: 60", "duration: 0", "line 17: services[0].duration: must be a whole number from 5 to 1440"),
    ("duration: 60", 'duration: "60"', "line 17: services[0].duration: must be a whole number from 5 to 1440"),
    ("America/Sao_Paulo", "America/Sampa", "line 4: tenant.timezone: must be an IANA zone such as America/Sao_Paulo"),
    ("holidays: BR-SP", "holidays: BR-XX",
     "line 7: tenant.holidays: must be an ISO 3166-2 place with known holidays, such as BR-SP"),
    ("holidays: BR-SP", "holidays: Brasil",
     "line 7: tenant.holidays: must be an ISO 3166-2 place with known holidays, such as BR-SP"),
    ("slug: teste", "slug: Salão Teste",
     "line 2: tenant.slug: must be lower-case letters, digits and single hyphens, such as corte-feminino"),
    ('"100000000000009"', "100000000000009", "line 5: tenant.phone_number_id: must be the digits of a Cloud API id in "
     'quotes, such as "100000000000001"'),
    ("prepayment: off", "prepayment: maybe",
     "line 10: tenant.policy.prepayment: must be one of off, offered, required"),
    ('["21:00", "08:00"]', '["21:00"]', 'line 11: tenant.policy.quiet_hours: must be two clock times such as '
     '["21:00", "08:00"]'),
    ('["21:00", "08:00"]', '["21:00", "8h"]', 'line 11: tenant.policy.quiet_hours[1]: must be a clock time such as '
     '"21:00"'),
    ("slot_step_minutes: 15", "slot_step_minutes: 1.5",
     "line 9: tenant.policy.slot_step_minutes: must be a whole number from 5 to 240"),
    ("name: Corte\n", "name: 12\n", "line 14: services[0].name: must be text (put it in quotes)"),
    ("incompatible_with: [corte]", "incompatible_with: [luzes]",
     "line 24: services[1].incompatible_with[0]: luzes is not the code of a service in this file"),
    ("incompatible_with: [corte]", "incompatible_with: [escova]",
     "line 24: services[1].incompatible_with[0]: a service cannot be incompatible with itself"),
    ("services: [corte, escova]", "services: [corte, barba]",
     "line 28: staff[0].services[1]: barba is not the code of a service in this file"),
    ("aliases: [cortar, corte de cabelo]", "aliases: [cortar, Cortar]",
     "line 18: services[0].aliases[1]: Cortar is named twice in this service"),
    ('"09:00-12:00", "13:00-18:00"', '"09:00-12:00", "11:00-18:00"',
     "line 30: staff[0].shifts.tue[1]: overlaps another shift of the same professional"),
    ('"09:00-12:00", "13:00-18:00"', '"09:00-12:00", "13:00-25:00"',
     'line 30: staff[0].shifts.tue[1]: must be a time range such as "09:00-12:00" (an end of 24:00 or past midnight '
     "is fine)"),
    ('"09:00-12:00", "13:00-18:00"', '"09:00-09:00"', "line 30: staff[0].shifts.tue[0]: ends when it starts"),
    ("      tue:", "      terça:", "line 30: staff[0].shifts.terça: is not known here (known: mon, tue, wed, thu, fri, "
     "sat, sun)"),
    ("to: 2027-01-09", "to: 2027-01-01", "line 33: time_off[0].to: is not after the beginning"),
    ("to: 2027-01-09", "to: 2027-02-30",
     'line 33: time_off[0].to: must be a date such as 2027-01-04, or with a time such as "2027-01-04 14:00"'),
    ("staff: ana,", "staff: bia,", "line 33: time_off[0].staff: bia is not the code of a professional in this file"),
    ("    category: Cabelo\n    price: \"90.00\"\n", "    price: \"90.00\"\n",
     "line 13: services[0]: category is missing"),
    ("  slug: teste\n", "  slug: teste\n  slug: outro\n", "line 3: tenant.slug: is written twice"),
]


@pytest.mark.parametrize(("old", "new", "error"), BROKEN)
def test_an_error_is_named_with_its_line(old, new, error):
    assert errors_of(broken(old, new)) == [error]


BROKEN_RESOURCES = [
    ("needs: [cadeira, sala]", "needs: [cadeira, banheira]",
     "line 21: services[0].needs[1]: banheira is not the code of a resource in this file"),
    ("needs: [cadeira, sala]", "needs: [cadeira, cadeira]", "line 21: services[0].needs[1]: cadeira is named twice"),
    ("needs: [cadeira, sala]", "needs: cadeira", "line 21: services[0].needs: must be a list of resource codes"),
    ("count: 2", "count: 0", "line 14: resources[1].count: must be a whole number from 1 to 100"),
    ("count: 2", "count: duas", "line 14: resources[1].count: must be a whole number from 1 to 100"),
    ("count: 2", "count: 2, units: 2",
     "line 14: resources[1].units: is not known here (known: code, name, kind, count)"),
    ("kind: room", "kind: sala", "line 13: resources[0].kind: must be one of room, equipment"),
    (", kind: room", "", "line 13: resources[0]: kind is missing"),
    ("resource: cadeira, from", "resource: maca, from",
     "line 38: time_off[1].resource: maca is not the code of a resource in this file"),
    ("resource: cadeira, from", "resource: [cadeira], from",
     "line 38: time_off[1].resource: None is not the code of a resource in this file"),
    ("resource: cadeira, from", "staff: ana, resource: cadeira, from",
     "line 38: time_off[1].resource: a period is for a professional or for a resource, not for both"),
    ("unit: 2", "unit: 3", "line 39: time_off[2].unit: must be a whole number from 1 to 2"),
    ("resource: cadeira, unit: 2", "unit: 2",
     "line 39: time_off[2].unit: is the number of a resource's unit, and no resource is named"),
]


@pytest.mark.parametrize(("old", "new", "error"), BROKEN_RESOURCES)
def test_an_error_about_rooms_and_equipment_is_named_with_its_line(old, new, error):
    assert EQUIPPED.count(old) == 1, old
    assert errors_of(EQUIPPED.replace(old, new)) == [error]


def test_a_code_belongs_to_one_resource():
    assert errors_of(EQUIPPED.replace("code: cadeira", "code: sala"))[0] == \
        "line 14: resources[1].code: sala is already the code of another resource"


def test_rooms_and_equipment_are_read_with_who_needs_them_and_when_they_are_off():
    described = read_text(EQUIPPED)
    assert [(one.code, one.kind, one.count) for one in described.resources] == [
        ("sala", "room", 1), ("cadeira", "equipment", 2)]
    assert [service.needs for service in described.services] == [("cadeira", "sala"), ()]
    assert [(period.resource, period.units) for period in described.time_off] == [
        (None, ()), ("cadeira", (1, 2)), ("cadeira", (2,))]


def test_a_resource_that_no_service_needs_is_a_warning():
    described = read_text(EQUIPPED.replace("needs: [cadeira, sala]", "needs: [cadeira]"))
    assert described.warnings == ("resource sala: no service needs it",)


def test_every_error_is_named_in_the_order_of_the_file():
    text = broken("  slug: teste\n", "  slug: teste\n  site: x\n").replace('price: "90.00"', "price: free").replace(
        "America/Sao_Paulo", "Mars").replace("services: [corte, escova]", "services: [corte, luzes]")
    assert [error.split(":")[0] for error in errors_of(text)] == ["line 3", "line 5", "line 17", "line 29"]


def test_a_code_belongs_to_one_service_and_to_one_professional():
    again = GOOD[GOOD.index("  - code: ana"):GOOD.index("time_off:")]
    assert errors_of(broken("code: escova", "code: corte"))[0] == \
        "line 19: services[1].code: corte is already the code of another service"
    assert errors_of(broken("time_off:", again + "time_off:")) == [
        "line 32: staff[1].code: ana is already the code of another professional"]


def test_an_unknown_key_is_an_error_that_says_what_is_known():
    error, = errors_of(broken("  slug: teste\n", "  slug: teste\n  site: x\n"))
    assert error.startswith("line 3: tenant.site: is not known here (known: slug, name, timezone,")


def test_a_shift_past_sunday_midnight_overlaps_monday_s():
    text = broken('sat: ["22:00-02:00"]', 'sun: ["22:00-02:00"]\n      mon: ["01:00-10:00"]')
    assert errors_of(text) == ["line 32: staff[0].shifts.mon[0]: overlaps another shift of the same professional"]


@pytest.mark.parametrize(("text", "beginning"), [
    ("", "line 1: the file is empty"),
    ("tenant: [", "line 1: is not valid YAML"),
    ("tenant:\n  slug: 'a\n", "line 3: is not valid YAML"),
    ("- a\n", "line 1: must be a mapping"),
    ("a: 1\n---\nb: 2\n", "line 2: is not valid YAML"),
    ("tenant: 3\nservices: no\nstaff:\n", "line 1: tenant: must be a mapping"),
    ("tenant:\n\tslug: x", "line 2: is not valid YAML"),
])
def test_what_is_no_such_file_is_refused_with_a_line(text, beginning):
    assert errors_of(text)[0].startswith(beginning)


def test_missing_files_and_other_encodings_are_refused(tmp_path):
    with pytest.raises(TenantFileError, match="line 1: cannot read"):
        read_file(tmp_path / "none.yml")
    path = tmp_path / "latin.yml"
    path.write_bytes("tenant:\n  name: Salão".encode("latin-1"))
    with pytest.raises(TenantFileError, match="line 2: is not UTF-8"):
        read_file(path)


def test_values_are_exact():
    described = read_text(GOOD)
    corte, escova = described.services
    assert corte.price == Decimal("90.00")
    assert corte.incompatible_with == {"escova"}, "incompatibility goes both ways"
    assert escova.incompatible_with == {"corte"}
    assert described.tenant["policy"]["prepayment"] == "off", "YAML's boolean off is the word off"
    assert described.staff[0].shifts == (
        (1, time(9), time(12)), (1, time(13), time(18)), (5, time(22), time(2)))


def test_a_period_of_dates_holds_its_last_day_in_the_establishment_s_zone():
    away = read_text(GOOD).time_off[0]
    assert away.starts_at.isoformat() == "2027-01-04T00:00:00-03:00"
    assert away.ends_at.isoformat() == "2027-01-10T00:00:00-03:00"


def test_a_shift_may_end_at_24_and_touch_the_next():
    text = broken('"09:00-12:00", "13:00-18:00"', '"09:00-12:00", "12:00-24:00"').replace("sat:", "wed:").replace(
        "22:00-02:00", "00:00-02:00")
    assert read_text(text).staff[0].shifts == (
        (1, time(9), time(12)), (1, time(12), time(0)), (2, time(0), time(2)))


def test_a_service_that_nobody_does_is_a_warning():
    described = read_text(broken("services: [corte, escova]", "services: [corte]"))
    assert described.warnings == ("service escova: no professional does it, so it cannot be booked",)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_project_s_own_files_are_valid(path):
    assert read_file(path).warnings == ()


def test_the_files_share_no_phone_number_id_and_no_slug():
    tenants = [read_file(path).tenant for path in FILES]
    assert len({one["slug"] for one in tenants}) == len({one["phone_number_id"] for one in tenants}) == len(FILES)
