"""Professionals are found by the names that customers use for them."""

from uuid import uuid4

import pytest

from marcai.staff.service import StaffInfo, match

SALON = [StaffInfo(uuid4(), name.split()[0].lower(), name, frozenset())
         for name in ("Ana Souza", "Bruno Lima", "Carla Mendes", "Denise Rocha")]
CLINIC = [StaffInfo(uuid4(), code, name, frozenset()) for code, name in
          (("helena", "Dra. Helena Prado"), ("otavio", "Dr. Otávio Nunes"), ("ana-p", "Ana Paula Reis"),
           ("ana-c", "Ana Clara Dias"), ("rosa", "Rosa Maria Leite"), ("ze", "Zé Luiz"))]
STUDIO = [StaffInfo(uuid4(), name.split()[0].lower(), name, frozenset())
          for name in ("Rafael Duarte", "Gabriela Nunes", "Mariana Sato", "Marina Reis", "Paulo Tavares")]

IN_SALON = {
    "com a Ana": "ana", "a ana": "ana", "ANA": "ana", "aninha": "ana", "Ana Souza": "ana", "com a ana souza": "ana",
    "o bruno": "bruno", "bruninho": "bruno", "com o brunno": "bruno", "Brnuo": "bruno", "brunão": "bruno",
    "carla e denise": "carla denise", "denise ou carla": "denise carla", "carlinha": "carla", "com a Karla": "carla",
    "denize": "denise", "Denisse": "denise", "quero corte com o Bruno sábado às 10": "bruno",
    "quero marcar unha com a carla amanhã às 15h": "carla", "pode ser a Deniseee?": "denise",
    "ana, bruno e carla": "ana bruno carla", "a ana ou a ana": "ana",
    "": "", "oi": "", "bom dia": "", "uma manicure": "", "às 9 da manhã": "", "esse ano": "", "ainda hoje": "",
    "semana que vem": "", "fala comigo": "", "qualquer pessoa": "", "tanto faz": "", "cara, que demora": "",
    "carta de crédito": "", "claro": "", "com calma": "", "banana": "", "dente": "", "na semana": "", "pela manhã": "",
}
IN_CLINIC = {
    "com a dra helena": "helena", "Dr. Otavio": "otavio", "otávio": "otavio", "a ana": "ana-p ana-c",
    "com a ana paula": "ana-p", "Ana Clara": "ana-c", "com a rosa": "rosa", "quero rosa claro": "", "seu zé": "ze",
    "com a Ana Paula e o Otávio": "ana-p otavio",
}

IN_STUDIO = {
    "com o Rafa": "rafael", "Rafa": "rafael", "fechamento de braço com o rafa sexta": "rafael", "a gabi": "gabriela",
    "com a Mari": "mariana marina", "com a Rafaela": "", "marca pra mim": "", "para sexta": "",
    "vou pra gaby": "gabriela", "a mari ou o rafa": "mariana marina rafael", "rafa, tudo bem?": "rafael", "o mar": "",
    "com a paula": "",
}


@pytest.mark.parametrize(("said", "who"), IN_STUDIO.items())
def test_a_short_name_is_whoever_s_name_begins_so(said, who):
    assert " ".join(person.code for person in match(said, STUDIO)) == who


@pytest.mark.parametrize(("said", "who"), IN_SALON.items())
def test_the_salon_s_professionals_are_found_in_free_text(said, who):
    assert " ".join(person.code for person in match(said, SALON)) == who


@pytest.mark.parametrize(("said", "who"), IN_CLINIC.items())
def test_titles_shared_first_names_and_names_that_are_words_are_told_apart(said, who):
    assert " ".join(person.code for person in match(said, CLINIC)) == who


def test_nobody_is_found_where_nobody_works():
    assert match("com a Ana", []) == []
