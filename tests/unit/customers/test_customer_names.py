"""What a customer answers to "what is your name?" becomes her name as she would write it with care, or nothing."""

import pytest

from marcai.customers.name import clean_name, introduced_name

NAMES = {
    "meu nome é joão da silva": "João da Silva",
    "sou a Carla": "Carla",
    "me chamo PEDRO HENRIQUE": "Pedro Henrique",
    "aqui é a dona neide": "Dona Neide",
    "pode me chamar de Duda": "Duda",
    "Carla 😊": "Carla",
    "CARLA": "Carla",
    "carla mendes": "Carla Mendes",
    "MARIA DA SILVA": "Maria da Silva",
    "Maria de Lourdes e Silva": "Maria de Lourdes e Silva",
    "é Maria das Graças": "Maria das Graças",
    "oi, meu nome é Ana": "Ana",
    "boa tarde, aqui é a Dalva, mãe da Sandra": "Dalva",
    "me chamo joão e quero marcar um corte": "João",
    "Sônia, sou cliente antiga": "Sônia",
    "não é Carla, é Clara": "Clara",
    "já falei, é Carla": "Carla",
    "nome: rosa": "Rosa",
    "meu nome? Sônia": "Sônia",
    "Pode colocar em nome de Lourdes Bittencourt, por favor.": "Lourdes Bittencourt",
    "muda meu nome no cadastro para Regina Vasconcelos": "Regina Vasconcelos",
    "sou a Simone mãe do Pedrinho": "Simone",
    "Luís com s": "Luís",
    "Chamo-me Terezinha, com z.": "Terezinha",
    "mim chamo josefa": "Josefa",
    "muito prazer, meu nome é Terezinha de Jesus": "Terezinha de Jesus",
    "joão-pedro": "João-Pedro",
    "d'avila": "D'Avila",
    "Joana D'Arc": "Joana D'Arc",
    "McDonald Souza": "McDonald Souza",
    "Dr. Paulo": "Paulo",
    "Jô": "Jô",
    "Gabriela\nquero um corte": "Gabriela",
    "Ana Paula 🌸🌸": "Ana Paula",
    "Linda": "Linda",
    "Maria!!!": "Maria",
}
NOT_NAMES = [
    "", "não quero dizer", "prefiro não informar", "pra que você quer saber?", "não", "sim", "oi", "bom dia", "ok",
    "quero marcar um corte", "corte masculino", "progressiva", "amanhã", "quarta-feira", "sábado às 10", "123", "Ana 2",
    "11 98765-4321", "ana@example.com", "https://example.com", "vai se foder", "idiota", "sou eu", "sou cliente antiga",
    "eu não sou a Carla", "kkkkk", "aaaaa", "😀", "?", "X", "menu", "quero falar com um atendente", "o", "da Silva",
    "Maria da", "catálogo", "agendamento", "qual é o endereço?", "quem é a colorista?", "obrigada", "tudo bem",
    "apaga meus dados", "depois eu falo", "a" * 70, "meu nome é", "qual o seu nome?", "Ana " * 20,
]


@pytest.mark.parametrize(("said", "name"), NAMES.items())
def test_a_name_is_written_as_names_are(said, name):
    assert clean_name(said) == name


@pytest.mark.parametrize("said", NOT_NAMES)
def test_what_is_no_name_is_refused(said):
    assert clean_name(said) is None


@pytest.mark.parametrize("name", NAMES.values())
def test_a_clean_name_stays_as_it_is(name):
    assert clean_name(name) == name


@pytest.mark.parametrize(("text", "name"), [
    ("Boa tarde, aqui é o Anderson Okamoto. Queria marcar uma limpeza dia 10/12 às 9h", "Anderson Okamoto"),
    ("oi aqui é a mel queria marcar um piercing", "Mel"), ("me chamo Davi Prado, quanto custa o canal?", "Davi Prado"),
    ("oi! meu nome é Zuleide e quero uma tosa", "Zuleide"), ("boa noite, quem fala é a dona Ivone", "Dona Ivone"),
    ("queria marcar uma limpeza com a dra Marina", None), ("aqui é a recepção?", None), ("qual o seu nome?", None),
    ("é o primeiro horário", None), ("sou cliente antiga", None), ("", None), ("aqui é perto do metrô?", None),
])
def test_a_name_given_on_the_way_to_something_else_is_found(text, name):
    assert introduced_name(text) == name
