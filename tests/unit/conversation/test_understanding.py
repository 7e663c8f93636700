"""What customers write about a visit is read as they mean it."""

from datetime import datetime

import pytest

from marcai.conversation.draft import ANY_STAFF, When
from marcai.conversation.understanding import Said, pick, understand
from tests.unit.conversation.salon import SERVICES, STAFF

NOW = datetime(2026, 11, 23, 10)  # a Monday
BY_CODE = {service.code: service for service in SERVICES}
SATURDAY, SUNDAY = ("2026-11-28", "2026-11-29"), ("2026-11-29", "2026-11-30")
HAIRCUTS = ["corte-feminino", "corte-masculino"]


def read(text: str, *entities: dict) -> Said:
    """What one message says."""
    return understand(text, entities, services=SERVICES, staff=STAFF, now=NOW)


def entity(name: str, value: str, text: str = "") -> dict:
    """An entity as NLU gives it."""
    start = text.lower().find(value.lower())
    return {"entity": name, "value": value, "start": start, "end": start + len(value)}


# ---- services --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "added"), [
    ("quero barba", [["barba"]]),
    ("corte masculino e barba", [["corte-masculino"], ["barba"]]),
    ("põe sobrancelha também", [["sobrancelha"]]),
    ("corte e barba", [HAIRCUTS, ["barba"]]),
    ("pé e mão", [["pedicure"], ["manicure"]]),
    ("sombrancelha", [["sobrancelha"]]),
    ("sim, e manicure", [["manicure"]]),
    ("barba, barba e barba", [["barba"]]),
])
def test_services_are_found_in_the_customers_words(text, added):
    assert (read(text).add, read(text).remove) == (added, [])


@pytest.mark.parametrize("text", [
    "tira a barba", "tira barba", "sem a barba", "sem barba", "não quero mais a barba", "não quero barba",
    "menos a barba", "pode tirar a barba por favor", "cancela a barba", "desisti da barba", "esquece a barba",
    "não precisa mais da barba", "remove a barba", "não vou querer a barba", "barba não", "não, barba não!",
    "a barba não quero mais", "retira a barba", "nao quero mais fazer a barba",
])
def test_a_service_is_taken_away(text):
    assert (read(text).remove, read(text).add) == (["barba"], [])


@pytest.mark.parametrize("text", [
    "troca a escova por corte masculino", "trocar escova por corte masculino", "corte masculino em vez de escova",
    "em vez de escova, corte masculino", "corte masculino no lugar da escova", "muda a escova pra corte masculino",
    "tira a escova e põe corte masculino", "escova não, corte masculino", "quero trocar a escova por corte masculino",
    "corte masculino ao invés de escova", "não quero escova, quero corte masculino",
])
def test_one_service_is_swapped_for_another(text):
    assert (read(text).remove, read(text).add) == (["escova"], [["corte-masculino"]])


def test_several_services_take_the_place_of_one():
    said = read("troca a barba por sobrancelha e manicure")
    assert (said.remove, said.add) == (["barba"], [["sobrancelha"], ["manicure"]])


@pytest.mark.parametrize("text", ["quero mudar a escova pra sábado", "muda a escova para sábado"])
def test_a_service_that_moves_to_another_day_is_not_taken_away(text):
    said = read(text)
    assert (said.remove, said.add, said.when.days) == ([], [["escova"]], SATURDAY)


@pytest.mark.parametrize(("text", "only"), [
    ("só a barba", True), ("na verdade quero só a barba", True), ("apenas barba", True), ("deixa só barba", True),
    ("quero a barba", False), ("barba só no sábado", False),
])
def test_only_is_heard(text, only):
    assert (read(text).only, read(text).add) == (only, [["barba"]])


def test_a_word_for_a_service_that_is_not_in_the_catalogue_is_told():
    text = "vocês fazem botox?"
    assert read(text, entity("service", "botox", text)).unknown_services == ["botox"]


def test_a_service_word_that_the_catalogue_knows_is_not_unknown():
    text = "quero fazer a unha"
    assert read(text, entity("service", "unha", text)).unknown_services == []


@pytest.mark.parametrize("words", ["cabelo", "o cabelo"])
def test_a_kind_of_service_is_not_an_unknown_service(words):
    text = f"eu queria fazer {words}"
    assert read(text, entity("service", words, text)).unknown_services == []


