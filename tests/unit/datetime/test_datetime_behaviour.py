"""What the parser promises beyond single answers: spans, choices, corrections, and the command."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time

import pytest

from marcai.nlu.datetime import END_OF_DAY, Moment, parse, parse_all, run_jsonl

WEDNESDAY = datetime(2026, 11, 25, 10, 0)
MESSAGE = "oi, queria marcar um corte pra sábado às 15h com o João"


def starts(text: str, now: datetime = WEDNESDAY) -> list:
    return [moment.start for moment in parse(text, now)]


def test_a_moment_tells_where_it_was_said() -> None:
    (moment,) = parse(MESSAGE, WEDNESDAY)
    assert MESSAGE[slice(*moment.span)] == "sábado às 15h"


def test_spans_count_characters_of_the_original_text_in_any_unicode_form() -> None:
    decomposed = "te\u0301m amanha\u0303 as 10?"
    (moment,) = parse(decomposed, WEDNESDAY)
    assert decomposed[slice(*moment.span)] == "amanha\u0303 as 10"
    emoji = "🙏🏽 amanhã 🙏🏽"
    assert emoji[slice(*parse(emoji, WEDNESDAY)[0].span)] == "amanhã"


def test_json_follows_the_contract() -> None:
    (moment,) = parse("amanhã das 14 às 16", WEDNESDAY)
    assert moment.to_json() == {
        "kind": "interval",
        "grain": "hour",
        "from": "2026-11-26T14:00:00",
        "to": "2026-11-26T16:00:00",
        "span": [0, 19],
    }


def test_the_night_without_a_day_ends_with_the_day() -> None:
    (moment,) = parse("à noite", WEDNESDAY)
    assert (moment.start, moment.end) == (time(18), END_OF_DAY)
    assert moment.to_json()["to"] == "24:00:00"


def test_a_choice_of_days_shares_the_time() -> None:
    reading = parse_all("terça ou sexta às 15h", WEDNESDAY)
    assert reading.alternatives
    assert [moment.start for moment in reading.moments] == [
        datetime(2026, 12, 1, 15),
        datetime(2026, 11, 27, 15),
    ]


def test_a_choice_of_times_shares_the_day() -> None:
    assert starts("amanhã às 10 ou 11") == [datetime(2026, 11, 26, 10), datetime(2026, 11, 26, 11)]


def test_a_choice_keeps_the_week_that_was_named() -> None:
    assert starts("quinta ou sexta da semana que vem") == [date(2026, 12, 3), date(2026, 12, 4)]


def test_one_wish_is_no_choice() -> None:
    assert not parse_all("sexta às 15h", WEDNESDAY).alternatives


def test_a_day_that_was_ruled_out_is_no_wish_but_is_told() -> None:
    reading = parse_all("qualquer dia, sem ser segunda nem terça", WEDNESDAY)
    assert reading.moments == []
    assert [moment.start for moment in reading.excluded] == [date(2026, 11, 30), date(2026, 12, 1)]
    assert reading.preference == "any"


def test_a_question_in_the_negative_asks_for_the_day() -> None:
    assert starts("não pode ser amanhã?") == [date(2026, 11, 26)]
    assert starts("não posso amanhã") == []


def test_the_later_word_wins_in_a_correction() -> None:
    assert starts("quinta, não, sexta") == [date(2026, 11, 27)]
    assert starts("amanhã às 15h, ops, 16h") == [datetime(2026, 11, 26, 16)]


@pytest.mark.parametrize(
    ("text", "wish", "excluded"),
    [
        ("não é sábado, é domingo", date(2026, 11, 29), [date(2026, 11, 28)]),
        ("não é sábado é domingo", date(2026, 11, 29), [date(2026, 11, 28)]),
        ("sábado não, domingo", date(2026, 11, 29), [date(2026, 11, 28)]),
        ("nem segunda nem terça, quarta", date(2026, 12, 2), [date(2026, 11, 30), date(2026, 12, 1)]),
        ("é sábado e não domingo", date(2026, 11, 28), [date(2026, 11, 29)]),
        ("no dia 10 não consigo, só no dia 11", date(2026, 12, 11), [date(2026, 12, 10)]),
    ],
)
def test_the_day_that_is_denied_is_excluded(text: str, wish: date, excluded: list[date]) -> None:
    reading = parse_all(text, WEDNESDAY)
    assert [moment.start for moment in reading.moments] == [wish]
    assert [moment.start for moment in reading.excluded] == excluded


@pytest.mark.parametrize(
    ("text", "wishes", "excluded"),
    [
        ("sexta, sábado e domingo não posso", [], [27, 28, 29]),
        ("sexta ou sábado não consigo, domingo talvez", [29], [27, 28]),
        ("quero sexta, sábado não", [27], [28]),
    ],
)
def test_a_list_of_days_is_ruled_out_as_a_whole(text: str, wishes: list[int], excluded: list[int]) -> None:
    reading = parse_all(text, WEDNESDAY)
    assert [moment.start.day for moment in reading.moments] == wishes
    assert [moment.start.day for moment in reading.excluded] == excluded


@pytest.mark.parametrize(
    "text",
    [
        "em vez de terça, quinta",
        "desmarca terça e coloca na quinta",
        "tenho horário na terça, dá pra passar pra quinta?",
        "trocar a terça pela quinta",
    ],
)
def test_the_day_to_be_given_up_is_remembered_as_moved_from(text: str) -> None:
    reading = parse_all(text, WEDNESDAY)
    assert [moment.start for moment in reading.moments] == [date(2026, 11, 26)]
    assert [moment.start for moment in reading.moved_from] == [date(2026, 12, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "fui aí mês passado e amei, quero sexta",
        "amanhã te aviso, mas quero sexta",
        "trabalho à tarde, quero sexta",
        "o casamento é dia 28, quero sexta",
        "minha sessão é amanhã, posso ir sexta?",
        "sexta é melhor que sábado",
    ],
)
def test_what_is_told_beside_the_wish_is_no_wish(text: str) -> None:
    assert starts(text) == [date(2026, 11, 27)]


def test_a_name_or_a_verb_is_no_misspelt_day() -> None:
    assert starts("Amanda, vou ter que desmarcar, aposto que a Terra é redonda") == []
    assert starts("amnhã") == [date(2026, 11, 26)]


def test_a_move_goes_to_the_second_date_and_remembers_the_first() -> None:
    reading = parse_all("remarcar de quinta às 15h para sexta às 16h", WEDNESDAY)
    assert [moment.start for moment in reading.moments] == [datetime(2026, 11, 27, 16)]
    assert [moment.start for moment in reading.moved_from] == [datetime(2026, 11, 26, 15)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dia 31/02", "31/02"),
        ("às 25h", "25h"),
        ("15:70", "15:70"),
        ("dia 32", "dia 32"),
        ("30 de fevereiro", "30 de fevereiro"),
        ("dia 31 do mês que vem", "dia 31 do mês que vem"),
    ],
)
def test_impossible_dates_give_no_wish_and_can_be_named(text: str, shown: str) -> None:
    now = datetime(2027, 1, 10, 9)
    reading = parse_all(text, now)
    assert reading.moments == []
    assert [text[start:end] for start, end in reading.impossible] == [shown]


def test_the_time_beside_an_impossible_date_says_so() -> None:
    (moment,) = parse("dia 30/02 às 10h", WEDNESDAY)
    assert (moment.start, moment.impossible) == (time(10), "30/02")


def test_an_ambiguous_weekday_offers_both_dates() -> None:
    (moment,) = parse("sexta que vem", WEDNESDAY)
    assert (moment.start, moment.ambiguous, moment.alternative) == (
        date(2026, 11, 27),
        True,
        date(2026, 12, 4),
    )
    (same,) = parse("quarta", WEDNESDAY)
    assert (same.start, same.alternative) == (date(2026, 12, 2), date(2026, 11, 25))
    assert not parse("segunda que vem", WEDNESDAY)[0].ambiguous


def test_a_weekday_that_does_not_fit_the_number_offers_both_days() -> None:
    (moment,) = parse("sexta dia 28", WEDNESDAY)  # the 28th is a Saturday
    assert (moment.start, moment.alternative) == (date(2026, 11, 28), date(2026, 11, 27))


def test_a_part_of_a_longer_stretch_keeps_the_stretch() -> None:
    (moment,) = parse("semana que vem de manhã", WEDNESDAY)
    assert moment.start == datetime(2026, 11, 30, 6)
    assert moment.period == (date(2026, 11, 30), date(2026, 12, 7))
    assert moment.part_of_day == "manhã"


def test_about_is_remembered() -> None:
    assert parse("lá pelas 15h", WEDNESDAY)[0].approximate
    assert not parse("às 15h", WEDNESDAY)[0].approximate


@pytest.mark.parametrize(
    ("text", "preference"),
    [
        ("o mais cedo possível", "soonest"),
        ("o mais cedo", "soonest"),
        ("o mais cedo que tiver", "soonest"),
        ("o último de sexta", "last"),
        ("o primeiro do dia", "first"),
        ("primeiro de maio", None),
        ("mais cedo", None),
        ("o quanto antes", "soonest"),
        ("primeiro horário", "first"),
        ("último horário de sexta", "last"),
        ("qualquer horário de manhã", "any"),
        ("tanto faz", "any"),
        ("sexta às 10", None),
    ],
)
def test_preferences_are_told(text: str, preference: str | None) -> None:
    reading = parse_all(text, WEDNESDAY)
    assert reading.preference == preference
    assert all(moment.preference == preference for moment in reading.moments)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("tem mais tarde?", "later"),
        ("mais cedo", "earlier"),
        ("tem mais cedo?", "earlier"),
        ("tem algo mais cedo que isso?", "earlier"),
        ("o mais cedo", None),
        ("o mais cedo que tiver", None),
        ("outro dia", "other_day"),
        ("outro horário", "other_time"),
        ("mais tarde eu te falo", None),
        ("o mais cedo possível", None),
    ],
)
def test_directions_are_told(text: str, direction: str | None) -> None:
    assert parse_all(text, WEDNESDAY).direction == direction


def test_the_past_is_read_on_request() -> None:
    assert [moment.start for moment in parse("dia 5", WEDNESDAY, prefer_future=False)] == [date(2026, 11, 5)]
    assert [moment.start for moment in parse("sexta", WEDNESDAY, prefer_future=False)] == [date(2026, 11, 20)]
    assert starts("dia 5") == [date(2026, 12, 5)]


def test_the_leap_day_waits_for_a_leap_year() -> None:
    assert starts("29 de fevereiro", datetime(2097, 3, 1)) == [date(2104, 2, 29)]
    assert starts("amanhã", datetime(2028, 2, 28, 23, 59)) == [date(2028, 2, 29)]
    assert starts("daqui a um ano", datetime(2028, 2, 29)) == [date(2029, 2, 28)]


def test_months_of_different_lengths_are_counted_right() -> None:
    assert starts("daqui a um mês", datetime(2027, 1, 31)) == [date(2027, 2, 28)]
    assert starts("dia 31", datetime(2027, 2, 1)) == [date(2027, 3, 31)]


def test_the_clock_change_that_brazil_no_longer_has_is_not_applied() -> None:
    eve = datetime(2018, 11, 3, 23, 30)  # the last summer time began in the following night
    assert starts("daqui a 2 horas", eve) == [datetime(2018, 11, 4, 1, 30)]
    assert starts("amanhã à meia-noite", eve) == [datetime(2018, 11, 5, 0, 0)]


@pytest.mark.parametrize(
    ("now", "text", "start"),
    [
        (datetime(2026, 11, 29, 20), "terça que vem", date(2026, 12, 1)),
        (datetime(2026, 11, 28, 9), "próximo fim de semana", datetime(2026, 12, 5)),
        (datetime(2026, 12, 31, 12), "amanhã", date(2027, 1, 1)),
        (datetime(2026, 12, 31, 12), "mês que vem", datetime(2027, 1, 1)),
        (datetime(2026, 12, 25, 12), "natal", date(2026, 12, 25)),
        (datetime(2026, 12, 26, 12), "natal", date(2027, 12, 25)),
        (datetime(2026, 11, 12, 9), "do dia 10 ao dia 15", datetime(2026, 11, 10)),
    ],
)
def test_the_turn_of_weeks_months_and_years_is_met(now: datetime, text: str, start: date) -> None:
    assert starts(text, now) == [start]


@pytest.mark.parametrize(
    ("year", "carnival", "corpus"),
    [
        (2024, date(2024, 2, 13), date(2024, 5, 30)),
        (2025, date(2025, 3, 4), date(2025, 6, 19)),
        (2027, date(2027, 2, 9), date(2027, 5, 27)),
    ],
)
def test_movable_holidays_are_computed(year: int, carnival: date, corpus: date) -> None:
    assert starts(f"carnaval de {year}") == [carnival]
    assert starts("corpus christi", datetime(year, 1, 1)) == [corpus]


def test_a_moment_is_a_value() -> None:
    one, other = parse("amanhã", WEDNESDAY), parse("amanhã", WEDNESDAY)
    assert one == other
    assert isinstance(one[0], Moment)


def command(*lines: str) -> list[dict]:
    out = io.StringIO()
    run_jsonl(io.StringIO("\n".join(lines) + "\n"), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_command_answers_every_line() -> None:
    now = "2026-11-22T10:00:00"
    good = json.dumps({"text": "amanhã às 9", "now": now, "timezone": "America/Sao_Paulo"})
    empty = json.dumps({"text": "bom dia", "now": now, "timezone": "America/Sao_Paulo"})
    answers = command(good, "", empty)
    assert answers[0]["results"][0]["from"] == "2026-11-23T09:00:00"
    assert answers[1] == {"text": "bom dia", "results": []}


def test_a_bad_line_gets_an_error_and_does_not_stop_the_command() -> None:
    good = json.dumps({"text": "hoje", "now": "2026-11-22T10:00:00", "timezone": "America/Sao_Paulo"})
    bad = [
        "not json",
        "[]",
        "{}",
        '{"text": 5, "now": "2026-11-22T10:00:00"}',
        '{"text": "hoje", "now": "now"}',
        '{"text": "hoje", "now": "2026-11-22T10:00:00", "timezone": "Mars/Base"}',
    ]
    answers = command(*bad, good)
    assert len(answers) == len(bad) + 1
    assert all("error" in answer for answer in answers[:-1])
    assert answers[-1]["results"][0]["from"] == "2026-11-22"


def test_the_command_brings_an_offset_to_the_time_zone() -> None:
    line = json.dumps({"text": "hoje", "now": "2026-11-23T01:00:00Z", "timezone": "America/Sao_Paulo"})
    assert command(line)[0]["results"][0]["from"] == "2026-11-22"