# ---- days and times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "when"), [
    ("na verdade domingo", When(days=SUNDAY)),
    ("prefiro sábado", When(days=SATURDAY)),
    ("sexta não, sábado", When(days=SATURDAY, not_days=["2026-11-27"])),
    ("dia 28", When(days=SATURDAY)),
    ("28/11 às 15h30", When(days=SATURDAY, exact="15:30:00")),
    ("às 16h", When(exact="16:00:00")),
    ("as 16", When(exact="16:00:00")),
    ("às 15h não, às 16h", When(exact="16:00:00", not_times=[("15:00:00", "15:00:01")])),
    ("sábado à tarde", When(days=SATURDAY, clock=("12:00:00", "18:00:00"))),
    ("de manhã", When(clock=("06:00:00", "12:00:00"))),
    ("depois das 18h", When(clock=("18:00:00", None))),
    ("sábado depois das 15h", When(days=SATURDAY, clock=("15:00:00", None))),
    ("antes do meio-dia", When(clock=(None, "12:00:00"))),
    ("entre 14h e 16h", When(clock=("14:00:00", "16:00:00"))),
    ("semana que vem", When(days=("2026-11-30", "2026-12-07"))),
    ("o mais rápido possível", When(prefer="soonest")),
    ("o primeiro horário de sábado", When(days=SATURDAY, prefer="first")),
    ("o último horário de sábado", When(days=SATURDAY, prefer="last")),
    ("obrigada", When()),
])
def test_days_and_times_are_read(text, when):
    assert read(text).when == when


def test_a_choice_of_days_leaves_the_days_between_out():
    assert read("terça ou quinta").when == When(days=("2026-11-24", "2026-11-27"), not_days=["2026-11-25"])
    assert read("terça ou quarta").when == When(days=("2026-11-24", "2026-11-26"))


def test_a_choice_of_clock_times_is_a_stretch_with_both_in_it():
    when = read("sábado às 15h ou 16h").when
    assert [when.accepts(datetime(2026, 11, 28, hour)) for hour in (14, 15, 16, 17)] == [False, True, True, False]


@pytest.mark.parametrize(("text", "day"), [
    ("sexta não posso", "2026-11-27"), ("qualquer dia menos sexta", "2026-11-27"), ("menos segunda", "2026-11-30"),
])
def test_a_day_is_ruled_out(text, day):
    assert (read(text).when.not_days, read(text).when.days) == ([day], None)


@pytest.mark.parametrize(("text", "words"), [
    ("31/02", "31/02"), ("30 de fevereiro às 10h", "30 de fevereiro"), ("às 25h", "25h"),
])
def test_a_date_or_time_that_does_not_exist_is_told_in_her_words(text, words):
    assert read(text).impossible == [words]


@pytest.mark.parametrize(("text", "direction"), [
    ("tem mais tarde?", "later"), ("mais cedo", "earlier"), ("outro dia", "other_day"), ("outro horário", "other_time"),
    ("sábado", None),
])
def test_a_wish_to_see_other_times_has_a_direction(text, direction):
    assert read(text).direction == direction


@pytest.mark.parametrize("text", ["tanto faz o dia", "qualquer horário", "qualquer dia", "qualquer data"])
def test_any_time_is_not_any_professional(text):
    assert (read(text).indifferent, read(text).staff) == (True, None)


@pytest.mark.parametrize(("text", "when"), [
    ("não pode de manhã", When(not_times=[("06:00:00", "12:00:00")])),
    ("trabalho à tarde", When(not_times=[("12:00:00", "18:00:00")])),
    ("à tarde eu trabalho", When(not_times=[("12:00:00", "18:00:00")])),
    ("trabalho até as 17", When(not_times=[(None, "17:00:00")])),
    ("depois do trabalho", When(clock=("18:00:00", None))),
    ("menos no fim de semana", When(not_weekdays=[5, 6])),
    ("menos nesse fim de semana", When(not_days=["2026-11-28", "2026-11-29"])),
    ("não posso às segundas", When(not_weekdays=[0])),
    ("sábado não posso depois das 15h", When(not_times=[("2026-11-28T15:00:00", "2026-11-28T23:59:59.999999")])),
    ("sábado não posso de manhã", When(not_times=[("2026-11-28T06:00:00", "2026-11-28T12:00:00")])),
])
def test_what_is_ruled_out_is_no_wish(text, when):
    assert read(text).when == when


@pytest.mark.parametrize(("text", "when"), [
    ("lá pelas 15h", When(about="15:00:00")), ("sábado umas 15h", When(days=SATURDAY, about="15:00:00")),
])
def test_a_rough_time_is_read_as_such(text, when):
    assert read(text).when == when


@pytest.mark.parametrize(("text", "choices"), [
    ("de manhã ou de noite", [("06:00:00", "12:00:00"), ("18:00:00", "23:59:59.999999")]),
    ("terça de manhã ou quinta à noite", [("2026-11-24T06:00:00", "2026-11-24T12:00:00"),
                                          ("2026-11-26T18:00:00", "2026-11-26T23:59:59.999999")]),
    ("sábado de manhã ou domingo", [("2026-11-28T06:00:00", "2026-11-28T12:00:00"),
                                    ("2026-11-29T00:00:00", "2026-11-29T23:59:59.999999")]),
    ("quinta às 10h ou sexta às 15h", [("2026-11-26T10:00:00", "2026-11-26T10:00:01"),
                                       ("2026-11-27T15:00:00", "2026-11-27T15:00:01")]),
    ("quinta depois das 15h ou sábado", [("2026-11-26T15:00:00", "2026-11-26T23:59:59.999999"),
                                         ("2026-11-28T00:00:00", "2026-11-28T23:59:59.999999")]),
    ("quinta ou sábado", []), ("às 15h ou 16h", []), ("quinta ou sexta de manhã", []),
])
def test_choices_keep_their_own_times(text, choices):
    assert read(text).when.choices == choices


def test_now_is_today_and_no_clock_time_to_keep():
    assert read("agora").when == When(days=("2026-11-23", "2026-11-24"), prefer="first")


@pytest.mark.parametrize(("text", "by_weekday"), [
    ("terça", True), ("na sexta-feira à tarde", True), ("24/11", False), ("amanhã", False), ("dia 28", False),
])
def test_a_day_said_as_a_weekday_is_marked(text, by_weekday):
    assert read(text).by_weekday is by_weekday


# ---- professionals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "code"), [
    ("com a Ana", "ana"), ("ana souza", "ana"), ("com o bruno", "bruno"), ("com a aninha", "ana"), ("Brunno", "bruno"),
    ("prefiro a Ana em vez do Bruno", "ana"), ("não com o Bruno, com a Ana", "ana"),
])
def test_a_professional_is_named(text, code):
    assert read(text).staff == code


@pytest.mark.parametrize("text", ["não quero com a Ana", "menos com a Ana", "sem ser a Ana", "tirando a Ana"])
def test_a_professional_is_ruled_out(text):
    assert (read(text).staff, read(text).not_staff) == (None, ["ana"])


@pytest.mark.parametrize("text", [
    "tanto faz", "pode ser qualquer um", "qualquer uma", "sem preferência", "quem estiver livre",
    "não tenho preferência", "qualquer profissional",
])
def test_any_professional_will_do(text):
    assert read(text).staff == ANY_STAFF


def test_the_customers_own_name_is_no_wish_for_a_professional():
    text = "me chamo Ana e quero barba"
    assert read(text, entity("person_name", "Ana", text)).staff is None


def test_a_professional_who_does_not_work_here_is_told():
    text = "com a Fernanda"
    assert read(text, entity("professional", "Fernanda", text)).unknown_staff == ["Fernanda"]


def test_a_professional_who_works_here_is_not_unknown():
    text = "com a Ana"
    assert read(text, entity("professional", "Ana", text)).unknown_staff == []


# ---- everything at once ----------------------------------------------------------------------------------------------


def test_one_message_may_say_everything():
    said = read("oi, corte feminino e escova sábado às 15h com a Ana por favor")
    assert said == Said(add=[["corte-feminino"], ["escova"]], staff="ana", when=When(days=SATURDAY, exact="15:00:00"))


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "kkkkkk", "asdfgh", "obrigada viu", "👍", "." * 4000])
def test_a_message_may_say_nothing_about_a_visit(text):
    assert not read(text).anything


# ---- taps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("codes", "said"), [
    ({"service_code": "barba"}, Said(add=[["barba"]])),
    ({"remove": "barba"}, Said(remove=["barba"])),
    ({"staff_code": "ana"}, Said(staff="ana")),
    ({"staff_code": "any"}, Said(staff=ANY_STAFF)),
    ({"date": "2026-11-28"}, Said(when=When(days=SATURDAY))),
    ({"start": "2026-11-28T15:00"}, Said(start="2026-11-28T15:00")),
    ({"direction": "other_day"}, Said(direction="other_day")),
])
def test_a_tap_is_taken_by_its_codes_and_its_title_is_not_read(codes, said):
    assert read("Sem a barba, domingo com a Ana", *(entity(name, value) for name, value in codes.items())) == said


# ---- a short answer to "which one?" ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "code"), [
    ("masculino", "corte-masculino"), ("o feminino", "corte-feminino"), ("mascolino", "corte-masculino"),
    ("1", "corte-feminino"), ("o segundo", "corte-masculino"), ("a primeira", "corte-feminino"),
    ("corte", None), ("não sei", None), ("3", None), ("", None),
])
def test_a_short_answer_points_at_one_of_the_candidates(answer, code):
    picked = pick(answer, [BY_CODE[one] for one in HAIRCUTS])
    assert (picked.code if picked else None) == code
